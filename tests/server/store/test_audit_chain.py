"""The audit log is a chain: whatever is removed, altered, inserted or cut off is found and named, and everybody may write to it at once."""

from __future__ import annotations

import asyncio
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from ebid_tui.server.admin.command_line import main
from ebid_tui.server.store import accepted_changes, audit, schema
from ebid_tui.server.store.audit_chain import EMPTY, START, AuditEntry, ChainHead, linked, parsed
from ebid_tui.server.store.engine import reading_engine, writing_engine
from ebid_tui.server.store.migrate import downgrade, make_ready, upgrade
from ebid_tui.server.store.writer import Store
from tests.forked import nursery
from tests.patience import long
from tests.server.vendors import DAY, Office, office

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def place(tmp_path: Path, database_kind: str) -> Office:
    return office(tmp_path)


def note(connection: Connection, subject: str) -> None:
    accepted_changes.add_audit(connection, "minato", "noted", "operator:somebody", subject, DAY)


def ten(place: Office) -> ChainHead:
    for number in range(10):
        with place.database() as connection:
            note(connection, f"row {number}")
    return head(place)


def head(place: Office) -> ChainHead:
    with place.database() as connection:
        return audit.head(connection)


def faults(place: Office, capsys: Capture, *options: str) -> list[str]:
    capsys.readouterr()
    code = main(["verify-audit", "--database", place.url, *options])
    told = capsys.readouterr().err.splitlines()
    assert code == (1 if told else 0)
    return told[:-1]


def test_each_row_holds_the_one_before(place: Office) -> None:
    last = ten(place)
    previous = START
    with place.database() as connection:
        rows = list(audit.rows(connection, batch=3))
    for expected, (number, row, value) in enumerate(rows, 1):
        assert number == expected
        assert value == linked(previous, number, row)
        previous = value
    assert last == ChainHead(10, previous)
    assert parsed(f"{last}\n") == last


def test_the_hash_is_what_the_documents_say() -> None:
    """SHA-256 over the previous hash, a line feed and a JSON array: also written down for whoever has no program of ours."""
    row = AuditEntry(datetime(2026, 4, 1, tzinfo=UTC), "ise", "registration", "a", "業者\n1", "ISE-1", None, "c")
    array = '[7,"2026-04-01T00:00:00.000000+00:00","ise","registration","a","業者\\n1","ISE-1",null,"c"]'
    given = f"{START}\n{array}".encode()
    made = subprocess.run(["sha256sum"], input=given, capture_output=True, check=True, timeout=long()).stdout.decode().split()[0]
    assert linked(START, 7, row) == made


