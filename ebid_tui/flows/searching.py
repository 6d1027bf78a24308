"""資格審査情報検索, the same for every flow that needs a qualification."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

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
    warnings: Sequence[str] = (),
) -> Found:
    """Until one is found; why not (R-28) is told on the form, which starts with `known`. `unlock` is offered for a locked number (R-33).

    `warnings` stand above its fields.
    """

    def form(problems: Problems, notice: EbidError | None) -> Form:
        return register_pages.search_form(place, ui.typed("search") or known, problems, notice, warnings)

    return await accepted(ui, form, search, unlock)
