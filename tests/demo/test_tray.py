"""The hand at the demo's readers: one card a reader, one reader a card, and what stays where it is."""

from __future__ import annotations

from functools import partial

import pytest

from ebid_tui.demo.packaged import DEMO_CARDS, VENDORS, WORLDS
from ebid_tui.demo.tray import DemoTray
from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.domain.profile.systems import available, profile_of
from ebid_tui.messages import t


def blank(name: str) -> VirtualCard:
    """A card without keys: the tray does not look at them."""
    return VirtualCard({}, serial=DEMO_CARDS[name].serial & 0xFFFFFFFF)


@pytest.mark.parametrize("system", available())
def test_what_is_to_be_typed_is_told_for_every_system(system: str) -> None:
    told = dict(Table(1, system).tray.notes())
    for vendor in (vendor for vendor in VENDORS if vendor.system == system):
        assert vendor.trade_name in told[vendor.number]
        assert vendor.password in told[vendor.number]
        assert (vendor.login_id or "") in told[vendor.number]
        for _, category in vendor.places:
            assert t("demo.category", name=profile_of(system).category(category).name) in told[vendor.number].split("　")


class Table:
    """A tray with so many readers."""

    def __init__(self, count: int, system: str = "ise") -> None:
        self.readers = [VirtualReader(f"Reader {number}") for number in range(count)]
        categories = {c.id: c.name for c in profile_of(system).categories}
        self.tray = DemoTray(self.readers, partial(WORLDS.__getitem__, system), blank, categories)

    @property
    def filled(self) -> list[bool]:
        return [reader.card is not None for reader in self.readers]


@pytest.fixture
def one() -> Table:
    return Table(1)


@pytest.fixture
def two() -> Table:
    return Table(2)


def test_the_systems_cards_come_first_and_the_others_last() -> None:
    names = [name for name, _ in Table(1, "nagasaki").tray.cards()]
    assert names == ["nagasaki-current", "nagasaki-next", "nagasaki-expired", "mynumber", "other-ca"]
    assert all(description for _, description in Table(1).tray.cards())


def test_a_card_goes_into_the_first_reader(two: Table) -> None:
    two.tray.insert("ise-new")
    assert two.filled == [True, False]
    assert two.tray.inserted == ("ise-new",)


def test_another_card_takes_its_place(two: Table) -> None:
    two.tray.insert("ise-new")
    first = two.readers[0].card
    two.tray.insert("ise-second")
    assert two.tray.inserted == ("ise-second",)
    assert two.readers[0].card is not first
    assert two.filled == [True, False]


def test_beside_another_it_goes_into_the_other_reader(two: Table) -> None:
    two.tray.insert("ise-current")
    two.tray.insert("ise-next", beside="Reader 0")
    assert two.tray.inserted == ("ise-current", "ise-next")
    assert two.filled == [True, True]


def test_the_second_readers_card_may_be_the_one_that_stays(two: Table) -> None:
    two.tray.insert("ise-current")
    two.tray.insert("ise-next", beside="Reader 0")
    two.tray.insert("ise-second", beside="Reader 1")
    assert two.tray.inserted == ("ise-second", "ise-next")


def test_another_try_beside_replaces_the_other_one_only(two: Table) -> None:
    two.tray.insert("ise-current")
    kept = two.readers[0].card
    two.tray.insert("stranger", beside="Reader 0")
    two.tray.insert("ise-next", beside="Reader 0")
    assert two.tray.inserted == ("ise-current", "ise-next")
    assert two.readers[0].card is kept


def test_with_one_reader_beside_means_a_swap(one: Table) -> None:
    one.tray.insert("ise-current")
    one.tray.insert("ise-next", beside="Reader 0")
    assert one.tray.inserted == ("ise-next",)


def test_the_card_that_stays_cannot_be_put_in_a_second_time(two: Table) -> None:
    two.tray.insert("ise-current")
    kept, changes = two.readers[0].card, two.readers[0].look()
    two.tray.insert("ise-current", beside="Reader 0")
    assert two.tray.inserted == ("ise-current",)
    assert two.readers[0].card is kept
    assert two.readers[0].look() == changes, "it was not even taken out"


def test_a_card_is_in_one_reader_only(two: Table) -> None:
    two.tray.insert("ise-current")
    two.tray.insert("ise-next", beside="Reader 0")
    two.tray.insert("ise-next")
    assert two.tray.inserted == ("ise-next",)
    assert two.filled == [True, False]


def test_all_are_taken_out_at_once(two: Table) -> None:
    two.tray.insert("ise-current")
    two.tray.insert("ise-next", beside="Reader 0")
    two.tray.remove()
    assert two.tray.inserted == ()
    assert two.filled == [False, False]


def test_r07_a_card_keeps_its_tries_out_of_the_reader(one: Table) -> None:
    one.tray.insert("ise-new")
    card = one.readers[0].card
    assert isinstance(card, VirtualCard)
    card.tries_left = 1
    one.tray.insert("ise-second")
    one.tray.insert("ise-new")
    assert one.readers[0].card is card
    assert card.tries_left == 1


def test_an_unknown_name_is_refused_and_nothing_moves(one: Table) -> None:
    one.tray.insert("ise-new")
    with pytest.raises(KeyError):
        one.tray.insert("no-such-card")
    assert one.tray.inserted == ("ise-new",)
