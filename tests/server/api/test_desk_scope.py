"""An operator of one municipality sees only it: every route of the desk is asked for another municipality's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from tests.server.operating import HERE, THERE, VENDOR_HERE, VENDOR_THERE, Clerk, audit, signed_in, waits_at
from tests.server.running_server import Running

Asks = Callable[[Clerk, str, str], httpx.Response]
"""(clerk, token, agency) → the answer about that agency's vendor."""

NUMBER = {HERE: VENDOR_HERE.number, THERE: VENDOR_THERE.number}
MAIL = {HERE: 2, THERE: 6}
"""The mail that failed."""


def find(by: str, q: str | Mapping[str, str], named: bool = True) -> Asks:
    def ask(clerk: Clerk, token: str, agency: str) -> httpx.Response:
        asked = q if isinstance(q, str) else q[agency]
        where = {"agency": agency} if named else {}
        return clerk.http(token, "POST", "/desk/vendors/search", json={"by": by, "q": asked, "reason": "inquiry"} | where)

    return ask


def application(kind: str) -> Asks:
    def ask(clerk: Clerk, token: str, agency: str) -> httpx.Response:
        body: dict[str, Any] = {"agency": agency, "category": "construction", "number": NUMBER[agency], "kind": kind, "application": "R8-1"}
        return clerk.http(token, "POST", "/desk/requests", json=body | {"registration_id": f"R-{agency}"})

    return ask


def page(clerk: Clerk, token: str, agency: str) -> httpx.Response:
    return clerk.http(token, "GET", f"/desk/vendors/{agency}/construction/{NUMBER[agency]}", params={"reason": "inquiry"})


def expiring(named: bool) -> Asks:
    def ask(clerk: Clerk, token: str, agency: str) -> httpx.Response:
        query = {"reason": "expiry"} | ({"agency": agency} if named else {})
        return clerk.http(token, "GET", "/desk/cards/expiring", params=query)

    return ask


def requests(clerk: Clerk, token: str, agency: str) -> httpx.Response:
    return clerk.http(token, "GET", "/desk/requests", params={"stage": "done"})


def on_request(what: str, body: Any = None) -> Asks:
    def ask(clerk: Clerk, token: str, agency: str) -> httpx.Response:
        return clerk.http(token, "POST", f"/desk/requests/A-{agency}/{what}", json=body)

    return ask


def resend(clerk: Clerk, token: str, agency: str) -> httpx.Response:
    return clerk.http(token, "POST", f"/desk/mails/{MAIL[agency]}/resend", json={"reason": "mail"})


def waiting(clerk: Clerk, token: str, agency: str) -> httpx.Response:
    return clerk.http(token, "GET", "/desk/acceptances")


def waiting_change(clerk: Clerk, token: str, agency: str) -> httpx.Response:
    return clerk.http(token, "GET", f"/desk/acceptances/X-{agency}")


def settlement(accept: bool) -> Asks:
    def ask(clerk: Clerk, token: str, agency: str) -> httpx.Response:
        return clerk.http(token, "POST", f"/desk/acceptances/X-{agency}/decision", json={"accept": accept, "reason": "R"})

    return ask


ROUTES: Mapping[tuple[str, str], Mapping[str, Asks]] = {
    ("POST", "/v1/desk/vendors/search"): {
        "a named agency": find("name", "山田"),
        "by name": find("name", "川越", named=False),
        "by number": find("number", NUMBER, named=False),
        "by serial": find("serial", {HERE: "abc1", THERE: "abc2"}, named=False),
        "by holder": find("holder", "山田川越", named=False),
    },
    ("GET", "/v1/desk/cards/expiring"): {"a named agency": expiring(True), "all": expiring(False)},
    ("GET", "/v1/desk/vendors/{agency}/{category}/{number}"): {"": page},
    ("POST", "/v1/desk/requests"): {kind: application(kind) for kind in ("reset_password", "unlock", "cancel_card")},
    ("GET", "/v1/desk/requests"): {"": requests},
    ("POST", "/v1/desk/requests/{request_id}/decision"): {"": on_request("decision", {"approve": True})},
    ("POST", "/v1/desk/requests/{request_id}/completion"): {"": on_request("completion")},
    ("POST", "/v1/desk/mails/{mail_id}/resend"): {"": resend},
    ("GET", "/v1/desk/acceptances"): {"": waiting},
    ("GET", "/v1/desk/acceptances/{receipt_id}"): {"": waiting_change},
    ("POST", "/v1/desk/acceptances/{receipt_id}/decision"): {"accept": settlement(True), "refuse": settlement(False)},
}
OF_NOBODY = {
    ("POST", "/v1/desk/sessions"),
    ("POST", "/v1/desk/sessions/card"),
    ("DELETE", "/v1/desk/sessions"),
    ("DELETE", "/v1/desk/sessions/current"),
}
"""These say nothing of any vendor."""
CASES = [pytest.param(ask, id=f"{method} {path} {case}".strip()) for (method, path), cases in ROUTES.items() for case, ask in cases.items()]


