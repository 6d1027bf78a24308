"""The walk goes through a system's flows with its demo, and finds the walls."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path

import pytest

from ebid_tui import settings
from ebid_tui.demo.authorities import practised
from ebid_tui.demo.card_and_server import demo_parts
from ebid_tui.demo.walk import walk
from ebid_tui.demo.world import world_of
from ebid_tui.domain.profile.systems import available, profile_of
from ebid_tui.domain.profile.walked import Walked
from tests.e2e.variations import MINATO, one_agency, written


def walked(system: str, *directories: Path, seconds: float = 600.0) -> Walked:
    profile = practised(profile_of(system, *directories))
    loaded = settings.load({"system": system} | ({"systems_directory": str(directories[0])} if directories else {}))
    return walk(profile, world_of(profile, *directories), demo_parts(loaded, profile, accepted_after=0.0), seconds=seconds)


@pytest.mark.parametrize("system", available())
def test_the_packaged_systems_have_no_wall(system: str) -> None:
    found = walked(system)
    assert found.dead_ends == []
    assert (found.visits >= 3, found.left) == (True, [])


def test_a_made_demo_goes_through_every_category_and_state() -> None:
    found = walked("minato", MINATO.parent)
    assert found.dead_ends == []
    assert found.visits > 60


def test_what_waits_is_accepted_on_the_way(tmp_path: Path) -> None:
    raw = tomllib.loads(MINATO.read_text("utf-8"))
    papers = {"operations": ["renewal"], "kind": "papers", "papers": ["届"], "hand_in": "郵送"}
    one_agency(raw)
    (tmp_path / "minato.toml").write_text(written(raw | {"acceptance": {"kind": "approval", "by": [papers]}}), "utf-8")
    found = walked("minato", tmp_path)
    assert found.dead_ends == []
    assert found.visits > 15


def test_what_there_is_no_time_for_is_told() -> None:
    found = walked("ise", seconds=-1.0)
    assert (found.visits, found.dead_ends) == (0, [])
    assert "ise construction approved: registration" in found.left


def test_a_wall_is_told_with_what_was_said(tmp_path: Path) -> None:
    """A vendor of the demo whose password is another one than the list has: the search finds nobody."""
    text = '[[demo.vendors]]\nnumber = "AB000001"\ntrade_name = "港商会"\n'
    text += '[[demo.cards]]\nname = "one"\nstate = "new"\nvendor = "AB000001"\ncompany = "港商会"\nholder = "港"\nnot_after = 2040-01-01\n'
    (tmp_path / "minato.toml").write_text(MINATO.read_text("utf-8") + text, "utf-8")
    found = walked("minato", tmp_path)
    assert found.dead_ends
    first = found.dead_ends[0]
    assert (first.agency, first.category, first.state, first.step) == ("town", "works", "approved", "registration")
    assert "R-28" in first.said or "<search.password>" in first.said
    assert dataclasses.asdict(first)["said"] == first.said
