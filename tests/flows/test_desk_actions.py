"""What an operator can do at the desk is closed: every action has a key, a name in both voices, and a step in the flow."""

from __future__ import annotations

import ast
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ebid_tui.flows.desk import accepting, applications, expiring, session, visit
from ebid_tui.flows.desk.ui import DeskAction, FindAction, ListAction, RequestAction, VendorAction
from ebid_tui.messages import has, t
from ebid_tui.screens.desk.listing import ListScreen
from ebid_tui.screens.desk.search import SearchScreen
from ebid_tui.screens.desk.vendor import DOING, VendorScreen
from ebid_tui.widgets.keys import ACTIONS

OWN_KEYS: dict[type[Any], tuple[DeskAction, ...]] = {
    SearchScreen: (FindAction.EXPIRING, FindAction.REQUESTS, FindAction.TRAINING),
    ListScreen: (ListAction.CSV, ListAction.FINISHED, ListAction.WAITING, ListAction.REFRESH),
    VendorScreen: DOING,
}
"""By page; the others are Enter, Esc, or said by the server."""


@pytest.mark.parametrize("page", OWN_KEYS)
def test_every_action_of_a_page_has_its_key_there_and_nothing_else_has(page: type[Any]) -> None:
    assert {each.id for each in page.BINDINGS if each.action.startswith("wish(")} == {f"desk.{action}" for action in OWN_KEYS[page]}


@pytest.mark.parametrize("action", [action for actions in OWN_KEYS.values() for action in actions])
def test_an_actions_key_and_line_mode_call_it_the_same(action: DeskAction) -> None:
    key = ACTIONS[f"desk.{action}"]
    assert (t(key.label), key.action) == (action.label, f"wish('{action}')")


def test_what_cannot_be_done_for_a_vendor_says_why() -> None:
    assert {action for action in DOING if not has(f"desk.cannot.{action}")} == {VendorAction.REFRESH}


@pytest.mark.parametrize("action", [action for action in RequestAction if action is not RequestAction.VENDOR])
def test_a_decision_is_named_explained_and_asked_for_once_more(action: RequestAction) -> None:
    assert all(has(f"desk.decide.{action}{said}") for said in ("", "_means", "_sure"))


@pytest.mark.parametrize("module", [visit, expiring, applications, accepting, session])
def test_no_step_of_the_flow_swallows_an_action_that_is_not_known_yet(module: ModuleType) -> None:
    """mypy then names every step that a new action is missing in."""
    tree = ast.parse(Path(str(module.__file__)).read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Match)]
    assert found
    for node in found:
        assert "assert_never" in ast.unparse(node.cases[-1]), ast.unparse(node.subject)