def test_every_route_of_the_desk_is_in_the_table(office: Running) -> None:
    with office.http() as http:
        paths = http.get("/v1/openapi.json").json()["paths"]
    described = {(method.upper(), path) for path, methods in paths.items() if "/desk/" in path for method in methods}
    assert described == set(ROUTES) | OF_NOBODY


def ready(office: Running) -> None:
    """A request at each agency."""
    from sqlalchemy import insert

    from ebid_tui.server.store.desk_tables import desk_requests
    from tests.server.operating import CATEGORY, DAY, SYSTEM

    with office.database(writing=True) as connection:
        for agency in (HERE, THERE):
            row = {"id": f"A-{agency}", "system": SYSTEM, "agency": agency, "category": CATEGORY, "number": NUMBER[agency]}
            row |= {"kind": "reset_password", "application": "R8-9", "state": "done", "asked_by": "second"}
            connection.execute(insert(desk_requests), row | {"asked_at": DAY})
            waits_at(connection, agency)


@pytest.mark.parametrize("ask", CASES)
async def test_nothing_of_another_agency(office: Running, ask: Asks) -> None:
    ready(office)
    clerk = Clerk(office, "boss")
    token = (await clerk.sign_in()).token
    before = {name: rows for name, rows in office.contents().items() if not name.startswith("audit")}
    answer = ask(clerk, token, THERE)
    assert answer.status_code in (200, 404), answer.text
    for theirs in (NUMBER[THERE], "川越工業", "R-kawagoe", "A-kawagoe"):
        assert theirs not in answer.text
    assert {name: rows for name, rows in office.contents().items() if not name.startswith("audit")} == before


@pytest.mark.parametrize("ask", CASES)
async def test_the_same_of_the_own_agency_is_answered(office: Running, ask: Asks) -> None:
    """Else the test above would say nothing."""
    ready(office)
    clerk = Clerk(office, "there")
    token = (await clerk.sign_in()).token
    answer = ask(clerk, token, THERE)
    assert answer.status_code in (200, 201, 409), answer.text
    if answer.status_code != 409:
        assert NUMBER[THERE] in answer.text or "card@example.com" in answer.text


async def test_the_other_agencys_rows_are_not_in_the_history(office: Running) -> None:
    """One number at two agencies: what one's operators do there is theirs."""
    from ebid_tui.domain.records import Qualification, Vendor
    from ebid_tui.server.store import vendors

    also = Vendor(system="saitama", agency=THERE, category="construction", number=VENDOR_HERE.number)
    with office.database(writing=True) as connection:
        vendors.add_qualification(connection, Qualification(vendor=also, state="approved", trade_name="株式会社山田建設", company={}))
    theirs, ours = await signed_in(office, "there"), await signed_in(office)
    await theirs.client.vendor(also, "review")
    await ours.client.vendor(VENDOR_HERE, "inquiry")
    found = await ours.client.vendor(VENDOR_HERE, "inquiry")
    assert [event.event for event in found.history] == ["desk_view:inquiry"]
    assert found.elsewhere == ()
    assert ("desk_view:review", "operator:there", VENDOR_HERE.number, THERE) in audit(office)
    everywhere = await signed_in(office, "everywhere")
    assert len((await everywhere.client.vendor(VENDOR_HERE, "inquiry")).elsewhere) == 1


async def test_an_operator_of_no_agency_sees_nothing(office: Running) -> None:
    """The agency was taken out of the system's file: that never means all of them."""
    from ebid_tui.server.store import operators

    with office.database(writing=True) as connection:
        assert operators.change(connection, "saitama", "boss", agencies=["gone"])
    clerk = Clerk(office, "boss")
    opened = await clerk.sign_in()
    assert opened.agencies == ()
    for cases in ROUTES.values():
        for ask in cases.values():
            answer = ask(clerk, opened.token, HERE)
            assert answer.status_code == 404 or answer.json() == [], answer.text
