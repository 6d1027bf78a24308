"""Operators signing in: by password and code, by card; what ends a session; and that nothing tells who exists."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from argon2 import Parameters
from sqlalchemy import update

from ebid_tui.domain import statement
from ebid_tui.domain.statement import OperatorSignIn
from ebid_tui.errors import ChallengeGone, EbidError, ServerError, SessionGone
from ebid_tui.server.operators import secret_keys, totp
from ebid_tui.server.store import desk_tables, operators
from tests.clock import STARTED
from tests.server.counting import hashings, statements
from tests.server.operating import DAY, HERE, KEY, PASSWORD, SECRETS, SYSTEM, VENDOR_HERE, Clerk, audit, signed_in
from tests.server.running_server import ORIGIN, SEARCH_1, Bidder, Running, sign_in_content
from tests.server.signing import Authority, Card

Cards = Callable[[str], Card]

pytestmark = pytest.mark.usefixtures("stands_still")


async def refused(clerk: Clerk, **changes: str) -> EbidError:
    with pytest.raises(ServerError) as caught:
        await clerk.sign_in(**changes)
    return caught.value


async def test_with_password_and_code(office: Running) -> None:
    opened = await Clerk(office).sign_in()
    assert (opened.login_id, opened.role, opened.agencies) == ("desk", "desk", (HERE,))
    assert audit(office) == [("desk_sign_in", "operator:desk", "desk", None)]


async def test_every_agency_is_the_systems_own(office: Running) -> None:
    opened = await Clerk(office, "everywhere").sign_in()
    assert opened.agencies == ("saitama-pref", "saitama-city", "kawagoe")


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("desk", {"password": "Desk-password-2"}),
        ("desk", {"code": "000000"}),
        ("desk", {"code": "٠٠٠٠٠٠"}),
        ("desk", {"code": ""}),
        ("desk", {"login_id": "nobody"}),
        ("desk", {"login_id": "boss"}),
        ("desk", {"system": "ise"}),
        ("stopped", {}),
    ],
)
async def test_the_same_answer_whatever_was_wrong(office: Running, name: str, changes: dict[str, str]) -> None:
    error = await refused(Clerk(office, name), **changes)
    reference = await refused(Clerk(office, "second"), password="wrong password")
    assert (error.code, error.title, error.remedy) == ("E-OPERATOR", reference.title, reference.remedy)


async def test_a_code_counts_once(office: Running) -> None:
    clerk = Clerk(office)
    code = clerk.code()
    await clerk.sign_in(code=code)
    assert (await refused(clerk, code=code)).code == "E-OPERATOR"


async def test_a_code_counts_once_also_for_two_at_once(office: Running) -> None:
    code = Clerk(office).code()
    outcomes = await asyncio.gather(*(Clerk(office).sign_in(code=code) for _ in range(4)), return_exceptions=True)
    assert sorted(o.code for o in outcomes if isinstance(o, EbidError)) == ["E-OPERATOR"] * 3


@pytest.mark.parametrize(("off", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_step_before_and_after(off: int, taken: bool) -> None:
    present = int(DAY.timestamp()) // 30
    code = pyotp.TOTP(SECRETS["desk"]).generate_otp(present + off)
    assert (totp.step_of(SECRETS["desk"], code, DAY, 0) == present + off) is taken
    assert totp.step_of(SECRETS["desk"], code, DAY, present + 2) is None
    assert totp.step_of(None, code, DAY, 0) is None


def test_the_codes_are_those_of_rfc_6238() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        assert totp.step_of(secret, code, datetime.fromtimestamp(seconds, UTC), 0) == seconds // 30


async def test_five_wrong_ones_then_somebody_has_to_wait(office: Running) -> None:
    clerk = Clerk(office)
    codes = [(await refused(clerk, password="wrong password")).code for _ in range(6)]
    assert codes == ["E-OPERATOR"] * 5 + ["E-TOO-MANY"]
    body = {"system": SYSTEM, "origin": ORIGIN, "login_id": "desk", "password": PASSWORD, "code": "000000"}
    with office.http() as http:
        answer = http.post("/v1/desk/sessions", json=body)
    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    assert 0 < int(answer.headers["retry-after"]) <= 180
    office.ahead = timedelta(minutes=4)
    await clerk.sign_in()


async def test_whoever_does_not_exist_has_to_wait_as_well(office: Running) -> None:
    clerk = Clerk(office)
    codes = [(await refused(clerk, login_id="nobody")).code for _ in range(6)]
    assert codes == ["E-OPERATOR"] * 5 + ["E-TOO-MANY"]


async def test_a_secret_in_another_operators_row_is_nothing(office: Running) -> None:
    o = desk_tables.operators
    with office.database(writing=True) as connection:
        stolen = operators.operator(connection, SYSTEM, "second")
        assert stolen is not None
        connection.execute(update(o).where(o.c.login_id == "boss").values(totp_secret=stolen.totp_secret))
    clerk = Clerk(office, "second")
    assert (await refused(clerk, login_id="boss")).code == "E-OPERATOR"


def test_keys_are_changed_one_after_the_other() -> None:
    other = bytes(32)
    kept = secret_keys.encrypted((KEY,), "SECRET", SYSTEM, "desk")
    assert secret_keys.decrypted((other, KEY), kept, SYSTEM, "desk") == "SECRET"
    assert secret_keys.decrypted((other,), kept, SYSTEM, "desk") is None
    assert b"SECRET" not in kept


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    secret_keys.write_new(tmp_path / "key")
    assert len(secret_keys.read(tmp_path / "key")[0]) == 32
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(EbidError, match="E-SECRET-KEY"):
        secret_keys.read(tmp_path / "key")
    with pytest.raises(EbidError, match="E-SECRET-KEY"):
        secret_keys.write_new(tmp_path / "key")


async def test_without_a_key_it_is_the_card(server: Running) -> None:
    assert (await refused(Clerk(server))).code == "E-CARD-ONLY"


# ---- by card ---------------------------------------------------------------------------------------------------------


async def by_card(office: Running, card: Card, **changes: object) -> Clerk:
    clerk = Clerk(office)
    nonce = (await clerk.client.challenge(SYSTEM)).nonce
    values: dict[str, object] = {"system": SYSTEM, "origin": ORIGIN, "nonce": nonce, "issued_at": statement.now()}
    await clerk.client.sign_in_by_card(card.signed(OperatorSignIn(**(values | changes))))  # type: ignore[arg-type]
    return clerk


def enrol(office: Running, card: Card, name: str = "desk") -> None:
    with office.database(writing=True) as connection:
        assert operators.change(connection, SYSTEM, name, fingerprint=card.fingerprint)


async def test_with_a_card(office: Running, card: Cards) -> None:
    enrol(office, card("saitama-new"))
    clerk = await by_card(office, card("saitama-new"))
    assert (await clerk.client.vendor(VENDOR_HERE, "inquiry")).qualification.vendor == VENDOR_HERE


async def test_a_card_of_nobody(office: Running, card: Cards) -> None:
    with pytest.raises(ServerError, match="E-OPERATOR"):
        await by_card(office, card("saitama-new"))


async def test_a_card_of_somebody_disabled(office: Running, card: Cards) -> None:
    enrol(office, card("saitama-new"), "stopped")
    with pytest.raises(ServerError, match="E-OPERATOR"):
        await by_card(office, card("saitama-new"))


async def test_a_bidders_sign_in_is_no_operators(office: Running, card: Cards) -> None:
    enrol(office, card("saitama-new"))
    clerk = Clerk(office)
    nonce = (await clerk.client.challenge(SYSTEM)).nonce
    signed = card("saitama-new").signed(sign_in_content(nonce, SYSTEM))
    with pytest.raises(ServerError, match="E-SIGNATURE"):
        await clerk.client.sign_in_by_card(signed)
    operators_own = card("saitama-new").signed(OperatorSignIn(system=SYSTEM, origin=ORIGIN, nonce=nonce, issued_at=statement.now()))
    with pytest.raises(ServerError, match="E-SIGNATURE"):
        await office.client().sign_in(operators_own)


async def test_a_nonce_opens_one_session(office: Running, card: Cards) -> None:
    enrol(office, card("saitama-new"))
    clerk = Clerk(office)
    nonce = (await clerk.client.challenge(SYSTEM)).nonce
    signed = card("saitama-new").signed(OperatorSignIn(system=SYSTEM, origin=ORIGIN, nonce=nonce, issued_at=statement.now()))
    await clerk.client.sign_in_by_card(signed)
    with pytest.raises(ChallengeGone):
        await clerk.client.sign_in_by_card(signed)


async def test_r_34_a_card_of_an_authority_that_the_system_does_not_trust(office: Running) -> None:
    stranger = Authority("AOSign SOMEBODY ELSE", now=STARTED).card("会社", "人")
    enrol(office, stranger)
    with pytest.raises(EbidError, match="R-34"):
        await by_card(office, stranger)


# ---- sessions --------------------------------------------------------------------------------------------------------


async def test_disabled_at_once_everywhere(office: Running) -> None:
    clerk = await signed_in(office)
    with office.database(writing=True) as connection:
        assert operators.change(connection, SYSTEM, "desk", state="disabled")
    with pytest.raises(SessionGone):
        await clerk.client.vendor(VENDOR_HERE, "inquiry")


async def test_another_scope_counts_at_once(office: Running) -> None:
    clerk = await signed_in(office)
    with office.database(writing=True) as connection:
        assert operators.change(connection, SYSTEM, "desk", agencies=["kawagoe"])
    with pytest.raises(ServerError, match="E-NOT-FOUND"):
        await clerk.client.vendor(VENDOR_HERE, "inquiry")


async def test_out_here_and_out_everywhere(office: Running) -> None:
    one = await signed_in(office)
    two = await signed_in(office, used=one.used)
    three = await signed_in(office, used=two.used)
    await one.client.sign_out()
    await two.client.vendor(VENDOR_HERE, "inquiry")
    await two.client.sign_out(everywhere=True)
    with pytest.raises(SessionGone):
        await three.client.vendor(VENDOR_HERE, "inquiry")


async def test_it_ends_when_it_is_not_used_and_after_a_day_of_work(office: Running) -> None:
    clerk = await signed_in(office)
    for minutes in range(10, 480, 10):
        office.ahead = timedelta(minutes=minutes)
        await clerk.client.requests()
    office.ahead = timedelta(minutes=481)
    with pytest.raises(SessionGone):
        await clerk.client.requests()
    office.ahead = timedelta()
    idle = await signed_in(office, "second")
    office.ahead = timedelta(minutes=16)
    with pytest.raises(SessionGone):
        await idle.client.requests()


@pytest.mark.parametrize("origin", [None, "https://elsewhere.example"])
async def test_it_belongs_to_its_origin(office: Running, origin: str | None) -> None:
    token = (await Clerk(office).sign_in()).token
    headers = {"Authorization": f"Bearer {token}"} | ({"Origin": origin} if origin else {})
    with office.http() as http:
        assert http.get("/v1/desk/requests", headers=headers).status_code == (403 if origin else 401)
        assert http.get("/v1/desk/requests", headers=headers | {"Origin": ORIGIN}).status_code == 200


async def test_an_origin_that_is_not_the_servers(office: Running) -> None:
    body = {"system": SYSTEM, "origin": "https://elsewhere.example", "login_id": "desk", "password": PASSWORD, "code": "1"}
    with office.http() as http:
        assert http.post("/v1/desk/sessions", json=body).json()["code"] == "E-ORIGIN"


async def test_an_operator_is_no_bidder_and_a_bidder_no_operator(office: Running, card: Cards) -> None:
    operator = (await Clerk(office).sign_in()).token
    bidder = Bidder(office, card("ise-new"))
    bidders = (await bidder.sign_in()).token
    with office.http() as http:
        described = http.get("/v1/openapi.json").json()["paths"]
        tried = 0
        for path, methods in described.items():
            for method, operation in methods.items():
                if not operation.get("security"):
                    continue
                tried += 1
                token = bidders if "/desk/" in path else operator
                concrete = path.replace("{mail_id}", "1").replace("{", "").replace("}", "")
                query = {"reason": "inquiry", "agency": "ise", "category": "construction"}
                # A body that says nothing is refused only after the session was.
                answer = http.request(
                    method, concrete, params=query, headers={"Authorization": f"Bearer {token}", "Origin": ORIGIN}, json={}
                )
                assert answer.status_code in (400, 401), (method, path, answer.text)
                if answer.status_code == 400:
                    assert method == "post"
        assert tried >= 16
    body = {"agency": "ise", "category": "construction", "values": dict(SEARCH_1)}
    with office.http() as http:
        answer = http.post("/v1/qualifications/search", json=body, headers={"Authorization": f"Bearer {operator}", "Origin": ORIGIN})
        assert answer.status_code == 401
        body = {"by": "name", "q": "山田", "reason": "inquiry"}
        answer = http.post("/v1/desk/vendors/search", json=body, headers={"Authorization": f"Bearer {bidders}", "Origin": ORIGIN})
        assert answer.status_code == 401


async def test_a_bidder_ends_every_session_of_the_card(office: Running, card: Cards) -> None:
    bidders = [Bidder(office, card("ise-new")) for _ in range(2)]
    tokens = [(await bidder.sign_in()).token for bidder in bidders]
    with office.http() as http:
        assert http.delete("/v1/sessions", headers={"Authorization": f"Bearer {tokens[0]}"}).status_code == 204
    for bidder in bidders:
        with pytest.raises(SessionGone):
            await bidder.search()


async def test_neither_password_nor_code_nor_secret_nor_token_is_kept(office: Running) -> None:
    clerk = Clerk(office)
    opened = await clerk.sign_in()
    content = b"".join(office.written())
    for secret in (PASSWORD, opened.token, SECRETS["desk"]):
        assert secret.encode() not in content


# ---- nobody learns who exists ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_it_costs_as_much_whether_there_is_somebody_or_not(office: Running) -> None:
    """What takes time is counted: hashings by what they cost, and what the database is asked to do."""
    work: dict[str, list[tuple[list[Parameters], list[str]]]] = {"desk": [], "nobody": []}
    for turn in range(7):
        for name, done in work.items():
            office.ahead = timedelta(minutes=20 * (turn + 1))
            clerk = Clerk(office)
            with hashings() as hashed, statements() as asked:
                await refused(clerk, login_id=name, password="wrong password")
            done.append((hashed, asked))
            await clerk.client.close()
    assert work["desk"] == work["nobody"]
    assert [len(hashed) for hashed, _ in work["desk"]] == [1] * 7
