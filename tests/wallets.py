"""Demo cards for tests: of the day that a test fixes, or of today where a real program or server has the machine's clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ebid_tui.demo import days
from ebid_tui.demo.cards import Wallet, make_virtual
from ebid_tui.demo.packaged import DEMO_CARDS


def documented(directory: Path) -> Wallet:
    """The cards with the dates that the documents print, for tests whose clock stands still on that day."""
    return Wallet(directory, days.DOCUMENTED)


def of_today(directory: Path) -> Wallet:
    """For what runs by the machine's clock. A midnight in between harms nobody: the cards have weeks left, or have long ended."""
    return Wallet(directory, today())


def today() -> date:
    """Japan's day."""
    return days.of(datetime.now(UTC))  # real clock: programs and servers under test read theirs


def ends(name: str, began: date) -> set[str]:
    """What a demo that was started since `began` may show as a card's end: midnight may have come before it looked at its clock."""
    return {f"{DEMO_CARDS[name].on(day).not_after:%Y/%m/%d}" for day in (began, today())}


def slots(wallet: Wallet, name: str) -> dict[int, tuple[bytes, bytes]]:
    """Each slot's key (PKCS#8, DER) and certificate (DER)."""
    private = (Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return {slot: (key.private_key.private_bytes(*private), key.certificate) for slot, key in make_virtual(wallet, name).slots.items()}