def test_nothing_is_wrong(place: Office, capsys: Capture) -> None:
    assert faults(place, capsys) == []
    assert head(place) == EMPTY
    last = ten(place)
    assert faults(place, capsys, "--head", str(last)) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("subject", "x"),
        ("actor", "x"),
        ("event", "x"),
        ("system", "x"),
        ("agency", "x"),
        ("content", "x"),
        ("at", datetime(2001, 1, 1, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("row", [1, 5, 10])
def test_an_altered_row_is_named(place: Office, capsys: Capture, column: str, value: object, row: int) -> None:
    ten(place)
    with place.database() as connection:
        connection.execute(update(schema.audit).where(schema.audit.c.id == row).values({column: value}))
    assert faults(place, capsys) == [f"監査記録 {row}: 記録が書き換えられています（内容かハッシュ）。"]


@pytest.mark.parametrize("row", [1, 5, 9])
def test_an_altered_hash_is_named_and_not_the_row_after_it(place: Office, capsys: Capture, row: int) -> None:
    ten(place)
    with place.database() as connection:
        connection.execute(update(schema.audit).where(schema.audit.c.id == row).values(hash="0" * 64))
    assert [line.split(":")[0] for line in faults(place, capsys)] == [f"監査記録 {row}"]


@pytest.mark.parametrize(
    ("rows", "named"), [([1], "監査記録 1"), ([5], "監査記録 5"), ([4, 5, 6], "監査記録 4～6"), ([9, 10], "監査記録 9～10")]
)
def test_removed_rows_are_named(place: Office, capsys: Capture, rows: list[int], named: str) -> None:
    ten(place)
    with place.database() as connection:
        connection.execute(delete(schema.audit).where(schema.audit.c.id.in_(rows)))
    (told,) = faults(place, capsys)
    assert told.startswith(f"{named}: ")
    assert "ありません" in told


def test_an_inserted_row_is_named(place: Office, capsys: Capture) -> None:
    last = ten(place)
    row = AuditEntry(DAY, "minato", "registration", "nobody", "x")
    with place.database() as connection:
        connection.execute(insert(schema.audit).values(id=11, hash=linked(last.hash, 11, row), **row._asdict()))
    assert faults(place, capsys) == ["監査記録 11: 控えてある末尾と違います。"]


def test_a_log_made_anew_is_found_by_a_head_kept_elsewhere(place: Office, capsys: Capture) -> None:
    """Whoever can write everything can chain anew: what was written down elsewhere remains."""
    kept = ten(place)
    with place.database() as connection:
        connection.execute(delete(schema.audit))
        connection.execute(delete(schema.audit_head))
    for number in range(12):
        with place.database() as connection:
            note(connection, f"other row {number}")
    assert faults(place, capsys) == []
    assert faults(place, capsys, "--head", str(kept)) == ["監査記録 10: 控えてある末尾と違います。"]
    assert faults(place, capsys, "--head", f"13:{kept.hash}") == ["監査記録 13: 末尾の記録がありません（切り落とされています）。"]


def test_a_row_that_goes_around_the_chain_is_refused(place: Office) -> None:
    with pytest.raises(IntegrityError), place.database() as connection:
        connection.execute(text("INSERT INTO audit (id, at, system, event, actor, subject) VALUES (1, '2026-01-01', 's', 'e', 'a', 's')"))


def test_on_an_engine_that_does_not_chain_nothing_is_lost_silently(place: Office) -> None:
    engine = reading_engine(place.url)
    with engine.connect() as connection, pytest.raises(KeyError):
        note(connection, "row")
    engine.dispose()


# ---- what is undone leaves no trace ----------------------------------------------------------------------------------


async def test_a_refused_job_leaves_no_row(place: Office, capsys: Capture) -> None:
    store = Store(writing_engine(place.url), reading_engine(place.url))
    store.start()

    def refused(connection: Connection) -> None:
        note(connection, "refused")
        raise ValueError

    jobs = [store.write(refused if n % 3 == 1 else lambda c, n=n: note(c, f"row {n}")) for n in range(60)]  # type: ignore[misc]
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    store.stop()
    assert [isinstance(one, ValueError) for one in outcomes] == [n % 3 == 1 for n in range(60)]
    assert {subject for (subject,) in place.rows(schema.audit, "subject")} == {f"row {n}" for n in range(60) if n % 3 != 1}
    assert head(place).number == 40
    assert faults(place, capsys) == []


def test_a_transaction_that_is_given_up_leaves_no_row(place: Office) -> None:
    def given_up() -> None:
        with place.database() as connection:
            note(connection, "row")
            raise ValueError("given up")

    with pytest.raises(ValueError, match="given up"):
        given_up()
    with place.database() as connection:
        savepoint = connection.begin_nested()
        note(connection, "one")
        inner = connection.begin_nested()
        note(connection, "two")
        inner.commit()
        savepoint.rollback()
        note(connection, "three")
    assert place.rows(schema.audit, "id", "subject") == [(1, "three")]


def test_a_commit_that_fails_gives_the_change_up_as_well(place: Office) -> None:
    ten(place)
    with place.database() as connection:
        connection.execute(update(schema.audit_head).values(number=3))

    def change() -> None:
        with place.database() as connection:
            connection.execute(insert(schema.jobs).values(name="x"))
            note(connection, "row")

    with pytest.raises(IntegrityError):
        change()
    assert place.rows(schema.jobs) == []
    assert len(place.rows(schema.audit)) == 10


# ---- several at once -------------------------------------------------------------------------------------------------


def test_several_processes_write_one_chain(place: Office, capsys: Capture) -> None:
    running = [nursery.begin("tests.server.chaining", [place.url, str(n), "60"]) for n in range(4)]
    assert [process.wait(long()) for process in running] == [0] * 4, [process.output.read_text() for process in running]
    assert len(place.rows(schema.audit)) == head(place).number == 4 * 60
    assert faults(place, capsys) == []


def test_a_night_is_chained(place: Office, capsys: Capture) -> None:
    for number in ("00000001", "00000002"):
        place.qualify(number)
        place.register(number, "town", f"card {number}")
    place.amend("00000001", "town", "card 00000001", "港　三郎", propagate=True)
    place.night()
    assert {agency for event, agency in place.rows(schema.audit, "event", "agency") if event == "registration-copied"} == {"port", "water"}
    assert faults(place, capsys) == []


# ---- rows from before ------------------------------------------------------------------------------------------------


def test_rows_from_before_are_chained(place: Office, capsys: Capture) -> None:
    place.qualify("00000001")
    given = place.register("00000001", "town", "card")
    place.night()
    before = place.rows(schema.audit)
    downgrade(place.url, "0004")
    with place.database() as connection:
        connection.execute(text("UPDATE audit SET id = id + 5 WHERE id = (SELECT max(id) FROM audit)"))
    upgrade(place.url)
    assert place.rows(schema.audit) == before
    assert [row for row in place.rows(schema.audit, "receipt_id", "content") if row[1]] == [(given.id, before[0][-2])]
    assert faults(place, capsys) == []
    with place.database() as connection:
        note(connection, "a row from now")
    assert head(place).number == len(before) + 1
    assert faults(place, capsys) == []


def test_an_empty_database_is_chained(tmp_path: Path, url: str, capsys: Capture) -> None:
    upgrade(url)
    assert not make_ready(url)
    assert main(["audit-head", "--database", url]) == 0
    assert capsys.readouterr().out == f"0:{START}\n"
    assert main(["verify-audit", "--database", url]) == 0


def test_heads_that_are_none() -> None:
    for given in ("", "1", "1:", ":" + "0" * 64, "1:" + "g" * 64, "-1:" + "0" * 64, "1:" + "0" * 63, "①:" + "0" * 64):
        with pytest.raises(ValueError, match="head"):
            parsed(given)
    with pytest.raises(SystemExit):
        main(["verify-audit", "--database", "sqlite://", "--head", "nonsense"])


def test_the_rows_of_a_log_are_read_in_order(place: Office) -> None:
    ten(place)
    with place.database() as connection:
        assert [row.subject for _, row, _ in audit.rows(connection, batch=4)] == [f"row {n}" for n in range(10)]
        assert connection.execute(select(schema.audit_head.c.number)).scalar_one() == 10
