"""資格審査情報検索, the same for every flow that needs a qualification."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.records import Found
from ebid_tui.errors import EbidError
from ebid_tui.flows import register_pages
from ebid_tui.flows.filling import Problems, accepted
from ebid_tui.flows.mending import Mend
from ebid_tui.flows.place import Place
from ebid_tui.flows.standing import stand_for
from ebid_tui.flows.ui import Blocks, Form, Ui
from ebid_tui.flows.whose_card import company_fill


async def qualification(
    ui: Ui,
    place: Place,
    search: Callable[[Mapping[str, str]], Awaitable[Found]],
    known: Blocks,
    mend: Mend | None,
    card: Callable[[], Certificate | None] = lambda: None,
    warnings: Sequence[str] = (),
    *,
    begin_at: str = "",
) -> Found:
    """Until one is found; why not (R-28) is told on the form, which starts with `known`, in the field `begin_at`. `mend` leads on from it.

    `card` is the one at hand, whose company the person may take over; its PIN was entered for this search. `warnings` stand above
    its fields.
    """

    def form(problems: Problems, notice: EbidError | None) -> Form:
        stand_for(ui, place, "")
        held = card()
        typed = ui.typed("search")
        page = register_pages.search_form(place, typed or known, problems, notice, company_fill(place, held), warnings)
        about = asked_for(place, typed.get("search", {})) if notice else ""
        first = "" if notice or problems else begin_at
        return msgspec.structs.replace(page, lost="pin" if held else "typed", notice_about=about, begin_at=first)

    found = await accepted(ui, form, search, mend)
    stand_for(ui, place, found.qualification.vendor.number)
    return found


def asked_for(place: Place, typed: Mapping[str, str]) -> str:
    """The number of a search with its name (`業者番号 00112345`), as it was typed; empty where none was."""
    search = place.profile.search
    number = "" if place.profile.number_secret else typed.get(search.key, "")
    return f"{next(f.label for f in search.fields if f.id == search.key)} {number}" if number else ""
