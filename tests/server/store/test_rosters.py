"""What an import of the roster reads and writes: of its own system, and under the numbers that it names."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection

from ebid_tui.domain.records import QualificationState
from ebid_tui.server.store import rosters
from ebid_tui.server.store.rosters import AccountChange, KeptPassword, Key, RosterStanding
from ebid_tui.server.store.schema import accounts, qualification_changes, qualifications
from tests.clock import NOW
from tests.server.filling import put, rows

STOOD = ("system", "agency", "category", "number", "state", "trade_name", "folded_name", "company")
KEPT = ("system", "number", "login_id", "password_hash", "password_state", "wrong")


def entered(connection: Connection, *keys: tuple[str, ...], state: QualificationState = "approved", name: str = "㈱甲") -> None:
    for system, *key in keys:
        rosters.put(connection, system, [(tuple(key), RosterStanding(state, name, {"name": name}))])  # type: ignore[list-item]


def test_what_stands_under_some_numbers(connection: Connection) -> None:
    entered(connection, ("ise", "ise", "works", "1"), ("aomori", "ise", "works", "1"), ("ise", "ise", "works", "9"))
    entered(connection, ("ise", "water", "goods", "2"), state="lapsed", name="乙")
    assert rosters.standing(connection, "ise", ["1", "2", "3"]) == {
        ("ise", "works", "1"): RosterStanding("approved", "㈱甲", {"name": "㈱甲"}),
        ("water", "goods", "2"): RosterStanding("lapsed", "乙", {"name": "乙"}),
    }


def test_r_35_what_has_not_lapsed_in_the_order_of_its_key(connection: Connection) -> None:
    keys: list[Key] = [("a", "x", "1"), ("a", "x", "2"), ("a", "y", "1"), ("b", "x", "1")]
    entered(connection, *(("ise", *key) for key in reversed(keys)), ("aomori", "a", "x", "1"))
    entered(connection, ("ise", "b", "x", "2"), state="lapsed")
    entered(connection, ("ise", "b", "x", "3"), state="under_review")
    found = list(rosters.not_lapsed(connection, "ise", batch=1))
    assert [key for key, _ in found] == [*keys, ("b", "x", "3")]
    assert found[0][1] == RosterStanding("approved", "㈱甲", {"name": "㈱甲"})


def test_entered_again_it_is_replaced(connection: Connection) -> None:
    entered(connection, ("ise", "ise", "works", "1"), ("ise", "ise", "works", "2"))
    rosters.put(connection, "ise", [(("ise", "works", "1"), RosterStanding("lapsed", "㈲乙", {"fax": "1"}))])
    rosters.put(connection, "ise", [])
    assert rows(connection, qualifications, *STOOD) == [
        ("ise", "ise", "works", "1", "lapsed", "㈲乙", "有限会社乙", {"fax": "1"}),
        ("ise", "ise", "works", "2", "approved", "㈱甲", "株式会社甲", {"name": "㈱甲"}),
    ]


def test_r_35_what_is_in_the_roster_no_more(connection: Connection) -> None:
    others = [("aomori", "a", "x", "1"), ("ise", "b", "x", "1"), ("ise", "a", "y", "1"), ("ise", "a", "x", "2")]
    entered(connection, ("ise", "a", "x", "1"), ("ise", "c", "z", "3"), *others)
    rosters.lapse(connection, "ise", [("a", "x", "1"), ("c", "z", "3")])
    rosters.lapse(connection, "ise", [])
    lapsed = {("ise", "a", "x", "1"), ("ise", "c", "z", "3")}
    assert rows(connection, qualifications, *STOOD[:5]) == sorted(
        (*key, "lapsed" if key in lapsed else "approved") for key in {*others, *lapsed}
    )


def test_r_37_what_changed_is_noted(connection: Connection) -> None:
    changed: list[tuple[Key, dict[str, list[str]], bool]] = [
        (("a", "x", "1"), {"name": ["甲", "乙"]}, False), (("b", "y", "2"), {}, True),
    ]  # fmt: skip
    rosters.note_changes(connection, "ise", NOW, changed)
    rosters.note_changes(connection, "ise", NOW, [])
    found = rows(connection, qualification_changes, "system", "agency", "category", "number", "at", "fields", "pending")
    assert found == [("ise", "a", "x", "1", NOW, {"name": ["甲", "乙"]}, False), ("ise", "b", "y", "2", NOW, {}, True)]


def account(connection: Connection, system: str = "ise", number: str = "1", **values: Any) -> None:
    put(connection, accounts, {"system": system, "number": number, "password_state": "none", "wrong": 0} | values)


def first(number: str, login: str = "") -> AccountChange:
    return AccountChange(number, login, "hash", None, "initial", None)


def replacing(number: str, before: str) -> AccountChange:
    return AccountChange(number, "", "new", before, "initial", None)


def test_who_has_a_password_and_a_login_id(connection: Connection) -> None:
    account(connection, number="1", password_hash="hash", login_id="user1")
    account(connection, number="2")
    account(connection, number="9", password_hash="hash")
    account(connection, "aomori", "3", password_hash="hash")
    assert rosters.accounts_of(connection, "ise", ["1", "2", "3"]) == {
        "1": KeptPassword("hash", "user1", "none", None), "2": KeptPassword(None, None, "none", None),
    }  # fmt: skip


def test_accounts_of_numbers_that_had_none(connection: Connection) -> None:
    rosters.put_accounts(connection, "ise", [first("1", "user1"), first("2"), AccountChange("3", "user3", None, None, None, None)])
    rosters.put_accounts(connection, "ise", [])
    assert rows(connection, accounts, *KEPT) == [
        ("ise", "1", "user1", "hash", "initial", 0), ("ise", "2", None, "hash", "initial", 0), ("ise", "3", "user3", None, "none", 0),
    ]  # fmt: skip


def test_a_password_that_there_is_stays_and_a_login_id_is_the_rosters(connection: Connection) -> None:
    for number in "12":
        account(connection, number=number, password_hash="own", password_state="active", wrong=2, login_id="old")
    account(connection, "aomori", "1", password_hash="own", login_id="theirs")
    rosters.put_accounts(
        connection,
        "ise",
        [
            AccountChange("1", "", "hash", None, "initial", None),
            AccountChange("2", "new", None, "own", None, None),
        ],
    )
    assert rows(connection, accounts, *KEPT) == [
        ("aomori", "1", "theirs", "own", "none", 0), ("ise", "1", "old", "own", "active", 2), ("ise", "2", "new", "own", "active", 2),
    ]  # fmt: skip


def test_r_33_an_initial_password_for_who_was_tried_before_there_was_one(connection: Connection) -> None:
    """Tries that came before do not count, and what was locked stays so."""
    account(connection, number="1", wrong=4)
    account(connection, number="2", wrong=5, password_state="locked")
    account(connection, number="3", wrong=4)
    account(connection, "aomori", "1", wrong=4)
    rosters.put_accounts(connection, "ise", [first("1"), first("2"), AccountChange("3", "user3", None, None, None, None)])
    assert rows(connection, accounts, *KEPT) == [
        ("aomori", "1", None, None, "none", 4), ("ise", "1", None, "hash", "initial", 0), ("ise", "2", None, "hash", "locked", 5),
        ("ise", "3", "user3", None, "none", 4),
    ]  # fmt: skip


def test_r_33_a_password_of_the_list_takes_the_place_of_the_one_that_was_read(connection: Connection) -> None:
    """As notified and unlocked; one that was changed since it was read stays."""
    for number, state in (("1", "active"), ("2", "locked"), ("3", "active")):
        account(connection, number=number, password_hash="own", password_state=state, wrong=3, changed_on=date(2026, 1, 5))
    account(connection, "aomori", "1", password_hash="own")
    rosters.put_accounts(connection, "ise", [replacing("1", "own"), replacing("2", "own"), replacing("3", "read before")])
    assert rows(connection, accounts, "system", "number", "password_hash", "password_state", "wrong", "changed_on") == [
        ("aomori", "1", "own", "none", 0, None), ("ise", "1", "new", "initial", 0, None), ("ise", "2", "new", "initial", 0, None),
        ("ise", "3", "own", "active", 3, date(2026, 1, 5)),
    ]  # fmt: skip
