"""資格審査情報検索, the same for every flow that needs a qualification."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from ebid_tui.domain.records import Found
from ebid_tui.errors import EbidError
from ebid_tui.flows import register_pages
from ebid_tui.flows.filling import Problems, accepted
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Blocks, Form, Ui
from ebid_tui.flows.unlocking import Unlock


async def qualification(
    ui: Ui,
    place: Place,
    search: Callable[[Mapping[str, str]], Awaitable[Found]],
    known: Blocks,
    unlock: Unlock | None,
    *,
    by_card: bool = True,
) -> Found:
    """Until one is found; why not (R-28) is told on the form, which starts with `known`. `unlock` is offered for a locked number (R-33).

    `by_card`: a PIN was entered for it.
    """

    def form(problems: Problems, notice: EbidError | None) -> Form:
        page = register_pages.search_form(place, ui.typed("search") or known, problems, notice)
        return msgspec.structs.replace(page, lost="pin" if by_card else "typed")

    return await accepted(ui, form, search, unlock)
