"""What an import collects before it changes anything: in order, in batches, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ebid_tui.server.roster import staging
from ebid_tui.server.roster.checking import RosterVendor
from ebid_tui.server.roster.staging import Staging
from ebid_tui.server.store.rosters import NO_PASSWORD, KeptPassword, Key, RosterStanding


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Staging]:
    monkeypatch.setattr(staging, "BATCH", 2)
    with Staging() as made:
        yield made


def row(line: int, agency: str = "a", category: str = "x", number: str = "1", login: str = "", password: str = "") -> RosterVendor:
    return RosterVendor(line, agency, category, number, f"name {line}", "approved", {"fax": f"{line}"}, login, password)


KEYS: list[Key] = [("b", "x", "1"), ("a", "y", "1"), ("a", "x", "1"), ("a", "x", "2"), ("a", "x", "0")]


def test_a_vendor_stands_once_at_each_place(stage: Staging) -> None:
    assert [stage.add(row(line, *key)) for line, key in enumerate(KEYS, 2)] == [None] * 5
    assert [stage.add(row(9, *key)) for key in KEYS] == [2, 3, 4, 5, 6]
    assert all(stage.holds(key) for key in KEYS)
    assert not any(stage.holds(key) for key in (("c", "x", "1"), ("a", "z", "1"), ("a", "x", "9")))
    order = [("a", "x", "0"), ("a", "x", "1"), ("a", "y", "1"), ("b", "x", "1"), ("a", "x", "2")]
    batches = list(stage.batches())
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert [key for batch in batches for key, _ in batch] == order
    assert batches[0][1] == (("a", "x", "1"), RosterStanding("approved", "name 4", {"fax": "4"}))


def test_a_login_id_is_one_vendors(stage: Staging) -> None:
    given = [
        row(2, login="one"),
        row(3, "b", login="one"),
        row(4, number="2", login="one"),
        row(5, number="2", login="two"),
        row(6),
        row(7),
    ]
    assert [stage.add_login(one) for one in given] == [None, None, 2, None, None, None]


def test_who_is_given_a_login_id_or_a_password(stage: Staging) -> None:
    given = [
        row(2, number="3", login="user3"), row(3, "b", number="3", password="secret"), row(4, number="1", password="secret"),
        row(5, number="2"), row(6, number="4", login="user4"),
    ]  # fmt: skip
    for one in given:
        stage.add(one)
    assert list(stage.vendors()) == [[("1", "", True), ("3", "user3", True)], [("4", "user4", False)]]
    where = Path(stage._directory.name)
    assert b"secret" not in b"".join(file.read_bytes() for file in where.iterdir())


def test_what_is_planned_is_what_is_done(stage: Staging) -> None:
    standing = RosterStanding("lapsed", "名", {"fax": "1"})
    stage.plan_put([(key, standing) for key in KEYS])
    assert [len(batch) for batch in stage.puts()] == [2, 2, 1]
    assert [one for batch in stage.puts() for one in batch] == [(key, standing) for key in KEYS]
    stage.plan_lapse([(key, "approved") for key in KEYS])
    assert list(stage.lapses()) == [[(key, "approved") for key in KEYS[n : n + 2]] for n in (0, 2, 4)]
    changes = [(key, {"name": ["a", "b"]}, bool(n % 2)) for n, key in enumerate(KEYS)]
    stage.plan_change(changes)
    assert list(stage.changes()) == [changes[n : n + 2] for n in (0, 2, 4)]


def test_hashes_for_those_who_want_them(stage: Staging) -> None:
    for number, wants in (("1", True), ("2", False), ("3", True), ("4", True)):
        kept = KeptPassword("before", None, "active", date(2026, 1, 5)) if number == "3" else NO_PASSWORD
        stage.plan_account(number, f"user{number}" if number != "4" else "", wants, kept)
    assert [stage.wants_password(number) for number in "1239"] == [True, False, True, False]
    stage.put_password("1", "hash", ("active", date(2026, 1, 6)))
    stage.put_password("4", None, None)
    assert [stage.wants_password(number) for number in "1234"] == [False, False, True, False]
    assert [stage.kept_password(number)[::3] for number in "13"] == [(None, None), ("before", date(2026, 1, 5))]
    assert list(stage.accounts()) == [
        [("1", "user1", "hash", None, "active", date(2026, 1, 6)), ("2", "user2", None, None, None, None)],
        [("3", "user3", None, "before", None, None)],
    ]


def test_nothing_of_it_stays(stage: Staging) -> None:
    with Staging() as other:
        where = Path(other._directory.name)
        assert where.is_dir()
    assert not where.exists()
    with pytest.raises(Exception, match="closed"):
        other.holds(KEYS[0])
