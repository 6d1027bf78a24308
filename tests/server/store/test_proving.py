"""Who knows a number's password, on a real database: what is counted, forgotten and said (R-03, R-15, R-28, R-33, R-35)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection

from ebid_tui.domain.certificate import JAPAN
from ebid_tui.domain.desk import PasswordState
from ebid_tui.domain.profile.systems import Password, profile_of
from ebid_tui.domain.records import Qualification, Vendor
from ebid_tui.errors import RuleError, ServerError
from ebid_tui.messages import t
from ebid_tui.server.decisions import proving
from ebid_tui.server.decisions.limits import Caller
from ebid_tui.server.decisions.proving import TypedProof
from ebid_tui.server.settings import Limits, Rate
from ebid_tui.server.store import accounts, vendors
from ebid_tui.server.store.accounts import Account
from tests.clock import NOW

ISE, SAITAMA = profile_of("ise"), profile_of("saitama")
NUMBER, RIGHT = "1000000001", "right-1"
TODAY = NOW.astimezone(JAPAN).date()
VENDOR = Vendor(system="ise", agency="ise", category="construction", number=NUMBER)


class TurnedPasswords:
    """A hash is the password turned round."""

    def __init__(self) -> None:
        self.checked = 0
        self.meanwhile: Callable[[], object] = lambda: None

    async def right(self, kept: str | None, password: str) -> bool:
        self.checked += 1
        self.meanwhile()
        return kept == password[::-1]


class ProvingDesk:
    """Services on one connection: each piece of work at once."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.passwords = TurnedPasswords()
        settings = SimpleNamespace(
            now=lambda: NOW, japan_now=lambda: NOW.astimezone(JAPAN), wrong_passwords=3, limits=Limits()
        )  # fmt: skip
        self.services: Any = SimpleNamespace(store=self, passwords=self.passwords, settings=settings)
        self.refusals = 0

    async def read(self, work: Callable[[Connection], Any]) -> Any:
        return work(self.connection)

    write = read

    def has(self, state: PasswordState = "active", wrong: int = 0, login: str | None = None, changed: date | None = None) -> None:
        accounts.add_account(self.connection, Account("ise", NUMBER, login, RIGHT[::-1], state, wrong, changed))

    @property
    def wrong(self) -> int:
        return accounts.account(self.connection, "ise", NUMBER).wrong

    def asked(self, password: str = RIGHT, **typed: str) -> TypedProof:
        return TypedProof(ISE, ISE.search_fields("ise"), {"vendor_no": NUMBER, "trade_name": "", "password": password} | typed)

    def prove(self, asked: TypedProof | None = None, decide: Callable[[Connection, Account], Any] = lambda c, a: a.number) -> Any:
        def refused(_: Connection) -> None:
            self.refusals += 1

        return asyncio.run(proving.proven(self.services, Caller("192.0.2.1"), asked or self.asked(), decide, refused))

    def refusal(self, password: str = RIGHT, **typed: str) -> str:
        with pytest.raises(RuleError) as caught:
            self.prove(self.asked(password, **typed))
        return caught.value.code


@pytest.fixture
def desk(connection: Connection) -> ProvingDesk:
    return ProvingDesk(connection)


def test_r_33_wrong_ones_in_a_row_are_counted_and_a_right_one_breaks_it(desk: ProvingDesk) -> None:
    desk.has()
    assert [desk.refusal("wrong") for _ in range(2)] == ["R-28"] * 2
    assert desk.wrong == 2
    assert desk.prove() == NUMBER
    assert desk.wrong == 0
    assert [desk.refusal("wrong") for _ in range(4)] == ["R-28", "R-28", "R-33", "R-33"]
    assert desk.wrong == 3, "what comes after the lock is not checked, and not counted"
    assert desk.refusal() == "R-33", "the right one too"
    assert (desk.wrong, desk.passwords.checked) == (3, 6)
    assert desk.refusals == 7


def test_r_33_a_number_that_there_is_not_locks_like_any_other(desk: ProvingDesk) -> None:
    assert [desk.refusal("wrong") for _ in range(4)] == ["R-28", "R-28", "R-33", "R-33"]
    assert desk.passwords.checked == 3, "and takes as long"


