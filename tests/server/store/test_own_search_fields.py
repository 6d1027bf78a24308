"""A search's own fields (x-…): matched with the list's, and secret ones counted as the password is (R-28, R-33)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, select

from ebid_tui.domain.fields import Field
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Qualification, Vendor
from ebid_tui.errors import RuleError, ServerError
from ebid_tui.messages import t
from ebid_tui.server.decisions import proving
from ebid_tui.server.decisions.limits import Caller, wrong_ones
from ebid_tui.server.decisions.proving import TypedProof
from ebid_tui.server.store import accounts, limits, vendors
from ebid_tui.server.store.accounts import Account
from ebid_tui.server.store.schema import vendor_secrets
from ebid_tui.server.store.vendor_secrets import put_secrets, secrets_of
from tests.clock import NOW
from tests.server.store.test_proving import ISE, NUMBER, RIGHT, VENDOR, ProvingDesk

OWNER = Field(id="x-owner", label="代表者氏名", max=30)
PHONE = Field(id="x-phone", label="電話番号", kind="phone", chars="half_digits_symbols", max=20, required=False, mark="")
SECOND = Field(id="x-second", label="第2パスワード", chars="half_alnum", max=20, secret=True)
RECORD = {"address": "伊勢市", "x-owner": "伊勢　一郎", "x-phone": "0596-00-0001"}
TYPED = {"vendor_no": NUMBER, "trade_name": "試験建設", "password": RIGHT, "x-owner": "伊勢 一郎", "x-second": "second"}


def asking(*fields: Field, secret_number: bool = False, without: str = "") -> Profile:
    own = tuple(f for f in ISE.search.fields if f.id != without)
    if secret_number:
        own = tuple(msgspec.structs.replace(f, secret=True) if f.id == "vendor_no" else f for f in own)
    return msgspec.structs.replace(ISE, search=msgspec.structs.replace(ISE.search, fields=(*own, *fields)))


@pytest.fixture
def desk(connection: Connection) -> ProvingDesk:
    made = ProvingDesk(connection)
    vendors.add_qualification(connection, Qualification(vendor=VENDOR, state="approved", trade_name="試験建設", company=RECORD))
    accounts.add_account(connection, Account("ise", NUMBER, None, RIGHT[::-1], "active", 0, None))
    put_secrets(connection, "ise", [(NUMBER, "x-second", "second"[::-1]), ("2", "x-second", "other")])
    return made


def code(desk: ProvingDesk, profile: Profile, values: dict[str, str], number: str = NUMBER) -> str:
    """What a search with these values is refused with; empty where it finds."""
    typed = TypedProof(profile, profile.search_fields("ise"), values)
    vendor = Vendor(system="ise", agency="ise", category="construction", number=values["vendor_no"])

    def decide(connection: Connection, account: Account) -> Any:
        return proving.qualified(connection, desk.services, typed, account, vendor)

    try:
        desk.prove(typed, decide)
    except RuleError as error:
        return error.code
    return ""


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, ""),
        ({"x-owner": "伊勢一郎"}, ""),
        ({"x-owner": "伊勢　二郎"}, "R-28"),
        ({"x-phone": "0596000001"}, ""),
        ({"x-phone": "0596-00-0002"}, "R-28"),
        ({"x-second": "Second"}, "R-28"),
        ({"password": "wrong"}, "R-28"),
    ],
)
def test_every_own_field_is_matched(desk: ProvingDesk, changes: dict[str, str], refused: str) -> None:
    assert code(desk, asking(OWNER, PHONE, SECOND), TYPED | changes) == refused


def test_r_33_a_wrong_secret_counts_as_a_wrong_password(desk: ProvingDesk) -> None:
    profile = asking(SECOND, without="password")
    typed = {"vendor_no": NUMBER, "trade_name": "試験建設", "x-second": "wrong"}
    assert [code(desk, profile, typed) for _ in range(4)] == ["R-28", "R-28", "R-33", "R-33"]
    assert code(desk, profile, typed | {"x-second": "second"}) == "R-33"
    assert desk.passwords.checked == 3, "a locked number is asked nothing"


def test_r_28_every_own_field_is_a_likely_cause(desk: ProvingDesk) -> None:
    typed = TypedProof(asking(OWNER, SECOND), asking(OWNER, SECOND).search_fields("ise"), TYPED | {"x-second": "wrong"})
    with pytest.raises(RuleError) as caught:
        desk.prove(typed)
    told = "".join(caught.value.causes)
    assert all(t("password.cause_field", label=field.label) in told for field in (OWNER, SECOND))
    assert "wrong" not in told + repr(typed) + str(caught.value)


def test_a_secret_number_is_guessed_no_faster_than_a_password(desk: ProvingDesk) -> None:
    """Each wrong one counts at its address; the right one does not."""
    profile = asking(secret_number=True, without="password")
    right = {"vendor_no": NUMBER, "trade_name": "試験建設"}
    taken = wrong_ones(desk.services.settings, Caller("192.0.2.1"))
    assert code(desk, profile, right) == ""
    assert limits.longest_wait(desk.connection, taken, NOW) == 0
    guesses = (code(desk, profile, right | {"vendor_no": f"{n:010d}"}) for n in range(taken[0][1].burst + 1))
    with pytest.raises(ServerError, match="E-TOO-MANY"):
        assert set(guesses) == {"R-28"}


def test_secrets_by_number_and_field(connection: Connection) -> None:
    put_secrets(connection, "ise", [("1", "x-a", "one"), ("1", "x-b", "two"), ("2", "x-a", "three")])
    put_secrets(connection, "ise", [("1", "x-a", "new")])
    put_secrets(connection, "aomori", [("1", "x-a", "theirs")])
    put_secrets(connection, "ise", [])
    assert secrets_of(connection, "ise", ["1", "3"]) == {"1": {"x-a": "new", "x-b": "two"}}
    assert len(connection.execute(select(vendor_secrets)).all()) == 4
