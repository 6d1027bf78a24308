"""`admin init`, `backup` and `restore`: made while the server writes, sound, verifiable, and good on either database."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert

from ebid_tui.errors import EbidError
from ebid_tui.server.admin.command_line import main
from ebid_tui.server.roster.staging import Staging
from ebid_tui.server.store import schema
from ebid_tui.server.store.engine import writing_engine
from ebid_tui.server.store.migrate import make_ready, upgrade
from tests.server import databases
from tests.server.holder import Holder
from tests.server.running_server import Bidder, Running
from tests.server.signing import Card
from tests.server.vendors import Office

Capture = pytest.CaptureFixture[str]
FORGOTTEN = ("challenges", "sessions", "rate_limits")


def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    engine = writing_engine(url)
    with engine.connect() as connection:
        tables = [table for table in schema.metadata.sorted_tables if table.name not in FORGOTTEN]
        found = {table.name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr) for table in tables}
    engine.dispose()
    return found


def backed_up(url: str, file: Path) -> int:
    return main(["backup", "--database", url, "--output", str(file)])


def filled(place: Office) -> None:
    place.qualify("00000001")
    place.register("00000001", "town", "card", "港　一郎")
    place.amend("00000001", "town", "card", "港　三郎", propagate=True)
    place.night()


def test_a_backup_is_put_back(place: Office, tmp_path: Path, capsys: Capture) -> None:
    filled(place)
    before, file = contents(place.url), tmp_path / "ebid.backup"
    assert backed_up(place.url, file) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert contents(f"sqlite:///{file}") == before
    again = databases.url(tmp_path / "again") if databases.kind == "postgresql" else f"sqlite:///{tmp_path / 'again.db'}"
    for url in (again, f"sqlite:///{tmp_path / 'third.db'}"):
        assert main(["restore", "--database", url, str(file)]) == 0
        assert "verify-evidence" in capsys.readouterr().out
        assert contents(url) == before
        assert main(["verify-audit", "--database", url]) == 0
        # And it goes on: new rows get numbers of their own.
        place_again = Office(url, place.profile, place.at, 100)
        place_again.qualify("00000002")
        place_again.register("00000002", "town", "another card")
        place_again.night()
        assert main(["verify-audit", "--database", url]) == 0


def test_made_while_the_server_writes(server: Running, card: Callable[[str], Card], tmp_path: Path, capsys: Capture) -> None:
    asyncio.run(Bidder(server, card("ise-new")).register())
    stop, amended = threading.Event(), 0

    def go_on() -> None:
        nonlocal amended

        async def amend() -> None:
            nonlocal amended
            while not stop.is_set():
                await Holder(server, card("ise-current")).amend(key=f"key-number-{amended}")
                amended += 1

        asyncio.run(amend())

    writing = threading.Thread(target=go_on)
    writing.start()
    try:
        for number in range(4):
            assert backed_up(server.settings.database, tmp_path / f"{number}.backup") == 0
    finally:
        stop.set()
        writing.join()
    assert amended
    capsys.readouterr()
    for number in range(4):
        url = f"sqlite:///{tmp_path / f'{number}.backup'}"
        assert main(["verify-evidence", "--database", url]) == 0, capsys.readouterr().err
        found = contents(url)
        # No half of anything: each receipt with its evidence, its row in the log, its key.
        assert len(found["receipts"]) == len(found["evidence"]) == len(found["idempotency"]) >= 1


def test_nobody_stays_signed_in(server: Running, card: Callable[[str], Card], tmp_path: Path) -> None:
    asyncio.run(Bidder(server, card("ise-new")).sign_in())
    assert backed_up(server.settings.database, tmp_path / "b") == 0
    connection = sqlite3.connect(tmp_path / "b")
    assert connection.execute("SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM challenges)").fetchone() == (0,)
    connection.close()


def test_never_over_a_file_that_is_there(place: Office, tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "kept"
    file.write_text("kept")
    assert backed_up(place.url, file) == 1
    assert backed_up(place.url, tmp_path / "nowhere" / "x") == 1
    assert backed_up("sqlite:////nowhere/x.db", tmp_path / "new") == 1
    assert file.read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("ebid.db")) == ["kept"]
    assert "E-FILE" in capsys.readouterr().err


def test_a_full_disk_is_told_and_leaves_nothing(place: Office, tmp_path: Path, capsys: Capture) -> None:
    """A backup, and a restoration, that runs out of space at any of its steps: a limit stands in for the disk (EFBIG for ENOSPC)."""
    filled(place)
    file, url = tmp_path / "b", databases.url(tmp_path / "full") if databases.kind == "postgresql" else f"sqlite:///{tmp_path / 'full.db'}"
    assert backed_up(place.url, file) == 0
    whole = file.stat().st_size
    capsys.readouterr()
    for most in (whole // 4, whole - 4096, 40_000):
        with at_most(most):
            assert backed_up(place.url, tmp_path / "full") == 1
        assert "E-FILE" in (said := capsys.readouterr().err), said
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".full", "full")) and "full.db" not in path.name] == []
        if databases.kind == "sqlite":
            with at_most(most):
                assert main(["restore", "--database", url, str(file)]) == 1
            assert "空き容量" in capsys.readouterr().err
    # What a restoration left is as good as empty.
    assert main(["restore", "--database", url, str(file)]) == 0
    with at_most(0), pytest.raises(EbidError, match="E-FILE"), Staging():
        pass


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """No file of this process grows over so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_only_sound_backups_into_empty_databases(place: Office, tmp_path: Path, capsys: Capture) -> None:
    filled(place)
    file = tmp_path / "b"
    assert backed_up(place.url, file) == 0
    assert main(["restore", "--database", place.url, str(file)]) == 1
    assert "空ではありません" in capsys.readouterr().err
    data = bytearray(file.read_bytes())
    for start in range(8192, len(data), 4096):
        data[start : start + 64] = bytes(64)
    (tmp_path / "damaged").write_bytes(data)
    (tmp_path / "cut").write_bytes(file.read_bytes()[: len(data) // 2])
    (tmp_path / "text").write_text("hello")
    for name in ("damaged", "cut", "text", "none"):
        assert main(["restore", "--database", f"sqlite:///{tmp_path / 'new.db'}", str(tmp_path / name)]) == 1
        assert not (tmp_path / "new.db").exists()
    upgrade(f"sqlite:///{tmp_path / 'old.db'}", "0003")
    assert main(["restore", "--database", f"sqlite:///{tmp_path / 'new.db'}", str(tmp_path / "old.db")]) == 1
    assert not (tmp_path / "new.db").exists()
    # A database that was only made is empty enough.
    assert main(["init", "--database", f"sqlite:///{tmp_path / 'new.db'}"]) == 0
    assert main(["restore", "--database", f"sqlite:///{tmp_path / 'new.db'}", str(file)]) == 0


# ---- init ------------------------------------------------------------------------------------------------------------


def test_init_makes_a_database_once(url: str, capsys: Capture) -> None:
    assert main(["init", "--database", url]) == 0
    assert "作りました" in capsys.readouterr().out
    engine = writing_engine(url)
    with engine.begin() as connection:
        connection.execute(insert(schema.jobs).values(name="kept"))
    engine.dispose()
    assert main(["init", "--database", url]) == 0
    assert "もうあります" in capsys.readouterr().out
    assert contents(url)["jobs"] == [("kept", None, None, None)]


def test_init_leaves_older_and_foreign_databases_alone(tmp_path: Path, capsys: Capture) -> None:
    old = f"sqlite:///{tmp_path / 'old.db'}"
    upgrade(old, "0003")
    assert main(["init", "--database", old]) == 1
    assert "admin migrate" in capsys.readouterr().err
    connection = sqlite3.connect(tmp_path / "foreign.db")
    connection.execute("CREATE TABLE somebody (x)")
    connection.commit()
    connection.close()
    assert main(["init", "--database", f"sqlite:///{tmp_path / 'foreign.db'}"]) == 1
    assert main(["init", "--database", "sqlite:////nowhere/at/all.db"]) == 1
    assert not make_ready(old)
