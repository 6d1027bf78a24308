"""One question to what is known, and its answers: values with what is told beside them. To be asked in a thread: up to 0.4 s."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Lookup:
    """`places` of a postal code, `codes` of an address, `hyphens` of a telephone number; `differs` asks whether the postal code `text`
    is another place's than `address`."""

    kind: Literal["places", "codes", "hyphens", "differs"]
    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class LookupResult:
    """A value that could stand in a field, and what it belongs to (an office's name, the town of a code, what the list notes).

    For `differs` the address that the code has, empty for a code that the lists do not have.
    """

    value: str
    beside: str = ""
    reading: str = field(default="", compare=False)
    """In katakana, by which a list can be narrowed too."""


def look_up(lookup: Lookup) -> tuple[LookupResult, ...]:
    """The answers, best first; none where nothing is known. The lists are loaded when the first question is asked."""
    if lookup.kind == "hyphens":
        from ebid_tui.assist.phone import hyphenated

        written = hyphenated(lookup.text)
        return (LookupResult(written),) if written else ()
    from ebid_tui.assist import postal

    if lookup.kind == "differs":
        elsewhere = postal.disagreeing(lookup.text, lookup.address)
        return () if elsewhere is None else (LookupResult(elsewhere),)
    if lookup.kind == "places":
        return tuple(LookupResult(place.address, _beside(place.office, place.note), place.reading) for place in postal.places(lookup.text))
    return tuple(LookupResult(place.code, _beside(place.address, place.note), place.reading) for place in postal.codes(lookup.text))


def _beside(told: str, note: str) -> str:
    return f"{told}（{note}）" if told and note else told or note
