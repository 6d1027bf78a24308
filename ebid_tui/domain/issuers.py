"""The certification authorities: whom to call, which are refused, and where their certificates say whose card it is.

All of it is data, in `systems/issuers.toml`, whose head explains the keys, and in files of the same name beside further profiles.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Literal

import msgspec

from ebid_tui.domain.profile.agency_file import table_of
from ebid_tui.errors import ProfileError

PACKAGED = Path(__file__).resolve().parent.parent / "systems" / "issuers.toml"

Part = Literal["company", "company_address", "holder", "holder_address"]
Place = tuple[Literal["subject", "san"], tuple[str, ...]]
"""Which name of the certificate, and the attributes of it that are joined."""

_PLACE = re.compile(r"(subject|san):((?:[A-Z]+|[0-9.]+)(?: (?:[A-Z]+|[0-9.]+))*)")
ATTRIBUTES = frozenset({"C", "ST", "L", "STREET", "O", "OU", "CN", "SN", "GN", "T", "SERIALNUMBER"})
"""The short names that a place may use; any other attribute is written as its dotted OID."""


class Issuer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One certification authority."""

    id: str
    name: str
    service: str = ""
    kind: Literal["core", "demo", "refused"]
    rule: str = ""
    """The rule that refuses its cards, for kind `refused` (R-23)."""
    card: Literal["", "mynumber", "corporate"] = ""
    """What its cards are, for kind `refused`."""
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    contact: str = ""
    """Whom to ask about a locked card (R-07), Japanese."""
    modules: tuple[str, ...] = ()
    """Where its PKCS#11 module may be: absolute paths; those that do not exist are passed over."""
    places: dict[Part, tuple[str, ...]] = {}


class IssuerTable(msgspec.Struct, frozen=True, eq=False, forbid_unknown_fields=True, kw_only=True):
    """One or several files of authorities. (Compared by identity, so that it can be a cache's key.)"""

    default: dict[Part, tuple[str, ...]] = {}
    issuers: tuple[Issuer, ...] = ()

    def find(self, issuer: str) -> Issuer | None:
        """The authority behind an issuer name (RFC 4514); None for one that nobody has described.

        An exact name wins over words.
        """
        return _found(self, issuer)

    def by_id(self, issuer_id: str) -> Issuer:
        """KeyError for an id that is not in the table."""
        for issuer in self.issuers:
            if issuer.id == issuer_id:
                return issuer
        raise KeyError(issuer_id)

    def places(self, issuer: str, part: Part) -> tuple[Place, ...]:
        """Where to look for a part of a certificate by this issuer, in order."""
        found = self.find(issuer)
        written = found.places.get(part) if found else None
        return tuple(_place(text) for text in (self.default.get(part, ()) if written is None else written))


@lru_cache(maxsize=256)
def _found(table: IssuerTable, issuer: str) -> Issuer | None:
    wanted, folded = _comparable(issuer), issuer.casefold()
    exact = (i for i in table.issuers if wanted in map(_comparable, i.names))
    words = (i for i in table.issuers if i.words and all(word.casefold() in folded for word in i.words))
    return next(chain(exact, words), None)


@lru_cache(maxsize=1024)
def _comparable(name: str) -> str:
    return re.sub(r"\s*([,=+])\s*", r"\1", " ".join(name.split())).casefold()


@lru_cache(maxsize=256)
def _place(text: str) -> Place:
    """`san:ST L` → ("san", ("ST", "L")). Raises ValueError for anything else."""
    match = _PLACE.fullmatch(text)
    attributes = tuple(match[2].split()) if match else ()
    if match is None or any(name.isalpha() and name not in ATTRIBUTES for name in attributes):
        raise ValueError(text)
    return ("subject" if match[1] == "subject" else "san"), attributes


def load(*paths: Path) -> IssuerTable:
    """Read and check files; an authority in a later file replaces one of the same id, and so does its [default].

    Raises ProfileError with file, key and reason.
    """
    return _merged(*(_read(path) for path in paths))


def _read(path: Path) -> IssuerTable:
    raw = table_of(path)
    try:
        table = msgspec.convert(raw, IssuerTable)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at ")
        raise ProfileError(path.name, where.rpartition("$")[2].strip("`.") or "-", reason) from None
    for key, reason in _faults(table):
        raise ProfileError(path.name, key, reason)
    return table


def _faults(table: IssuerTable) -> list[tuple[str, str]]:
    """(key, reason) of everything in a file that contradicts itself."""
    faults: list[tuple[str, str]] = []
    ids = [issuer.id for issuer in table.issuers]
    for index, issuer in enumerate(table.issuers):
        key = f"issuers[{index}]"
        if ids.index(issuer.id) != index:
            faults.append((f"{key}.id", f"{issuer.id} stands twice"))
        if not issuer.names and not issuer.words:
            faults.append((f"{key}.names", "neither names nor words: its certificates cannot be recognised"))
        if (issuer.kind == "refused") != bool(issuer.rule):
            faults.append((f"{key}.rule", "a rule belongs to kind refused, and to no other"))
    tables = [("default", table.default)] + [(f"issuers[{i}].places", issuer.places) for i, issuer in enumerate(table.issuers)]
    for key, places in tables:
        for part, texts in places.items():
            for text in texts:
                try:
                    _place(text)
                except ValueError:
                    faults.append((f"{key}.{part}", f"{text!r} is no place: subject:ATTRIBUTES or san:ATTRIBUTES"))
    return faults


_packaged = cache(lambda: load(PACKAGED))
_further: dict[Path, IssuerTable] = {}
"""What `also_from` has read, by file, in the order of reading."""


def known_issuers() -> IssuerTable:
    """The table in force: the one that comes with the program, and over it what `also_from` has read."""
    return _in_force() if _further else _packaged()


_in_force = cache(lambda: _merged(_packaged(), *_further.values()))


def also_from(*directories: Path) -> None:
    """Take over the authorities in the `issuers.toml` of these directories, for as long as this process lives.

    A directory without one changes nothing; one that was read before is read again. Raises ProfileError for a broken file.
    """
    _in_force.cache_clear()
    for directory in directories:
        file = directory.resolve() / PACKAGED.name
        _further.pop(file, None)
        if file != PACKAGED and file.is_file():
            _further[file] = _read(file)


def _merged(*tables: IssuerTable) -> IssuerTable:
    """An authority in a later table replaces one of the same id, and so does a place in its [default]."""
    default: dict[Part, tuple[str, ...]] = {}
    issuers: dict[str, Issuer] = {}
    for table in tables:
        default |= table.default
        issuers |= {issuer.id: issuer for issuer in table.issuers}
    return IssuerTable(default=default, issuers=tuple(issuers.values()))
