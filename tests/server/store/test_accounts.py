"""Passwords' states and wrong tries: each statement reaches one number of one system, and nobody else's."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection

from ebid_tui.domain.desk import PasswordState
from ebid_tui.server.store import accounts
from ebid_tui.server.store.accounts import Account
from ebid_tui.server.store.schema import accounts as table
from tests.server.filling import put, rows

TODAY = date(2026, 11, 21)
OTHERS = (
    Account("ise", "2", "user2", "hash2", "locked", 7, TODAY),
    Account("aomori", "1", None, "hash3", "locked", 3, None),
)


def known(connection: Connection, state: PasswordState = "active", wrong: int = 0) -> Account:
    """Of the number 1 at ise, beside its neighbours."""
    one = Account("ise", "1", "user1", "hash1", state, wrong, TODAY)
    for each in (one, *OTHERS):
        accounts.add_account(connection, each)
    return one


def others_are_as_they_were(connection: Connection) -> None:
    assert [accounts.account(connection, other.system, other.number) for other in OTHERS] == list(OTHERS)


def test_a_number_that_nobody_tried_has_no_password(connection: Connection) -> None:
    known(connection)
    assert accounts.account(connection, "aomori", "2") == Account("aomori", "2", None, None, "none", 0, None)
    assert "hash" not in repr(accounts.account(connection, "ise", "1"))


@pytest.mark.parametrize("state", ["none", "initial", "active"])
def test_r_33_so_many_wrong_ones_in_a_row_lock_and_unlocking_gives_back_what_was(connection: Connection, state: PasswordState) -> None:
    one = known(connection, state)
    told = [accounts.count_wrong(connection, "ise", "1", 3) for _ in range(2)]
    assert rows(connection, table, "unlocked_state") == [None] * 3
    told += [accounts.count_wrong(connection, "ise", "1", 3) for _ in range(3)]
    wanted: list[tuple[PasswordState, int]] = [(state, 1), (state, 2), ("locked", 3), ("locked", 4), ("locked", 5)]
    assert told == [Account("ise", "1", "user1", "hash1", now, wrong, TODAY) for now, wrong in wanted]
    assert accounts.account(connection, "ise", "1") == told[-1]
    # A limit that was raised meanwhile unlocks nobody.
    assert accounts.count_wrong(connection, "ise", "1", 99).state == "locked"
    assert accounts.unlock(connection, "ise", "1")
    assert accounts.account(connection, "ise", "1") == one
    assert not accounts.unlock(connection, "ise", "1")
    assert not accounts.unlock(connection, "ise", "99")
    assert rows(connection, table, "unlocked_state") == [None] * 3
    others_are_as_they_were(connection)


def test_r_33_a_lock_from_before_states_were_kept_leaves_an_initial_password(connection: Connection) -> None:
    known(connection, "locked", 5)
    assert accounts.unlock(connection, "ise", "1")
    assert accounts.account(connection, "ise", "1").state == "initial"


def test_r_33_a_number_that_does_not_exist_is_counted_too(connection: Connection) -> None:
    known(connection)
    told = [accounts.count_wrong(connection, "aomori", "2", 2) for _ in range(2)]
    assert told == [Account("aomori", "2", None, None, "none", 1, None), Account("aomori", "2", None, None, "locked", 2, None)]
    assert accounts.account(connection, "aomori", "2") == told[-1]


@pytest.mark.parametrize("wrong", [0, 4])
def test_r_33_a_right_one_breaks_the_row(connection: Connection, wrong: int) -> None:
    one = known(connection, "initial", wrong)
    accounts.forget_wrong(connection, one)
    assert accounts.account(connection, "ise", "1") == Account("ise", "1", "user1", "hash1", "initial", 0, TODAY)
    others_are_as_they_were(connection)


def test_a_new_password_and_an_initial_one_again(connection: Connection) -> None:
    one = known(connection, "locked", 5)
    accounts.set_password(connection, one, "new", date(2026, 11, 22))
    assert accounts.account(connection, "ise", "1") == Account("ise", "1", "user1", "new", "active", 0, date(2026, 11, 22))
    accounts.count_wrong(connection, "ise", "1", 5)
    accounts.reset_password(connection, one, "initial")
    assert accounts.account(connection, "ise", "1") == Account("ise", "1", "user1", "initial", "initial", 0, None)
    others_are_as_they_were(connection)


def test_an_account_with_nothing_wrong_is_not_written(connection: Connection) -> None:
    """Each right password would otherwise be a transaction that waits for the writer's disk."""
    accounts.forget_wrong(connection, Account("ise", "1", None, None, "locked", 0, None))
    put(connection, table, {"system": "ise", "number": "1", "password_state": "active", "wrong": 2})
    accounts.forget_wrong(connection, Account("ise", "1", None, None, "active", 0, None))
    assert rows(connection, table, "wrong") == [2]
