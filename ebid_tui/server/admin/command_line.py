"""`ebid-tui admin …`: what is done to a server's database from the outside, and to systems' files before they are served.

Exit codes: 0 done; 1 could not be done; 2 wrong command line; 3 done, but something is left for a person to look at.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from ebid_tui.domain.text.cleaning import odd
from ebid_tui.errors import EbidError
from ebid_tui.messages import t
from ebid_tui.process.option_values import saying, whole
from ebid_tui.process.output import exit_code_after_secret
from ebid_tui.server.admin import acceptance, backup, evidence, operators, roster, trust
from ebid_tui.server.admin.command import LOOK, command, database, hashed, opened, profile, profiles, system, systems_directories
from ebid_tui.server.mail import smtp_options
from ebid_tui.server.running import logs

LARGEST_BATCH = 10_000
"""A statement has room for some 30,000 values."""


def parser() -> argparse.ArgumentParser:
    """The command line of `admin`."""
    made = argparse.ArgumentParser(prog="ebid-tui admin", description=t("admin.description"), epilog=t("admin.exit_codes"))
    commands = made.add_subparsers(dest="command", metavar="COMMAND", required=True)
    propagate = command(commands, "propagate", t("admin.propagate"), _propagate)
    database(propagate)
    systems_directories(propagate)
    propagate.add_argument("--batch", metavar="N", type=whole(1, LARGEST_BATCH), default=LARGEST_BATCH, help=t("admin.batch"))
    remind = command(commands, "remind", t("admin.remind"), _remind)
    database(remind)
    systems_directories(remind)
    send_mail = command(commands, "send-mail", t("admin.send_mail"), _send_mail)
    database(send_mail)
    smtp_options.add(send_mail, required=True)
    database(command(commands, "migrate", t("admin.migrate"), _migrate))
    trust.add(commands)
    reset = command(commands, "reset-password", t("admin.reset_password"), _reset_password)
    database(reset)
    system(reset)
    reset.add_argument("--number", metavar="NUMBER", required=True, help=t("admin.number"))
    reset.add_argument(
        "--application", metavar="NUMBER", required=True, type=saying(_application, "admin.application_number"), help=t("admin.application")
    )
    operators.add(commands)
    acceptance.add(commands)
    evidence.add(commands)
    roster.add(commands)
    backup.add(commands)
    return made


def _application(text: str) -> str:
    if not 1 <= len(text.strip()) <= 40:
        raise ValueError
    return text.strip()


def main(argv: Sequence[str]) -> int:
    """Run one command; the exit code is one of the module's."""
    made = parser()
    if argv[:1] == ["check-system"]:
        print(t("system.check_system_moved"), file=sys.stderr)
        return 2
    arguments = made.parse_args(argv)
    for name, what in _odd(arguments):
        made.error(t("admin.odd_argument", name=name.replace("_", "-"), what=what))
    logs.configure("text", "warning")
    try:
        code: int = arguments.run(arguments)
        return code
    except EbidError as error:
        print(f"{error.code} {error.title}\n{error.remedy}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _odd(arguments: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Arguments with a character that nobody sees: they would be kept, logged and shown. Files are called what they are called."""
    for name, value in vars(arguments).items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and (what := odd(text)) is not None:
                yield name, what


def _propagate(arguments: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from ebid_tui.server.overnight.propagation import propagate
    from ebid_tui.server.store.transactions import direct

    known = profiles(arguments)
    with opened(arguments.database) as engine:
        done = propagate(direct(engine), known, lambda: datetime.now(UTC), batch=arguments.batch)
    if not done.operations:
        print(t("admin.nothing_to_propagate"))
        return LOOK if arguments.left_out else 0
    print(t("admin.propagated", operations=done.operations - done.refused - done.failed, copies=done.copies))
    if done.refused:
        print(t("admin.propagation_refused", n=done.refused))
    if done.failed:
        print(t("admin.propagation_failed", n=done.failed))
    return LOOK if done.refused or done.failed or arguments.left_out else 0


def _remind(arguments: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from ebid_tui.server.overnight.reminders import remind
    from ebid_tui.server.store.transactions import direct

    known = profiles(arguments)
    with opened(arguments.database) as engine:
        cards = remind(direct(engine), known, lambda: datetime.now(UTC))
    print(t("admin.reminded", n=cards.written) if cards.written else t("admin.nobody_to_remind"))
    if cards.unwritten:
        print(t("admin.not_reminded", n=cards.unwritten))
    return LOOK if arguments.left_out else 0


def _send_mail(arguments: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from ebid_tui.server.mail.postman import Postman
    from ebid_tui.server.store.transactions import direct

    settings = smtp_options.smtp(arguments)
    assert settings is not None  # the parser requires the host
    with opened(arguments.database) as engine:
        done = Postman(settings, direct(engine), lambda: datetime.now(UTC)).run()
    if done.complete and not done.sent:
        print(t("admin.nothing_to_send"))
    for key, n in (("sent", done.sent), ("later", done.later), ("failed", done.failed), ("uncertain", done.uncertain)):
        if n:
            print(t(f"admin.{key}", n=n))
    if done.trouble:
        raise EbidError(code="E-SMTP", reason=done.trouble)
    return 0 if done.complete else LOOK


def _migrate(arguments: argparse.Namespace) -> int:
    from ebid_tui.server.store.migrate import make_ready
    from ebid_tui.server.store.schema import REVISION
    from ebid_tui.server.store.transactions import database_errors

    with database_errors():
        new = make_ready(arguments.database)
    print(t("admin.created" if new else "admin.migrated", revision=REVISION))
    return 0


def _reset_password(arguments: argparse.Namespace) -> int:
    """R-33: the new initial password is printed once, to be handed over; only its hash is kept."""
    from datetime import UTC, datetime

    from ebid_tui.domain.lost_passwords import after_reset
    from ebid_tui.server.decisions.resetting import new_initial_password, reset
    from ebid_tui.server.store.transactions import direct

    system = profile(arguments)
    initial = new_initial_password(system)
    kept = hashed(initial)
    with opened(arguments.database) as engine:
        now = datetime.now(UTC)
        direct(engine)(lambda connection: reset(connection, arguments.system, arguments.number, kept, arguments.application, now))
    print(t("admin.password_was_reset"))
    print(after_reset(system))
    print(initial)
    return exit_code_after_secret(0)
