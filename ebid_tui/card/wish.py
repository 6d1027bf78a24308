"""Which certificate, and of which readers, a caller of the card worker wants. Imports no cryptography."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ebid_tui.card.transport import Backend, Slot

if TYPE_CHECKING:
    from ebid_tui.card.choice import Choice


@dataclass(frozen=True, slots=True)
class CardWish:
    """What a caller wants of a card; becomes a `choice.Choice` where cryptography may be loaded."""

    trusted: frozenset[str] = frozenset()
    fingerprint: str = ""
    now: datetime | None = None

    def choice(self) -> Choice:
        from ebid_tui.card.choice import Choice

        return Choice(self.trusted, self.fingerprint, self.now)


def filled_readers(there: Sequence[tuple[Backend, Slot]], beside: str) -> list[tuple[Backend, Slot]]:
    """Those with a card; not the one `beside`, as long as there is another."""
    filled = [(backend, slot) for backend, slot in there if slot.present]
    return [found for found in filled if found[1].name != beside] or filled
