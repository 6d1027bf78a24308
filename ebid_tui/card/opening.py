"""Which card is opened: what a caller wants of one, and the readers where it is looked for (card thread, for `worker.py`)."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from ebid_tui.card.interface import CardLook
from ebid_tui.card.transport import Backend, ReaderSlot
from ebid_tui.errors import CardChanged, CardError, NoCard, NoReader, SeveralCards, SeveralCertificates

if TYPE_CHECKING:
    from ebid_tui.card.choice import Choice
    from ebid_tui.card.pkcs11.modules import Tokens
    from ebid_tui.card.seen_readers import SeenReaders
    from ebid_tui.card.session import BoundSession, CardThread


@dataclass(frozen=True, slots=True)
class CardCriteria:
    """What a caller wants of a card; becomes a `choice.Choice` where cryptography may be loaded."""

    trusted: frozenset[str] = frozenset()
    fingerprint: str = ""
    now: datetime | None = None

    def choice(self) -> Choice:
        from ebid_tui.card.choice import Choice

        return Choice(self.trusted, self.fingerprint, self.now)


class CardFinder:
    """Finds a card in the readers, and among the modules' tokens."""

    def __init__(self, thread: CardThread, readers: SeenReaders, tokens: Tokens | None) -> None:
        self._thread, self._readers, self._tokens = thread, readers, tokens

    def open(self, reader: str | None, beside: str, wish: CardCriteria) -> BoundSession:
        """As `interface.Cards.open`."""
        if reader is None and not wish.fingerprint:
            return self._open_only(beside, wish)
        try:
            return self._open_among(self._readers.look(), reader, beside, wish)
        except CardError as error:
            if self._tokens is None or not self._tokens.more(error):
                raise
        return self._open_among(self._readers.look(), reader, beside, wish)

    def look_at(self, backend: Backend, slot: ReaderSlot, wish: CardCriteria) -> CardLook | None:
        """The card in this slot as it is seen without any PIN; None where there is none."""
        from ebid_tui.card import kinds

        return kinds.look_at(self._thread, self._tokens, backend, slot, wish.choice())

    def list_tokens(self) -> None:
        """Look anew for the tokens that are in no PC/SC reader, before the readers are looked at."""
        if self._tokens is not None and self._tokens.modules():
            self._tokens.list_quietly()

    def _open_only(self, beside: str, wish: CardCriteria) -> BoundSession:
        """The only card there is. Raises SeveralCards: which one is meant, and whether a silent source has one too, is not known here."""
        self.list_tokens()
        trouble = self._tokens.trouble if self._tokens else None
        try:
            there = self._readers.look()
        except NoReader as away:
            raise trouble or away from None
        if (count := len(_filled(there, beside))) > 1:
            raise SeveralCards(f"{count} cards")
        if not count and trouble:
            raise trouble
        session = self._open_among(there, None, beside, wish)  # where the only one is refused, that is told, whatever else there is
        if self._tokens and self._tokens.silent:
            session.end()
            raise SeveralCards(f"1 card, and {self._tokens.silent}")
        return session

    def _open_among(self, there: Sequence[tuple[Backend, ReaderSlot]], reader: str | None, beside: str, wish: CardCriteria) -> BoundSession:
        there = [(backend, slot) for backend, slot in there if reader in (None, slot.name)]
        if not there:
            raise NoReader
        filled = _filled(there, beside)
        if not filled:
            raise NoCard
        first: CardError | None = None
        for backend, slot in filled:
            try:
                session = self._connect(backend, slot, wish)
            except SeveralCertificates:
                if wish.fingerprint:
                    continue  # none of them is the one that is wanted
                raise  # a card that will do, once the person has said which of its certificates
            except CardError as error:
                first = first or error
                continue
            if wish.fingerprint in ("", session.fingerprint):
                return session
            session.end()
            first = first or CardChanged()
        raise first or CardChanged

    def _connect(self, backend: Backend, slot: ReaderSlot, wish: CardCriteria) -> BoundSession:
        from ebid_tui.card import kinds  # here: it brings cryptography (70 ms), and the first frame needs no card

        _leave_to_stay()
        return kinds.connect(self._thread, self._tokens, backend, slot, wish.choice())


def _filled(there: Sequence[tuple[Backend, ReaderSlot]], beside: str) -> list[tuple[Backend, ReaderSlot]]:
    """Those with a card; not the one `beside`, as long as there is another."""
    filled = [(backend, slot) for backend, slot in there if slot.present]
    return [found for found in filled if found[1].name != beside] or filled


@cache
def _leave_to_stay() -> None:
    """Once, when what recognises cards is loaded: the garbage collector need not look through it (3 ms) while a card waits."""
    gc.freeze()
