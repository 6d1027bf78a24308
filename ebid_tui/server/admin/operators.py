"""`admin`'s commands for the agency's operators. A password comes from a stream, never from the command line."""

from __future__ import annotations

import argparse
import getpass
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebid_tui.domain.text.cleaning import odd
from ebid_tui.errors import EbidError
from ebid_tui.messages import t
from ebid_tui.process.option_values import saying, whole
from ebid_tui.process.output import exit_code_after_output, exit_code_after_secret
from ebid_tui.server.admin.command import command, database, hashed, opened, profile, systems_directories

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ebid_tui.domain.profile.systems import Profile
    from ebid_tui.server.admin.command import Commands

LOGIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256
ACTOR = "admin"
"""Who acted, in the audit rows."""


def add(commands: Commands) -> None:
    """Hook the commands in."""
    key = command(commands, "new-secret-key", t("admin.new_secret_key"), _new_secret_key)
    key.add_argument("--file", metavar="FILE", type=Path, required=True, help=t("admin.secret_key_file"))
    made = _of_operator(commands, "add-operator", t("admin.add_operator"), _add)
    systems_directories(made)
    made.add_argument("--role", choices=("desk", "supervisor"), default="desk", help=t("admin.role"))
    scope = made.add_mutually_exclusive_group(required=True)
    scope.add_argument("--agency", metavar="ID", action="append", help=t("admin.agency"))
    scope.add_argument("--all-agencies", action="store_true", help=t("admin.all_agencies"))
    made.add_argument("--card", metavar="FILE", type=Path, help=t("admin.operator_card"))
    way = made.add_mutually_exclusive_group(required=True)
    way.add_argument("--card-only", action="store_true", help=t("admin.card_only"))
    _key_file(way)
    _password(made)
    listed = command(commands, "list-operators", t("admin.list_operators"), _list)
    database(listed)
    _of_operator(commands, "disable-operator", t("admin.disable_operator"), lambda a: _change(a, "operator_disabled", state="disabled"))
    _of_operator(commands, "enable-operator", t("admin.enable_operator"), lambda a: _change(a, "operator_enabled", state="active"))
    _of_operator(commands, "forget-devices", t("admin.forget_devices"), lambda a: _change(a, "operator_devices_forgotten"))
    reset = _of_operator(commands, "reset-totp", t("admin.reset_totp"), _reset_totp)
    _key_file(reset, required=True)
    systems_directories(reset)
    _password(_of_operator(commands, "set-operator-password", t("admin.set_operator_password"), _set_password))


