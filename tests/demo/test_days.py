"""The demo lives for ever: its dates move along with the day, and nothing that is kept grows old."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select

from ebid_tui.card.worker import CardWorker
from ebid_tui.demo import card_and_server, days, roster
from ebid_tui.demo.cards import Wallet, certificate, trust_anchors
from ebid_tui.demo.packaged import DEMO_CARDS, VENDORS, WORLDS
from ebid_tui.demo.tray import DemoTray
from ebid_tui.domain import statement
from ebid_tui.domain.certificate import Certificate, read
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.server.decisions.passwords import Passwords
from ebid_tui.server.settings import PasswordCost
from ebid_tui.server.store import schema
from ebid_tui.settings import Settings
from tests.wallets import slots

PIV = [name for name, card in DEMO_CARDS.items() if card.kind == "piv"]
DAYS = (date(2026, 11, 21), date(2028, 2, 29), date(2028, 3, 1), date(2030, 12, 31), date(2031, 1, 1), date(2064, 2, 29))
FIRST, LAST = timedelta(0), timedelta(hours=23, minutes=59, seconds=59)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


def card(keys: Path, day: date, name: str) -> Certificate:
    return read(certificate(Wallet(keys, day), name))


def during(day: date, moment: timedelta) -> datetime:
    """A moment of a day in Japan."""
    return datetime(day.year, day.month, day.day, tzinfo=days.JAPAN) + moment


@pytest.mark.parametrize("moment", [FIRST, LAST])
@pytest.mark.parametrize("day", DAYS)
def test_on_every_day_the_same_cards_are_good_and_one_has_ended(keys: Path, day: date, moment: timedelta) -> None:
    now = during(day, moment)
    shown = {name: card(keys, day, name) for name in PIV}
    assert all(one.not_before < now for one in shown.values())
    assert [name for name, one in shown.items() if one.expired(now)] == ["nagasaki-expired"]


@pytest.mark.parametrize("moment", [FIRST, LAST])
@pytest.mark.parametrize("day", DAYS)
def test_r25_one_card_ends_in_twenty_days_and_no_other_is_warned_of(keys: Path, day: date, moment: timedelta) -> None:
    now = during(day, moment)
    left = {name: card(keys, day, name).days_left(now) for name in PIV}
    (system,) = DEMO_CARDS["ise-soon"].systems
    warned = {name for name, count in left.items() if 0 <= count <= profile_of(system).rules.expiry_warning_days}
    assert warned == {"ise-soon"}
    assert left["ise-soon"] == 20


@pytest.mark.parametrize("day", DAYS)
def test_authorities_outlive_their_cards_by_years(keys: Path, day: date) -> None:
    wallet = Wallet(keys, day)
    for name in PIV:
        anchor = trust_anchors(wallet).get(DEMO_CARDS[name].authority)
        if anchor is None:
            continue
        above = x509.load_der_x509_certificate(anchor)
        for _, der in slots(wallet, name).values():
            held = x509.load_der_x509_certificate(der)
            held.verify_directly_issued_by(above)
            assert above.not_valid_before_utc <= held.not_valid_before_utc
            assert held.not_valid_after_utc + timedelta(days=5 * 365) < above.not_valid_after_utc


@given(st.dates(date(2000, 1, 1), date(2200, 12, 31)))
def test_every_date_moves_by_whole_days(day: date) -> None:
    moved = day - days.DOCUMENTED
    for one in DEMO_CARDS.values():
        then = one.on(day)
        assert (then.not_before - one.not_before, then.not_after - one.not_after) == (moved, moved)
        assert then.not_after.astimezone(days.JAPAN).time() == one.not_after.astimezone(days.JAPAN).time()


def test_the_day_is_japans() -> None:
    assert days.of(datetime(2028, 2, 29, 14, 59, 59, tzinfo=UTC)) == date(2028, 2, 29)
    assert days.of(datetime(2028, 2, 29, 15, 0, tzinfo=UTC)) == date(2028, 3, 1)


def test_two_demos_of_two_days_share_the_keys_and_nothing_else(tmp_path: Path) -> None:
    """One that was started yesterday goes on beside one of today, and one of a clock that was set back."""
    yesterday, today, back = (Wallet(tmp_path, day) for day in (DAYS[1], DAYS[2], DAYS[0]))
    before = slots(yesterday, "aomori-next"), trust_anchors(yesterday)
    kept = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    for other in (today, back):
        assert slots(other, "aomori-next")[0x9A][0] == before[0][0x9A][0]
        assert slots(other, "aomori-next")[0x9A][1] != before[0][0x9A][1]
        assert trust_anchors(other) != before[1]
    assert (slots(yesterday, "aomori-next"), trust_anchors(yesterday)) == before
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == kept


@pytest.mark.parametrize("day", DAYS)
def test_the_roster_registered_its_cards_while_they_counted(keys: Path, tmp_path: Path, day: date) -> None:
    profiles = {system: profile_of(system) for system in {vendor.system for vendor in VENDORS}}
    passwords, engine = Passwords(PasswordCost(time=1, memory_kib=1024)), create_engine("sqlite://")
    with engine.begin() as connection:
        schema.metadata.create_all(connection)
        roster.seed(connection, WORLDS, profiles, passwords, Wallet(keys, day))
        found = connection.execute(select(schema.registrations.c.serial, schema.registrations.c.registered_at)).all()
    engine.dispose()
    passwords.stop()
    cards = {str(one.serial): one.on(day) for one in DEMO_CARDS.values() if one.registered}
    assert {serial for serial, _ in found} == cards.keys()
    assert {at for _, at in found} == {datetime(2025, 4, 1, 10, 0, tzinfo=days.JAPAN) + (day - days.DOCUMENTED)}


def test_the_demo_reads_its_day_once_from_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it starts afterwards, at whatever hour, is handed that day."""
    started: list[Wallet] = []
    made: list[Wallet] = []

    class Server:
        def stop(self) -> None: ...

    def start(wallet: Wallet, *_: object) -> Server:
        started.append(wallet)
        return Server()

    def make(wallet: Wallet, name: str) -> None:
        made.append(wallet)
        raise InterruptedError(name)

    monkeypatch.setattr("ebid_tui.demo.embedded.start", start)
    monkeypatch.setattr("ebid_tui.demo.cards.make_virtual", make)
    monkeypatch.setattr(CardWorker, "start", lambda _: None)
    monkeypatch.setattr(CardWorker, "stop", lambda _: None)
    monkeypatch.setattr(DemoTray, "prepare", lambda *_: None)
    monkeypatch.setattr(statement, "now", lambda: datetime(2030, 12, 31, 14, 59, 59, tzinfo=UTC))
    made_of = card_and_server.demo_parts(Settings(system="ise"))
    monkeypatch.setattr(statement, "now", lambda: datetime(2030, 12, 31, 15, 0, 1, tzinfo=UTC))
    made_of.begin()
    assert made_of.tray is not None
    with pytest.raises(InterruptedError):
        made_of.tray.insert("ise-new")
    made_of.close()
    (wallet,) = {*started, *made}
    assert wallet.day == date(2030, 12, 31)
    assert wallet.directory.is_relative_to(os.environ["XDG_CACHE_HOME"])
