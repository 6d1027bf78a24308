"""反映 (R-16, R-17, R-30): what is copied overnight to a vendor's other agencies, and what is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql

from ebid_tui.server import nightly
from ebid_tui.server.store import copies, schema
from ebid_tui.server.store.engine import reading_engine
from tests.server.vendors import AGENCIES, DAY, PROFILES, Office, card, many, numbers, office

ADMIN = "import sys; from ebid_tui.server.admin import main; sys.exit(main(sys.argv[1:]))"
HERE = str(Path(__file__).resolve().parents[2])
ONE = "00000001"


@pytest.fixture
def place(tmp_path: Path) -> Office:
    return office(tmp_path)


def state_of(place: Office) -> list[list[tuple[object, ...]]]:
    """Everything that a night can change, but for times and row numbers."""
    return [
        place.rows(schema.registrations, "id", "agency", "number", "state", "fingerprint", "blocks"),
        place.rows(schema.vendor_details, "agency", "number", "company", "representative_contact", "company_id", "updated_at"),
        place.rows(schema.audit, "event", "actor", "subject", "receipt_id", "agency"),
        place.rows(schema.propagations, "id", "state"),
        place.rows(schema.card_bindings),
    ]


# ---- what is copied --------------------------------------------------------------------------------------------------


def test_r16_a_registration_goes_to_the_vendors_other_agencies(place: Office) -> None:
    place.qualify(ONE)
    place.qualify("00000002", "town", "water")
    given = place.register(ONE, "town", "a")
    done = place.night()
    assert (done.operations, done.copies) == (1, 2)
    r = schema.registrations
    with place.database() as connection:
        source, *made = connection.execute(select(r).order_by(r.c.agency != "town", r.c.agency)).all()
    assert [row.agency for row in made] == ["port", "water"]
    for row in made:
        kept = ("system", "category", "realm", "number", "state", "fingerprint", "serial", "issuer", "not_after", "blocks")
        assert [row._mapping[name] for name in kept] == [source._mapping[name] for name in kept]
        assert row.id == f"{source.id}-{row.agency}"
    details = place.rows(schema.vendor_details, "agency", "company", "company_id", "updated_at")
    assert [(row[0], row[1]["phone"], row[2], row[3]) for row in details] == [
        (agency, "000-0000-003", "0000000000000001", given.at) for agency in sorted(AGENCIES)
    ]
    audit = [row for row in place.rows(schema.audit, "event", "actor", "subject", "receipt_id", "agency") if row[1] == "overnight"]
    assert audit == [("registration-copied", "overnight", ONE, given.id, agency) for agency in ("port", "water")]


def test_r35_not_to_where_the_qualification_has_lapsed_nor_to_another_category(place: Office) -> None:
    place.qualify(ONE, "town")
    place.qualify(ONE, "water", state="lapsed")
    place.qualify(ONE, "port", category="goods")
    place.register(ONE, "town", "a")
    assert place.night().copies == 0
    assert place.cards("water") == place.cards("port") == {}


def test_r27_under_review_is_copied(place: Office) -> None:
    place.qualify(ONE, "town")
    place.qualify(ONE, "water", state="under_review")
    place.register(ONE, "town", "a", "港　一郎")
    assert place.night().copies == 1


def test_r31_further_cards_go_as_well(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a", "甲")
    place.register(ONE, "water", "b", "乙")
    place.register(ONE, "town", "c", "丙")
    done = place.night()
    assert (done.operations, done.copies) == (3, 6)
    assert all(place.cards(agency).keys() == {"甲", "乙", "丙"} for agency in AGENCIES)
    # What the cards share is the newest registration's everywhere.
    assert {row[0]["person"] for row in place.rows(schema.vendor_details, "representative_contact")} == {"丙"}


def test_r17_agencies_added_later_need_one_registration(place: Office) -> None:
    place.qualify(ONE, "town")
    place.register(ONE, "town", "a", "甲")
    assert place.night().copies == 0
    place.qualify(ONE, "water", "port")
    place.register(ONE, "water", "a", "乙")
    assert place.night().copies == 1
    assert place.cards("port") == place.cards("water")
    # Where the card is registered already nothing is changed by it.
    assert place.cards("town") == {"甲": ("active", "甲")}
    town = [row for row in place.rows(schema.vendor_details, "agency", "representative_contact") if row[0] == "town"]
    assert town[0][1]["person"] == "甲"


def test_r30_a_card_of_another_number_is_not_copied(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a")
    place.register(ONE, "town", "b")
    bindings = schema.card_bindings
    with place.database() as connection:
        connection.execute(update(bindings).where(bindings.c.fingerprint == card("a").fingerprint).values(number="00000009"))
    done = place.night()
    assert (done.operations, done.copies, done.refused) == (2, 2, 1)
    assert ("registration-refused",) in place.rows(schema.audit, "event")
    assert place.night().operations == 0


def test_r16_an_amendment_only_if_chosen(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a", "甲")
    place.night()
    place.amend(ONE, "town", "a", "乙", propagate=False)
    assert place.night().operations == 0
    assert {agency: [c for _, c in place.cards(agency).values()] for agency in AGENCIES} == {
        "town": ["乙"],
        "water": ["甲"],
        "port": ["甲"],
    }
    place.amend(ONE, "town", "a", "丙", propagate=True)
    assert place.night().copies == 2
    assert {tuple(place.cards(agency).values()) for agency in AGENCIES} == {(("active", "丙"),)}
    assert {row[0]["person"] for row in place.rows(schema.vendor_details, "representative_contact")} == {"丙"}


def test_r16_an_amendment_of_the_same_day_that_was_not_chosen_stays_where_it_is(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a", "甲")
    place.amend(ONE, "town", "a", "乙", propagate=False)
    assert place.night().copies == 2
    assert place.cards("water") == place.cards("port") == {"甲": ("active", "甲")}
    shared = {row[0]: row[1]["person"] for row in place.rows(schema.vendor_details, "agency", "representative_contact")}
    assert shared == {"town": "乙", "water": "甲", "port": "甲"}
    # Of 企業情報 only what is typed: the rest is each agency's own qualification's.
    assert {tuple(row[0]) for row in place.rows(schema.vendor_details, "company")} == {("phone",)}


def test_what_was_amended_there_since_stays(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a", "甲")
    place.night()
    place.amend(ONE, "town", "a", "乙", propagate=True)
    place.amend(ONE, "water", "a", "丙", propagate=False)
    assert place.night().copies == 1
    assert place.cards("water") == {"丙": ("active", "丙")}
    assert place.cards("port") == {"乙": ("active", "乙")}


def test_r11_a_copied_renewal_retires_the_old_card_there(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a", "甲")
    place.night()
    place.amend(ONE, "water", "a", "水", propagate=False)
    place.renew(ONE, "town", "a", "b", propagate=True)
    assert place.night().copies == 2
    assert place.cards("port") == {"甲": ("renewed", "甲"), "b": ("active", "甲")}
    # The registration there moves to the new card with its own contact.
    assert place.cards("water") == {"水": ("renewed", "水"), "b": ("active", "水")}


def test_r16_a_renewal_that_was_not_chosen_leaves_the_old_card_there(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a", "甲")
    place.renew(ONE, "town", "a", "b", propagate=False)
    assert place.night().operations == 1
    assert place.cards("water") == {"甲": ("active", "甲")}


def test_a_whole_day_is_done_again_in_its_order(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a", "甲")
    place.amend(ONE, "town", "a", "乙", propagate=True)
    place.renew(ONE, "town", "a", "b", propagate=True)
    place.amend(ONE, "town", "b", "丙", propagate=True)
    done = place.night()
    assert (done.operations, done.copies) == (4, 8)
    assert place.cards("water") == place.cards("port") == place.cards("town")


def test_a_cancelled_card_is_not_copied(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a")
    with place.database() as connection:
        connection.execute(update(schema.registrations).values(state="cancelled"))
    assert place.night().copies == 0


def test_r36_a_registration_without_a_card_goes_once(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a", "甲")
    nothing = dict.fromkeys(("fingerprint", "serial", "issuer", "not_after"))
    with place.database() as connection:
        connection.execute(update(schema.registrations).values(**nothing))
        body = connection.execute(select(schema.receipts.c.body)).scalar_one()
        connection.execute(update(schema.receipts).values(body=body | {"card": None}))
    assert place.night().copies == 2
    assert place.cards("water") == place.cards("port") == {"甲": ("active", "甲")}
    assert {row[0] for row in place.rows(schema.registrations, "fingerprint")} == {None}


def test_a_receipt_that_cannot_be_read_stops_nobody_else(place: Office) -> None:
    for number in numbers(2):
        place.qualify(number)
    broken = place.register(ONE, "town", "a")
    place.amend(ONE, "town", "a", "乙", propagate=False)
    place.register("00000002", "town", "b")
    with place.database() as connection:
        connection.execute(update(schema.receipts).where(schema.receipts.c.id == broken.id).values(body={"id": 1}))
    done = place.night()
    assert (done.operations, done.copies, done.failed) == (2, 2, 1)
    states = {row[0]: row[1] for row in place.rows(schema.propagations, "receipt_id", "state")}
    assert states[broken.id] == "failed"
    assert place.night().operations == 0


def test_only_systems_that_propagate(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a")
    with place.database() as connection:
        connection.execute(update(schema.propagations).values(system="elsewhere"))
    assert place.night().operations == 0
    assert place.rows(schema.propagations, "state") == [("waiting",)]


def test_what_came_after_the_set_time_waits_for_the_next_night(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a")
    assert place.night(before=DAY).operations == 0
    assert place.night().operations == 1


# ---- again, killed, several at once ----------------------------------------------------------------------------------


def test_running_twice_changes_nothing(place: Office) -> None:
    busy_day(place, 5)
    place.night()
    once = state_of(place)
    assert place.night().operations == 0
    assert state_of(place) == once
    with place.database() as connection:
        connection.execute(update(schema.propagations).where(schema.propagations.c.operation == "registration").values(state="waiting"))
    assert place.night().operations == 5
    assert state_of(place)[0] == once[0]


def test_the_size_of_a_batch_changes_nothing(tmp_path: Path) -> None:
    ends = []
    for batch in (1, 4, 1000):
        (directory := tmp_path / str(batch)).mkdir()
        place = office(directory)
        busy_day(place, 5)
        place.night(batch=batch)
        ends.append(state_of(place))
    assert ends[0] == ends[1] == ends[2]


def test_killed_in_the_middle_and_run_again(tmp_path: Path) -> None:
    place = many(tmp_path / "killed", 1500)
    process = admin(place)
    try:
        wait_for(lambda: 0 < copied(place) < 3000, process)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    finally:
        process.kill()
    half = copied(place)
    assert 0 < half < 3000
    # No half batch: every row that is done has its copies, and no other has.
    p = schema.propagations
    with place.database() as connection:
        done = connection.execute(select(func.count()).select_from(p).where(p.c.state == "done")).scalar_one()
        noted = connection.execute(select(func.count()).select_from(schema.audit)).scalar_one()
    assert half == noted == 2 * done
    assert finished(admin(place)) == 0
    whole = many(tmp_path / "whole", 1500)
    whole.night()
    assert state_of(place) == state_of(whole)


def test_two_processes_on_one_file_copy_everything_once(tmp_path: Path) -> None:
    place = many(tmp_path / "two", 1500)
    both = [admin(place), admin(place)]
    assert [finished(process) for process in both] == [0, 0]
    whole = many(tmp_path / "whole", 1500)
    whole.night()
    assert state_of(place) == state_of(whole)


def test_a_batch_that_fails_leaves_nothing_behind(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    busy_day(place, 3)
    before = state_of(place)

    def broken(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(copies, "mark", broken)
        with pytest.raises(OSError, match="disk full"):
            place.night()
    assert state_of(place) == before
    assert place.night().operations == 12


def test_the_server_goes_on_while_the_night_works(tmp_path: Path) -> None:
    """SQLite's one writer is given up now and then: a registration waits seconds at most, never for the whole night."""
    place = many(tmp_path / "busy", 2000)
    waits: list[float] = []
    process = admin(place)
    wait_for(lambda: copied(place) > 0, process)
    while process.poll() is None and len(waits) < 20:
        started = time.monotonic()
        with place.database() as connection:
            connection.execute(delete(schema.challenges))
        waits.append(time.monotonic() - started)
    assert finished(process) == 0
    assert waits
    assert max(waits) < 5


