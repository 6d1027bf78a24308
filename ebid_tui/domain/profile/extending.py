"""A system's file that says only what is its own: what it extends is read first, and merged with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from ebid_tui.domain.profile.agency_file import file_name, table_of
from ebid_tui.errors import ProfileError

ID = re.compile(r"[a-z][a-z0-9_-]*")
LONGEST_CHAIN = 8
"""Files one behind the other, from a system's own to the first that extends nothing."""

PLACES = ("after", "before")
"""Where an item of a list stands that the base does not have: beside the one of this id."""

Keys = tuple[str, ...]
"""Keys and ids from the outermost in."""


class Whole(NamedTuple):
    """What a file says with all that it extends."""

    table: dict[str, Any]
    origins: dict[Keys, Path]
    """Which file says what is at a path; what is not in it is in the file of the nearest table around it."""

    def origin(self, key: str, file: Path) -> Path:
        """The file to be mended where something is wrong at this key (`agencies.town.name`, `agencies[0].name`).

        `file`, the system's own, where nobody says anything there.
        """
        path = self._path(key)
        for length in range(len(path), 0, -1):
            found = self.origins.get(path[:length])
            if found is not None:
                return found
        return file

    def _path(self, key: str) -> Keys:
        """Keys and ids, with an id for every number of an item."""
        inside: Any = self.table
        found: list[str] = []
        for part in re.findall(r"[^.\[\]]+", key):
            if isinstance(inside, list):
                item = next((one for n, one in enumerate(inside) if part in (str(n), _id(one))), None)
                part, inside = _id(item) or part, item
            else:
                inside = inside.get(part) if isinstance(inside, Mapping) else None
            found.append(part)
        return tuple(found)


def whole(file: Path, directories: Sequence[Path]) -> Whole:
    """A file with what it extends, looked for beside it first, then in `directories`. Raises ProfileError with the file to be mended."""
    return _whole(file, directories, ())


def _whole(file: Path, directories: Sequence[Path], chain: tuple[Path, ...]) -> Whole:
    own, name = table_of(file), file_name(file)
    chain = (*chain, file)
    base_id, without = own.pop("extends", None), own.pop("without", None)
    if base_id is None:
        if without is not None:
            raise ProfileError(name, "without", "nothing is extended (extends) from which it could be left out")
        return Whole(own, _origins(own, file))
    base_file = _base(name, base_id, directories, chain)
    base = _whole(base_file, directories, chain)
    for path in _paths(name, without):
        _leave_out(name, base.table, path)
    return Whole(_merged(base.table, own, name, ""), base.origins | _origins(own, file))


def _base(name: str, base_id: object, directories: Sequence[Path], chain: tuple[Path, ...]) -> Path:
    """The file of what is extended: of that id, and none of those that extend it."""
    if not isinstance(base_id, str) or not ID.fullmatch(base_id):
        raise ProfileError(name, "extends", f"{base_id!r} is no id of a file: lower-case letters, digits, - and _ only")
    if len(chain) >= LONGEST_CHAIN:
        raise ProfileError(name, "extends", "too many files one behind the other: " + _chain(chain))
    searched = [chain[-1].parent, *directories]
    found = [directory / f"{base_id}.toml" for directory in searched if (directory / f"{base_id}.toml").is_file()]
    for file in found:
        if file.resolve() not in {one.resolve() for one in chain}:
            return file
    if found:
        raise ProfileError(name, "extends", "the files extend one another: " + _chain((*chain, found[0])))
    there = sorted({file.stem for directory in searched for file in directory.glob("*.toml")})
    raise ProfileError(name, "extends", f"no file {base_id}.toml; there are: " + " ".join(there))


def _chain(chain: Iterable[Path]) -> str:
    return " > ".join(file_name(file) for file in chain)


# -- leaving out


def _paths(name: str, without: object) -> list[str]:
    if without is None:
        return []
    if not isinstance(without, list) or not all(isinstance(path, str) for path in without):
        raise ProfileError(name, "without", 'a list of keys, as ["menu.items.renewal"]')
    return list(without)


def _leave_out(name: str, table: dict[str, Any], path: str) -> None:
    """Take what is at this path out of what was inherited. A key that has dots itself is found as it is."""
    inside: Any = table
    rest = path
    while True:
        names = _names(inside)
        key = next((key for key in sorted(names, key=len, reverse=True) if rest == key or rest.startswith(key + ".")), None)
        if key is None:
            near = get_close_matches(rest, names, 1)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            raise ProfileError(name, "without", f"there is no {path!r} to leave out{meant} There are: {' '.join(names) or '-'}")
        if rest == key:
            if isinstance(inside, dict):
                del inside[key]
            else:
                inside[:] = [item for item in inside if not (isinstance(item, Mapping) and item.get("id") == key) and item != key]
            return
        rest = rest[len(key) + 1 :]
        inside = inside[key] if isinstance(inside, dict) else next(item for item in inside if _id(item) == key)


def _names(inside: object) -> list[str]:
    if isinstance(inside, Mapping):
        return list(inside)
    if isinstance(inside, list):
        return [named for item in inside if (named := item if isinstance(item, str) else _id(item))]
    return []


def _id(item: object) -> str:
    found = item.get("id") if isinstance(item, Mapping) else None
    return found if isinstance(found, str) else ""


# -- merging


def _merged(base: Any, own: Any, name: str, key: str) -> Any:
    """What the own file says over what it extends: tables by key, lists of items by their id, everything else as a whole."""
    if isinstance(base, dict) and isinstance(own, dict):
        merged = dict(base)
        for part, value in own.items():
            merged[part] = _merged(base[part], value, name, f"{key}.{part}") if part in base else value
        return merged
    if isinstance(base, list) and isinstance(own, list) and base and own and all(_id(item) for item in (*base, *own)):
        return _items(base, own, name, key.lstrip("."))
    return own


def _items(base: list[Any], own: list[Any], name: str, key: str) -> list[Any]:
    merged = list(base)
    for item in own:
        ids = [_id(one) for one in merged]
        if item["id"] in ids:
            at = ids.index(item["id"])
            merged[at] = _merged(merged[at], {k: v for k, v in item.items() if k not in PLACES}, name, f"{key}.{item['id']}")
            if not any(place in item for place in PLACES):
                continue
            item = merged.pop(at) | {place: item[place] for place in PLACES if place in item}
            ids.remove(item["id"])
        said = [place for place in PLACES if place in item]
        beside = item[said[0]] if said else None
        if len(said) > 1 or (said and beside not in ids):
            raise ProfileError(name, f"{key}.{item['id']}.{said[-1]}", f"one id of the list, beside which it stands: {' '.join(ids)}")
        at = len(merged) if beside is None else ids.index(beside) + (said[0] == "after")
        merged.insert(at, {k: v for k, v in item.items() if k not in PLACES})
    return merged


def _origins(table: Mapping[str, Any], file: Path) -> dict[Keys, Path]:
    found: dict[Keys, Path] = {}
    rest: list[tuple[Keys, object]] = [((), table)]
    while rest:
        path, value = rest.pop()
        if path:
            found[path] = file
        if isinstance(value, Mapping):
            rest += [((*path, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            rest += [((*path, _id(item)), item) for item in value if _id(item)]
    return found
