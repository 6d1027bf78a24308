"""`docs/adding-a-municipality.md` explains every key that a profile may have, and none that it may not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest

from ebid_tui.domain.profile import checks, password_checks
from ebid_tui.domain.profile.acceptance import Acceptance, AcceptanceCase, AcceptanceMails
from ebid_tui.domain.profile.systems import Profile, load

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


def explained(table: type) -> dict[str, tuple[str, str]]:
    """key → (default, meaning), as the guide's section about a table has them."""
    section = re.search(rf"^### [^\n]*: `{table.__name__}`\n(.*?)(?=^##)", GUIDE, re.M | re.S)
    assert section is not None, f"no section about {table.__name__}"
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", section[1], re.M)
    assert len(rows) == len({key for key, _, _ in rows})
    return {key: (default, meaning) for key, default, meaning in rows}


def default_in_toml(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "needed"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return "optional" if value is None or isinstance(value, msgspec.Struct) else f"`{json.dumps(value, ensure_ascii=False)}`"


def choices(hint: object) -> set[str]:
    """The values of a Literal, also inside a tuple."""
    if get_origin(hint) is Literal:
        return {str(value) for value in get_args(hint)}
    return set().union(*(choices(part) for part in get_args(hint)))


def test_the_example_is_the_made_up_systems_file() -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```$", GUIDE, re.M | re.S)
    assert blocks == [MINATO.read_text("utf-8")]
    assert load(MINATO).id == "minato"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_key_is_explained_with_its_default_and_its_values(table: type[msgspec.Struct]) -> None:
    keys = explained(table)
    assert list(keys) == [field.name for field in msgspec.structs.fields(table)]
    hints = get_type_hints(table)
    for field in msgspec.structs.fields(table):
        default, meaning = keys[field.name]
        assert default == default_in_toml(field), field.name
        unnamed = {choice for choice in choices(hints[field.name]) if f"`{choice}`" not in meaning}
        assert not unnamed, field.name


def test_the_guide_explains_no_other_table() -> None:
    assert set(re.findall(r"^### [^\n]*: `(\w+)`$", GUIDE, re.M)) == {table.__name__ for table in TABLES}


def test_the_ids_of_fields_are_those_that_are_accepted() -> None:
    table = GUIDE[GUIDE.index("## Ids of fields") :]
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
