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
) -> Found:
    """Until one is found; why not (R-28) is told on the form, which starts with `known`. `mend` leads on from it.

    `card` is the one at hand, whose company the person may take over; its PIN was entered for this search. `warnings` stand above
    its fields.
    """

    def form(problems: Problems, notice: EbidError | None) -> Form:
        stand_for(ui, place, "")
        held = card()
        page = register_pages.search_form(place, ui.typed("search") or known, problems, notice, company_fill(place, held), warnings)
        return msgspec.structs.replace(page, lost="pin" if held else "typed")

    found = await accepted(ui, form, search, mend)
    stand_for(ui, place, found.qualification.vendor.number)
    return found