def _of_operator(commands: Commands, name: str, says: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    made = command(commands, name, says, run)
    database(made)
    made.add_argument("--system", metavar="ID", required=True, help=t("admin.system"))
    made.add_argument("--login", metavar="LOGIN", required=True, type=saying(_login_id, "admin.no_login_id"), help=t("admin.login_id"))
    return made


def _key_file(made: argparse._ActionsContainer, **options: Any) -> None:
    made.add_argument("--secret-key-file", metavar="FILE", type=Path, help=t("admin.secret_key_file"), **options)


def _password(made: argparse.ArgumentParser) -> None:
    made.add_argument("--password-fd", metavar="N", type=whole(), help=t("admin.password_fd"))


def _login_id(text: str) -> str:
    if not LOGIN_ID.fullmatch(text):
        raise ValueError
    return text


def _new_secret_key(arguments: argparse.Namespace) -> int:
    from ebid_tui.server.operators import secret_keys

    secret_keys.write_new(arguments.file)
    print(t("admin.secret_key_made", file=arguments.file))
    return 0


def _add(arguments: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from sqlalchemy.exc import IntegrityError

    from ebid_tui.server.operators import secret_keys, totp
    from ebid_tui.server.store import operators
    from ebid_tui.server.store.operators import Operator

    found = profile(arguments)
    if arguments.card_only and arguments.card is None:
        raise EbidError(code="E-CERT")
    agencies = None if arguments.all_agencies else _agencies(found, arguments.agency)
    secret, sealed, kept = "", None, None
    if not arguments.card_only:
        keys = secret_keys.read(arguments.secret_key_file)
        secret = totp.new_secret()
        sealed = secret_keys.encrypted(keys, secret, arguments.system, arguments.login)
        kept = hashed(_typed(arguments))
    new = Operator(
        system=arguments.system,
        login_id=arguments.login,
        role=arguments.role,
        agencies=agencies,
        password_hash=kept,
        totp_secret=sealed,
        fingerprint=_fingerprint(arguments.card) if arguments.card else None,
        state="active",
        created_at=datetime.now(UTC),
    )

    def work(connection: Connection) -> None:
        try:
            operators.add(connection, new)
        except IntegrityError:
            raise EbidError(code="E-OPERATOR-EXISTS", login_id=arguments.login) from None

    _write(arguments, "operator_added", work)
    print(t("admin.operator_added", login_id=arguments.login))
    if secret:
        _show(secret, arguments.login, found)
        return exit_code_after_secret(0)
    return 0


def _agencies(profile: Profile, wanted: list[str]) -> tuple[str, ...]:
    """Agencies are data of the system's file. Raises EbidError E-SCOPE for one that it does not have."""
    known = {agency.id for agency in profile.agencies}
    for agency in wanted:
        if agency not in known:
            raise EbidError(code="E-SCOPE", system=profile.id, agency=agency)
    return tuple(dict.fromkeys(wanted))


def _fingerprint(path: Path) -> str:
    """Of a certificate's file, PEM or DER. Raises CertificateUnreadable."""
    import ssl

    from ebid_tui.domain import certificate
    from ebid_tui.errors import CertificateUnreadable

    try:
        data = path.read_bytes()
        der = ssl.PEM_cert_to_DER_cert(data.decode("ascii")) if data.startswith(b"-----") else data
    except (OSError, ValueError):
        raise CertificateUnreadable() from None
    return certificate.read(der).fingerprint


def _list(arguments: argparse.Namespace) -> int:
    from ebid_tui.server.store import operators

    with opened(arguments.database) as engine, engine.begin() as connection:
        every = operators.every(connection)
    if not every:
        print(t("admin.no_operators"))
    for one in every:
        ways = [t("admin.way_password")] * bool(one.password_hash) + [t("admin.way_card")] * bool(one.fingerprint)
        scope = t("admin.every_agency") if one.agencies is None else ",".join(one.agencies)
        state = t("admin.state_active") if one.state == "active" else t("admin.state_disabled")
        row = t(
            "admin.operator_row", system=one.system, login_id=one.login_id, role=one.role, agencies=scope, ways="+".join(ways), state=state
        )
        print(row)
    return exit_code_after_output(0, told=True)


def _reset_totp(arguments: argparse.Namespace) -> int:
    from ebid_tui.server.operators import secret_keys, totp

    found = profile(arguments)
    keys, secret = secret_keys.read(arguments.secret_key_file), totp.new_secret()
    sealed = secret_keys.encrypted(keys, secret, arguments.system, arguments.login)
    _change(arguments, "operator_totp_reset", totp_secret=sealed, totp_step=0)
    _show(secret, arguments.login, found)
    return exit_code_after_secret(0)


def _set_password(arguments: argparse.Namespace) -> int:
    return _change(arguments, "operator_password_set", password_hash=hashed(_typed(arguments)))


def _change(arguments: argparse.Namespace, event: str, **values: Any) -> int:
    """Write some columns; whoever is signed in under the old ones is signed out, and every device is a stranger again."""
    from ebid_tui.server.store import devices, operators, sign_ins

    name = (arguments.system, arguments.login)

    def work(connection: Connection) -> None:
        if operators.operator(connection, *name) is None:
            raise EbidError(code="E-NO-OPERATOR", login_id=arguments.login)
        if values:
            operators.change(connection, *name, **values)
        sign_ins.end_sessions_of_operator(connection, *name)
        devices.forget(connection, *name)

    _write(arguments, event, work)
    print(t("admin.operator_changed", login_id=arguments.login))
    return 0


def _write(arguments: argparse.Namespace, event: str, work: Callable[[Connection], None]) -> None:
    from datetime import UTC, datetime

    from ebid_tui.server.store import accepted_changes

    with opened(arguments.database) as engine, engine.begin() as connection:
        work(connection)
        accepted_changes.add_audit(connection, arguments.system, event, ACTOR, arguments.login, datetime.now(UTC))


def _typed(arguments: argparse.Namespace) -> str:
    """The password, from a descriptor, a pipe, or typed twice at a terminal. Raises EbidError E-OPERATOR-PASSWORD."""
    if arguments.password_fd is None and sys.stdin.isatty():
        try:
            password = getpass.getpass(t("admin.password_prompt"))
            again = getpass.getpass(t("admin.password_again"))
        except EOFError:
            raise EbidError(code="E-OPERATOR-PASSWORD") from None
        if again != password:
            raise EbidError(code="E-OPERATOR-PASSWORD")
    else:
        try:
            with open(arguments.password_fd or 0, encoding="utf-8", closefd=arguments.password_fd is not None) as stream:
                password = stream.readline(LONGEST_PASSWORD + 2).removesuffix("\n")
        except (OSError, ValueError):
            raise EbidError(code="E-OPERATOR-PASSWORD") from None
    # What nobody sees the server refuses in every request (`strictness`): with such a password nobody could sign in.
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD or password == arguments.login or odd(password) is not None:
        raise EbidError(code="E-OPERATOR-PASSWORD")
    return password


def _show(secret: str, login_id: str, profile: Profile) -> None:
    """The only time that anybody sees it."""
    from ebid_tui.server.operators import qr, totp

    uri = totp.uri(secret, login_id, t("server.desk_issuer", system=profile.name))
    print(t("admin.totp_once"))
    print(uri)
    print("\n".join(qr.lines(uri)))
