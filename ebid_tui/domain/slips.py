"""What the slips of telephone numbers, postal codes and mail addresses have in common."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

NOT_DIGITS = re.compile("[^0-9]+")
_TAKEN_FOR_DIGITS = re.compile("(?<![A-Za-z])[0-9OolI|]+(?![A-Za-z])")
_LETTERS_FOR_DIGITS = str.maketrans("OolI|", "00111")


@dataclass(frozen=True, slots=True)
class Slip:
    """`name` of the sentence (`field.slip.…`), and what could stand in its place, if anything."""

    name: str
    suggestion: str | None = None


def digits_meant(value: str) -> str:
    """A value in half width, with digits for letters that look like them (`O596-23-llll`): never for those of a word, nor where it
    has no digit at all."""
    written = unicodedata.normalize("NFKC", value)
    if not re.search("[0-9]", written):
        return written
    return _TAKEN_FOR_DIGITS.sub(lambda found: found[0].translate(_LETTERS_FOR_DIGITS), written)
