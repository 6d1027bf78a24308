"""What a typed text may mean, and the pages of hits: numbers, names, serial numbers, holders."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from ebid_tui.domain.desk import FindBy, Hit, Hits, Reason
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Vendor
from ebid_tui.domain.text.classes import convert
from ebid_tui.flows.desk.ui import By, FoundVendor, Look, SearchState
from ebid_tui.messages import t

PAGE = 50
"""Hits of one page."""

LONGEST = 50
"""Characters that the server takes."""

_SERIAL = re.compile(r"(0x)?[0-9a-f:]+", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9A-Za-z-]+")


def kinds(text: str, by: By) -> tuple[FindBy, ...]:
    """What to look for, the likeliest first."""
    if by != "auto":
        return (by,)
    narrow = narrowed(text)
    found: list[FindBy] = []
    if _NUMBER.fullmatch(narrow):
        found.append("number")
    if _SERIAL.fullmatch(narrow) and len(narrow) > 1:
        found.append("serial")
    if not narrow.isdigit():
        found += ["name", "holder"]
    return tuple(found)


def narrowed(text: str) -> str:
    """Numbers typed in full width, as they are on record."""
    return convert(text.strip(), "half_alnum_symbols")


async def first_pages(look: Look, text: str, by: By, reason: Reason) -> AsyncIterator[tuple[FindBy, Hits]]:
    """The first page of each kind as it comes, until there is a page full."""
    count = 0
    for kind in kinds(text, by):
        hits = await look(kind, query_text(text, kind), reason, "")
        yield kind, hits
        count += len(hits.hits)
        if count >= PAGE:
            return


async def next_page(look: Look, place: SearchState) -> bool:
    """The next page of what goes on, into `place`; False where nothing does."""
    for kind, mark in place.marks.items():
        page = await look(kind, query_text(place.text, kind), place.reason, mark)
        place.marks.pop(kind)
        add_hits(place, kind, page)
        return True
    return False


def query_text(text: str, kind: FindBy) -> str:
    """The text as the server is asked for it."""
    return (narrowed(text) if kind in ("number", "serial") else text.strip())[:LONGEST]


def add_hits(place: SearchState, kind: FindBy, page: Hits) -> None:
    """Put a page of hits to those that are there already; a card found twice stands once."""
    known = {_key(found) for found in place.found}
    place.found += [found for found in (FoundVendor(kind, hit) for hit in page.hits) if _key(found) not in known]
    if page.next:
        place.marks[kind] = page.next


def _key(found: FoundVendor) -> tuple[object, ...]:
    hit = found.hit
    return hit.vendor.agency, hit.vendor.category, hit.vendor.number, hit.card.fingerprint if hit.card else ""


def place_name(profile: Profile, vendor: Vendor) -> str:
    """Agency and category as people call them."""
    agency = next((a.name for a in profile.agencies if a.id == vendor.agency), vendor.agency)
    category = next((c.name for c in profile.categories if c.id == vendor.category), vendor.category)
    return category if profile.single_agency else f"{agency} {category}"


def hit_cells(profile: Profile, hit: Hit) -> tuple[str, str, str, str]:
    """Number, name (with whose card it is), state of the card or the qualification, place."""
    name = hit.trade_name
    state = t(f"desk.find.{hit.state}")
    if hit.card is not None:
        name = t("desk.find.card", name=hit.trade_name, holder=hit.holder, serial=hit.card.serial)
        state = t(f"desk.find.card_{hit.card_state}")
    return hit.vendor.number, name, state, place_name(profile, hit.vendor)