def test_r_33_the_account_as_it_is_when_it_is_written_decides(desk: ProvingDesk) -> None:
    desk.has()
    desk.passwords.meanwhile = lambda: [accounts.count_wrong(desk.connection, "ise", NUMBER, 3) for _ in range(3)]
    assert desk.refusal() == "R-33", "locked while it was checked"


def test_a_password_that_was_changed_while_it_was_checked_is_right_no_longer_and_no_wrong_try(desk: ProvingDesk) -> None:
    desk.has(wrong=1)
    known = accounts.account(desk.connection, "ise", NUMBER)
    desk.passwords.meanwhile = lambda: accounts.set_password(desk.connection, known, "another", TODAY)
    assert desk.refusal() == "R-28"
    assert desk.wrong == 0, "the change broke the row"
    assert desk.refusals == 1


@pytest.mark.parametrize(("login", "typed", "right"), [("user-1", "user-1", True), ("user-1", "", True), ("user-1", "user-2", False)])
def test_r_28_a_user_id_beside_the_number_counts_with_the_password(desk: ProvingDesk, login: str, typed: str, right: bool) -> None:
    desk.has(login=login)
    if right:
        assert desk.prove(desk.asked(user_id=typed)) == NUMBER
    else:
        assert desk.refusal(user_id=typed) == "R-28"
    assert desk.wrong == (not right)


def test_where_no_password_is_asked_none_is_checked_or_counted(desk: ProvingDesk) -> None:
    desk.has("locked", 9)
    asked = TypedProof(ISE, tuple(f for f in ISE.search_fields("ise") if f.id != "password"), {"vendor_no": NUMBER})
    assert desk.prove(asked) == NUMBER
    assert (desk.passwords.checked, desk.wrong, desk.refusals) == (0, 9, 0)


def test_what_the_decision_refuses_is_kept_and_told(desk: ProvingDesk) -> None:
    desk.has(wrong=1)

    def decide(_: Connection, __: Account) -> None:
        raise RuleError("R-35", "as it is")

    with pytest.raises(RuleError) as caught:
        desk.prove(decide=decide)
    assert (caught.value.code, caught.value.detail, desk.wrong, desk.refusals) == ("R-35", "as it is", 0, 1)


def test_r_28_every_likely_cause_is_told_with_how_many_may_be_wrong(desk: ProvingDesk) -> None:
    desk.has()
    left = []
    for _ in range(2):
        with pytest.raises(RuleError) as caught:
            desk.prove(desk.asked("wrong"))
        assert t("server.cause_password") in caught.value.causes
        left.append(caught.value.values["tries_left"])
    assert left == [2, 1]


def test_whoever_has_to_wait_is_told_before_anything_is_checked_or_counted(desk: ProvingDesk) -> None:
    desk.has()
    desk.services.settings.limits = Limits(wrong_passwords=Rate(2, timedelta(hours=1)), account=Rate(5, timedelta(hours=1)))
    for _ in range(2):
        desk.refusal("wrong")
    for password in (RIGHT, "wrong"):
        with pytest.raises(ServerError, match="E-TOO-MANY"):
            desk.prove(desk.asked(password))
    assert (desk.passwords.checked, desk.wrong) == (2, 2)
    desk.services.settings.limits = Limits(wrong_passwords=Rate(99, timedelta(hours=1)), account=Rate(5, timedelta(hours=1)))
    for _ in range(3):
        assert desk.prove() == NUMBER
    with pytest.raises(ServerError, match="E-TOO-MANY"):
        desk.prove()
    assert (desk.passwords.checked, desk.refusals) == (5, 2)


# --- what a search finds once the password was right


def roster(desk: ProvingDesk, state: Any = "approved", name: str = "試験建設") -> None:
    vendors.add_qualification(desk.connection, Qualification(vendor=VENDOR, state=state, trade_name=name, company={"address": "伊勢市"}))


def found(desk: ProvingDesk, asked: TypedProof | None = None, state: PasswordState = "active", changed: date | None = None) -> Any:
    account = Account("ise", NUMBER, None, "x", state, 0, changed)
    return proving.qualified(desk.connection, desk.services, asked or desk.asked(), account, VENDOR)


