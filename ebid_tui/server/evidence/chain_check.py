"""Follows the audit log's chain from its first row, and names the row where it does not hold."""

from __future__ import annotations

from collections.abc import Iterator

from ebid_tui.messages import t
from ebid_tui.server.store.audit_chain import EMPTY, START, AuditEntry, ChainHead, linked

Fault = tuple[int, str, int]
"""A row's number, what is wrong there (`removed`, `repeated`, `altered`, `head`, `cut`: `evidence.row_…`), and up to which number."""


def rows(first: int, last: int) -> str:
    """Which rows, as a fault of theirs is told."""
    return t("evidence.row", number=first) if first == last else t("evidence.rows", first=first, last=last)


class ChainCheck:
    """Rows are fed in the order in which they stand; `kept` are heads that were written down elsewhere."""

    def __init__(self, kept: tuple[ChainHead, ...] = ()) -> None:
        self._kept = {head.number: head.hash for head in kept}
        self._number = 0
        self._previous: str | None = START
        self._otherwise: str | None = None
        """What the last row's hash should have been, where it was another: then only that hash may have been altered."""

    @property
    def head(self) -> ChainHead:
        return ChainHead(self._number, self._previous or START) if self._number else EMPTY

    def feed(self, number: int, row: AuditEntry, value: str) -> Iterator[Fault]:
        """What is wrong with the next row."""
        if number <= self._number:
            yield number, "repeated", number
            return
        if number > self._number + 1:
            yield self._number + 1, "removed", number - 1
            self._previous = self._otherwise = None
        follows = self._follows(number, row, value)
        if not follows:
            yield number, "altered", number
        elif self._kept.get(number, value) != value:
            # The chain holds, but it is another one.
            yield number, "head", number
        self._number, self._previous = number, value

    def _follows(self, number: int, row: AuditEntry, value: str) -> bool:
        try:
            if self._previous is None:
                return True  # there is nothing to follow: what was before it is missing, and that is told
            wanted = linked(self._previous, number, row)
            if wanted == value:
                self._otherwise = None
                return True
            if self._otherwise is not None and linked(self._otherwise, number, row) == value:
                self._otherwise = None
                return True
        except (ValueError, OverflowError):
            return False
        self._otherwise = wanted
        return False

    def end(self, head: ChainHead) -> Iterator[Fault]:
        """What is wrong when there are no more rows, with the head as it was kept beside them."""
        for number in sorted(n for n in {head.number, *self._kept} if n > self._number):
            yield self._number + 1, "cut", number
            return
        if (head.number, head.hash) != (self._number, self.head.hash):
            yield self._number, "head", self._number
