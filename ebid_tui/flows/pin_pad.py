"""The PIN on the reader's own keys: what each way of ending it means for the flow."""

from __future__ import annotations

from ebid_tui.card.interface import CardSession
from ebid_tui.errors import PinPadCancelled, PinPadTimeout
from ebid_tui.flows.leaving import LeftFlow
from ebid_tui.flows.ui import PinRequest, Trouble, Ui


async def entered_on_pin_pad(ui: Ui, session: CardSession, request: PinRequest) -> bool:
    """True where the card has accepted the PIN; False where nobody came and the person wants to try again.

    The pad's cancel key is キャンセル. It is never switched on again unasked: nobody may be there. Raises the card's errors.
    """
    try:
        await ui.wait_for_pin_pad(request, session.verify_on_pin_pad)
    except PinPadCancelled:
        raise LeftFlow from None
    except PinPadTimeout as error:
        if await ui.trouble(Trouble(error, ("retry", "cancel"))) != "retry":
            raise LeftFlow from None
        return False
    return True
