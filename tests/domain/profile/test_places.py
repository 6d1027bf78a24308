"""Every key that `tomllib` reads has its place, and there it stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ebid_tui.domain.profile.places import Path, path_of, place_of, places
from ebid_tui.domain.profile.systems import PACKAGED
from tests.e2e.variations import MINATO

FILES = [*PACKAGED.glob("*.toml"), *PACKAGED.glob("demo/*.toml"), MINATO]


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Of everything that a table holds."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inside in items:
        yield (*path, key)
        yield from paths(inside, (*path, key))


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_key_of_a_real_file_has_its_place(file: Any) -> None:
    text = file.read_text("utf-8")
    found = places(text)
    assert set(found) == set(paths(tomllib.loads(text)))
    lines = text.split("\n")
    for path, (line, column) in found.items():
        there = lines[line - 1][column - 1 :]
        if isinstance(path[-1], str):
            assert there.startswith((path[-1], f'"{path[-1]}"', "[")) or f"{path[-1]}" in there.split("=")[0], (path, there)


KEYS = st.one_of(st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True), st.text("ab.\"'\\ #=[]日", min_size=1, max_size=5))
LEAVES = st.one_of(st.integers(-5, 10**6), st.booleans(), st.text("ab\"'\\#[]{},=日 ", max_size=8), st.dates())
VALUES = st.recursive(LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)), max_leaves=8)


def basic(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def inline(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        forms = (basic(value), f"'''{value}'''", f'"""\n{basic(value)[1:-1]}"""')
        return forms[0 if "'" in value else len(value) % 3]
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{basic(key)} = {inline(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[  # items ]\n" + "".join(f"  {inline(item)},\n" for item in value) + "]"
    return str(value)


@given(tables=st.lists(st.tuples(st.booleans(), KEYS, st.dictionaries(KEYS, VALUES, max_size=3)), max_size=4))
def test_every_key_of_any_file_has_its_place(tables: list[tuple[bool, str, dict[str, Any]]]) -> None:
    text = "# a [comment] = 1\n"
    for several, name, table in tables:
        text += (f"[[{basic(name)}]] # list\n" if several else f"[{basic(name)}]\n") + "".join(
            f"{basic(key)}\t= {inline(value)} # x = 1\n" for key, value in table.items()
        )
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # a table named twice
    assert set(places(text)) == set(paths(read))


def test_a_key_as_a_fault_names_it_is_found() -> None:
    text = '[[blocks]]\nid = "company"\nfields = [\n  { id = "name", label = "x" },\n]\n[mail.labels]\n"company.name" = "名"\n'
    table, known = tomllib.loads(text), places(text)
    assert path_of("blocks.company.fields.name.label", table) == ("blocks", 0, "fields", 0, "label")
    assert path_of("blocks[0].fields[0].label", table) == ("blocks", 0, "fields", 0, "label")
    assert path_of("mail.labels.company.name", table) == ("mail", "labels", "company.name")
    assert place_of(path_of("blocks.company.fields.name.max", table), known) == (4, 3)
    assert place_of(("mail", "labels", "company.name"), known) == (7, 1)
    assert place_of(path_of("nothing", table), known) is None
