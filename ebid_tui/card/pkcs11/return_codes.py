"""What a module's return codes and flags mean here (PKCS #11 2.40, 5.1 and table 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ebid_tui.card.interface import PinRules
from ebid_tui.card.pin import CAPACITY
from ebid_tui.card.pkcs11.module_process import ModuleProcess, ModuleRefused
from ebid_tui.errors import (
    CardBlocked,
    CardError,
    CardGarbled,
    CardRemoved,
    CardReset,
    ModuleFailed,
    PinPadCancelled,
    PinUnusable,
    WrongPin,
)

WRITE_PROTECTED: Final = 0x02
USER_PIN_INITIALIZED: Final = 0x08
PROTECTED_PATH: Final = 0x100
COUNT_LOW: Final = 0x10000
FINAL_TRY: Final = 0x20000
LOCKED: Final = 0x40000

PIN_INCORRECT: Final = 0xA0
FUNCTION_NOT_SUPPORTED: Final = 0x54
_UNAVAILABLE: Final = 1 << 31

_PLAIN: Final[Mapping[int, type[CardError]]] = {
    0x03: CardRemoved,  # CKR_SLOT_ID_INVALID
    0x30: CardGarbled,  # CKR_DEVICE_ERROR
    0x31: CardGarbled,  # CKR_DEVICE_MEMORY
    0x32: CardRemoved,  # CKR_DEVICE_REMOVED
    0x50: PinPadCancelled,  # CKR_FUNCTION_CANCELED
    0x01: PinPadCancelled,  # CKR_CANCEL
    0x60: CardReset,  # CKR_KEY_HANDLE_INVALID
    0x82: CardReset,  # CKR_OBJECT_HANDLE_INVALID
    0xA4: CardBlocked,  # CKR_PIN_LOCKED
    0xB0: CardReset,  # CKR_SESSION_CLOSED
    0xB3: CardReset,  # CKR_SESSION_HANDLE_INVALID
    0xE0: CardRemoved,  # CKR_TOKEN_NOT_PRESENT
    0xE1: CardRemoved,  # CKR_TOKEN_NOT_RECOGNIZED
    0x101: CardReset,  # CKR_USER_NOT_LOGGED_IN
}
_CODES: Final[Mapping[int, str]] = {0xA3: "E-PIN-EXPIRED", 0x102: "E-PIN-NOT-SET"}
_UNUSABLE: Final = frozenset((0xA1, 0xA2, 0x1B9))
"""CKR_PIN_INVALID, CKR_PIN_LEN_RANGE, CKR_PIN_TOO_WEAK: refused for what it is, not for being wrong."""


def error_of(refused: ModuleRefused, process: ModuleProcess, rules: PinRules) -> CardError:
    """The error that a CKR code stands for. Codes that no standard knows, or that should not come here, name the module."""
    if refused.rv == PIN_INCORRECT:
        return WrongPin(None)
    if refused.rv in _UNUSABLE:
        return PinUnusable(str(refused), min=rules.min_length, max=rules.max_length)
    if (kind := _PLAIN.get(refused.rv)) is not None:
        return kind(str(refused))
    if code := _CODES.get(refused.rv):
        return CardError(str(refused), code=code)
    return process.failed(ModuleFailed.code, str(refused))


def tries_left(flags: int) -> int | None:
    """By a token's flags: none, one, or None where more are left or it does not tell."""
    return 0 if flags & LOCKED else 1 if flags & FINAL_TRY else None


def pin_rules(token: Mapping[str, Any]) -> PinRules:
    """The lengths that the token tells, as far as they can be believed; which characters it takes is not told."""
    low, high = token["min"], token["max"]
    low = low if 0 < low <= CAPACITY else 1
    high = high if low <= high < _UNAVAILABLE else CAPACITY
    return PinRules(min_length=low, max_length=min(high, CAPACITY), digits_only=False)
