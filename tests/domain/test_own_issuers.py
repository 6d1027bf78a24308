"""An authority that nobody has seen is data: an `issuers.toml` beside the profiles, for the client and the server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ebid_tui.domain import issuers, rules
from ebid_tui.domain.certificate import read
from ebid_tui.domain.profile import systems
from ebid_tui.errors import ProfileError, RuleError
from ebid_tui.server import services
from ebid_tui.server.settings import ServerSettings
from tests.domain.test_certificate import make

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "adding-a-municipality.md").read_text("utf-8")
EXAMPLE = "".join(
    line[4:] + "\n" for line in re.findall(r"^    .*$|^$", GUIDE[GUIDE.index("## 認証局を加える") :].split("\n\n`trusted = ")[0], re.M)
)
HARBOUR = "C=JP/O=Minato Ninsho Kyoku/CN=Harbour CA G2"
CARD = make(subject="C=JP/O=Harbour Ltd/OU=港建設", san=None, issuer=HARBOUR)


@pytest.fixture(autouse=True)
def this_test_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuers, "_further", {})
    systems.profile_of.cache_clear()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Path]:
    """A directory with a system that trusts the guide's authority, and the authority."""
    text = (systems.PACKAGED / "ise.toml").read_text("utf-8").replace('id = "ise"', 'id = "town"', 1)
    (tmp_path / "town.toml").write_text(
        re.sub(r"^trusted = \[.*?\]", 'trusted = ["harbour-ca"]', text, count=1, flags=re.M | re.S), "utf-8"
    )
    (tmp_path / "issuers.toml").write_text(EXAMPLE, "utf-8")
    yield tmp_path
    systems.profile_of.cache_clear()


def test_the_guides_example_is_one() -> None:
    assert 'id = "harbour-ca"' in EXAMPLE


def test_r34_without_the_file_the_authority_is_unknown(town: Path) -> None:
    (town / "issuers.toml").unlink()
    with pytest.raises(ProfileError) as fault:
        systems.profile_of("town", town)
    assert "harbour-ca" in fault.value.reason
    with pytest.raises(RuleError):
        rules.refuse_issuer(read(CARD).issuer, ("harbour-ca",))


def test_its_cards_are_known_and_accepted_once_its_profile_is_loaded(town: Path) -> None:
    profile = systems.profile_of("town", town)
    card = read(CARD)
    rules.refuse_issuer(card.issuer, profile.trusted)
    assert card.company == "港建設"
    assert card.holder is None
    authority = issuers.known_issuers().find(card.issuer)
    assert authority is not None
    assert "00-0000-0000" in authority.contact
    assert issuers.known_issuers().by_id("e-probatio-ps2")


def test_the_server_knows_it_too(town: Path) -> None:
    settings = ServerSettings(
        database="sqlite://", origins=("http://localhost",), anchors={}, systems=("town",), system_directories=(town,)
    )
    assert services.profiles(settings)["town"].trusted == ("harbour-ca",)
    assert read(CARD).company == "港建設"


def test_a_packaged_authority_can_be_described_better(tmp_path: Path) -> None:
    (tmp_path / "issuers.toml").write_text(
        '[[issuers]]\nid = "aosign"\nname = "日本電子認証"\nkind = "core"\nnames = ["CN=Sign CA,O=X,C=JP"]\ncontact = "窓口"\n', "utf-8"
    )
    systems.profile_of("ise", tmp_path)
    found = issuers.known_issuers().find("CN=Sign CA, O=X, C=JP")
    assert found is not None
    assert (found.id, found.contact) == ("aosign", "窓口")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[issuers]]\n", "required field"),
        ('[[issuers]]\nid = "x"\nname = "x"\nkind = "core"\n', "neither names nor words"),
        ("issuers = 1", "Expected"),
        ("\x00", ""),
        ("x = 1", "unknown field"),
    ],
)
def test_a_broken_one_is_refused_with_file_and_reason(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "issuers.toml").write_text(text, "utf-8")
    with pytest.raises(ProfileError) as fault:
        issuers.also_from(tmp_path)
    assert fault.value.file == "issuers.toml"
    assert reason in fault.value.reason
    assert issuers.known_issuers().by_id("jpki")


def test_read_again_it_is_what_it_is_now(town: Path) -> None:
    issuers.also_from(town, town)
    (town / "issuers.toml").write_text(EXAMPLE.replace("港町認証局（電話", "新港認証局（電話"), "utf-8")
    issuers.also_from(town)
    assert "新港" in issuers.known_issuers().by_id("harbour-ca").contact
    (town / "issuers.toml").unlink()
    issuers.also_from(town)
    with pytest.raises(KeyError):
        issuers.known_issuers().by_id("harbour-ca")


def test_every_key_of_an_authority_is_explained() -> None:
    section = GUIDE[GUIDE.index("## 認証局を加える") :].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.M) == [field.name for field in msgspec.structs.fields(issuers.Issuer)]
