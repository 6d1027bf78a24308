"""`admin trust-ca` and `admin refresh-revocation`: whom the server trusts, and what the authorities say of who is revoked."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ebid_tui.errors import EbidError
from ebid_tui.messages import t
from ebid_tui.server.admin.command import LOOK, command, database, opened, systems_directories

if TYPE_CHECKING:
    from ebid_tui.server.admin.command import Commands
    from ebid_tui.server.store.transactions import Transactions


def add(commands: Commands) -> None:
    """Both commands."""
    trust = command(commands, "trust-ca", t("admin.trust_ca"), _trust_ca)
    trust.add_argument("--trust", metavar="DIR", type=Path, required=True, help=t("admin.trust"))
    trust.add_argument("--authority", metavar="ID", required=True, help=t("admin.authority"))
    trust.add_argument("--fingerprint", metavar="SHA256", help=t("admin.fingerprint"))
    trust.add_argument("--check", action="store_true", help=t("admin.trust_check"))
    systems_directories(trust)
    trust.add_argument("file", metavar="FILE", type=Path, help=t("admin.ca_file"))
    refresh = command(commands, "refresh-revocation", t("admin.refresh_revocation"), _refresh_revocation)
    database(refresh)
    refresh.add_argument("--revocation-host", metavar="HOST", action="append", default=[], help=t("server.serve_revocation_host"))
    refresh.add_argument("--crl", metavar="FILE", type=Path, action="append", default=[], help=t("admin.crl_file"))
    refresh.add_argument("--trust", metavar="DIR", type=Path, help=t("admin.trust"))


def _trust_ca(arguments: argparse.Namespace) -> int:
    """Each certificate, and everything that speaks against it. Nothing is written unless all of the file will do.

    3 where others than their owner may change whom the server trusts.
    """
    from datetime import UTC

    from ebid_tui.server.pki.anchor_files import described, faults, keep, read, refuse_unfit, refuse_unknown, writable_by_others

    refuse_unknown(arguments.authority, arguments.systems_dir)
    found = read(arguments.file)
    now = datetime.now(UTC)
    for certificate in found:
        for line in described(certificate):
            print(line)
        for reason in faults(certificate, now):
            print(t("admin.ca_fault", reason=reason))
    refuse_unfit(arguments.file, found, now, arguments.fingerprint)
    if arguments.check:
        print(t("admin.ca_fit"))
    else:
        target, new = keep(arguments.trust, arguments.authority, found)
        print(t("admin.ca_added", n=new, file=target) if new else t("admin.ca_known", file=target))
    open_ones = writable_by_others(arguments.trust)
    for path in open_ones:
        print(t("admin.ca_writable", path=path))
    return LOOK if open_ones else 0


def _refresh_revocation(arguments: argparse.Namespace) -> int:
    from datetime import UTC

    from ebid_tui.server.pki.refresh import refresh
    from ebid_tui.server.settings import RevocationSettings
    from ebid_tui.server.store.transactions import direct

    def now() -> datetime:
        return datetime.now(UTC)

    settings = RevocationSettings(hosts=tuple(arguments.revocation_host), seconds=30.0)
    if arguments.crl and arguments.trust is None:
        raise EbidError("--trust", code="E-TRUST", directory="--trust")
    failed = done = 0
    with opened(arguments.database) as engine:
        transact = direct(engine)
        for file in arguments.crl:
            _bring_in(arguments, file, transact, now())
            done += 1
        for one in refresh(transact, settings, now, everything=True):
            done += 1
            failed += bool(one.failure)
            key = "admin.revocation_failed" if one.failure else "admin.revocation_done"
            print(t(key, kind=one.source.kind.upper(), url=one.source.url, reason=one.failure))
    if not done:
        print(t("admin.revocation_nothing"))
    return LOOK if failed else 0


def _bring_in(arguments: argparse.Namespace, file: Path, transact: Transactions, now: datetime) -> None:
    """A list that came another way than over HTTP. Raises EbidError E-CRL."""
    from asn1crypto import x509

    from ebid_tui.server.pki import anchor_files
    from ebid_tui.server.pki.answers import BadAnswer, crl_of
    from ebid_tui.server.pki.obtaining import crl_answer, file_source
    from ebid_tui.server.store import revocation as kept

    trusted = [x509.Certificate.load(der) for found in anchor_files.load(arguments.trust).values() for der in found]
    try:
        body = file.read_bytes()
        answer = crl_answer(body, trusted, now)
        issuer = next(certificate for certificate in trusted if certificate.subject == crl_of(body).issuer)
    except OSError as error:
        raise EbidError(code="E-CRL", file=file, reason=error.strerror or "") from None
    except BadAnswer as error:
        raise EbidError(str(error), code="E-CRL", file=file, reason=str(error)) from None
    if not transact(lambda connection: kept.keep(connection, file_source(issuer), answer, now)):
        raise EbidError("older", code="E-CRL", file=file, reason="older")
    print(t("admin.crl_kept", file=file, until=answer.next_update))
