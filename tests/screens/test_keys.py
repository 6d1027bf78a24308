"""Every action has two keys, every binding an id, and no page has one key for two things."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections import Counter
from pathlib import Path
from typing import Any, TypeVar

import pytest
from textual import events
from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode
from textual.screen import Screen

import ebid_tui.screens
from ebid_tui.app import EbidApp
from ebid_tui.screens.base import Page
from ebid_tui.screens.overlay import Overlay
from ebid_tui.terminal.keys import typed
from ebid_tui.widgets.keys import ACTIONS, key_name, keys_of

for _module in pkgutil.walk_packages(ebid_tui.screens.__path__, "ebid_tui.screens."):
    importlib.import_module(_module.name)


Kind = TypeVar("Kind")


def subclasses(kind: type[Kind]) -> list[type[Kind]]:
    return [kind, *(s for k in kind.__subclasses__() for s in subclasses(k))]


SCREENS: list[type[Screen[Any]]] = [s for s in (*subclasses(Page), *subclasses(Overlay)) if s.__module__.startswith("ebid_tui")]
BOUND: list[type[DOMNode]] = [*SCREENS, EbidApp]


def bindings(screen: type[DOMNode]) -> BindingsMap:
    """Its own and what it inherits."""
    assert screen._merged_bindings is not None
    return screen._merged_bindings


@pytest.mark.parametrize("action_id", ACTIONS)
def test_every_action_has_two_keys(action_id: str) -> None:
    assert len(set(keys_of(action_id))) >= 2


@pytest.mark.parametrize("screen", BOUND, ids=lambda s: s.__name__)
def test_every_binding_has_an_id_and_an_action_that_exists(screen: type[DOMNode]) -> None:
    for _, binding in bindings(screen):
        assert isinstance(binding, Binding)
        assert binding.id in ACTIONS, binding
        owner = EbidApp if binding.action.startswith("app.") else screen
        assert hasattr(owner, "action_" + binding.action.removeprefix("app.").partition("(")[0]), binding


@pytest.mark.parametrize("screen", SCREENS, ids=lambda s: s.__name__)
def test_no_page_has_one_key_for_two_things(screen: type[DOMNode]) -> None:
    keys = [key for own in (screen, EbidApp) for key in bindings(own).key_to_bindings]
    assert [key for key, times in Counter(keys).items() if times > 1] == []
    declared = [key for b in screen.__dict__.get("BINDINGS", ()) for key in b.key.split(",")]
    assert len(declared) == len(set(declared))


def test_every_action_is_bound_somewhere() -> None:
    assert ACTIONS.keys() - {binding.id for screen in BOUND for _, binding in bindings(screen)} == set()


def test_textuals_own_bindings_are_not_inherited() -> None:
    for screen in SCREENS:
        assert not {"copy_text", "focus_next"} & {b.action.rpartition(".")[2] for _, b in bindings(screen)}
    assert "command_palette" not in {b.action for _, b in bindings(EbidApp)}


def test_keys_are_written_as_people_read_them() -> None:
    assert [key_name(k) for k in ("ctrl+s", "f10", "escape", "shift+tab", "p")] == ["Ctrl+S", "F10", "Esc", "Shift+Tab", "P"]


@pytest.mark.parametrize(
    ("key", "character", "types"),
    [
        ("a", "a", "a"),
        ("A", "A", "A"),
        ("+", "+", "+"),
        ("plus", "+", "+"),
        ("space", " ", " "),
        ("ideographic_space", "\u3000", "\u3000"),
        ("漢", "漢", "漢"),
        ("alt+l", "l", None),
        ("alt+shift+l", "L", None),
        ("ctrl+q", "\x11", None),
        ("ctrl+a", "a", None),
        ("meta+a", "a", None),
        ("enter", "\r", None),
        ("escape", "\x1b", None),
        ("zero_width_space", "\u200b", None),
        ("f1", None, None),
    ],
)
def test_what_a_key_types(key: str, character: str | None, types: str | None) -> None:
    assert typed(events.Key(key, character)) == types


def test_no_other_place_looks_at_a_keys_character() -> None:
    """What does types Alt+L."""
    package = Path(ebid_tui.screens.__file__).parents[1]
    found = [
        f"{path.relative_to(package)}:{node.lineno}"
        for path in sorted(package.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and (node.attr == "character" or (node.attr == "is_printable" and isinstance(node.value, ast.Name) and node.value.id == "event"))
    ]
    assert len(found) == 1, found
    assert found[0].startswith("terminal/keys.py:")
