"""The look that comes before any PKCS#11 module: is a card in this reader that must not be asked anything?"""

from __future__ import annotations

from ebid_tui.card.apdu import Channel
from ebid_tui.card.piv.session import Thread
from ebid_tui.card.refused import refuse_first
from ebid_tui.card.transport import Backend, Slot
from ebid_tui.errors import CardBusy, CardError, CardMute, CardRefused, CardRemoved, NoCard, NoReader
from ebid_tui.messages import t


def refuse_in(thread: Thread, backend: Backend, slot: Slot) -> None:
    """SELECT of the refused applications, nothing else. Raises CardRefused (R-23) with the reader among its causes, and
    E-OTHER-READER for a card that cannot be asked because another program holds it. An empty or mute reader refuses nothing.
    """
    try:
        ask(thread, backend, slot)
    except CardRefused as refused:
        causes = (*refused.causes, t("card.take_out", reader=slot.name))
        raise CardRefused(refused.detail, code=refused.code, causes=causes, **refused.values) from refused
    except (NoCard, NoReader, CardRemoved, CardMute):
        return
    except CardError as error:
        raise CardError(str(error), code="E-OTHER-READER", reader=slot.name) from error


def ask(thread: Thread, backend: Backend, slot: Slot) -> None:
    """The card itself, by SELECT. Raises CardRefused (R-23), and whatever else keeps it from answering."""
    connection = backend.connect(slot.name)
    try:
        thread.silence_means(CardBusy)
        connection.begin()
        thread.silence_means(CardMute)
        try:
            refuse_first(Channel(connection, thread.trace))
        finally:
            connection.end()
    finally:
        connection.disconnect()
