"""Colour themes: one TOML file each, validated; what is wrong with one is told once, and a shipped one stands in (docs/themes.md).

Every role of `ROLES` has colours or attributes. Without colours (`NO_COLOR`) the attributes of `WITHOUT_COLOUR` carry
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

DEFAULT = "office-dark"
"""The theme where nothing else is said."""

COLOUR = re.compile(r"#[0-9a-f]{6}")

SIXTEEN = tuple(f"{bright}{name}" for bright in ("", "bright_") for name in "black red green yellow blue magenta cyan white".split())
"""The terminal's own sixteen colours, by the names that a theme gives them, in the order of their numbers."""

OWN = "default"
"""The terminal's own colour for text or ground; a theme uses it for both or for neither."""

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
    reverse: bool = False
    dim: bool = False


class Theme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One theme file: the two grounds, and every role."""

    name: str
    page: str
    panel: str
    roles: dict[str, Role]

    @property
    def by_terminal(self) -> bool:
        """Whether its colours are the terminal's own, and not mixed from red, green and blue."""
        return not self.page.startswith("#")


class ThemeError(Exception):
    """A theme file cannot be used; the text says which and why."""


def load(path: Path) -> Theme:
    """Read and check a theme. Raises ThemeError with file and reason."""
    try:
        theme = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8-sig")), Theme)
    except OSError as error:
        raise ThemeError(f"{path.name}: {error.strerror or 'unreadable'}") from None
    except (ValueError, RecursionError, msgspec.ValidationError) as error:  # TOML's and UTF-8's errors are ValueErrors
        raise ThemeError(f"{path.name}: {error}") from None
    missing, unknown = ROLES - theme.roles.keys(), theme.roles.keys() - ROLES
    if missing or unknown:
        raise ThemeError(f"{path.name}: roles: missing {sorted(missing)}, unknown {sorted(unknown)}")
    colours = _colours(theme)
    for key, value in colours:
        if not (COLOUR.fullmatch(value) or value in SIXTEEN or value == OWN):
            raise ThemeError(f"{path.name}: {key}: {value!r} is not #rrggbb, one of {', '.join(SIXTEEN)}, or {OWN}")
    for kind, told in (("#", "#rrggbb"), (OWN, OWN)):
        if len({value.startswith(kind) for _, value in colours}) > 1:
            raise ThemeError(f"{path.name}: {told} and other colours do not go together in one theme")
    return theme


def available(*directories: Path) -> dict[str, Path]:
    """Every theme's file by its name (the file's stem), in the order of the names; later directories win over the packaged ones."""
    found: dict[str, Path] = {}
    for directory in (PACKAGED, *directories):
        found.update((path.stem, path) for path in directory.glob("*.toml"))
    return dict(sorted(found.items()))


def file_of(name: str, *directories: Path) -> Path:
    """A setting's theme: the name of a packaged or an own one, or a file's path. Empty: the one that fits this terminal."""
    return available(*directories).get(name or fitting()) or Path(name).expanduser()


def fitting(environment: Mapping[str, str] | None = None) -> str:
    """The packaged theme for the colours that this terminal has, by what it says of itself."""
    environment = os.environ if environment is None else environment
    term = environment.get("TERM", "")
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit") or term.endswith(("256color", "-direct", "kitty")):
        return DEFAULT
    import curses

    try:
        curses.setupterm(term, 1)
        colours = curses.tigetnum("colors")
    except curses.error:
        return DEFAULT
    return DEFAULT if colours >= 256 else "sixteen" if colours >= 8 else "mono"


def choose(path: Path | None) -> tuple[Theme | None, str]:
    """The theme to use and what is wrong with the one that was asked for; no colours where `NO_COLOR` is set."""
    if "NO_COLOR" in os.environ:
        return None, ""
    standard = PACKAGED / f"{DEFAULT}.toml"
    try:
        return load(path or standard), ""
    except ThemeError as error:
        return load(standard), t("screen.theme.broken", reason=error)


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
    return {name: _style(role, role.background or background) for name, role in theme.roles.items()}


def _style(role: Role, background: str) -> Style:
    return Style(
        color=None if role.colour == OWN else role.colour,
        bgcolor=None if background == OWN else background,
        bold=role.bold or None,
        underline=role.underline or None,
        reverse=role.reverse or None,
        dim=role.dim or None,
    )
