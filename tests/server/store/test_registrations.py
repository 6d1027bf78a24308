"""Registrations: each statement reaches the ones that it names, among neighbours that are other in one thing each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ebid_tui.domain.records import CardCertificate, RegisteredCard, Registration, Vendor
from ebid_tui.server.store import registrations
from ebid_tui.server.store.schema import card_bindings, qualifications
from ebid_tui.server.store.schema import registrations as table
from tests.clock import NOW
from tests.server.filling import QUALIFICATION, REGISTRATION, THIS, VENDOR, neighbours, put, rows

DAY = timedelta(days=1)
CARD = CardCertificate(fingerprint="f" * 64, serial="683", issuer="O=CA,C=JP", not_after=NOW)
MINE = Registration(id="R-1", vendor=THIS, state="active", card=CARD, blocks=REGISTRATION["blocks"], registered_at=NOW)
WITHOUT = replace(MINE, card=None, blocks={})
WITHOUT_CARD = {"fingerprint": None, "serial": None, "issuer": None, "not_after": None}


def others(**other: Any) -> list[dict[str, Any]]:
    """Neighbours of `MINE`, registered before it."""
    made = neighbours(REGISTRATION | {"registered_at": NOW - DAY}, **other)
    return [row | {"id": f"R-{number}"} for number, row in enumerate(made, 2)]


def test_what_was_written_is_what_is_read(connection: Connection) -> None:
    registrations.add_registration(connection, MINE, "realm")
    assert registrations.standing(connection, "ise", "ise", "construction", "f" * 64) == MINE
    assert rows(connection, table, "realm", "folded_holder") == [("realm", "伊勢建設伊勢一郎")]
    for again in (MINE, Registration(id="R-2", vendor=THIS, state="active", card=CARD, blocks={}, registered_at=NOW)):
        with pytest.raises(IntegrityError), connection.begin_nested():
            registrations.add_registration(connection, again, "realm")


def test_r_05_where_a_card_is_or_was_registered_the_earliest_first(connection: Connection) -> None:
    place = Vendor(system="ise", agency="water", category="goods", number="2")
    there = REGISTRATION | {
        "id": "R-9",
        "agency": "water",
        "category": "goods",
        "number": "2",
        "registered_at": NOW - DAY,
        "state": "renewed",
    }
    put(connection, table, REGISTRATION, there, *others(system="aomori", fingerprint="e" * 64))
    names = neighbours(QUALIFICATION | {"trade_name": "別"}, system="aomori", agency="port", category="goods", number="3")
    put(connection, qualifications, QUALIFICATION, *names)
    assert registrations.registered_cards(connection, "ise", "f" * 64) == (
        RegisteredCard(agency=place.agency, category=place.category, realm="construction", trade_name="", state="renewed"),
        RegisteredCard(agency="ise", category="construction", realm="construction", trade_name="伊勢建設", state="active"),
    )


def test_what_a_card_is_at_one_agency_and_category(connection: Connection) -> None:
    put(connection, table, *others(system="aomori", agency="water", category="goods", fingerprint="e" * 64))
    key = ("ise", "ise", "construction", "f" * 64)
    assert registrations.standing(connection, *key) is None
    put(connection, table, REGISTRATION | {"state": "renewed"})
    found = registrations.standing(connection, *key)
    assert found is not None
    assert (found.id, found.state) == ("R-1", "renewed")


def test_r_31_every_card_of_a_vendor_the_earliest_first(connection: Connection) -> None:
    second = REGISTRATION | {"id": "R-0", "fingerprint": "d" * 64, "registered_at": NOW, "state": "renewed"}
    third = REGISTRATION | {"id": "R-a", "fingerprint": "c" * 64, "registered_at": NOW - DAY}
    put(connection, table, REGISTRATION, second, third, REGISTRATION | WITHOUT_CARD | {"id": "R-f"})
    put(connection, table, *others(system="aomori", agency="water", category="goods"))
    put(connection, table, *(row | {"fingerprint": "b" * 64, "id": "R-n"} for row in others(number="2")))
    assert [one.id for one in registrations.cards_of(connection, THIS)] == ["R-a", "R-0", "R-1"]


def test_r_30_a_card_belongs_to_one_number_in_each_realm(connection: Connection) -> None:
    key = ("ise", "construction", "f" * 64)
    assert registrations.owner(connection, *key) is None
    registrations.add_binding(connection, *key, "1", NOW)
    for number, one in enumerate((("aomori", *key[1:]), ("ise", "goods", key[2]), (*key[:2], "e" * 64)), 2):
        assert registrations.owner(connection, *one) is None
        registrations.add_binding(connection, *one, str(number), NOW)
        assert registrations.owner(connection, *one) == str(number)
    assert registrations.owner(connection, *key) == "1"
    with pytest.raises(IntegrityError), connection.begin_nested():
        registrations.add_binding(connection, *key, "9", NOW)
    assert rows(connection, card_bindings, "created_at") == [NOW] * 4


def test_r_36_one_registration_without_a_card_for_each_vendor(connection: Connection) -> None:
    blocks = {"company": {"name": "伊勢建設"}}
    registrations.add_card_free(connection, replace(WITHOUT, blocks=blocks), "realm")
    assert rows(connection, table, *VENDOR, "id", "realm", "state", "fingerprint", "blocks", "registered_at", "folded_holder") == [
        (*VENDOR.values(), "R-1", "realm", "active", None, blocks, NOW, None)
    ]
    assert registrations.cards_of(connection, THIS) == ()
    with pytest.raises(IntegrityError), connection.begin_nested():
        registrations.add_card_free(connection, replace(WITHOUT, id="R-2"), "realm")


@pytest.mark.parametrize("state", ["renewed", "cancelled"])
def test_r_11_only_an_active_registration_is_changed_or_ends(connection: Connection, state: str) -> None:
    ended = {"id": "R-2", "fingerprint": "e" * 64, "state": state}
    put(connection, table, REGISTRATION, REGISTRATION | ended, REGISTRATION | {"id": "R-3", "fingerprint": "d" * 64})
    old, new = REGISTRATION["blocks"], {"company": {"phone": "1"}}
    assert registrations.change_blocks(connection, "R-1", new)
    assert not registrations.change_blocks(connection, "R-2", new)
    assert not registrations.change_blocks(connection, "R-9", new)
    assert rows(connection, table, "id", "blocks", "state") == [("R-1", new, "active"), ("R-2", old, state), ("R-3", old, "active")]
    assert [registrations.end_renewed(connection, "R-1") for _ in range(2)] == [True, False]
    assert not registrations.end_renewed(connection, "R-2")
    assert rows(connection, table, "id", "state") == [("R-1", "renewed"), ("R-2", state), ("R-3", "active")]
