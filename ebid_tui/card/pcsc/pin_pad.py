"""PIN pads: readers with keys of their own (PC/SC part 10, "IFDs with Secure PIN Entry Capabilities", 2.02.09).

The reader takes the keys, puts them into the command and sends it: the PIN never enters this machine. Here is what is said to
the reader and what its answers mean; `readers.py` says it.
"""

from __future__ import annotations

import struct
from typing import Final

from ebid_tui.card.interface import PinRules
from ebid_tui.errors import CardError, PinPadBroken, PinPadCancelled, PinPadTimeout, PinUnusable

GET_FEATURES: Final = 0x42000000 + 3400
"""CM_IOCTL_GET_FEATURE_REQUEST, as pcsc-lite numbers it."""

VERIFY_PIN_DIRECT: Final = 0x06
ENTRY_SECONDS: Final = 60
"""How long the pad waits for the first key, and between the first and the last; then it gives up by itself."""

ANSWER_SECONDS: Final = 2.0 * ENTRY_SECONDS + 10.0
"""After this long a pad that says nothing is broken."""

_VERIFY: Final = struct.Struct("<BBBBBHBBHB3sI")
_ASCII_IN_BYTES: Final = 0x82
"""bmFormatString: positions count bytes, the PIN starts at the data's first one, left-justified, in ASCII."""

_ENDS_WITH_OK_KEY: Final = 0x02
_READERS_OWN_MESSAGES: Final = 0xFF
_JAPANESE: Final = 0x0411

_NOT_FROM_THE_CARD: Final[dict[int, type[CardError]]] = {
    0x6400: PinPadTimeout,
    0x6401: PinPadCancelled,
    0x6B80: PinPadBroken,
}
"""Status words by which the pad says that it sent nothing (part 10, 2.5.2)."""

_RESULTS: Final[dict[int, type[CardError]]] = {
    0x8010000A: PinPadTimeout,
    0x8010006E: PinPadCancelled,
    0x80100004: PinPadBroken,
    0x80100008: PinPadBroken,
    0x80100011: PinPadBroken,
    0x8010001F: PinPadBroken,
    0x80100022: PinPadBroken,
}


def features(answer: bytes) -> dict[int, int]:
    """The reader's features and their control codes: (tag, 4, code big-endian) each. What is cut short is left out."""
    found: dict[int, int] = {}
    for at in range(0, len(answer) - 5, 6):
        if answer[at + 1] == 4:
            found[answer[at]] = int.from_bytes(answer[at + 2 : at + 6], "big")
    return found


def verify_structure(header: bytes, rules: PinRules, filler: int = 0xFF) -> bytes:
    """PIN_VERIFY_STRUCTURE for a VERIFY with this header, whose data is the PIN padded to its greatest length."""
    size = rules.max_length
    command = header + bytes((size,)) + bytes((filler,)) * size
    return (
        _VERIFY.pack(
            ENTRY_SECONDS,
            ENTRY_SECONDS,
            _ASCII_IN_BYTES,
            size,
            0,
            rules.min_length << 8 | rules.max_length,
            _ENDS_WITH_OK_KEY,
            _READERS_OWN_MESSAGES,
            _JAPANESE,
            0,
            bytes(3),
            len(command),
        )
        + command
    )


def refusal(sw: int, rules: PinRules) -> CardError | None:
    """What a status word means that the pad gave in the card's place, having sent nothing; None: it is the card's."""
    if sw == 0x6403:
        return PinUnusable("the pad took no such length", min=rules.min_length, max=rules.max_length)
    error = _NOT_FROM_THE_CARD.get(sw)
    return None if error is None else error(f"{sw:04X}")


def failure(code: int) -> CardError | None:
    """What a result code means that only a pad gives; None: it means what it means elsewhere."""
    error = _RESULTS.get(code)
    return None if error is None else error(f"{code:08X}")
