"""`admin import-roster` and `admin export`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from ebid_tui.domain import csv_cells
from ebid_tui.messages import t
from ebid_tui.process.option_values import whole
from ebid_tui.server.admin.command import command, database, opened, profile, snapshot, system
from ebid_tui.server.admin.files import new_file, readable

if TYPE_CHECKING:
    from ebid_tui.server.admin.command import Commands
    from ebid_tui.server.roster.importing import ImportResult
    from ebid_tui.server.roster.reading import RefusedRow

COUNTS = ("new", "changed", "pending", "lapsed", "other_state", "same")
"""Their sum is the number of rows."""
STATES: Mapping[str | None, Literal["initial", "in_force"] | None] = {None: None, "initial": "initial", "in-force": "in_force"}
COLUMNS = 10
"""Columns that nobody knows, by name."""
SHOWN = 20
"""Refused rows that are shown; a report has all."""


def add(commands: Commands) -> None:
    """The commands of this file."""
    made = command(commands, "import-roster", t("roster.import"), lambda arguments: _import(made, arguments))
    database(made)
    system(made)
    made.add_argument("file", metavar="FILE", type=Path, help=t("roster.file"))
    made.add_argument("--encoding", choices=("utf-8", "cp932", "auto"), default="auto", help=t("roster.encoding"))
    made.add_argument("--full", action="store_true", help=t("roster.whole"))
    made.add_argument("--lapses", metavar="N", type=whole(), help=t("roster.lapses"))
    made.add_argument("--passwords", choices=("initial", "in-force"), help=t("password.states"))
    made.add_argument("--replace-passwords", action="store_true", help=t("password.replace"))
    made.add_argument("--dry-run", action="store_true", help=t("roster.dry_run"))
    made.add_argument("--report", metavar="FILE", type=Path, help=t("roster.report"))
    out = command(commands, "export", t("roster.export"), _export)
    database(out)
    system(out)
    out.add_argument("--output", metavar="FILE", type=Path, required=True, help=t("roster.output"))
    out.add_argument("--format", choices=("csv", "jsonl"), default="csv", help=t("roster.format"))
    out.add_argument("--encoding", choices=("utf-8", "cp932"), default="utf-8", help=t("roster.export_encoding"))


def _import(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from ebid_tui.server.decisions.passwords import Passwords
    from ebid_tui.server.roster.importing import ImportOrder, run
    from ebid_tui.server.roster.reading import encoding_of
    from ebid_tui.server.settings import PasswordCost

    if arguments.lapses is not None and not arguments.full:
        parser.error(t("roster.lapses_alone"))
    found = profile(arguments)
    passwords = Passwords(PasswordCost())
    with ExitStack() as stack:
        stack.callback(passwords.stop)
        file = stack.enter_context(readable(arguments.file))
        encoding = encoding_of(file) if arguments.encoding == "auto" else arguments.encoding
        report = stack.enter_context(_reporting(arguments.report))
        engine = stack.enter_context(opened(arguments.database))
        order = ImportOrder(
            profile=found,
            encoding=encoding,
            whole=arguments.full,
            dry_run=arguments.dry_run,
            now=datetime.now(UTC),
            hashed=passwords.hash,
            is_right=passwords.is_right,
            passwords=STATES[arguments.passwords],
            replace_passwords=arguments.replace_passwords,
            lapses=arguments.lapses,
        )
        done = run(order, file, lambda: snapshot(arguments.database), engine, report)
    return _told(done, arguments.dry_run)


class _Report:
    """Refused rows, to the screen and into the report."""

    def __init__(self, file: BinaryIO | None) -> None:
        self._file = file
        self.count = 0
        self._write([t("roster.report_line"), t("roster.report_column"), t("roster.report_reason")], "\ufeff")

    def __call__(self, refused: RefusedRow) -> None:
        self.count += 1
        self._write([str(refused.line), refused.column, refused.reason])
        if self.count <= SHOWN:
            name = "roster.refused" if refused.column else "roster.refused_row"
            print(t(name, line=refused.line, column=refused.column, reason=refused.reason), file=sys.stderr)

    def _write(self, cells: list[str], before: str = "") -> None:
        if self._file is not None:
            self._file.write((before + csv_cells.line(cells)).encode())

    def end(self) -> None:
        if self.count > SHOWN and self._file is None:
            print(t("roster.more_refused", n=self.count - SHOWN), file=sys.stderr)


@contextmanager
def _reporting(path: Path | None) -> Iterator[_Report]:
    with ExitStack() as stack:
        report = _Report(None if path is None else stack.enter_context(new_file(path)))
        yield report
        report.end()


def _told(done: ImportResult, dry_run: bool) -> int:
    if done.unknown_columns:
        first, n = "、".join(done.unknown_columns[:COLUMNS]), len(done.unknown_columns)
        print(t("roster.unknown_columns" if n <= COLUMNS else "roster.more_unknown_columns", names=first, n=n))
    if done.refused:
        print(t("roster.nothing_changed", rows=done.rows, refused=done.refused), file=sys.stderr)
        return 1
    print(t("roster.would_import" if dry_run else "roster.imported", rows=done.rows))
    print(t("roster.counts", **{name: getattr(done, name) for name in COUNTS}))
    for name, n in (
        ("absent", done.absent),
        ("passwords", done.passwords),
        ("passwords_replaced", done.passwords_replaced),
        ("converted", done.converted),
    ):
        if n:
            print(t(f"roster.{name}", n=n))
    if done.passwords_settled:
        print(t("password.states_changed", n=done.passwords_settled))
    if done.glued:
        print(t("roster.glued", n=done.glued, line=done.first_glued))
    if done.cleaned:
        print(t("roster.cleaned", n=done.cleaned, shown=len(done.noted)))
        for one in done.noted:
            print(t("roster.refused", line=one.line, column=one.column, reason=one.what))
    return 0


class _NotExported(Exception):
    """Some character cannot be written."""


def _export(arguments: argparse.Namespace) -> int:
    from ebid_tui.server.roster.exporting import export

    found = profile(arguments)
    report, rows = _Report(None), 0
    try:
        with snapshot(arguments.database) as connection, new_file(arguments.output) as file:
            for one in export(connection, found, file, arguments.format, arguments.encoding):
                if isinstance(one, int):
                    rows += 1
                else:
                    report(one)
            if report.count:
                raise _NotExported
    except _NotExported:
        report.end()
        print(t("roster.not_exported", n=report.count, encoding=arguments.encoding.upper()), file=sys.stderr)
        return 1
    print(t("roster.exported", n=rows - (arguments.format == "csv")))
    return 0
