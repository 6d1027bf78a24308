"""The made-up fifth system, which is one TOML file and nothing else, goes through every flow that there is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ebid_tui.lines import COMPLETED, NOT_COMPLETED
from tests.e2e.town import COMPANY, NUMBER, PASSWORD, Ran, Town, issued, of_another_authority, town
from tests.server.signing import Authority

MINATO = Path(__file__).resolve().parents[1] / "domain" / "profiles" / "minato.toml"

PIN = "pin: 123456\n"
SEARCH = f"search.user_id: {NUMBER}\nsearch.trade_name: {COMPANY}\nsearch.password: {PASSWORD}\n"
FORM = """\
company.phone: 0312345678
representative_contact.name: 総務課
representative_contact.postal_code: 1000001
representative_contact.address: 港町一丁目２－３
card_contact.name: 工務課
card_contact.person: 港　花子
card_contact.email: hanako@minato.example
card_contact.email_again: hanako@minato.example
"""
END = "review: submit\ndone: close\n"
NEW_PASSWORD = "Atarashii2027"


def at(agency: str, category: str, menu: str) -> str:
    """From the entrance to the menu's item."""
    return f"agency: {agency}\ncategory: {category}\nentry: カードの手続き\nmenu: {menu}\n"


@pytest.fixture(scope="session")
def town_cards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the keys of the cards in town are kept, for all of a run."""
    return tmp_path_factory.mktemp("town-cards")


@pytest.fixture(scope="module")
def open_town(town_cards: Path) -> Iterator[Town]:
    authority = Authority()
    with tempfile.TemporaryDirectory(prefix="ebid-") as directory, town(Path(directory), town_cards, MINATO, authority) as made:
        made.cards["aosign"] = of_another_authority(authority)
        made.cards["stranger"] = issued(town_cards, "test-ca", "stranger", 710, "株式会社よその町", "他所　一郎")
        yield made


@pytest.fixture
def minato(open_town: Town) -> Iterator[Town]:
    """The town as it was in the beginning."""
    yield open_town
    open_town.server.ahead = timedelta()
    open_town.number_of_readers = 1
    open_town.server.restore()


def registered(minato: Town, capsys: pytest.CaptureFixture[str], card: str = "first", form: str = FORM) -> Ran:
    ran = minato.run(at("港町", "工事", "新規登録") + f"card: {card}\n" + PIN + SEARCH + form + END, capsys)
    assert ran.code == COMPLETED, ran.out + ran.err
    return ran


def test_registration_with_its_own_labels(minato: Town, capsys: pytest.CaptureFixture[str]) -> None:
    ran = registered(minato, capsys)
    print(ran.out)
    assert ran.receipt.startswith("MINATO-")
