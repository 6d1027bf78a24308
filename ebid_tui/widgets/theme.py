"""Colour themes: one TOML file each, validated; what is wrong with one is told, and the plain theme stands in.

Every role of `ROLES` has a colour or an attribute. Without colours (`NO_COLOR`) the attributes of `WITHOUT_COLOUR` carry
everything; nothing on any screen is told by colour alone.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec
from rich.style import Style

from ebid_tui.messages import t

PACKAGED = Path(__file__).resolve().parent.parent / "themes"

COLOUR = re.compile(r"#[0-9a-f]{6}")

WITHOUT_COLOUR: Mapping[str, str] = {
    "text": "",
    "dim": "",
    "header": "reverse",
    "clock": "reverse",
    "title": "bold",
    "heading": "bold",
    "label": "",
    "shown": "",
    "input": "underline",
    "cursor": "reverse",
    "marker": "bold",
    "selected": "reverse",
    "unavailable": "dim",
    "button": "",
    "error": "bold",
    "warning": "bold",
    "good": "bold",
    "keybar": "",
    "key": "bold",
}
"""Every role, and what it looks like without colours."""

ROLES = frozenset(WITHOUT_COLOUR)


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one role looks. No background means that of the page or panel it stands on."""

    colour: str
    background: str = ""
    bold: bool = False
    underline: bool = False


class Theme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One theme file: the two grounds, and every role."""

    name: str
    page: str
    panel: str
    roles: dict[str, Role]


class ThemeError(Exception):
    """A theme file cannot be used; the text says which and why."""


def load(path: Path) -> Theme:
    """Read and check a theme. Raises ThemeError with file and reason."""
    try:
        theme = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Theme)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ThemeError(f"{path.name}: {error}") from None
    missing, unknown = ROLES - theme.roles.keys(), theme.roles.keys() - ROLES
    if missing or unknown:
        raise ThemeError(f"{path.name}: roles: missing {sorted(missing)}, unknown {sorted(unknown)}")
    for key, value in _colours(theme):
        if not COLOUR.fullmatch(value):
            raise ThemeError(f"{path.name}: {key}: {value!r} is not #rrggbb")
    return theme


def choose(path: Path | None) -> tuple[Theme | None, str]:
    """The theme to use and what is wrong with it; no colours where `NO_COLOR` is set or the file cannot be used."""
    if "NO_COLOR" in os.environ:
        return None, ""
    try:
        return load(path or PACKAGED / "office.toml"), ""
    except ThemeError as error:
        return None, t("screen.theme.broken", reason=error)


def _colours(theme: Theme) -> list[tuple[str, str]]:
    found = [("page", theme.page), ("panel", theme.panel)]
    for name, role in theme.roles.items():
        found.append((f"roles.{name}.colour", role.colour))
        if role.background:
            found.append((f"roles.{name}.background", role.background))
    return found


def styles(theme: Theme | None, ground: str) -> dict[str, Style]:
    """A style for every role on a ground (`page` or `panel`); None is the theme without colours."""
    if theme is None:
        return {name: Style.parse(look) if look else Style.null() for name, look in WITHOUT_COLOUR.items()}
    background = theme.panel if ground == "panel" else theme.page
    return {
        name: Style(color=role.colour, bgcolor=role.background or background, bold=role.bold or None, underline=role.underline or None)
        for name, role in theme.roles.items()
    }
