"""M12: a file says what is its own; what it extends is merged with it, by key and by id."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.domain.profile.extending import LONGEST_CHAIN, whole
from ebid_tui.domain.profile.systems import PACKAGED, available, load, profile_of
from ebid_tui.errors import ProfileError

SYSTEMS = ("ise", "aomori", "nagasaki", "saitama")
OWN_LINES = 120


def written(directory: Path, **files: str) -> Path:
    """The last of these files."""
    for name, text in files.items():
        (directory / f"{name}.toml").write_text(text, encoding="utf-8")
    return directory / f"{list(files)[-1]}.toml"


def table(directory: Path, **files: str) -> dict[str, Any]:
    return whole(written(directory, **files), ()).table


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_packaged_file_holds_only_its_own(system: str) -> None:
    lines = (PACKAGED / f"{system}.toml").read_text(encoding="utf-8").splitlines()
    assert sum(1 for line in lines if line.strip() and not line.strip().startswith("#")) <= OWN_LINES
    assert 'extends = "core"' in lines


def test_what_all_share_names_no_municipality_and_is_no_system() -> None:
    core = (PACKAGED / "core.toml").read_text(encoding="utf-8")
    assert "core" not in available()
    for system in SYSTEMS:
        profile = profile_of(system)
        assert profile.name not in core
        assert profile.contact.name not in core


def test_tables_merge_by_key_and_items_by_id(tmp_path: Path) -> None:
    base = 'a = 1\n[t]\nb = 2\nc = 3\n[[items]]\nid = "one"\nx = 1\ny = 1\n[[items]]\nid = "two"\nx = 2\n'
    own = 'extends = "base"\nd = 4\n[t]\nb = 5\n[[items]]\nid = "one"\ny = 9\n[[items]]\nid = "new"\nafter = "one"\n'
    assert table(tmp_path, base=base, own=own) == {
        "a": 1,
        "d": 4,
        "t": {"b": 5, "c": 3},
        "items": [{"id": "one", "x": 1, "y": 9}, {"id": "new"}, {"id": "two", "x": 2}],
    }


@pytest.mark.parametrize(
    ("place", "order"), [("before", ["new", "one", "two"]), ("after", ["one", "new", "two"]), ("", ["one", "two", "new"])]
)
def test_a_new_item_stands_where_it_says(tmp_path: Path, place: str, order: list[str]) -> None:
    base = 'items = [{ id = "one" }, { id = "two" }]\n'
    said = f', {place} = "one"' if place else ""
    found = table(tmp_path, base=base, own=f'extends = "base"\nitems = [{{ id = "new"{said} }}]\n')
    assert [item["id"] for item in found["items"]] == order


def test_an_item_that_is_there_can_be_moved(tmp_path: Path) -> None:
    base = 'items = [{ id = "one" }, { id = "two" }, { id = "three" }]\n'
    found = table(tmp_path, base=base, own='extends = "base"\nitems = [{ id = "three", before = "one", x = 1 }]\n')
    assert found["items"] == [{"id": "three", "x": 1}, {"id": "one"}, {"id": "two"}]


def test_what_was_inherited_can_be_left_out(tmp_path: Path) -> None:
    base = 'a = 1\nrows = ["x", "y"]\n[labels]\n"company.name" = "n"\n'
    base += '[[items]]\nid = "one"\n[[items.fields]]\nid = "f"\n[[items.fields]]\nid = "g"\n'
    own = 'extends = "base"\nwithout = ["a", "rows.x", "labels.company.name", "items.one.fields.f"]\n'
    assert table(tmp_path, base=base, own=own) == {"rows": ["y"], "labels": {}, "items": [{"id": "one", "fields": [{"id": "g"}]}]}


@pytest.mark.parametrize(
    ("own", "key", "told"),
    [
        ('extends = "../base"', "extends", "no id"),
        ('extends = "/etc/passwd"', "extends", "no id"),
        ("extends = 3", "extends", "no id"),
        ('extends = "bsae"', "extends", "there are: base own"),
        ('extends = "own"', "extends", "extend one another"),
        ('extends = "base"\nwithout = ["menu.itms"]', "without", "did you mean 'items'"),
        ('extends = "base"\nwithout = "menu"', "without", "a list of keys"),
        ('without = ["menu"]', "without", "nothing is extended"),
        ('extends = "base"\n[[menu.items]]\nid = "new"\nafter = "none"', "menu.items.new.after", "one two"),
        ('extends = "base"\n[[menu.items]]\nid = "new"\nafter = "one"\nbefore = "two"', "menu.items.new.before", "one two"),
    ],
)
def test_what_cannot_be_is_refused_with_file_and_key(tmp_path: Path, own: str, key: str, told: str) -> None:
    path = written(tmp_path, base='[[menu.items]]\nid = "one"\n[[menu.items]]\nid = "two"\n', own=own + "\n")
    with pytest.raises(ProfileError) as refused:
        whole(path, ())
    assert refused.value.key == key
    assert told in refused.value.reason


def test_a_circle_and_a_long_chain_are_refused_and_a_file_may_extend_the_packaged_one_of_its_name(tmp_path: Path) -> None:
    circle = written(tmp_path, a='extends = "b"\n', b='extends = "a"\n')
    with pytest.raises(ProfileError, match=r"b\.toml > a\.toml > b\.toml"):
        whole(circle, ())
    for number in range(LONGEST_CHAIN + 1):
        (tmp_path / f"c{number}.toml").write_text(f'extends = "c{number + 1}"\n' if number < LONGEST_CHAIN else "x = 1\n", encoding="utf-8")
    assert whole(tmp_path / "c1.toml", ()).table == {"x": 1}
    with pytest.raises(ProfileError, match="one behind the other"):
        whole(tmp_path / "c0.toml", ())
    ise = written(tmp_path, ise='extends = "ise"\nname = "別の市"\n')
    assert load(ise) == msgspec.structs.replace(profile_of("ise"), name="別の市")


def test_a_fault_is_told_of_the_file_that_says_it(tmp_path: Path) -> None:
    town = 'extends = "base"\nid = "town"\nname = "町"\n'
    path = written(tmp_path, base='extends = "ise"\n[[categories]]\nid = "goods"\nrelm = "x"\n', town=town)
    with pytest.raises(ProfileError) as refused:
        load(path)
    assert "base.toml" in str(refused.value.values.get("file", refused.value))
    path = written(tmp_path, base='extends = "ise"\n', town=town + 'hours = { open = "25:00" }\n')
    with pytest.raises(ProfileError) as refused:
        load(path)
    assert "town.toml" in str(refused.value.values.get("file", refused.value))
    assert refused.value.key == "hours.open"


VALUES = st.recursive(
    st.integers(0, 3),
    lambda inner: (
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        | st.lists(st.sampled_from("xyz"), unique=True, min_size=1).flatmap(
            lambda ids: st.tuples(*(st.dictionaries(st.sampled_from("abc"), inner, max_size=2) for _ in ids)).map(
                lambda parts: [{"id": i, **part} for i, part in zip(ids, parts, strict=True)]
            )
        )
    ),
    max_leaves=12,
)
TABLES = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


@given(TABLES, TABLES)
def test_everything_of_the_own_is_there_and_nothing_that_neither_says(base: dict[str, Any], own: dict[str, Any]) -> None:
    from ebid_tui.domain.profile.extending import _merged

    merged = _merged(base, own, "f", "")
    assert _leaves(own) <= _leaves(merged) <= _leaves(base) | _leaves(own)
    assert _merged(merged, own, "f", "") == merged


def _leaves(value: Any, path: tuple[str, ...] = ()) -> set[tuple[tuple[str, ...], int]]:
    if isinstance(value, dict):
        return {leaf for key, inner in value.items() if key != "id" for leaf in _leaves(inner, (*path, key))}
    if isinstance(value, list):
        return {leaf for item in value for leaf in _leaves(item, (*path, item["id"]))}
    return {(path, value)}
