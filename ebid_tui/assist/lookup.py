"""One question to what is known, and its answers: values with what is told beside them. To be asked in a thread: up to 0.3 s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Lookup:
    """`places` of a postal code, `codes` of an address, `hyphens` of a telephone number."""

    kind: Literal["places", "codes", "hyphens"]
    text: str


@dataclass(frozen=True, slots=True)
class LookupResult:
    """A value that could stand in a field, and what it belongs to (an office's name, the town of a code)."""

    value: str
    beside: str = ""


def look_up(lookup: Lookup) -> tuple[LookupResult, ...]:
    """The answers, best first; none where nothing is known. The lists are loaded when the first question is asked."""
    if lookup.kind == "hyphens":
        from ebid_tui.assist.phone import hyphenated

        written = hyphenated(lookup.text)
        return (LookupResult(written),) if written else ()
    from ebid_tui.assist import postal

    if lookup.kind == "places":
        return tuple(LookupResult(place.address, place.office) for place in postal.places(lookup.text))
    return tuple(LookupResult(place.code, place.address) for place in postal.codes(lookup.text))
