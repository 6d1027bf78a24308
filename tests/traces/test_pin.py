"""The PIN leaves no trace: after its use no copy of it is in the program's memory, whichever way it came in."""

from __future__ import annotations

import pytest

from tests.traces.place import PivPlace, Place, random_pin
from tests.traces.ways import PIV_WAYS, WAYS, Traces, password_changed_from_the_search, whole_registration


def no_trace(traces: Traces) -> None:
    assert traces.after == []
    assert traces.children == []
    if traces.typed is not None:
        assert len(traces.typed) == 1, f"one buffer holds it while it is typed: {traces.typed}"


@pytest.mark.parametrize("way", WAYS)
def test_no_copy_is_left(place: Place, way: str) -> None:
    no_trace(WAYS[way](place))


@pytest.mark.pcscd
@pytest.mark.parametrize("way", PIV_WAYS)
def test_no_copy_is_left_of_a_piv_cards_pin(piv_place: PivPlace, way: str) -> None:
    no_trace(PIV_WAYS[way](piv_place))


def test_no_copy_is_left_after_a_whole_registration(place: Place) -> None:
    """The search's password is a `str` in a field: what stays of it is measured, and in docs/security.md."""
    traces, password = whole_registration(place)
    place.restore()
    no_trace(traces)
    assert max(password.values()) <= 3, password


def test_what_stays_of_passwords_where_the_initial_one_is_changed_from_the_search(place: Place) -> None:
    """R-03. The old one opens nothing any more; the new one stands in the search that goes on."""
    left = password_changed_from_the_search(place, f"{random_pin(10)}-1a")
    place.restore()
    assert max(left.values()) <= 5, left
