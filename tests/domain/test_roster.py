"""The columns of a roster: the labels that the screens have, unless the system's file names others."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ebid_tui.domain.profile.systems import Profile, profile_of
from ebid_tui.domain.roster import Roster, columns, of_qualification, roster_faults
from tests.domain.profile.test_systems import FOUR


def with_roster(system: str, **roster: Any) -> Profile:
    return msgspec.structs.replace(profile_of(system), roster=Roster(**roster))


@pytest.mark.parametrize(
    ("system", "required"),
    [
        ("ise", ["業者番号", "商号又は名称", "調達区分"]),
        ("saitama", ["業者番号", "商号又は名称", "調達機関", "調達区分"]),
    ],
)
def test_agency_and_category_are_needed_where_there_are_several(system: str, required: list[str]) -> None:
    profile = profile_of(system)
    labels = {field.id: field.label for field in profile.search.fields}
    made = columns(profile)
    number = labels[profile.search.key]
    assert made.number == number
    assert list(made.required) == [number, *required[1:]]
    alone = msgspec.structs.replace(profile, categories=profile.categories[:1])
    assert list(columns(alone).required) == [number, *required[1:-1]]


@pytest.mark.parametrize("system", FOUR)
def test_no_column_is_there_twice_and_every_field_of_the_qualification_has_one(system: str) -> None:
    profile = profile_of(system)
    made = columns(profile)
    assert len(set(made.names)) == len(made.names)
    for field in of_qualification(profile):
        assert field.label in made.names
        assert (field.id in made.company) != (field.label in (made.agency, made.category, made.number, made.trade_name, made.login_id))
        assert field.source in ("qualification", "typed")
    assert not list(roster_faults(profile))


def test_a_field_that_is_called_like_a_fixed_column_has_none_of_its_own() -> None:
    ise = profile_of("ise")
    made = columns(ise)
    fixed = {made.agency, made.category, made.number, made.trade_name, made.state, made.password} - {""}
    company = ise.block("company")
    for label in sorted(fixed):
        fields = tuple(msgspec.structs.replace(f, label=label) if f.id == "name" else f for f in company.fields)
        blocks = tuple(msgspec.structs.replace(company, fields=fields) if b is company else b for b in ise.blocks)
        profile = msgspec.structs.replace(ise, blocks=blocks)
        assert columns(profile).company.keys() == made.company.keys() - {"name"}
        assert not list(roster_faults(profile))


def test_a_user_id_has_a_column_where_the_search_asks_it_beside_the_number() -> None:
    beside = [s for s in FOUR if "user_id" in {f.id for f in profile_of(s).search.fields} and profile_of(s).search.key != "user_id"]
    for system in FOUR:
        assert bool(columns(profile_of(system)).login_id) == (system in beside), system
        assert columns(with_roster(system, login_id="ログインID")).login_id == "ログインID"


def test_the_systems_own_names_win() -> None:
    own = {"agency": "機関", "category": "区分", "number": "番号", "trade_name": "名前", "state": "状態", "password": "暗証"}
    made = columns(with_roster("saitama", **own, company={"name": "会社"}))
    assert [getattr(made, name) for name in own] == list(own.values())
    assert made.company["name"] == "会社"
    assert list(made.required) == ["番号", "名前", "機関", "区分"]


def test_faults_are_named() -> None:
    profile = with_roster("ise", company={"nobody": "x", "phone": "商号又は名称"})
    assert [key for key, _ in roster_faults(profile)] == ["roster.company.nobody", "roster"]
    assert "2 times" in list(roster_faults(profile))[1][1]
