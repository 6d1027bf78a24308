"""Which card is this? Asked in the order in which nothing can go wrong: My Number first, and never a PIN command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from ebid_tui.card.apdu import Channel
from ebid_tui.card.choice import Choice, fingerprint
from ebid_tui.card.piv import commands
from ebid_tui.card.refused_cards import refuse_first, refuse_unknown
from ebid_tui.card.session import CardThread
from ebid_tui.card.transport import Backend, Connection, ReaderSlot
from ebid_tui.errors import CardBusy, CardError, CardMute, CardRefused, CardRemoved, CardReset, NoCard, NoReader
from ebid_tui.messages import t

P = ParamSpec("P")
T = TypeVar("T")

ANY = Choice()
"""Whatever certificate of a card is for signatures."""


def recognise(channel: Channel, choice: Choice = ANY) -> commands.PivKey:
    """Which card is this? SELECT and GET DATA only, no PIN command of any kind; My Number before anything else.

    Raises CardRefused (R-23, R-34), SeveralCertificates, CardGarbled, and what the connection raises.
    """
    refuse_first(channel)
    if not commands.find(channel):
        refuse_unknown(channel)
    return choice.of(commands.signing_keys(channel, choice.fingerprint))


def same_card(thread: CardThread, backend: Backend, slot: ReaderSlot, certificate: bytes) -> bool:
    """Whether the card in this slot has this certificate (DER); nothing else is asked of it. Raises as `recognise` does."""
    with asked(thread, backend, slot) as channel:
        return recognise(channel, Choice(fingerprint=fingerprint(certificate))).der == certificate


def refuse_in(thread: CardThread, backend: Backend, slot: ReaderSlot) -> None:
    """Before any PKCS#11 module: is a card in this reader that must not be asked anything? SELECT of the refused applications only.

    Raises CardRefused (R-23) with the reader among its causes, and E-OTHER-READER for a card that cannot be asked because another
    program holds it. An empty or mute reader refuses nothing.
    """
    try:
        refuse_slot(thread, backend, slot)
    except CardRefused as refused:
        causes = (*refused.causes, t("card.take_out", reader=slot.name))
        raise CardRefused(refused.detail, code=refused.code, causes=causes, **refused.values) from refused
    except (NoCard, NoReader, CardRemoved, CardMute):
        return
    except CardError as error:
        raise CardError(str(error), code="E-OTHER-READER", reader=slot.name) from error


def refuse_slot(thread: CardThread, backend: Backend, slot: ReaderSlot) -> None:
    """The card itself, by SELECT. Raises CardRefused (R-23), and whatever else keeps it from answering."""
    with asked(thread, backend, slot) as channel:
        refuse_first(channel)


@contextmanager
def asked(thread: CardThread, backend: Backend, slot: ReaderSlot) -> Iterator[Channel]:
    """A card that is only asked something, in a transaction, and let go of. Raises as `Backend.connect` does."""
    connection = connected(thread, backend, slot)
    try:
        begin(thread, connection)
        try:
            yield Channel(connection, thread.trace)
        finally:
            connection.end()
    finally:
        connection.disconnect()


def unless_reset(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What another program's reset broke off, once more, where no PIN is involved yet."""
    try:
        return work(*args, **kwargs)
    except CardReset:
        return work(*args, **kwargs)


def connected(thread: CardThread, backend: Backend, slot: ReaderSlot) -> Connection:
    """A connection to the card in this slot, with no transaction of ours in its way. Raises as `Backend.connect` does."""
    if slot.mute:
        raise CardMute("no answer to reset")
    thread.settle()
    return backend.connect(slot.name)


def begin(thread: CardThread, connection: Connection) -> None:
    """Start a transaction; silence means that another program has one, and from then on that the card does not answer."""
    thread.silence_means(CardBusy)
    connection.begin()
    thread.silence_means(CardMute)
