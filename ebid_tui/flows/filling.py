"""A form of one block, such as 資格審査情報検索, until what is typed is accepted; and what the server found faulty, as forms show it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import msgspec

from ebid_tui.errors import EbidError, InputError, RuleError, SessionGone
from ebid_tui.flows.leaving import LeftStep
from ebid_tui.flows.mending import Mend
from ebid_tui.flows.ui import Form, Nav, Ui

T = TypeVar("T")

Problems = dict[str, str]
"""Messages beside fields, by `block.field`."""


async def accepted(
    ui: Ui,
    form: Callable[[Problems, EbidError | None], Form],
    attempt: Callable[[Mapping[str, str]], Awaitable[T]],
    mend: Mend | None = None,
) -> T:
    """What comes of `attempt` with what is typed. Every refusal (R-28) is told on the form, which keeps what was typed.

    `mend` tells it first where something here mends it: what came of that stands in the form then. 戻る leaves the form (LeftStep).
    """
    notice: EbidError | None = None
    problems: Problems = {}
    mended: Mapping[str, str] = {}
    while True:
        values = await ui.fill(_with(form(problems, notice), mended))
        if values is Nav.BACK:
            raise LeftStep
        notice, problems, mended = None, {}, {}
        (given,) = values.values()
        try:
            return await attempt(given)
        except LeftStep:
            continue
        except (RuleError, SessionGone) as error:
            try:
                found = None if mend is None else await mend(error, given)
            except LeftStep:
                found = None
            notice, mended = (error, {}) if found is None else (None, found)
        except InputError as error:
            problems = faulty(error)


def _with(form: Form, mended: Mapping[str, str]) -> Form:
    """The form, in which these values are the right ones now."""
    if not mended:
        return form
    (block,) = form.blocks
    values = {block.id: {**form.values.get(block.id, {}), **mended}}
    return msgspec.structs.replace(form, values=values)


def faulty(error: InputError) -> Problems:
    """What the server found, to be said beside the fields."""
    return {name: message for name, _, message in error.problems}
