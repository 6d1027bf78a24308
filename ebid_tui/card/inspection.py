"""Inspects a card without any PIN: its kind, whether another program holds it, its certificates (for `interface.Cards.inspect`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar, get_args

from ebid_tui.card.apdu import Processor
from ebid_tui.card.choice import Choice, HasCertificate, read
from ebid_tui.card.interface import CardLook, Kind, RefusedKind
from ebid_tui.card.piv import commands
from ebid_tui.card.recognising import asked
from ebid_tui.card.refused_cards import refuse_first, refuse_unknown
from ebid_tui.card.session import CardThread
from ebid_tui.card.transport import Backend, ReaderSlot
from ebid_tui.domain.issuers import known_issuers
from ebid_tui.errors import CardBusy, CardError, CardMute, CardRemoved, CardReset, NoCard, NoReader, SeveralCertificates

K = TypeVar("K", bound=HasCertificate)

_KINDS: dict[str, RefusedKind] = {kind: kind for kind in get_args(RefusedKind)}
"""Kinds of card by the reason of their refusal; a card refused for another reason is of the kind that spoke."""

_NOT_ASKED = (CardMute, CardBusy, CardRemoved, CardReset, NoReader)
"""What says nothing about the card, but that it could not be asked now."""


def look_at(thread: CardThread, backend: Backend, slot: ReaderSlot, choice: Choice) -> CardLook | None:
    """The card in this slot (card thread); None where there is none. Raises CardReset: another program was faster, look again."""
    if not slot.present:
        return None
    try:
        with asked(thread, backend, slot) as card:
            return _look(card, slot, choice)
    except (NoCard, NoReader, CardRemoved):
        return None
    except CardReset:
        raise
    except CardMute as error:
        return not_taken(slot, "mute", error)
    except CardBusy as error:
        return not_taken(slot, "busy", error)
    except CardError as error:  # a protocol that the reader does not speak
        return not_taken(slot, "unknown", error)


def _look(card: Processor, slot: ReaderSlot, choice: Choice) -> CardLook:
    """SELECT and GET DATA; the counter only of a card that is accepted. My Number before anything else."""
    kind: Kind = "unknown"
    try:
        refuse_first(card)
        if not commands.find(card):
            refuse_unknown(card)
        kind = "piv"
        return judged(slot, kind, commands.signing_keys(card), choice, lambda _: commands.tries_left(card))
    except _NOT_ASKED:
        raise
    except CardError as error:
        return not_taken(slot, kind, error)


def judged(slot: ReaderSlot, kind: Kind, keys: Sequence[K], choice: Choice, tries_left: Callable[[K], int | None]) -> CardLook:
    """A card with these keys: R-23 where the issuers' table refuses the chosen one's authority, R-34 where it is no accepted one.

    `tries_left` is asked where the card is accepted. Raises CardErrors for a card that does not let itself be asked.
    """
    ders = tuple(key.der for key in keys)
    try:
        try:
            chosen = choice.of(keys).der
        except SeveralCertificates as several:
            chosen = several.certificates[0]
        ders = (chosen, *(der for der in ders if der != chosen))
        certificate = read(chosen)
        if choice.accepts(certificate):
            return CardLook(slot.name, kind, True, "", tries_left(next(key for key in keys if key.der == chosen)), ders)
    except _NOT_ASKED:
        raise
    except CardError as error:
        return not_taken(slot, kind, error, ders)
    authority = known_issuers().find(certificate.issuer)
    if authority is None or authority.kind != "refused":
        return CardLook(slot.name, kind, False, "R-34", None, ders)
    return CardLook(slot.name, authority.card or kind, False, authority.rule, None, ders)


def not_taken(slot: ReaderSlot, kind: Kind, error: CardError, certificates: tuple[bytes, ...] = ()) -> CardLook:
    """A card that cannot be asked, or is refused: of the kind that the refusal names, else of this one."""
    return CardLook(slot.name, _KINDS.get(error.detail, kind), False, error.code, None, certificates)
