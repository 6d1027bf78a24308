"""The ways to a card, in their order: PC/SC natively first (My Number, PIV), then the PKCS#11 modules for what PIV does not know."""

from __future__ import annotations

from ebid_tui.card import inspection
from ebid_tui.card.choice import Choice
from ebid_tui.card.interface import CardLook
from ebid_tui.card.piv import card
from ebid_tui.card.pkcs11 import cards
from ebid_tui.card.pkcs11.modules import Tokens
from ebid_tui.card.recognising import unless_reset
from ebid_tui.card.session import BoundSession, CardThread
from ebid_tui.card.transport import Backend, ReaderSlot
from ebid_tui.errors import CardRefused, NoCard


def connect(thread: CardThread, tokens: Tokens | None, backend: Backend, slot: ReaderSlot, choice: Choice) -> BoundSession:
    """A session with the card in this slot (card thread), without any PIN.

    Raises CardRefused (R-23, R-34), SeveralCertificates, ModuleFailed, and what the reader's connection raises.
    """
    if tokens is not None and backend is tokens:
        return cards.connect(thread, tokens, backend, slot, choice)
    try:
        return unless_reset(card.connect, thread, backend, slot, choice)
    except CardRefused as refused:
        if tokens is None or not _may_be_a_modules(refused) or not tokens.modules():
            raise
        try:
            return cards.connect(thread, tokens, backend, slot, choice)
        except NoCard:
            raise refused from None


def look_at(thread: CardThread, tokens: Tokens | None, backend: Backend, slot: ReaderSlot, choice: Choice) -> CardLook | None:
    """The card in this slot as it is seen without any PIN; None where there is none."""
    if tokens is not None and backend is tokens:
        return cards.look_at(tokens, slot, choice)
    seen = unless_reset(inspection.look_at, thread, backend, slot, choice)
    if tokens is None or seen is None or seen.reason != "R-34" or seen.certificates or not tokens.modules():
        return seen
    return cards.look_at(tokens, slot, choice) or seen


def _may_be_a_modules(refused: CardRefused) -> bool:
    """PIV does not know this card, or finds nothing on it to sign with: it is not one of those that must not be asked (R-23)."""
    return refused.code == "R-34" and refused.detail in ("unknown", "no_certificate")
