"""Which characters count as 全角: JIS X 0208 by default, with CP932's vendor characters as another setting of a system.

The tables come from CPython's codecs, are built when first asked for (under 5 ms) and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

SIX_PAIRS: Mapping[str, str] = {
    "\uff0d": "\u2212",  # － −
    "\uff5e": "\u301c",  # ～ 〜
    "\u2225": "\u2016",  # ∥ ‖
    "\uffe0": "\u00a2",  # ￠ ¢
    "\uffe1": "\u00a3",  # ￡ £
    "\uffe2": "\u00ac",  # ￢ ¬
}
"""What Windows and most input methods type, and the form JIS X 0208 has in its place."""

_FULL_ROWS = (*range(16, 47), *range(48, 84))
_PARTIAL_ROWS = (1, 2, 3, 4, 5, 6, 7, 8, 47, 84)
_VENDOR_LEAD_BYTES = (0x87, 0xED, 0xEE, 0xFA, 0xFB, 0xFC)
"""NEC row 13, NEC selected IBM extensions, IBM extensions."""


@cache
def jisx0208() -> frozenset[str]:
    """Rows 1–8 and kanji levels 1 and 2: 524 + 2,965 + 3,390 = 6,879 characters."""
    cells = range(0xA1, 0xFF)
    found = set(bytes(b for row in _FULL_ROWS for cell in cells for b in (0xA0 + row, cell)).decode("euc_jp"))
    for row in _PARTIAL_ROWS:
        for cell in cells:
            found.update(bytes((0xA0 + row, cell)).decode("euc_jp", "ignore"))
    return frozenset(found)


@cache
def vendor_characters() -> frozenset[str]:
    """機種依存文字, the 447 characters that CP932 has beyond JIS X 0208: ① Ⅰ № ㈱ 髙 﨑 and their like, without the user-defined area."""
    found: set[str] = set()
    for lead in _VENDOR_LEAD_BYTES:
        for trail in (*range(0x40, 0x7F), *range(0x80, 0xFD)):
            found.update(bytes((lead, trail)).decode("cp932", "ignore"))
    # An unassigned pair decodes to what its second byte means alone (ASCII, half-width kana): not a vendor character.
    double = {SIX_PAIRS.get(char, char) for char in found if len(char.encode("cp932")) == 2}
    return frozenset(double - jisx0208())


@cache
def cp932() -> frozenset[str]:
    """JIS X 0208 and the vendor characters."""
    return jisx0208() | vendor_characters()


CHARACTER_SETS: Mapping[str, Callable[[], frozenset[str]]] = {"jisx0208": jisx0208, "cp932": cp932}
"""The values a system's `character_set` may take; members are in the folded form (SIX_PAIRS)."""
