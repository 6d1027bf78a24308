"""Counts the APDUs sent to a card and keeps the last ones without their data, for the log, tests and doctor."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One APDU as the log keeps it: header and tail only, never what it carried."""

    header: bytes
    sent: int
    received: int
    sw: int | None

    def __str__(self) -> str:
        tail = "no answer" if self.sw is None else f"{self.received} bytes {self.sw:04X}"
        return f"{self.header.hex(' ')} +{self.sent} -> {tail}"


class ApduTrace:
    """Counts APDUs and remembers the last ones without their data (for tests, benchmarks and the doctor)."""

    def __init__(self, kept: int = 256) -> None:
        self.count = 0
        self.exchanges: deque[Exchange] = deque(maxlen=kept)

    def add(self, exchange: Exchange) -> None:
        self.count += 1
        self.exchanges.append(exchange)
        logger.debug("%s", exchange)

    def headers(self) -> list[str]:
        """The kept headers as hex, oldest first: `00200080`."""
        return [exchange.header.hex() for exchange in self.exchanges]
