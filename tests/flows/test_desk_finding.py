"""What the desk's search finds: which pages are asked for, nothing twice, and how a hit is told."""

from __future__ import annotations

from typing import Any

import msgspec

from ebid_tui.domain.desk import Hits
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.flows.desk.finding import add_hits, first_pages, hit_cells, next_page
from ebid_tui.flows.desk.ui import SearchState
from tests.flows.desk_office import NAME, VENDOR, certificate, hit


async def test_a_full_page_of_one_kind_is_enough() -> None:
    async def look(by: Any, text: str, reason: Any, after: str) -> Hits:
        return Hits(hits=tuple(hit(f"{by}{n}") for n in range(counts.pop(0))))

    counts = [49, 1, 5, 5]
    assert [kind async for kind, _ in first_pages(look, "2ab", "auto", "inquiry")] == ["number", "serial"]
    counts = [49, 0, 0, 0]
    assert [kind async for kind, _ in first_pages(look, "2ab", "auto", "inquiry")] == ["number", "serial", "name", "holder"]


async def test_the_next_page_of_what_goes_on_is_taken_and_nothing_twice() -> None:
    asked: list[tuple[Any, ...]] = []

    async def look(*given: Any) -> Hits:
        asked.append(given)
        return Hits(hits=(hit("1"), hit("2")), next="third" if len(asked) == 1 else "")

    place = SearchState(text=" １２ ", reason="mail")
    add_hits(place, "number", Hits(hits=(hit("1"), hit("1", card=certificate())), next="second"))
    assert len(place.found) == 2
    assert await next_page(look, place)
    assert [found.hit.vendor.number for found in place.found] == ["1", "1", "2"]
    assert place.marks == {"number": "third"}
    assert await next_page(look, place)
    assert asked == [("number", "12", "mail", "second"), ("number", "12", "mail", "third")]
    assert not await next_page(look, place)


async def test_a_long_text_is_cut_to_what_the_server_takes() -> None:
    asked: list[str] = []

    async def look(by: Any, text: str, reason: Any, after: str) -> Hits:
        asked.append(text)
        return Hits(hits=())

    assert [kind async for kind, _ in first_pages(look, "　" + "山" * 60, "name", "inquiry")] == ["name"]
    assert asked == ["山" * 50]


def test_a_hit_by_card_says_whose_and_how_it_stands() -> None:
    profile = profile_of("ise")
    place = msgspec.structs.replace(VENDOR, agency="ise")
    assert hit_cells(profile, hit(vendor=place, state="lapsed")) == (VENDOR.number, NAME, "失効", "建設工事、測量・コンサル")
    by_card = hit(vendor=place, card=certificate(), holder="川越　三郎", card_state="renewed")
    assert hit_cells(profile, by_card) == (VENDOR.number, f"{NAME}（川越　三郎 43969）", "更新済み", "建設工事、測量・コンサル")
