"""R-45: the mails before a card ends: to whom, when, what they say, and each once. The time is the test's."""

from __future__ import annotations

import threading
from datetime import datetime, time, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from ebid_tui.domain.profile.systems import load
from ebid_tui.messages import t
from ebid_tui.server.overnight import reminders
from ebid_tui.server.overnight.schedule import Scheduler, planned
from ebid_tui.server.settings import JAPAN, Overnight
from ebid_tui.server.store import schema
from ebid_tui.server.store.engine import writing_engine
from ebid_tui.server.store.transactions import direct
from tests.server.vendors import PROFILES, SYSTEM, Office, card, numbers, office

ONE = "00000001"
END = card("a").not_after
LAST_DAY = datetime.combine(END.astimezone(JAPAN).date(), time(2), JAPAN)
PROFILE = load(PROFILES / f"{SYSTEM}.toml")
SUBJECT = "ICカードの有効期限のお知らせ（2028/02/29まで）"


@pytest.fixture
def place(tmp_path: Path, database_kind: str) -> Office:
    made = office(tmp_path)
    made.qualify(ONE)
    return made


def before(days: int) -> datetime:
    """Two in the morning, so many days before the last one."""
    return LAST_DAY - timedelta(days=days)


def look(place: Office, at: datetime, batch: int = reminders.BATCH) -> int:
    engine = writing_engine(place.url)
    try:
        return reminders.remind(direct(engine), {SYSTEM: place.profile}, lambda: at, batch=batch).written
    finally:
        engine.dispose()


def mails(place: Office) -> list[str]:
    """The texts of the mails about a card's end, among those about what was registered."""
    return [body for subject, body in place.rows(schema.mail_outbox, "subject", "body") if subject == SUBJECT]


def days_told(place: Office) -> list[int]:
    return sorted(row[0] for row in place.rows(schema.reminders, "days"))


def told_on(place: Office, *days: int) -> list[int]:
    """On which of these days before the end a mail was written."""
    return [day for day in days if look(place, before(day))]


def thresholds(place: Office, *days: int) -> None:
    mail = msgspec.structs.replace(place.profile.mail, before_end=days)
    place.profile = msgspec.structs.replace(place.profile, mail=mail)


# ---- when ------------------------------------------------------------------------------------------------------------


def test_r45_ninety_sixty_and_thirty_days_before_once_each(place: Office) -> None:
    place.register(ONE, "town", "a")
    assert told_on(place, *range(95, -3, -1)) == [90, 60, 30]
    assert len(mails(place)) == 3
    assert days_told(place) == [30, 60, 90]


def test_r45_after_days_without_the_job_only_the_nearest(place: Office) -> None:
    place.register(ONE, "town", "a")
    assert told_on(place, 100, 45, 44, 20, 19, 0, -1) == [45, 20]
    assert days_told(place) == [30, 60]


def test_r45_a_card_that_has_ended_is_told_of_no_more(place: Office) -> None:
    place.register(ONE, "town", "a")
    assert look(place, END + timedelta(seconds=1)) == 0
    assert look(place, END) == 1  # its last moment


def test_r45_nothing_again_when_the_clock_was_set_back(place: Office) -> None:
    place.register(ONE, "town", "a")
    assert told_on(place, 50, 85, 59, 29, 61, 30) == [50, 29]


def test_r45_the_days_are_the_systems(place: Office) -> None:
    place.register(ONE, "town", "a")
    thresholds(place)
    assert told_on(place, 90, 60, 30, 0) == []
    thresholds(place, 7, 45)
    assert told_on(place, *range(60, -1, -1)) == [45, 7]


