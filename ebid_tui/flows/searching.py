"""資格審査情報検索, the same for every flow that needs a qualification."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from ebid_tui.domain.records import Found
from ebid_tui.errors import InputError, RuleError
from ebid_tui.flows import pages
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Blocks, Nav, Ui
from ebid_tui.flows.unlocking import Unlock


async def qualification(
    ui: Ui,
    place: Place,
    attempt: Callable[[Mapping[str, str]], Awaitable[Found | Nav]],
    known: Blocks | None = None,
    unlock: Unlock | None = None,
) -> Found | Nav:
    """Until a qualification is found. Every refusal (R-28) is told on the form, which keeps what was typed, or starts with `known`.

    `unlock` is offered for a locked number (R-33).
    """
    notice: RuleError | None = None
    problems: dict[str, str] = {}
    while True:
        values = await ui.fill(pages.search_form(place, ui.typed("search") or known or {}, problems, notice))
        if isinstance(values, Nav):
            return values
        notice, problems = None, {}
        try:
            found = await attempt(values["search"])
        except RuleError as error:
            notice = None if unlock is not None and await unlock(error, values["search"]) else error
        except InputError as error:
            problems = {name: message for name, _, message in error.problems}
        else:
            if found is not Nav.BACK:
                return found
