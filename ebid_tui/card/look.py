"""Inspects a card without any PIN: its kind, whether another program holds it, its certificates (for `interface.Cards.inspect`)."""

from __future__ import annotations

from ebid_tui.card.apdu import Channel, Processor
from ebid_tui.card.choice import Choice, read
from ebid_tui.card.interface import CardLook, Kind
from ebid_tui.card.piv import commands
from ebid_tui.card.recognising import Thread
from ebid_tui.card.refused import refuse_first, refuse_unknown
from ebid_tui.card.transport import Backend, Slot
from ebid_tui.domain.issuers import Issuer, known_issuers
from ebid_tui.errors import CardBusy, CardError, CardMute, CardRefused, CardRemoved, CardReset, NoCard, NoReader, SeveralCertificates

_KINDS: dict[str, Kind] = {"mynumber": "mynumber", "corporate": "corporate", "unknown": "unknown"}
"""Kinds of card by the reason of their refusal; a card refused for another reason is of the kind that spoke."""


def look_at(thread: Thread, backend: Backend, slot: Slot, choice: Choice) -> CardLook | None:
    """The card in this slot (card thread); None where there is none. Raises CardReset: another program was faster, look again."""
    if not slot.present:
        return None
    if slot.mute:
        return _not_seen(slot, "mute", CardMute())
    thread.settle()
    try:
        connection = backend.connect(slot.name)
    except (NoCard, NoReader, CardRemoved):
        return None
    except CardMute as error:
        return _not_seen(slot, "mute", error)
    except CardBusy as error:
        return _not_seen(slot, "busy", error)
    except CardReset:
        raise
    except CardError as error:  # a protocol that the reader does not speak
        return _not_seen(slot, "unknown", error)
    try:
        thread.silence_means(CardBusy)
        connection.begin()
        thread.silence_means(CardMute)
        try:
            return _look(Channel(connection, thread.trace), slot, choice)
        finally:
            connection.end()
    except (CardRemoved, NoReader):
        return None
    except CardMute as error:
        return _not_seen(slot, "mute", error)
    except CardBusy as error:
        return _not_seen(slot, "busy", error)
    finally:
        connection.disconnect()


def _look(card: Processor, slot: Slot, choice: Choice) -> CardLook:
    """SELECT and GET DATA; the counter only of a card that is accepted. My Number before anything else."""
    kind: Kind = "unknown"
    ders: tuple[bytes, ...] = ()
    try:
        refuse_first(card)
        if not commands.find(card):
            refuse_unknown(card)
        kind = "piv"
        keys = commands.signing_keys(card)
        ders = tuple(key.der for key in keys)
        try:
            chosen = choice.of(keys).der
        except SeveralCertificates as several:
            chosen = several.certificates[0]
        ders = (chosen, *(der for der in ders if der != chosen))
        if not choice.accepts(read(chosen)):
            return _not_accepted(slot, kind, known_issuers().find(read(chosen).issuer), ders)
        return CardLook(slot.name, kind, True, "", commands.tries_left(card), ders)
    except (CardMute, CardBusy, CardRemoved, CardReset, NoReader):
        raise
    except CardRefused as error:
        return CardLook(slot.name, _KINDS.get(error.detail, kind), False, error.code, None, ders)
    except CardError as error:
        return CardLook(slot.name, kind, False, error.code, None, ders)


def _not_accepted(slot: Slot, kind: Kind, authority: Issuer | None, ders: tuple[bytes, ...]) -> CardLook:
    """R-23 where the issuers' table refuses this authority's cards, else R-34."""
    if authority is None or authority.kind != "refused":
        return CardLook(slot.name, kind, False, "R-34", None, ders)
    return CardLook(slot.name, authority.card or kind, False, authority.rule, None, ders)


def _not_seen(slot: Slot, kind: Kind, error: CardError) -> CardLook:
    return CardLook(slot.name, kind, False, error.code, None, ())
