"""The last step of a flow that has a form: what was confirmed is sent, and 処理完了 is shown."""

from __future__ import annotations

from collections.abc import Awaitable

from ebid_tui.domain.records import Receipt
from ebid_tui.errors import InputError, RuleError
from ebid_tui.flows import pages
from ebid_tui.flows.drafts import Draft
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Nav, Trouble, Ui

Problems = dict[str, str]
"""Messages beside fields, by `block.field`."""


async def completed(ui: Ui, place: Place, draft: Draft, sending: Awaitable[Receipt | Nav]) -> tuple[Problems, Receipt | Nav]:
    """How it ended, after everything was told. BACK leads to the form, with what the server found faulty there."""
    try:
        receipt = await sending
    except InputError as error:
        return {name: message for name, _, message in error.problems}, Nav.BACK
    except RuleError as error:
        return {}, Nav.BACK if await ui.trouble(Trouble(error, ("back", "cancel"))) == "back" else Nav.CANCEL
    if isinstance(receipt, Receipt):
        draft.drop()
        await ui.done(pages.done(place, receipt))
    return {}, receipt
