"""Refuses a whole roster that would end more qualifications (R-35) than expected: one cut short, empty, or another list."""

from __future__ import annotations

from ebid_tui.errors import EbidError

MOST = 5
"""Percent of the qualifications in force that a whole roster may end without being told how many."""


def refuse_empty(rows: int) -> None:
    """Raise EbidError E-ROSTER-EMPTY for a list of no vendors: it is never a whole roster, whatever number is given."""
    if not rows:
        raise EbidError(code="E-ROSTER-EMPTY")


def refuse_many(ended: int, in_force: int, expected: int | None) -> None:
    """Raise EbidError E-ROSTER-LAPSES where more would lapse than goes without saying, or not as many as were `expected`."""
    if ended == expected or (expected is None and 100 * ended <= MOST * in_force):
        return
    percent = f"{100 * ended / in_force:.1f}" if in_force else "0.0"
    raise EbidError(code="E-ROSTER-LAPSES", n=ended, total=in_force, percent=percent, most=MOST)
