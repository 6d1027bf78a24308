"""What becomes of a password that a list brings (M1): over every combination of what there is, what is given and who changes it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.server.roster.hashing import GivenPassword, GivenState, PasswordRules, SettledPassword, settled
from ebid_tui.server.store.rosters import KeptPassword

DAYS = st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 1))
RULES = st.builds(PasswordRules, st.booleans(), st.booleans(), st.booleans())
KEPT = st.just(KeptPassword(None, None, "none", None)) | st.builds(
    KeptPassword, st.just("hash"), st.none(), st.sampled_from(["initial", "active"]), DAYS
)
STATES: st.SearchStrategy[GivenState | None] = st.sampled_from(["initial", "in_force", None])


@st.composite
def lists(draw: st.DrawFn) -> GivenPassword:
    """As the checker gives it: with a day it is in force."""
    day = draw(DAYS)
    return GivenPassword("1", "secret", "in_force" if day else draw(STATES), day)


@given(RULES, KEPT, lists(), st.booleans())
def test_m1_what_a_password_is_after_an_import(rules: PasswordRules, kept: KeptPassword, one: GivenPassword, same: bool) -> None:
    same = same and kept.password_hash is not None
    after = settled(rules, kept, one, same) if rules.looks_at(kept) else None
    said: Literal["initial", "active"] = "active" if one.state == "in_force" else "initial"
    if kept.password_hash is None:
        assert after == SettledPassword(said, one.changed_on), "the first one is what the list says"
    elif rules.changed_here and not rules.replace and kept.state == "active":
        assert after is None, "a vendor's own stays"
    elif not same and (not rules.changed_here or rules.replace):
        assert after == SettledPassword(said, one.changed_on), "the list's takes its place"
    if after is not None:
        again = KeptPassword("hash", None, after.state, after.changed_on)
        assert not rules.looks_at(again) or settled(rules, again, one, True) is None, "the same list once more changes nothing"
        assert after.state == "active" or after.changed_on is None, "what was never changed has no day of a change"
    if same and one.state is None:
        assert after is None


def test_nothing_shows_it() -> None:
    assert "secret" not in repr(GivenPassword("1", "secret", None, None))
