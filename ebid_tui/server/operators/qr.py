"""A QR code (ISO/IEC 18004) in text: two modules a character, light ones painted, as terminals have a dark ground."""

from __future__ import annotations

import segno

QUIET = 4
"""Light modules around the code, as the standard wants them."""
_PAINTED = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}


def lines(text: str) -> list[str]:
    """The code of a text, line by line."""
    rows = [[bool(module) for module in row] for row in segno.make(text, error="m", micro=False).matrix_iter(border=QUIET)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    return ["".join(_PAINTED[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in zip(rows[::2], rows[1::2], strict=True)]
