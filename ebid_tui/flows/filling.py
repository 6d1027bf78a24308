"""A form of one block, such as 資格審査情報検索, until what is typed is accepted; and what the server found faulty, as forms show it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from ebid_tui.errors import EbidError, InputError, RuleError, SessionGone
from ebid_tui.flows.leaving import LeftStep
from ebid_tui.flows.ui import Form, Nav, Ui
from ebid_tui.flows.unlocking import Unlock

T = TypeVar("T")

Problems = dict[str, str]
"""Messages beside fields, by `block.field`."""


async def accepted(
    ui: Ui,
    form: Callable[[Problems, EbidError | None], Form],
    attempt: Callable[[Mapping[str, str]], Awaitable[T]],
    unlock: Unlock | None = None,
) -> T:
    """What comes of `attempt` with what is typed. Every refusal (R-28) is told on the form, which keeps what was typed.

    `unlock` is offered for a locked number (R-33). 戻る leaves the form (LeftStep).
    """
    notice: EbidError | None = None
    problems: Problems = {}
    while True:
        values = await ui.fill(form(problems, notice))
        if values is Nav.BACK:
            raise LeftStep
        notice, problems = None, {}
        (given,) = values.values()
        try:
            return await attempt(given)
        except LeftStep:
            continue
        except (RuleError, SessionGone) as error:
            notice = None if unlock is not None and await unlock(error, given) else error
        except InputError as error:
            problems = faulty(error)


def faulty(error: InputError) -> Problems:
    """What the server found, to be said beside the fields."""
    return {name: message for name, _, message in error.problems}
