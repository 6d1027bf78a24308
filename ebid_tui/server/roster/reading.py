"""A CSV file as rows with their lines, whatever it is written in; what cannot be read is named with line and column.

Read line by line, never whole. Lines are those that an editor counts: a value with a line break in quotes spans several.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Literal

from ebid_tui.messages import t

Encoding = Literal["utf-8", "cp932"]
LONGEST = 16 * 1024
"""Characters of one value; a quote that is never closed must not swallow the file."""
BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """Why a row cannot be taken. `column` is a name in the header, or empty."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class RowNote:
    """What was done to a value that is taken. `column` is a name in the header."""

    line: int
    column: str
    what: str


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A row's values in the order of the file; `line` is where it begins."""

    line: int
    values: Sequence[str]


def encoding_of(file: BinaryIO) -> Encoding:
    """UTF-8 if the whole file can be read as such, CP932 otherwise. Leaves the file at its beginning."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while block := file.read(BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
        return "utf-8"
    except UnicodeDecodeError:
        return "cp932"
    finally:
        file.seek(0)


def rows(file: BinaryIO, encoding: Encoding) -> Iterator[RosterRow | RefusedRow]:
    """Every row that has something in it, the header first; cells as they stand there, with what guards them."""
    lines = _Lines(file, encoding)
    csv.field_size_limit(LONGEST)
    reader = csv.reader(lines, strict=True)
    end = 0
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            begin, end = end + 1, lines.number
            lines.broken.clear()
            yield RefusedRow(begin, "", _csv_reason(str(error)))
            continue
        begin, end = end + 1, lines.number
        broken = [*lines.broken]
        lines.broken.clear()
        if broken:
            yield from (RefusedRow(line, "", reason) for line, reason in broken)
        elif any(value.strip() for value in values):
            yield RosterRow(begin, values)


class _Lines:
    """Decoded lines; a line that cannot be decoded is noted, and goes on with what can."""

    def __init__(self, file: BinaryIO, encoding: Encoding) -> None:
        self._lines = iter(file)
        self._encoding = encoding
        self.number = 0
        self.broken: list[tuple[int, str]] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        if self.number == 1 and self._encoding == "utf-8":
            line = line.removeprefix(codecs.BOM_UTF8)
        try:
            return line.decode(self._encoding)
        except UnicodeDecodeError as error:
            column = len(line[: error.start].decode(self._encoding, "replace")) + 1
            hexed = line[error.start : error.end].hex(" ").upper()
            self.broken.append((self.number, t("roster.undecodable", position=column, bytes=hexed, encoding=self._encoding.upper())))
            return line.decode(self._encoding, "replace")


def _csv_reason(said: str) -> str:
    if "field larger" in said:
        return t("roster.quote_open")
    if "new-line" in said:
        return t("roster.carriage_return")
    return t("roster.quotes")