def test_in_threads_with_other_writers(place: Office) -> None:
    busy_day(place, 10)
    threads = [threading.Thread(target=place.night, kwargs={"batch": 2}) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {row[0] for row in place.rows(schema.propagations, "state")} == {"done"}
    assert len(place.rows(schema.registrations)) == 10 * 2 * 3


def test_postgresql_would_lock_row_by_row() -> None:
    """On a database with many writers the claim is a row lock that others skip."""
    statement = str(copies._CLAIM.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    assert "FOR UPDATE OF propagations SKIP LOCKED" in statement
    assert "ON CONFLICT DO NOTHING" in str(copies._copy_registrations("postgresql").compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]


def test_most_registrations_take_the_short_way(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in numbers(3):
        place.qualify(number)
        place.register(number, "town", number)
    monkeypatch.setattr(nightly, "REPLAYS", {})
    assert place.night().copies == 6


# ---- helpers ---------------------------------------------------------------------------------------------------------


def busy_day(place: Office, count: int) -> None:
    """Each vendor registers, amends, amends without choosing, and renews."""
    for number in numbers(count):
        place.qualify(number)
        place.register(number, "town", f"{number}a", "甲")
    for number in numbers(count):
        place.amend(number, "town", f"{number}a", "乙", propagate=True)
        place.amend(number, "town", f"{number}a", "丙", propagate=False)
        place.renew(number, "town", f"{number}a", f"{number}b", propagate=True)
        place.amend(number, "town", f"{number}b", "丁", propagate=True)


def admin(place: Office) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", ADMIN, "propagate", "--database", place.url, "--systems-dir", str(PROFILES), "--batch", "25"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([HERE, os.environ.get("PYTHONPATH", "")])}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)


def finished(process: subprocess.Popen[bytes]) -> int:
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output.decode()
    return process.returncode


def copied(place: Office) -> int:
    engine = reading_engine(place.url)
    r = schema.registrations
    with engine.begin() as connection:
        number: int = connection.execute(select(func.count()).select_from(r).where(r.c.agency != "town")).scalar_one()
    engine.dispose()
    return number


def wait_for(condition: object, process: subprocess.Popen[bytes]) -> None:
    assert callable(condition)
    deadline = time.monotonic() + 30
    while not condition():
        assert process.poll() is None, process.communicate()[0].decode()
        assert time.monotonic() < deadline
        time.sleep(0.005)
