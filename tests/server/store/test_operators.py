"""The agency's operators: each statement reaches one login ID of one system."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ebid_tui.server.store import operators
from ebid_tui.server.store.operators import Operator
from tests.clock import NOW


def operator(
    system: str = "ise", login_id: str = "desk", agencies: tuple[str, ...] | None = ("ise",), card: str | None = "card"
) -> Operator:
    return Operator(
        system=system, login_id=login_id, role="supervisor", agencies=agencies, password_hash="hash", totp_secret=b"secret", totp_step=5,
        fingerprint=card, state="active", created_at=NOW,
    )  # fmt: skip


MINE = operator()
ALL = [operator("aomori"), operator("aomori", "second", None, None), MINE, operator("ise", "second", (), "second")]


@pytest.fixture
def there(connection: Connection) -> Connection:
    for one in reversed(ALL):
        operators.add(connection, one)
    return connection


def test_each_is_found_by_login_id_and_by_card_in_its_own_system(there: Connection) -> None:
    assert operators.every(there) == ALL
    for one in ALL:
        assert operators.operator(there, one.system, one.login_id) == one
        if one.fingerprint is not None:
            assert operators.of_card(there, one.system, one.fingerprint) == one
    assert operators.operator(there, "saitama", "desk") is None
    assert operators.operator(there, "ise", "third") is None
    assert operators.of_card(there, "aomori", "second") is None
    assert operators.of_card(there, "saitama", "card") is None
    for secret in ("hash", "secret"):
        assert secret not in repr(MINE)


def test_nobody_has_the_login_id_or_the_card_of_another(there: Connection) -> None:
    for one in (operator("ise", "desk", card="new"), operator("ise", "third", card="card")):
        with pytest.raises(IntegrityError), there.begin_nested():
            operators.add(there, one)


def test_one_is_changed_and_nobody_else(there: Connection) -> None:
    assert operators.change(there, "ise", "desk", state="disabled", fingerprint=None)
    assert not operators.change(there, "ise", "third", state="disabled")
    changed = operators.operator(there, "ise", "desk")
    assert changed is not None
    assert (changed.state, changed.fingerprint, changed.role) == ("disabled", None, "supervisor")
    assert [one for one in operators.every(there) if one.login_id != "desk" or one.system != "ise"] == [one for one in ALL if one != MINE]


def test_a_code_counts_once_and_an_older_one_never(there: Connection) -> None:
    """RFC 6238 section 5.2."""
    assert [operators.use_step(there, MINE, step) for step in (4, 5, 6, 6, 5, 7)] == [False, False, True, False, False, True]
    assert [one.totp_step for one in operators.every(there)] == [5, 5, 7, 5]


def test_who_never_used_a_code_may_use_any(connection: Connection) -> None:
    new = Operator(
        system="ise", login_id="new", role="desk", agencies=None, password_hash=None, totp_secret=None, fingerprint=None, state="active",
        created_at=NOW,
    )  # fmt: skip
    operators.add(connection, new)
    assert new.totp_step == 0
    assert operators.use_step(connection, new, 1)