@given(st.lists(st.integers(-5, 120), max_size=40), st.sets(st.integers(1, 110), max_size=5))
def test_r45_whenever_the_job_runs_each_threshold_has_one_window(days: list[int], chosen: set[int]) -> None:
    """A day belongs to the nearest threshold that is not below it, and to no other."""
    profile = msgspec.structs.replace(PROFILE, mail=msgspec.structs.replace(PROFILE.mail, before_end=tuple(chosen)))
    for day in days:
        windows = reminders._windows(profile, before(day))
        found = [edge for edge, since, until in windows if since <= END < until]
        assert found == ([min(edge for edge in chosen if edge >= day)] if day >= 0 and any(edge >= day for edge in chosen) else [])


# ---- to whom ---------------------------------------------------------------------------------------------------------


def test_r45_one_card_is_one_mail_wherever_it_is_registered(place: Office) -> None:
    place.register(ONE, "town", "a")
    place.night()
    assert look(place, before(30)) == 1
    (body,) = mails(place)
    for agency in ("town", "water", "port"):
        assert f"登録先: {place.profile.agency(agency).name} › " in body
    assert look(place, before(29)) == 0


def test_r45_to_the_contact_that_was_changed_last(place: Office) -> None:
    place.register(ONE, "town", "a")
    place.night()
    place.amend(ONE, "water", "a", "水", propagate=False)
    changed = schema.registrations.c
    with place.database() as connection:
        row = connection.execute(schema.registrations.select().where(changed.agency == "water")).one()
        contact = row.blocks["card_contact"] | {"email": "water@example.com"}
        content = row.blocks | {"card_contact": contact}
        connection.execute(update(schema.registrations).where(changed.id == row.id).values(blocks=content))
    look(place, before(30))
    assert (SUBJECT, "water@example.com") in place.rows(schema.mail_outbox, "subject", "recipient")
    assert len(mails(place)) == 1


def test_r45_none_for_a_card_that_was_renewed_or_cancelled(place: Office) -> None:
    place.register(ONE, "town", "a")
    place.renew(ONE, "town", "a", "b", propagate=False)
    assert look(place, before(90)) == 1  # the new one
    with place.database() as connection:
        connection.execute(update(schema.registrations).values(state="cancelled"))
    assert look(place, before(60)) == 0
    assert [row[0] for row in place.rows(schema.reminders, "fingerprint")] == [card("b").fingerprint]


def test_r45_a_copy_alone_is_told_of_as_well(place: Office) -> None:
    """The card was cancelled where it was registered first; its copies have no receipt of their own."""
    given_receipt = place.register(ONE, "town", "a")
    place.night()
    r = schema.registrations
    with place.database() as connection:
        connection.execute(update(r).where(r.c.agency == "town").values(state="cancelled"))
    assert look(place, before(90)) == 1
    assert (SUBJECT, given_receipt.id) in place.rows(schema.mail_outbox, "subject", "receipt_id")
    assert f"登録先: {place.profile.agency('town').name} ›" not in mails(place)[0]
    assert mails(place)[0].count("登録先") == 2


def test_r45_none_where_the_qualification_has_lapsed(place: Office) -> None:
    place.register(ONE, "town", "a")
    with place.database() as connection:
        connection.execute(update(schema.qualifications).values(state="lapsed"))
    assert look(place, before(90)) == 0
    with place.database() as connection:
        connection.execute(update(schema.qualifications).values(state="under_review"))
    assert look(place, before(89)) == 1


def test_r45_without_an_address_there_is_no_mail_and_the_next_card_has_its_turn(place: Office) -> None:
    place.register(ONE, "town", "a")
    with place.database() as connection:
        connection.execute(update(schema.registrations).values(blocks={}))
    place.register(ONE, "town", "b")
    engine = writing_engine(place.url)
    done = reminders.remind(direct(engine), {SYSTEM: place.profile}, lambda: before(90), batch=1)
    engine.dispose()
    assert done == reminders.Reminded(written=1, unwritten=1), "nobody says that a mail was made where none was"
    assert len(mails(place)) == 1


# ---- what it says ----------------------------------------------------------------------------------------------------


