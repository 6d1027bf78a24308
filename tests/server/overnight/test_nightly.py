"""反映 (R-16, R-17, R-30): what is copied overnight to a vendor's other agencies, and what is not."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select, update

from ebid_tui.server.overnight import propagation
from ebid_tui.server.store import schema
from tests.server.vendors import AGENCIES, DAY, Office, card, numbers, office

ONE = "00000001"


@pytest.fixture
def place(tmp_path: Path, database_kind: str) -> Office:
    return office(tmp_path)


# ---- what is copied --------------------------------------------------------------------------------------------------


def test_r16_a_registration_goes_to_the_vendors_other_agencies(place: Office) -> None:
    place.qualify(ONE)
    place.qualify("00000002", "town", "water")
    given = place.register(ONE, "town", "a")
    done = place.night()
    assert (done.operations, done.copies) == (1, 2)
    r = schema.registrations
    with place.database() as connection:
        source, *made = connection.execute(select(r).order_by(r.c.agency != "town", r.c.agency)).all()
    assert [row.agency for row in made] == ["port", "water"]
    for row in made:
        kept = ("system", "category", "realm", "number", "state", "fingerprint", "serial", "issuer", "not_after", "blocks")
        assert [row._mapping[name] for name in kept] == [source._mapping[name] for name in kept]
        assert row.id == f"{source.id}-{row.agency}"
    details = place.rows(schema.vendor_details, "agency", "company", "company_id", "updated_at")
    assert [(row[0], row[1]["phone"], row[2], row[3]) for row in details] == [
        (agency, "000-0000-003", "0000000000000001", given.at) for agency in sorted(AGENCIES)
    ]
    audit = [row for row in place.rows(schema.audit, "event", "actor", "subject", "receipt_id", "agency") if row[1] == "overnight"]
    assert audit == [("registration-copied", "overnight", ONE, given.id, agency) for agency in ("port", "water")]


def test_r35_not_to_where_the_qualification_has_lapsed_nor_to_another_category(place: Office) -> None:
    place.qualify(ONE, "town")
    place.qualify(ONE, "water", state="lapsed")
    place.qualify(ONE, "port", category="goods")
    place.register(ONE, "town", "a")
    assert place.night().copies == 0
    assert place.cards("water") == place.cards("port") == {}


def test_r27_under_review_is_copied(place: Office) -> None:
    place.qualify(ONE, "town")
    place.qualify(ONE, "water", state="under_review")
    place.register(ONE, "town", "a", "港　一郎")
    assert place.night().copies == 1


def test_r31_further_cards_go_as_well(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a", "甲")
    place.register(ONE, "water", "b", "乙")
    place.register(ONE, "town", "c", "丙")
    done = place.night()
    assert (done.operations, done.copies) == (3, 6)
    assert all(place.cards(agency).keys() == {"甲", "乙", "丙"} for agency in AGENCIES)
    # What the cards share is the newest registration's everywhere.
    assert {row[0]["person"] for row in place.rows(schema.vendor_details, "representative_contact")} == {"丙"}


def test_r17_agencies_added_later_need_one_registration(place: Office) -> None:
    place.qualify(ONE, "town")
    place.register(ONE, "town", "a", "甲")
    assert place.night().copies == 0
    place.qualify(ONE, "water", "port")
    place.register(ONE, "water", "a", "乙")
    assert place.night().copies == 1
    assert place.cards("port") == place.cards("water")
    # Where the card is registered already nothing is changed by it.
    assert place.cards("town") == {"甲": ("active", "甲")}
    town = [row for row in place.rows(schema.vendor_details, "agency", "representative_contact") if row[0] == "town"]
    assert town[0][1]["person"] == "甲"


def test_r30_a_card_of_another_number_is_not_copied(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a")
    place.register(ONE, "town", "b")
    bindings = schema.card_bindings
    with place.database() as connection:
        connection.execute(update(bindings).where(bindings.c.fingerprint == card("a").fingerprint).values(number="00000009"))
    done = place.night()
    assert (done.operations, done.copies, done.refused) == (2, 2, 1)
    assert ("registration-refused",) in place.rows(schema.audit, "event")
    assert place.night().operations == 0


def test_r16_an_amendment_only_if_chosen(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a", "甲")
    place.night()
    place.amend(ONE, "town", "a", "乙", propagate=False)
    assert place.night().operations == 0
    assert {agency: [c for _, c in place.cards(agency).values()] for agency in AGENCIES} == {
        "town": ["乙"],
        "water": ["甲"],
        "port": ["甲"],
    }
    place.amend(ONE, "town", "a", "丙", propagate=True)
    assert place.night().copies == 2
    assert {tuple(place.cards(agency).values()) for agency in AGENCIES} == {(("active", "丙"),)}
    assert {row[0]["person"] for row in place.rows(schema.vendor_details, "representative_contact")} == {"丙"}


def test_r16_an_amendment_of_the_same_day_that_was_not_chosen_stays_where_it_is(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a", "甲")
    place.amend(ONE, "town", "a", "乙", propagate=False)
    assert place.night().copies == 2
    assert place.cards("water") == place.cards("port") == {"甲": ("active", "甲")}
    shared = {row[0]: row[1]["person"] for row in place.rows(schema.vendor_details, "agency", "representative_contact")}
    assert shared == {"town": "乙", "water": "甲", "port": "甲"}
    # Of 企業情報 only what is typed: the rest is each agency's own qualification's.
    assert {tuple(row[0]) for row in place.rows(schema.vendor_details, "company")} == {("phone",)}


def test_what_was_amended_there_since_stays(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a", "甲")
    place.night()
    place.amend(ONE, "town", "a", "乙", propagate=True)
    place.amend(ONE, "water", "a", "丙", propagate=False)
    assert place.night().copies == 1
    assert place.cards("water") == {"丙": ("active", "丙")}
    assert place.cards("port") == {"乙": ("active", "乙")}


def test_r11_a_copied_renewal_retires_the_old_card_there(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a", "甲")
    place.night()
    place.amend(ONE, "water", "a", "水", propagate=False)
    place.renew(ONE, "town", "a", "b", propagate=True)
    assert place.night().copies == 2
    assert place.cards("port") == {"甲": ("renewed", "甲"), "b": ("active", "甲")}
    # The registration there moves to the new card with its own contact.
    assert place.cards("water") == {"水": ("renewed", "水"), "b": ("active", "水")}


def test_r16_a_renewal_that_was_not_chosen_leaves_the_old_card_there(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a", "甲")
    place.renew(ONE, "town", "a", "b", propagate=False)
    assert place.night().operations == 1
    assert place.cards("water") == {"甲": ("active", "甲")}


def test_a_whole_day_is_done_again_in_its_order(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a", "甲")
    place.amend(ONE, "town", "a", "乙", propagate=True)
    place.renew(ONE, "town", "a", "b", propagate=True)
    place.amend(ONE, "town", "b", "丙", propagate=True)
    done = place.night()
    assert (done.operations, done.copies) == (4, 8)
    assert place.cards("water") == place.cards("port") == place.cards("town")
    noted = [row for row in place.rows(schema.audit, "event", "subject", "agency", "actor") if row[-1] == "overnight"]
    events = ["amendment-copied", "amendment-copied", "registration-copied", "renewal-copied"]
    assert noted == sorted((event, ONE, agency, "overnight") for agency in ("port", "water") for event in events)


def test_a_cancelled_card_is_not_copied(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a")
    with place.database() as connection:
        connection.execute(update(schema.registrations).values(state="cancelled"))
    assert place.night().copies == 0


def test_r36_a_registration_without_a_card_goes_once(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a", "甲")
    nothing = dict.fromkeys(("fingerprint", "serial", "issuer", "not_after"))
    with place.database() as connection:
        connection.execute(update(schema.registrations).values(**nothing))
        body = connection.execute(select(schema.receipts.c.body)).scalar_one()
        connection.execute(update(schema.receipts).values(body=body | {"card": None}))
    assert place.night().copies == 2
    assert place.cards("water") == place.cards("port") == {"甲": ("active", "甲")}
    assert {row[0] for row in place.rows(schema.registrations, "fingerprint")} == {None}


def test_a_receipt_that_cannot_be_read_stops_nobody_else(place: Office) -> None:
    for number in numbers(2):
        place.qualify(number)
    broken = place.register(ONE, "town", "a")
    place.amend(ONE, "town", "a", "乙", propagate=False)
    place.register("00000002", "town", "b")
    with place.database() as connection:
        connection.execute(update(schema.receipts).where(schema.receipts.c.id == broken.id).values(body={"id": 1}))
    done = place.night()
    assert (done.operations, done.copies, done.failed) == (2, 2, 1)
    states = {row[0]: row[1] for row in place.rows(schema.propagations, "receipt_id", "state")}
    assert states[broken.id] == "failed"
    assert ("registration-failed", broken.id, "town") in place.rows(schema.audit, "event", "receipt_id", "agency")
    assert place.night().operations == 0


def test_only_systems_that_propagate(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a")
    with place.database() as connection:
        connection.execute(update(schema.propagations).values(system="elsewhere"))
    assert place.night().operations == 0
    assert place.rows(schema.propagations, "state") == [("waiting",)]


def test_r16_nothing_is_copied_where_the_system_does_not_propagate(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a")
    rules = msgspec.structs.replace(place.profile.rules, propagation=False)
    place.profile = msgspec.structs.replace(place.profile, rules=rules)
    assert place.night().operations == 0
    assert place.rows(schema.propagations, "state") == [("waiting",)]


def test_what_came_after_the_set_time_waits_for_the_next_night(place: Office) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a")
    assert place.night(before=DAY).operations == 0
    assert place.night().operations == 1


def test_most_registrations_take_the_short_way(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in numbers(3):
        place.qualify(number)
        place.register(number, "town", number)
    monkeypatch.setattr(propagation, "REPLAYS", {})
    assert place.night().copies == 6


def test_what_was_copied_is_counted_in_the_log_and_a_night_without_work_says_nothing(
    place: Office, caplog: pytest.LogCaptureFixture
) -> None:
    place.qualify(ONE)
    place.register(ONE, "town", "a")
    with caplog.at_level("INFO", "ebid_tui.server.overnight.propagation"):
        place.night()
        place.night()
    assert caplog.messages == ["propagated operations=1 copies=2 refused=0 failed=0"]


def test_whoever_stops_it_leaves_the_rest_to_the_next_night(place: Office) -> None:
    for number in numbers(3):
        place.qualify(number)
        place.register(number, "town", number)
    asked: list[int] = []

    def stopping() -> bool:
        asked.append(1)
        return len(asked) > 2

    assert place.night(batch=1, stopping=stopping).operations == 2
    assert place.night(stopping=lambda: True).operations == 0
    assert place.night().operations == 1
