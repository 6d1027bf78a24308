"""`docs/adding-a-municipality.md` is a recipe of fifteen minutes, and what it shows can be written (every key: `system-reference.md`)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from ebid_tui.commands.system import ACTIONS
from ebid_tui.domain.profile import checks, password_checks
from ebid_tui.domain.profile.acceptance import Acceptance, AcceptanceCase, AcceptanceMails
from ebid_tui.domain.profile.demo import demo_table
from ebid_tui.domain.profile.structure import type_faults
from ebid_tui.domain.profile.systems import Profile

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "adding-a-municipality.md").read_text("utf-8")
MINATO = Path(__file__).parents[1] / "profiles" / "minato.toml"


def tables(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    """A table of a profile with every table inside it, by name."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__name__ not in found:
        found[kind.__name__] = kind
        for hint in get_type_hints(kind).values():
            tables(hint, found)
    for part in get_args(kind):
        tables(part, found)
    return found


TABLES: list[Any] = list(tables(Profile, {}).values())


def snippets() -> list[str]:
    return re.findall(r"^```toml\n(.*?)^```$", GUIDE, re.M | re.S)


def test_it_begins_with_the_recipe_and_stays_short() -> None:
    assert GUIDE.index("15分") < 300
    assert len(GUIDE.splitlines()) <= 300


@pytest.mark.parametrize("number", range(len(snippets())))
def test_what_it_shows_can_be_written(number: int, tmp_path: Path) -> None:
    """Each snippet in a file of its own: keys and types are right, whatever else such a file needs."""
    table = tomllib.loads(snippets()[number])
    if "vendors" in table:
        assert demo_table(table).cards
        return
    whole_file = tomllib.loads(MINATO.read_text("utf-8")) | table
    if "search" in table:
        whole_file["search"] = tomllib.loads(MINATO.read_text("utf-8"))["search"] | table["search"]
    if "print" in table:
        whole_file["print"] = tomllib.loads(MINATO.read_text("utf-8"))["print"] | table["print"]
    assert list(type_faults(whole_file, Profile)) == []


def test_commands_that_it_names_exist() -> None:
    named = set(re.findall(r"^    ebid-tui system (\w+)", GUIDE, re.M)) | set(re.findall(r"`ebid-tui system (\w+)", GUIDE))
    assert {"new", "check", "show"} <= named
    assert named <= {action.__name__.rpartition("_")[2] for action in ACTIONS}


def test_the_ids_of_fields_are_those_that_are_accepted() -> None:
    table = GUIDE[GUIDE.index("## 項目のid") :].split("\n## ")[0]
    rows = re.findall(r"^\|(.*?)\| ((?:`\w+` ?)+) \| (.*?) \|$", table, re.M)
    listed: dict[str, set[str]] = {}
    names: list[str] = []
    for where, ids, _ in rows:
        names = re.findall(r"`([\w.]+)`", where) or names
        for name in names:
            listed.setdefault(name, set()).update(re.findall(r"\w+", ids))
    assert listed == {
        "search.fields": set(checks.SEARCH_FIELDS),
        "password.fields": set(password_checks.PASSWORD_FIELDS),
        **{block: set(ids) for block, ids in checks.BLOCK_FIELDS.items()},
    }


def test_the_example_uses_every_key() -> None:
    """So that each can be copied; what excludes another key, would let things wait, or is made from the rest (the demo) is left out."""
    text = MINATO.read_text("utf-8")
    unused = {field.name for table in TABLES for field in msgspec.structs.fields(table) if not re.search(rf"\b{field.name}\b", text)}
    waiting = {field.name for table in (Acceptance, AcceptanceCase, AcceptanceMails) for field in msgspec.structs.fields(table)}
    assert unused - waiting - {"acceptance", "notes", "text"} == {
        "elsewhere",
        "elsewhere_note",
        "secret",
        "demo",
        "pad",
        "pattern",
        "pattern_says",
    }
