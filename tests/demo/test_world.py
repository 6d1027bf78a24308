"""A system's demo is its file's, one beside it, or made of its settings: always such as the system itself takes."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from ebid_tui.demo.authorities import AUTHORITIES, practised
from ebid_tui.demo.cards import PIN
from ebid_tui.demo.describing import described
from ebid_tui.demo.making import KEYS, made
from ebid_tui.demo.world import world_of
from ebid_tui.domain.fields import problem
from ebid_tui.domain.profile.demo import REGISTERED
from ebid_tui.domain.profile.extending import whole
from ebid_tui.domain.profile.systems import PACKAGED, Profile, available, load, profile_of
from ebid_tui.errors import ProfileError
from tests.e2e.random_profiles import profiles
from tests.e2e.variations import MINATO, Raw, written

PACKAGED_DAY = date(2026, 11, 21)
VENDOR = 'number = "AB000001"\ntrade_name = "港商会"\n'
CARD = 'name = "one"\nstate = "new"\nvendor = "AB000001"\nnot_after = 2030-01-01\n'


def minato(directory: Path, demo: str) -> Profile:
    (directory / "minato.toml").write_text(MINATO.read_text("utf-8") + demo, "utf-8")
    return load(directory / "minato.toml")


@given(raw=profiles())
@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
def test_made_vendors_can_be_found_with_what_the_search_takes(raw: Raw) -> None:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "drawn.toml"
        file.write_text(written({"id": "drawn"} | raw), "utf-8")
        profile = load(file)
    world = made(profile)
    assert len({vendor.number for vendor in world.vendors}) == len(world.vendors)
    for vendor in world.vendors:
        known = vendor.search | {profile.search.key: vendor.number, "trade_name": vendor.trade_name, "password": vendor.password}
        known |= {"user_id": vendor.login_id} if vendor.login_id else {}
        for agency, category in vendor.places:
            for field in profile.search_fields(agency):
                assert problem(field, known[field.id], profile.policy_in(category), {}) is None, (field, known[field.id])
    for place in ((a.id, c.id) for a in profile.agencies for c in profile.categories_of(a.id)):
        here = {vendor.number for vendor in world.vendors if place in vendor.places}
        states = {card.state for card in world.cards.values() if card.vendor in here}
        assert {"new", "second", "current", "next", "soon", "expired"} <= states
        if any(f.id == "password" for f in profile.search_fields(place[0])):
            assert any(vendor.locked for vendor in world.vendors if vendor.number in here)
    assert {"stranger", "blocked", "other_ca", "mynumber"} <= {card.state for card in world.cards.values()}
    assert len({card.key_entry for card in world.cards.values() if card.key_entry}) <= KEYS <= 5
    assert made(profile) == world, "two processes have the same one"
    assert {c.authority for c in world.cards.values() if c.vendor} <= set(practised(profile).trusted) & set(AUTHORITIES)


def test_a_system_that_trusts_no_demo_authority_does_in_its_demo() -> None:
    profile = profile_of("aomori")
    assert practised(profile) is profile
    real = msgspec.structs.replace(profile, trusted=("e-probatio-ps2",))
    assert practised(real).trusted == ("e-probatio-ps2", "test-ca")


def test_the_file_names_its_vendors(tmp_path: Path) -> None:
    demo = f"[[demo.vendors]]\n{VENDOR}[[demo.cards]]\n{CARD}"
    profile = minato(tmp_path, demo)
    world = world_of(profile, tmp_path)
    (vendor,) = world.vendors
    assert (vendor.number, len(vendor.places)) == ("AB000001", 8), "everywhere, where nothing is said"
    assert world.cards["one"].not_after.year == 2030
    assert world.cards["one"].on(PACKAGED_DAY) == world.cards["one"], "dates stand as they are, where no day is said"


def test_a_file_beside_it_names_them(tmp_path: Path) -> None:
    profile = minato(tmp_path, "")
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "minato.toml").write_text(f"day = 2026-11-21\n[[vendors]]\n{VENDOR}[[cards]]\n{CARD}", "utf-8")
    world = world_of(profile, tmp_path)
    assert [v.number for v in world.vendors] == ["AB000001"]
    assert world.cards["one"].on(PACKAGED_DAY.replace(year=2036)).not_after.year == 2040


@pytest.mark.parametrize(
    ("demo", "key"),
    [
        ("[demo]\nnothing = 1\n", "demo"),
        (f"[[demo.vendors]]\n{VENDOR}\n[[demo.vendors]]\n{VENDOR}", "demo.vendors"),
        (f'[[demo.vendors]]\n{VENDOR}places = [{{ agency = "no", category = "works" }}]\n', "demo.vendors.AB000001.places"),
        (f'[[demo.vendors]]\n{VENDOR}places = [{{ agency = "water", category = "services" }}]\n', "demo.vendors.AB000001.places"),
        (f"[[demo.vendors]]\n{VENDOR}[[demo.cards]]\n{CARD.replace('AB000001', 'AB9')}", "demo.cards.one.vendor"),
        (f'[[demo.vendors]]\n{VENDOR}[[demo.cards]]\n{CARD}serial = "0x1"\n', "demo.cards.one.serial"),
        (f"[[demo.vendors]]\n{VENDOR}[[demo.cards]]\n{CARD}not_before = 2031-01-01\n", "demo.cards.one.not_after"),
    ],
)
def test_what_cannot_be_is_refused_with_its_key(tmp_path: Path, demo: str, key: str) -> None:
    profile = minato(tmp_path, demo)
    with pytest.raises(ProfileError) as refused:
        world_of(profile, tmp_path)
    assert (refused.value.file, refused.value.key) == ("minato.toml", key)


def test_another_file_of_a_packaged_systems_id_has_a_demo_of_its_own(tmp_path: Path) -> None:
    """With other categories than those that the packaged demo names."""
    text = written({"id": "ise"} | {k: v for k, v in whole(PACKAGED / "ise.toml", (PACKAGED,)).table.items() if k != "id"})
    assert '"goods"' in text
    (tmp_path / "ise.toml").write_text(text.replace('"goods"', '"things"'), "utf-8")
    profile = profile_of("ise", tmp_path)
    assert {place for vendor in world_of(profile, tmp_path).vendors for _, place in vendor.places} == {"construction", "things"}


@pytest.mark.parametrize("system", available())
def test_described_as_json(system: str) -> None:
    profile = profile_of(system)
    told = json.loads(described(profile))
    assert list(told) == ["system", "pin", "agencies", "categories", "vendors", "cards"]
    assert (told["system"], told["pin"]) == (system, PIN)
    assert told["agencies"] == [agency.id for agency in profile.agencies]
    names = {card["name"] for card in told["cards"]}
    for vendor in told["vendors"]:
        assert list(vendor) == ["agency", "category", "number", "user_id", "name", "password", "state", "cards"]
        assert vendor["agency"] in told["agencies"]
        assert vendor["category"] in told["categories"]
        assert set(vendor["cards"]) <= names
    assert {card["state"] for card in told["cards"]} & REGISTERED
    assert all(list(card) == ["name", "serial", "vendor", "state"] for card in told["cards"])
    assert PACKAGED.joinpath("demo", f"{system}.toml").is_file()
