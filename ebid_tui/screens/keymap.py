"""One's own keys: a TOML file, checked as a whole. What is wrong with it is told once, and the standard keys stay (docs/keys.md)."""

from __future__ import annotations

import importlib
import pkgutil
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from textual.app import App
from textual.keys import Keys

from ebid_tui.forms.text_field import KEYS as EDITING
from ebid_tui.messages import t
from ebid_tui.terminal.screen_parts import bound_ids
from ebid_tui.widgets.keys import ACTIONS, key_name, label_of, use_keymap, written

SAME = {"ctrl+m": "Enter", "ctrl+i": "Tab", "ctrl+h": "Backspace", "ctrl+[": "Esc"}
"""Keys that most terminals cannot tell from others."""

LARGEST = 64 * 1024
TOLD = 6
"""Faults that are told at once."""

_KNOWN = frozenset(key.value for key in Keys if not key.value.startswith("<"))


class KeymapError(Exception):
    """A keymap cannot be used; the text says which file, which key, and why."""


def taken(app: App[object], file: Path) -> str:
    """Use one's own keys from now on; what is wrong with them, or nothing."""
    try:
        keys = load(file)
    except KeymapError as error:
        return str(error)
    use_keymap(keys)
    app.set_keymap(keys)
    return ""


def load(file: Path) -> dict[str, str]:
    """Keys by action, as `keys.use_keymap` takes them. Raises KeymapError."""
    try:
        with file.open("rb") as source:
            data = source.read(LARGEST + 1)
        table = tomllib.loads(data.decode("utf-8-sig"))
    except OSError as error:
        raise KeymapError(t("keys.broken", file=file, reasons=t("keys.unreadable", reason=error.strerror or "?"))) from None
    except (ValueError, RecursionError) as error:  # TOML's and UTF-8's errors are ValueErrors
        raise KeymapError(t("keys.broken", file=file, reasons=t("keys.not_toml", reason=error))) from None
    found: dict[str, str] = {}
    faults: list[str] = []
    for name, value in _flat(table):
        keys, wrong = _keys(name, value)
        faults += wrong
        if not wrong:
            found[name] = ",".join(keys)
    faults += [] if faults else _clashes(found)
    if faults:
        told = faults[:TOLD] + ([t("keys.more", count=len(faults) - TOLD)] if len(faults) > TOLD else [])
        raise KeymapError(t("keys.broken", file=file, reasons="\n".join(told)))
    return found


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """`page.submit = …` as TOML reads it (a table in a table), or with the name in quotes."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value


def _keys(name: str, value: Any) -> tuple[list[str], list[str]]:
    """The keys of one action as Textual names them, and what is wrong with them."""
    if name not in ACTIONS:
        return [], [t("keys.unknown_action", name=name)]
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list) or not all(isinstance(key, str) for key in given):
        return [], [t("keys.shape", name=name)]
    keys = [written(key) for key in given if key.strip()]
    if not keys:
        return [], [t("keys.none", name=name)]
    return list(dict.fromkeys(keys)), [fault for key in keys if (fault := _fault(name, key))]


def _fault(name: str, key: str) -> str:
    """What is wrong with a key for an action; empty if nothing."""
    shown = key_name(key)
    standard = ACTIONS[name].keys.split(",")
    if key in SAME and key not in standard:
        return t("keys.same", name=name, key=shown, other=SAME[key])
    if len(key) == 1 or key == "space":
        typed = any(len(other) == 1 or other == "space" for other in standard)
        return "" if typed and key.isprintable() and key.isascii() else t("keys.types", name=name, key=shown)
    last = key.removeprefix("alt+").removeprefix("shift+")
    if key not in _KNOWN and not (key.startswith("alt+") and (last in _KNOWN or (len(last) == 1 and last.isprintable()))):
        return t("keys.unknown_key", name=name, key=shown)
    if key in EDITING and key not in standard and name.startswith(("form.", "app.", "page.submit", "page.back", "save.")):
        return t("keys.edits", name=name, key=shown)
    return ""


def _clashes(keymap: Mapping[str, str]) -> list[str]:
    """Keys that would do two things on one screen."""
    found: dict[tuple[str, ...], str] = {}
    for actions in _screens():
        by_key: dict[str, list[str]] = {}
        for name in actions:
            for key in (keymap.get(name) or ACTIONS[name].keys).split(","):
                by_key.setdefault(key.strip(), []).append(name)
        for key, names in by_key.items():
            if len(names) > 1 and any(name in keymap for name in names):
                first, second = names[:2]
                found[key, first, second] = t(
                    "keys.twice", key=key_name(key), first=first, second=second, one=label_of(first), other=label_of(second)
                )
    return list(found.values())


def _screens() -> Iterator[list[str]]:
    """The actions that every screen has, by their ids."""
    import ebid_tui.screens
    from ebid_tui.screens.base import Page
    from ebid_tui.screens.overlay import Overlay

    for module in pkgutil.walk_packages(ebid_tui.screens.__path__, "ebid_tui.screens."):
        importlib.import_module(module.name)
    everywhere = ["app.quit", "app.redraw", "app.language", "app.theme"]
    kinds: list[type[Page | Overlay]] = [Page, Overlay]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        yield list(dict.fromkeys([*everywhere, *(name for name in bound_ids(kind) if name in ACTIONS)]))
