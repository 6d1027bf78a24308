"""The PIN on the reader's own keys: what each way of ending it means for the flow."""

from __future__ import annotations

from typing import Literal

from ebid_tui.card.interface import CardSession
from ebid_tui.errors import PinPadCancelled, PinPadTimeout
from ebid_tui.flows.ui import Nav, PinRequest, Trouble, Ui


async def entered_on_pin_pad(ui: Ui, session: CardSession, request: PinRequest) -> Literal[True] | Nav | None:
    """True where the card has accepted the PIN; None where nobody came and the person wants to try again.

    The pad's cancel key is キャンセル. It is never switched on again unasked: nobody may be there. Raises the card's errors.
    """
    try:
        return await ui.wait_for_pin_pad(request, session.verify_on_pin_pad)
    except PinPadCancelled:
        return Nav.CANCEL
    except PinPadTimeout as error:
        return None if await ui.trouble(Trouble(error, ("retry", "cancel"))) == "retry" else Nav.CANCEL
