"""How a certificate's number is shown: each system has it in its own way."""

from __future__ import annotations

from ebid_tui.domain.records import CardCertificate
from ebid_tui.messages import t


def shown_serial(card: CardCertificate, setting: str) -> str:
    """A certificate's number by a setting of `[card]`: decimal, or hexadecimal beside it."""
    if setting != "decimal_and_hex":
        return card.serial
    return t("flow.serial.both", decimal=card.serial, hex=f"{int(card.serial):x}")
