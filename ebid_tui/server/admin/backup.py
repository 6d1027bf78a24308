"""`admin init`, `backup` and `restore`."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ebid_tui.errors import EbidError
from ebid_tui.messages import t
from ebid_tui.process.private_files import file_trouble
from ebid_tui.server.admin import files
from ebid_tui.server.admin.command import command, database, snapshot

if TYPE_CHECKING:
    from ebid_tui.server.admin.command import Commands


def add(commands: Commands) -> None:
    """The commands of this file."""
    database(command(commands, "init", t("backup.init"), _init))
    out = command(commands, "backup", t("backup.backup"), _backup)
    database(out)
    out.add_argument("--output", metavar="FILE", type=Path, required=True, help=t("backup.output"))
    back = command(commands, "restore", t("backup.restore"), _restore)
    database(back)
    back.add_argument("file", metavar="FILE", type=Path, help=t("backup.file"))


def _init(arguments: argparse.Namespace) -> int:
    from ebid_tui.server.store.engine import disposing, is_there, reading_engine
    from ebid_tui.server.store.migrate import make_ready, revision
    from ebid_tui.server.store.schema import REVISION
    from ebid_tui.server.store.transactions import database_errors

    with database_errors():
        if is_there(arguments.database):
            with disposing(reading_engine(arguments.database)) as engine, engine.connect() as connection:
                found = revision(connection)
            if found == REVISION:
                print(t("backup.there", revision=REVISION))
                return 0
            if found is not None:
                raise EbidError(code="E-DATABASE-OLD", reason=f"{found} / {REVISION}")
        if not make_ready(arguments.database):
            raise EbidError(code="E-DATABASE-OLD", reason=t("backup.foreign"))
    print(t("admin.created", revision=REVISION))
    return 0


def _backup(arguments: argparse.Namespace) -> int:
    from ebid_tui.server.store.backup import backup

    output: Path = arguments.output
    try:
        if output.exists() or output.is_symlink():
            raise FileExistsError(17, "exists")
        # Beside the file that it becomes, and readable by nobody else from the first byte on.
        with tempfile.TemporaryDirectory(prefix=f".{output.name[:40]}.", dir=output.parent) as directory:
            part = Path(directory) / "backup"
            with snapshot(arguments.database) as connection, files.written_by_sqlite(output):
                rows = backup(connection, part)
            part.chmod(0o600)
            files.settle(part)
            os.link(part, output)
            files.settle(output.parent)
    except (OSError, ValueError) as error:
        raise file_trouble(output, error) from None
    print(t("backup.written", rows=rows, file=output))
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    from ebid_tui.server.store.backup import restore
    from ebid_tui.server.store.transactions import database_errors

    with files.readable(arguments.file):
        pass
    with database_errors():
        try:
            rows = restore(arguments.file, arguments.database)
        except ValueError as error:
            raise EbidError(code="E-RESTORE", file=str(arguments.file), reason=str(error)) from None
    print(t("backup.restored", rows=rows))
    return 0