def test_r45_it_says_whose_which_until_when_what_to_do_and_whom_to_ask(place: Office) -> None:
    place.register(ONE, "town", "a")
    look(place, before(90))
    (body,) = mails(place)
    profile = place.profile
    assert body.startswith("登録されているICカードは、2028/02/29で有効期限が切れます。\n")
    for said in (
        "港町建設株式会社",
        f"{profile.number_label} {ONE}",
        f"{profile.card.serial_label}: ",
        f"{profile.card.not_after_label}: 2028/02/29",
        t("notice.ends_soon"),
        t("server.reminder_registered"),
        f"{t('server.mail_contact')}: {profile.helpdesk.name}",
    ):
        assert said in body, said
    assert body.count("683") == 1


def test_r45_the_serial_is_shown_as_the_system_shows_it(place: Office) -> None:
    place.register(ONE, "town", "a")
    rows = msgspec.structs.replace(place.profile.card, serial="decimal_and_hex")
    place.profile = msgspec.structs.replace(place.profile, card=rows)
    look(place, before(90))
    assert t("flow.serial.both", decimal="683", hex="2ab") in mails(place)[0]


def test_r45_without_a_renewal_on_the_menu_only_registering_is_named(place: Office) -> None:
    place.register(ONE, "town", "a")
    look(place, before(90))
    items = tuple(item for item in place.profile.menu.items if item.id != "renewal")
    place.profile = msgspec.structs.replace(place.profile, menu=msgspec.structs.replace(place.profile.menu, items=items))
    look(place, before(60))
    with_renewal, without = sorted(mails(place), key=len, reverse=True)
    label = next(item.label for item in PROFILE.menu.items if item.id == "renewal")
    assert f"「{label}」" in with_renewal
    assert f"「{label}」" not in without


# ---- each once -------------------------------------------------------------------------------------------------------


def test_r45_several_at_once_write_each_mail_once(place: Office) -> None:
    for number in numbers(30)[1:]:
        place.qualify(number)
    for number in numbers(30):
        place.register(number, "town", number)
    threads = [threading.Thread(target=look, args=(place, before(90)), kwargs={"batch": 2}) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mails(place)) == 30
    assert len(place.rows(schema.reminders)) == 30


def test_r45_a_batch_that_fails_leaves_nothing_behind(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    place.register(ONE, "town", "a")
    with monkeypatch.context() as patched:

        def broken(*_: object) -> None:
            raise OSError("disk full")

        patched.setattr(reminders, "reminder", broken)
        with pytest.raises(OSError, match="disk full"):
            look(place, before(90))
    assert place.rows(schema.reminders) == []
    assert mails(place) == []
    assert look(place, before(90)) == 1


def test_r45_whoever_stops_it_leaves_the_rest_to_the_next_night(place: Office) -> None:
    for name in ("a", "b", "c"):
        place.register(ONE, "town", name)
    asked: list[int] = []

    def stopping() -> bool:
        asked.append(1)
        return len(asked) > 1

    engine = writing_engine(place.url)
    assert reminders.remind(direct(engine), {SYSTEM: place.profile}, lambda: before(30), batch=1, stopping=stopping) == (1, 0)
    engine.dispose()
    assert look(place, before(30)) == 2


def test_r45_serve_writes_them_by_itself_and_again_after_a_restart_only_what_is_new(
    place: Office, caplog: pytest.LogCaptureFixture
) -> None:
    place.register(ONE, "town", "a")
    now = before(90) + timedelta(hours=1)

    def serve() -> None:
        engine = writing_engine(place.url)
        transact = direct(engine)
        Scheduler(planned(Overnight(), {SYSTEM: place.profile}, transact, lambda: now), transact, lambda: now).look()
        engine.dispose()

    with caplog.at_level("INFO", "ebid_tui.server.overnight.reminders"):
        serve()
        serve()
        now += timedelta(days=1)
        serve()
        now += timedelta(days=40)
        serve()
    assert days_told(place) == [60, 90]
    assert caplog.messages == ["reminded cards=1 without_mail=0"] * 2
