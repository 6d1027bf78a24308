"""Tells the cards that a visitor put in from those that lay in the readers before, for the kiosk's app. Knows no screen."""

from __future__ import annotations

from collections.abc import Sequence

from ebid_tui.card.interface import ReaderState


class VisitorCards:
    """Follows the readers. `own` are those with a card that was put in since the visit began, or that began it."""

    def __init__(self) -> None:
        self._there: dict[str, int | None] = {}
        """By reader: the count of its card, None where it is empty."""
        self._fresh: set[str] = set()
        self._visiting = False
        self.own: set[str] = set()

    def begin(self) -> None:
        """A visit begins: a card that came just now is the visitor's, one that was left behind is not."""
        self._visiting = True
        self.own = self._fresh & self._present()

    def _present(self) -> set[str]:
        return {name for name, count in self._there.items() if count is not None}

    def told(self, readers: Sequence[ReaderState]) -> tuple[bool, bool]:
        """Take over how it is now. Whether a card came, and whether the visitor is without a card who had one.

        A card swapped for another between two looks was taken out, too. Who began without a card of their own and takes out
        the only one there was is without one as well.
        """
        before, first = self._there, not self._there
        self._there = {reader.name: reader.count if reader.present else None for reader in readers}
        had = {name for name, count in before.items() if count is not None}
        came = {name for name in self._present() if before.get(name) != self._there[name] and not (first and not self._visiting)}
        out = {name for name in had if self._there.get(name) != before[name]}
        kept = self.own - out
        left = bool(out) and not kept and (bool(self.own) or not (had - out))
        self.own = kept | came if self._visiting else set()
        self._fresh = came if came or out else self._fresh & self._present()
        return bool(came), left
