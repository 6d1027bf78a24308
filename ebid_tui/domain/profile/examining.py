"""Everything that is wrong with a system's file, and everything that is legal and surely wrong, at once (`ebid-tui system check`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from ebid_tui.domain.profile.checks import contradictions
from ebid_tui.domain.profile.extending import Whole, whole
from ebid_tui.domain.profile.places import Path as KeyPath
from ebid_tui.domain.profile.places import Place, path_of, place_of, places
from ebid_tui.domain.profile.reasons import key_of, told
from ebid_tui.domain.profile.structure import TypeFault, shown, type_faults
from ebid_tui.domain.profile.suspicions import suspicions
from ebid_tui.domain.profile.systems import PACKAGED, Profile, load
from ebid_tui.domain.roster import roster_faults
from ebid_tui.errors import ProfileError
from ebid_tui.messages import t

LARGEST = 1024 * 1024
"""Bytes of a file that is read."""
_AT = re.compile(r"\(at line (\d+), column (\d+)\)")


@dataclass(frozen=True, slots=True)
class Remark:
    """A fault or a warning: where it stands, of which kind it is (`id`), and what is said of it in the language spoken."""

    file: str
    key: str
    id: str
    message: str
    line: int = 0
    column: int = 0
    """From 1; 0 where it has no place."""
    found: str = ""
    allowed: str = ""
    meant: str = ""


@dataclass
class Examined:
    """What came of a file; `profile` is None where it has faults."""

    file: Path
    profile: Profile | None = None
    faults: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)


@dataclass
class _Places:
    """Where the keys of a file, and of the files that it extends, stand."""

    file: Path
    said: Whole
    _known: dict[Path, tuple[dict[str, Any], dict[KeyPath, Place]]] = field(default_factory=dict)

    def of(self, key: str) -> tuple[str, Place]:
        """File and place of a key; (0, 0) where it has none."""
        origin = self.said.origin(key, self.file)
        if origin not in self._known:
            text = origin.read_text("utf-8-sig")
            self._known[origin] = (tomllib.loads(text), places(text))
        table, known = self._known[origin]
        return origin.name, place_of(path_of(key, table), known) or (0, 0)

    def remark(self, key: str, kind: str, message: str, **more: str) -> Remark:
        """A remark on a key, with its place."""
        file, (line, column) = self.of(key)
        return Remark(file, key, kind, message, line, column, **more)

    def value(self, key: str) -> str:
        """What stands at a key, if it is one."""
        inside: Any = self.said.table
        for step in (path := path_of(key, self.said.table)):
            inside = inside[step]
        return shown(inside) if path and not isinstance(inside, dict | list) else ""


def examined(file: Path, directories: Sequence[Path] = ()) -> Examined:
    """Read a file and say all that is to be said of it. Never raises for what stands in it."""
    report = Examined(file)
    try:
        _refuse_no_file(file)
        said = whole(file, (*directories, PACKAGED))
    except ProfileError as error:
        report.faults.append(_unread(file, error))
        return report
    where = _Places(file, said)
    typed = list(_typed(said.table))
    report.faults += [_type_remark(where, fault) for fault in typed]
    profile = _readable(said.table, typed)
    if profile is not None:
        if profile.id != file.stem:
            report.faults.append(_contradiction(where, "id", f"{profile.id!r} is not the file's name, {file.stem!r}"))
        report.faults += [_contradiction(where, *fault) for fault in chain(contradictions(profile), roster_faults(profile))]
    report.faults.sort(key=lambda remark: (remark.file != file.name, remark.line))
    if not report.faults:
        report.profile = load(file, directories)
        report.warnings += [where.remark(w.key, w.id, w.message, found=where.value(w.key)) for w in suspicions(report.profile, said.table)]
    return report


def _typed(table: dict[str, Any]) -> Iterator[TypeFault]:
    found = list(type_faults(table, Profile))
    if not found:
        try:
            msgspec.convert(table, Profile)
        except msgspec.ValidationError as error:
            reason, _, key = str(error).partition(" - at `$")
            found.append(TypeFault(key.strip("`."), "wrong_type", "", reason))
    yield from found


def _type_remark(where: _Places, fault: TypeFault) -> Remark:
    """What is missing stands nowhere: it is looked for in the file itself, not in one that it extends."""
    if fault.id == "missing_key":
        told = where.remark(fault.key, fault.id, fault.reason, allowed=fault.allowed, meant=fault.meant)
        return told if told.file == where.file.name else replace(told, file=where.file.name, line=0, column=0)
    return where.remark(fault.key, fault.id, fault.reason, found=fault.found, allowed=fault.allowed, meant=fault.meant)


def _readable(table: dict[str, Any], faults: Sequence[TypeFault]) -> Profile | None:
    """The profile without what is of the wrong type, as far as one can do without it: its contradictions are told at once, too."""
    left = deepcopy(table)
    for fault in faults:
        if fault.id != "missing_key" and (path := path_of(fault.key, left)):
            inside: Any = left
            for step in path[:-1]:
                inside = inside[step]
            if isinstance(inside, dict):
                del inside[path[-1]]
    try:
        return msgspec.convert(left, Profile)
    except msgspec.ValidationError:
        return None


def _contradiction(where: _Places, key: str, reason: str) -> Remark:
    return where.remark(key, key_of(reason) or "contradiction", told(reason), found=where.value(key))


def _refuse_no_file(file: Path) -> None:
    """Raises ProfileError for what is no file: a pipe or a device might never end."""
    try:
        if not file.exists():
            raise ProfileError(file.name, "-", t("system.no_file"))
        if not file.is_file():
            raise ProfileError(file.name, "-", t("system.not_a_file"))
        if file.stat().st_size > LARGEST:
            raise ProfileError(file.name, "-", t("system.too_large"))
    except (OSError, ValueError) as error:
        raise ProfileError(file.name, "-", getattr(error, "strerror", None) or str(error)) from None


def _place_in(file: Path, error: ProfileError) -> Place:
    """Of a key that could be read: a character that cannot be shown, a base that is not there."""
    if error.key == "-" or error.file != file.name:
        return 0, 0
    try:
        text = file.read_text("utf-8-sig")
        return place_of(path_of(error.key, tomllib.loads(text)), places(text)) or (0, 0)
    except (OSError, ValueError, RecursionError, IndexError):
        return 0, 0


def _unread(file: Path, error: ProfileError) -> Remark:
    """A file that is no TOML, or whose base is missing: with the line that the parser tells."""
    at = _AT.search(error.reason)
    line, column = (int(at[1]), int(at[2])) if at else _place_in(file, error)
    reason = t("system.no_toml", reason=error.reason) if at else told(error.reason)
    found = ""
    if line:
        lines = file.read_text("utf-8-sig", "replace").split("\n")
        found = shown(lines[line - 1].strip()) if line <= len(lines) else ""
    return Remark(error.file, error.key, key_of(error.reason) or "unreadable", reason, line, column, found)
