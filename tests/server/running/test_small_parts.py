"""Small parts of the server, each by itself: codes, passwords, hours, readiness, what a vendor's cards share, what may be confirmed."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pyotp
import pytest
from sqlalchemy.exc import OperationalError

from ebid_tui.domain.certificate import JAPAN
from ebid_tui.domain.profile.systems import Hours, profile_of
from ebid_tui.domain.records import CardCertificate, Registration, Vendor
from ebid_tui.errors import RuleError, ServerError
from ebid_tui.messages import t
from ebid_tui.server.decisions import checking, opening, passwords, standing
from ebid_tui.server.decisions.checking import FormToCheck
from ebid_tui.server.decisions.passwords import Passwords
from ebid_tui.server.operators import totp
from ebid_tui.server.running import readiness
from ebid_tui.server.running.readiness import Readiness
from ebid_tui.server.settings import PasswordCost
from ebid_tui.server.store.schema import REVISION
from ebid_tui.server.store.vendors import VendorDetails, VendorRecord
from tests.clock import NOW
from tests.patience import long

ISE, SAITAMA = profile_of("ise"), profile_of("saitama")


# --- codes of six digits


def test_a_code_counts_from_a_step_before_its_own_to_a_step_after_and_once() -> None:
    secret = totp.new_secret()
    code, step = pyotp.TOTP(secret).at(NOW), int(NOW.timestamp()) // 30
    first, last = (datetime.fromtimestamp(at, UTC) for at in ((step - 1) * 30, (step + 2) * 30 - 1))
    for at, found in ((first, step), (NOW, step), (last, step), (first - timedelta(seconds=1), None), (last + timedelta(seconds=1), None)):
        assert totp.step_of(secret, code, at, 0) == found
    assert totp.step_of(secret, code, NOW, step - 1) == step
    assert totp.step_of(secret, code, NOW, step) is None, "no code counts twice"
    assert totp.step_of(None, pyotp.TOTP(totp.NOBODY).at(NOW), NOW, 0) is None, "whoever has no secret has no code"
    assert totp.step_of(secret, "", NOW, 0) is None
    assert totp.step_of(secret, "１２３４５６", NOW, 0) is None


def test_what_an_authenticator_reads() -> None:
    secret = totp.new_secret()
    assert len(secret) == 32
    read = pyotp.parse_uri(totp.uri(secret, "desk-1", "試験市"))
    assert isinstance(read, pyotp.TOTP)
    assert (read.secret, read.name, read.issuer, read.interval, read.digits) == (secret, "desk-1", "試験市", 30, 6)


# --- passwords


@pytest.fixture
def hasher() -> Iterator[Passwords]:
    made = Passwords(PasswordCost(time=1, memory_kib=8, lanes=1))
    yield made
    made.stop()


async def test_r_33_the_password_and_no_other(hasher: Passwords) -> None:
    kept = await hasher.hashed("right-1")
    assert kept.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert await hasher.right(kept, "right-1")
    assert await hasher.right(hasher.hash("right-2"), "right-2")
    for hashed, typed in ((kept, "Right-1"), (kept, ""), (None, ""), (None, "right-1"), ("", ""), ("no hash", "right-1")):
        assert await hasher.right(hashed, typed) is False
    assert hasher.waiting == 0


async def test_whoever_comes_when_too_many_wait_is_told_to_come_again(hasher: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAITING", 1)
    go = threading.Event()

    def slow() -> bool:
        return go.wait(long())

    waiting = [asyncio.create_task(hasher._beside(slow)) for _ in range(passwords.THREADS + 1)]
    await asyncio.sleep(0)
    assert hasher.waiting == passwords.THREADS + 1
    with pytest.raises(ServerError, match="E-BUSY") as caught:
        await hasher.right(None, "x")
    assert caught.value.values["retry_after"] == passwords.RETRY_AFTER
    go.set()
    assert await asyncio.gather(*waiting) == [True] * 3
    assert hasher.waiting == 0
    with pytest.raises(ZeroDivisionError):
        await hasher._beside(lambda: 1 // 0)
    assert hasher.waiting == 0, "what fails waits no longer"


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux only")
async def test_checking_stands_back_behind_everything_else(hasher: Passwords) -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert await hasher._beside(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())) == max(own, passwords.NICE)
    assert os.getpriority(os.PRIO_PROCESS, 0) == own


async def test_a_pool_that_has_stopped_checks_nothing() -> None:
    made = Passwords(PasswordCost(time=1, memory_kib=8, lanes=1))
    made.stop()
    with pytest.raises(RuntimeError):
        await made.right(None, "x")


# ---


def at_desk(now: datetime, enforced: bool = True) -> Any:
    return SimpleNamespace(now=lambda: now, enforce_hours=enforced)


def japan(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026: the 20th is a Friday, the 23rd a holiday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=JAPAN)


@pytest.fixture
def office() -> Any:
    """Open on weekdays from nine to five; one of two agencies closes on the 24th as well."""
    hours = Hours(open="09:00", close="17:00", weekdays=(0, 1, 2, 3, 4), holidays=True)
    first, second = SAITAMA.agencies[:2]
    agencies = (msgspec.structs.replace(first, closed_days=("11-24", "2026-11-20")), msgspec.structs.replace(second, closed_days=()))
    return msgspec.structs.replace(SAITAMA, hours=hours, agencies=agencies)


def refusal(settings: Any, profile: Any, agency: str | None) -> str | None:
    """What is said of the next opening; None if it is open."""
    try:
        if agency is None:
            opening.refuse_all_closed(settings, profile)
        else:
            opening.refuse_closed(settings, profile, agency)
    except RuleError as error:
        return f"{error.code} {error.remedy}"
    return None


def test_r_22_outside_the_hours_it_is_said_when_it_opens(office: Any) -> None:
    first, second = (agency.id for agency in office.agencies)
    for at, agency, opens in (
        (japan(19, 9), first, None),
        (japan(19, 8, 59), first, japan(19, 9)),
        (japan(19, 17), first, japan(25, 9)),
        (japan(20, 17), second, japan(24, 9)),
        (japan(20, 12), second, None),
        (japan(20, 12), first, japan(25, 9)),
        (japan(20, 12), None, None),
        (japan(20, 17), None, japan(24, 9)),
    ):
        told = refusal(at_desk(at), office, agency)
        expected = None if opens is None else "R-22 " + t("server.opens", at=opens, weekday="月火水木金土日"[opens.weekday()])
        assert told == expected, (at, agency)
    assert refusal(at_desk(japan(19, 17), enforced=False), office, first) is None


def test_r_22_an_office_that_never_opens_names_whom_to_call(office: Any) -> None:
    closed = msgspec.structs.replace(office, hours=msgspec.structs.replace(office.hours, weekdays=()))
    assert refusal(at_desk(NOW), closed, None) == "R-22 " + t("server.opens_never", contact=office.contact.name)


def test_r_22_an_agency_that_is_not_there(office: Any) -> None:
    with pytest.raises(ServerError, match="E-NOT-FOUND"):
        opening.refuse_closed(at_desk(NOW), office, "elsewhere")


# --- readiness


class ReadyDatabase:
    """What it answers: its revision, or an error; and whether its writer takes work."""

    def __init__(self) -> None:
        self.revision: Any = REVISION
        self.alive, self.writes, self.looks = True, True, 0

    async def look_up(self, _: object) -> Any:
        self.looks += 1
        if isinstance(self.revision, Exception):
            raise self.revision
        return self.revision

    async def write(self, _: object) -> bool:
        if not self.writes:
            raise OperationalError("", None, Exception())
        return True


def ready_services(database: ReadyDatabase, anchors: dict[str, Any], profiles: dict[str, Any], *, stranded: bool = False) -> Any:
    settings = SimpleNamespace(anchors=anchors, now=lambda: NOW)
    trust = SimpleNamespace(stranded=lambda _profile, _now: stranded)
    return SimpleNamespace(settings=settings, profiles=profiles, store=database, trust=trust)


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({}, ()),
        ({"anchors": {}}, ("trust",)),
        ({"profiles": {}}, ("trust",)),
        ({"stranded": True}, ("anchors",)),
        ({"revision": "0001"}, ("revision",)),
        ({"revision": None}, ("database",)),
        ({"revision": OperationalError("", None, Exception())}, ("database",)),
        ({"revision": TimeoutError(), "anchors": {}}, ("trust", "database")),
        ({"alive": False}, ("writer",)),
        ({"writes": False}, ("write",)),
        ({"writes": False, "revision": "0001", "anchors": {}}, ("trust", "revision", "write")),
    ],
)
async def test_what_stands_in_the_way_of_serving(changes: dict[str, Any], failing: tuple[str, ...]) -> None:
    database = ReadyDatabase()
    anchors, profiles = changes.pop("anchors", {"a": (b"",)}), changes.pop("profiles", {"ise": ISE})
    stranded = changes.pop("stranded", False)
    for name, value in changes.items():
        setattr(database, name, value)
    services = ready_services(database, anchors, profiles, stranded=stranded)
    assert await Readiness().failing(services) == failing


async def test_what_was_found_is_told_again_for_a_moment(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    database, clock = ReadyDatabase(), [100.0]
    services = ready_services(database, {"a": ()}, {"ise": ISE})
    monkeypatch.setattr(readiness, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    ready = Readiness()
    assert await ready.failing(services) == ()
    assert caplog.messages == []
    database.revision = "0001"
    clock[0] += readiness.FRESH
    assert (await ready.failing(services), database.looks) == ((), 1)
    clock[0] += 0.01
    assert (await ready.failing(services), database.looks) == (("revision",), 2)
    database.revision = REVISION
    clock[0] += 2
    assert await ready.failing(services) == ()
    assert caplog.messages == ["readiness failing=revision", "readiness failing=-"]


async def test_who_does_not_answer_in_time_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "SECONDS", 0.01)
    assert await readiness._within(asyncio.sleep(long())) is None
    assert await readiness._within(asyncio.sleep(0, "there")) == "there"


# --- what a vendor's cards share


def known(later: bool = False, **details: Any) -> Any:
    company = {"name": "試験建設", "phone": "1"}
    return SimpleNamespace(later_card=later, details=VendorDetails(**details), company=company)


@pytest.mark.parametrize("has", [(), ("company",), ("company", "representative_contact", "card_holder")])
def test_r_18_shared_blocks_are_those_that_were_written_last(has: tuple[str, ...]) -> None:
    old = {name: {"phone": "old", "only": name} for name in has}
    card = CardCertificate(fingerprint="f", serial="1", issuer="CN=a", not_after=NOW)
    vendor = Vendor(system="ise", agency="ise", category="construction", number="1")
    registration = Registration(id="r", vendor=vendor, state="active", card=card, blocks=old, registered_at=NOW)
    shared = standing._shared(registration, known(company={"phone": "new"}, representative_contact={"person": "港"}))
    assert shared.blocks.keys() == {*has, "company", "representative_contact"}
    assert shared.blocks["company"] == ({"phone": "new", "only": "company"} if has else {"phone": "new"})
    contact = {"phone": "old", "only": "representative_contact"} if "representative_contact" in has else {}
    assert shared.blocks["representative_contact"] == contact | {"person": "港"}
    if "card_holder" in has:
        assert shared.blocks["card_holder"] == old["card_holder"]


# --- what may be confirmed


def case(later: bool = True, operation: Any = "registration", setting: str = "read_only", **blocks: Any) -> FormToCheck:
    profile = msgspec.structs.replace(ISE, rules=msgspec.structs.replace(ISE.rules, representative_contact_of_later_cards=setting))
    earlier: VendorRecord = known(later, representative_contact={"person": "港　一郎", "email": "a@example.jp"})
    return FormToCheck(profile=profile, operation=operation, category="construction", blocks=blocks, card_holder={}, known=earlier)


@pytest.mark.parametrize(
    ("later", "operation", "setting", "only"),
    [
        (True, "registration", "read_only", True),
        (False, "registration", "read_only", False),
        (True, "amendment", "read_only", False),
        (True, "registration", "editable", False),
    ],
)
def test_r_18_when_the_shared_blocks_can_only_be_read(later: bool, operation: str, setting: str, only: bool) -> None:
    assert case(later, operation, setting).read_only is only


def field(name: str, *, typed: bool = True, kind: str = "text") -> Any:
    return SimpleNamespace(id=name, input=typed, kind=kind)


def test_r_18_what_an_earlier_card_wrote_is_not_changed() -> None:
    shown = (field("person"), field("email"), field("email_again", kind="email_again"), field("shown", typed=False), field("fax"))
    right = {"person": "港　一郎", "email": "a@example.jp", "email_again": "typed otherwise", "shown": "looked at elsewhere"}
    checking._refuse_changes(case(), "representative_contact", shown, right)
    for name in ("person", "email", "fax"):
        with pytest.raises(RuleError) as caught:
            checking._refuse_changes(case(), "representative_contact", shown, right | {name: "another"})
        assert (caught.value.code, caught.value.detail) == ("R-18", f"representative_contact.{name}")


def test_r_37_what_nobody_types_is_confirmed_as_it_is_on_record() -> None:
    shown = (field("name", typed=False), field("phone"))
    checking._refuse_other_values(case(), "company", shown, {"name": "試験建設", "phone": "anything"})
    checking._refuse_unknown_fields(case(), "company", shown[1:], {"name": "試験建設", "phone": "anything", "none": ""})
    for refuse, fields in ((checking._refuse_other_values, shown), (checking._refuse_unknown_fields, shown[1:])):
        with pytest.raises(ServerError) as caught:
            refuse(case(), "company", fields, {"name": "別の会社"})
        assert (caught.value.code, caught.value.detail) == ("E-STATEMENT", "company.name")
