"""`admin export-evidence`, `verify-evidence`, `verify-audit` and `audit-head`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ebid_tui.domain.text.cleaning import shown
from ebid_tui.messages import t
from ebid_tui.process.option_values import saying
from ebid_tui.process.output import exit_code_after_output
from ebid_tui.server.admin.command import LOOK, command, database, snapshot
from ebid_tui.server.admin.files import new_file, readable
from ebid_tui.server.store.audit_chain import ChainHead, parsed

if TYPE_CHECKING:
    from ebid_tui.server.admin.command import Commands
    from ebid_tui.server.evidence.verification import VerificationResult


def add(commands: Commands) -> None:
    """The commands of this file."""
    export = command(commands, "export-evidence", t("evidence.export"), _export)
    database(export)
    export.add_argument("--output", metavar="FILE", type=Path, required=True, help=t("evidence.output"))
    verify = command(commands, "verify-evidence", t("evidence.verify"), _verify)
    verify.add_argument("file", metavar="FILE", nargs="?", type=Path, help=t("evidence.file"))
    verify.add_argument("--database", metavar="URL", help=t("evidence.database"))
    verify.add_argument("--trust", metavar="DIR", type=Path, help=t("evidence.trust"))
    _heads(verify)
    audit = command(commands, "verify-audit", t("evidence.verify_audit"), _verify_audit)
    database(audit)
    _heads(audit)
    database(command(commands, "audit-head", t("evidence.head"), _head))


def _heads(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--head", metavar="NUMBER:HASH", type=saying(parsed, "evidence.no_head"), action="append", default=[], help=t("evidence.kept_head")
    )


def _export(arguments: argparse.Namespace) -> int:
    from ebid_tui.server.evidence.export import export
    from ebid_tui.server.store.proofs import count

    with snapshot(arguments.database) as connection, new_file(arguments.output) as file:
        head, receipts = export(connection, file), count(connection)
    print(t("evidence.exported", receipts=receipts, rows=head.number))
    print(head)
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from ebid_tui.server.evidence.verification import verify_database, verify_file
    from ebid_tui.server.pki import anchor_files

    if (arguments.file is None) == (arguments.database is None):
        print(t("evidence.which"), file=sys.stderr)
        return 2
    trusted = None if arguments.trust is None else [der for ders in anchor_files.load(arguments.trust).values() for der in ders]
    if arguments.file is not None:
        with readable(arguments.file) as file:
            done = verify_file(file, trusted, tuple(arguments.head), _fault)
    else:
        with snapshot(arguments.database) as connection:
            done = verify_database(connection, trusted, tuple(arguments.head), _fault)
    given = t("evidence.anchors_own") if trusted is None else t("evidence.anchors_given", directory=arguments.trust)
    return _told(done, given)


def _told(done: VerificationResult, anchors: str) -> int:
    c = done.counts
    print(t("evidence.verified_rows", rows=c.rows, receipts=c.receipts, signatures=c.signatures, passwords=c.passwords))
    print(t("evidence.verified_revocation", looked_up=c.looked_up, unlooked=c.unlooked))
    print(anchors)
    print(t("evidence.head_is", head=done.head))
    if c.unrecorded:
        print(t("evidence.verified_unrecorded", n=c.unrecorded))
    return _outcome(done.faults) or (LOOK if c.unrecorded else 0)


def _outcome(faults: int) -> int:
    print(t("evidence.damaged", n=faults) if faults else t("evidence.whole"), file=sys.stderr if faults else sys.stdout)
    return 1 if faults else 0


def _verify_audit(arguments: argparse.Namespace) -> int:
    from ebid_tui.server.evidence.chain_check import ChainCheck, rows
    from ebid_tui.server.store import audit

    chain, found = ChainCheck(tuple(arguments.head)), 0

    def tell(first: int, what: str, last: int) -> None:
        nonlocal found
        found += 1
        _fault(f"{rows(first, last)}: {t(f'evidence.row_{what}')}")

    with snapshot(arguments.database) as connection:
        for number, link, value in audit.rows(connection):
            for fault in chain.feed(number, link, value):
                tell(*fault)
        for fault in chain.end(audit.head(connection)):
            tell(*fault)
    print(t("evidence.head_is", head=chain.head))
    return _outcome(found)


def _head(arguments: argparse.Namespace) -> int:
    from ebid_tui.server.store import audit

    with snapshot(arguments.database) as connection:
        head: ChainHead = audit.head(connection)
    print(head)
    return exit_code_after_output(0, told=True)


def _fault(line: str) -> None:
    """On one line, whatever a receipt or an entry is called there: whoever altered them may have chosen the name."""
    print(shown(line), file=sys.stderr)
