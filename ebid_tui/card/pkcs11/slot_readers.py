"""Which PC/SC reader is a module's slot? By its description, which is the reader's name cut to 64 bytes and padded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ebid_tui.card.pkcs11.modules import TokenSlot

_FIELD: Final = 64
"""Bytes of CK_SLOT_INFO.slotDescription."""

_TELLING: Final = 8
"""Fewer characters in common than this say nothing."""


def in_reader(slots: Sequence[TokenSlot], reader: str, readers: Sequence[str]) -> list[TokenSlot]:
    """The slots of this reader, one of `readers`. A module may have several for one reader (one a PIN)."""
    return [slot for slot, name in zip(slots, _readers_of(slots, readers), strict=True) if name == reader]


def in_no_reader(slots: Sequence[TokenSlot], readers: Sequence[str]) -> list[TokenSlot]:
    """The slots that are no PC/SC reader's."""
    return [slot for slot, name in zip(slots, _readers_of(slots, readers), strict=True) if name is None]


def reader_name(slot: TokenSlot) -> str:
    """What a token without a reader is called where readers are listed."""
    label = (slot.token or {}).get("label", "")
    return " ".join(part for part in (slot.description, f"[{label}]" if label else "") if part) or slot.process.name


def unique(name: str, taken: Container[str]) -> str:
    """The name, with a number where it is taken already."""
    number, found = 2, name
    while found in taken:
        found, number = f"{name} ({number})", number + 1
    return found


def _readers_of(slots: Sequence[TokenSlot], readers: Sequence[str]) -> list[str | None]:
    """For each slot its reader. Readers whose names are the same up to the cut are told apart by their order, as modules list them."""
    counts = Counter(slot.description for slot in slots)
    passed: Counter[str] = Counter()
    found: list[str | None] = []
    for slot in slots:
        fits = _fitting(slot.description, readers)
        each = max(1, counts[slot.description] // max(1, len(fits)))
        found.append(fits[min(passed[slot.description] // each, len(fits) - 1)] if fits else None)
        passed[slot.description] += 1
    return found


def _fitting(description: str, readers: Sequence[str]) -> list[str]:
    """The readers that this description can be of: by the whole name as far as it fits; else the one that it is the beginning of."""
    told = _plain(description)
    exact = [name for name in readers if told and _plain(_cut(name)) == told]
    if exact:
        return exact
    alike = [name for name in readers if len(told) >= _TELLING and (_plain(name).startswith(told) or told.startswith(_plain(name)))]
    return alike if len(alike) == 1 else []


def _cut(name: str) -> str:
    return name.encode("utf-8")[:_FIELD].decode("utf-8", "ignore")


def _plain(name: str) -> str:
    return " ".join(name.replace("\0", " ").replace("�", " ").split()).casefold()