def refused(desk: ProvingDesk, *arguments: Any, **options: Any) -> RuleError:
    with pytest.raises(RuleError) as caught:
        found(desk, *arguments, **options)
    return caught.value


def test_what_is_found(desk: ProvingDesk) -> None:
    roster(desk)
    found_ = found(desk)
    assert (found_.qualification.trade_name, found_.qualification.company["address"], found_.later_card) == ("試験建設", "伊勢市", False)
    assert (found_.representative_contact, found_.card_contact) == ({}, {})
    assert found(desk, desk.asked(trade_name="試験建設")).qualification.trade_name == "試験建設"


def test_r_03_an_initial_password_opens_nothing(desk: ProvingDesk) -> None:
    roster(desk)
    error = refused(desk, state="initial")
    assert (error.code, error.remedy) == ("R-03", t("server.initial_password")), "passwords are changed here"
    without = TypedProof(ISE, tuple(f for f in ISE.search_fields("ise") if f.id != "password"), {"vendor_no": NUMBER})
    assert found(desk, without, state="initial")


def test_r_28_another_name_and_a_number_without_a_qualification(desk: ProvingDesk) -> None:
    assert refused(desk).code == "R-28"
    roster(desk)
    assert refused(desk, desk.asked(trade_name="別の建設")).code == "R-28"


def test_r_35_a_lapsed_qualification(desk: ProvingDesk) -> None:
    roster(desk, "lapsed")
    assert refused(desk).code == "R-35"


@pytest.mark.parametrize(
    ("delays", "changed", "asked", "code"),
    [
        (True, TODAY, True, "R-15"),
        (True, TODAY - timedelta(days=1), True, None),
        (True, None, True, None),
        (True, TODAY, False, None),
        (False, TODAY, True, None),
    ],
)
def test_r_15_a_password_of_today_counts_from_tomorrow(
    desk: ProvingDesk, delays: bool, changed: date | None, asked: bool, code: str | None
) -> None:
    roster(desk)
    profile = msgspec.structs.replace(ISE, search=msgspec.structs.replace(ISE.search, password_change_delays=delays))
    fields = tuple(f for f in ISE.search_fields("ise") if asked or f.id != "password")
    typed = TypedProof(profile, fields, {"vendor_no": NUMBER, "password": RIGHT})
    if code is None:
        assert found(desk, typed, changed=changed)
    else:
        assert refused(desk, typed, changed=changed).code == code


@pytest.mark.parametrize("initial", ["must_change", "use_as_is"])
@pytest.mark.parametrize("where", ["here", "elsewhere", "nowhere"])
@pytest.mark.parametrize("counts", ["at_once", "next_day"])
@pytest.mark.parametrize("state", ["initial", "active"])
@pytest.mark.parametrize("days", [None, 0, 1, 90, 91])
def test_m1_what_opens_where(desk: ProvingDesk, initial: Any, where: Any, counts: Any, state: PasswordState, days: int | None) -> None:
    """R-03, R-15 and the end of a password, in every combination of what a file and a list say; the way that is told is one there is."""
    roster(desk)
    of_file = Password(
        initial=initial, changed=where, counts=counts, expires_days=90, elsewhere="別のシステム" if where == "elsewhere" else "",
        elsewhere_note="平日9時から", fields=ISE.password.fields if ISE.password and where == "here" else (),
    )  # fmt: skip
    profile = msgspec.structs.replace(ISE, password=of_file)
    typed = TypedProof(profile, ISE.search_fields("ise"), {"vendor_no": NUMBER, "password": RIGHT})
    changed = None if days is None else TODAY - timedelta(days=days)
    code = None
    if state == "initial" and initial == "must_change":
        code = "R-03"
    elif days == 91:
        code = "E-PASSWORD-EXPIRED"
    elif days == 0 and counts == "next_day":
        code = "R-15"
    if code is None:
        assert found(desk, typed, state=state, changed=changed)
        return
    error = refused(desk, typed, state=state, changed=changed)
    assert error.code == code
    if code != "R-15":
        assert ("別のシステム（平日9時から）" in error.remedy) == (where == "elsewhere")
