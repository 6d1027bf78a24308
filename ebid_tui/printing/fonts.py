"""The fonts that a PDF carries with it: every character is looked up before it is drawn, none is dropped or boxed.

BIZ UDGothic draws everything that a field takes; names on a card may need a rarer kanji, which the Hanazono fonts have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from ebid_tui.errors import PrintError

REGULAR = ("BIZUDGothic-Regular.ttf", "HanaMinA.ttf", "HanaMinB.ttf")
"""Files in the order in which they are asked for a character; the first must be there."""
BOLD = "BIZUDGothic-Bold.ttf"

PLACES = (Path("~/.local/share/fonts"), Path("/usr/local/share/fonts"), Path("/usr/share/fonts"))

BEYOND = re.compile(r"<([0-9A-F]{5,6})>")

Run = tuple[str, str]
"""A font's name and the text drawn in it."""


class SearchableFont(TTFont):  # type: ignore[misc]
    """A font whose characters beyond U+FFFF can be searched for and copied: the library writes their code points as they
    are, where ISO 32000-1, 9.10.3 wants UTF-16."""

    def addObjects(self, doc: Any) -> None:
        super().addObjects(doc)
        for name, made in doc.idToObject.items():
            if name.startswith("toUnicodeCMap:") and isinstance(made.content, str):
                made.content = BEYOND.sub(lambda found: f"<{chr(int(found[1], 16)).encode('utf-16-be').hex().upper()}>", made.content)


class Fonts:
    """The fonts found on this machine, registered with the PDF library. Raises PrintError E-FONT without the first."""

    def __init__(self, places: Sequence[Path] = PLACES) -> None:
        self.names = tuple(name for file in REGULAR if (name := _registered(file, tuple(places))) is not None)
        self.bold = _registered(BOLD, tuple(places)) or REGULAR[0]
        if self.names[:1] != REGULAR[:1]:
            raise PrintError(code="E-FONT", font=REGULAR[0])

    def runs(self, text: str, *, bold: bool = False) -> list[Run]:
        """The text in pieces of one font each. Raises PrintError E-PRINT-CHARACTER where no font has a character."""
        runs: list[Run] = []
        for character in text:
            font = self._font(character, bold)
            if runs and runs[-1][0] == font:
                runs[-1] = (font, runs[-1][1] + character)
            else:
                runs.append((font, character))
        return runs

    def width(self, text: str, size: float) -> float:
        """How wide the text is, in points."""
        return sum(float(pdfmetrics.stringWidth(piece, font, size)) for font, piece in self.runs(text))

    def wrapped(self, text: str, size: float, room: float) -> list[str]:
        """The text in lines that are at most `room` points wide; broken between any two characters, as Japanese is."""
        lines: list[str] = []
        for paragraph in text.split("\n"):
            line, used = "", 0.0
            for character in paragraph:
                wide = self.width(character, size)
                if line and used + wide > room:
                    lines.append(line)
                    line, used = "", 0.0
                line, used = line + character, used + wide
            lines.append(line)
        return lines

    def _font(self, character: str, bold: bool) -> str:
        for name in (self.bold, *self.names) if bold else self.names:
            if ord(character) in pdfmetrics.getFont(name).face.charToGlyph:
                return name
        raise PrintError(code="E-PRINT-CHARACTER", character=character, code_point=f"U+{ord(character):04X}")


@cache
def _registered(file: str, places: tuple[Path, ...]) -> str | None:
    for path in _found(file, places):
        try:
            pdfmetrics.registerFont(SearchableFont(file, str(path)))
        except (OSError, TTFError):
            continue
        return file
    return None


def _found(file: str, places: Sequence[Path]) -> Iterator[Path]:
    for place in places:
        yield from sorted(place.expanduser().rglob(file))
