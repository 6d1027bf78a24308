"""The last step of a flow that has a form: what was confirmed is sent, and 処理完了 is shown."""

from __future__ import annotations

from collections.abc import Awaitable

from ebid_tui.domain.records import Receipt
from ebid_tui.errors import InputError, RuleError
from ebid_tui.flows import register_pages
from ebid_tui.flows.drafts import Draft
from ebid_tui.flows.filling import Problems, faulty
from ebid_tui.flows.leaving import LeftFlow, LeftStep
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Trouble, Ui


async def completed(ui: Ui, place: Place, draft: Draft, sending: Awaitable[Receipt]) -> Receipt | Problems:
    """The receipt, after everything was told; otherwise it leads back to the form, with what the server found faulty there."""
    try:
        receipt = await sending
    except LeftStep:
        return {}
    except InputError as error:
        return faulty(error)
    except RuleError as error:
        if await ui.trouble(Trouble(error, ("back", "cancel"))) == "back":
            return {}
        raise LeftFlow from None
    draft.drop()
    await ui.done(register_pages.done(place, receipt))
    return receipt
