"""Who can lock out whom: many at once count one by one, and one address locks few (R-33)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import httpx
import pytest

from ebid_tui.server.store import accounts
from tests.clock import NOW
from tests.patience import long
from tests.server.api.test_limits import LOGIN, login
from tests.server.counting import hashings
from tests.server.operating import SYSTEM
from tests.server.running_server import (
    NO_TLS,
    ORIGIN,
    SEARCH_1,
    Bidder,
    Running,
    sign_in_content,
)
from tests.server.signing import Card

DESK = {"system": SYSTEM, "origin": ORIGIN, "login_id": "desk", "password": "Wrong-password", "code": "000000"}
VENDOR = "1000000001"


def of_number(number: str = VENDOR, password: str = "Wrong-pass1") -> Mapping[str, object]:
    return LOGIN | {"values": {"vendor_no": number, "password": password}}


async def at_once(server: Running, path: str, bodies: Sequence[Mapping[str, object]], address: str = "") -> tuple[Counter[int], int]:
    """How many were answered with which status, and how many passwords were checked."""
    transport = httpx.AsyncHTTPTransport(verify=NO_TLS, uds=server.socket, limits=httpx.Limits(max_connections=len(bodies)))
    headers = {"X-Forwarded-For": address} if address else {}
    async with httpx.AsyncClient(base_url=ORIGIN, transport=transport, timeout=long(), headers=headers) as http:
        with hashings() as checked:
            answers = await asyncio.gather(*(http.post(f"/v1{path}", json=body) for body in bodies))
    return Counter(answer.status_code for answer in answers), len(checked)


# ---- twenty at once --------------------------------------------------------------------------------------------------


async def test_r_33_of_twenty_at_once_at_one_number_five_are_checked(server: Running) -> None:
    assert await at_once(server, "/logins", [of_number()] * 20) == (Counter({404: 4, 423: 16}), 5)
    with server.database() as connection:
        account = accounts.account(connection, "ise", VENDOR)
        assert (account.state, account.wrong) == ("locked", 5)


async def test_r_33_right_ones_at_once_are_in_nobodys_way(server: Running) -> None:
    """More of them than may be wrong; and none of them is left counted."""
    right = of_number(password="Demo-pass1")
    assert await at_once(server, "/logins", [*[of_number()] * 2, *[right] * 10]) == (Counter({201: 10, 404: 2}), 12)
    assert await at_once(server, "/logins", [right]) == (Counter({201: 1}), 1)
    with server.database() as connection:
        assert accounts.account(connection, "ise", VENDOR).wrong == 0


@pytest.mark.usefixtures("stands_still")
async def test_of_twenty_at_once_at_one_operator_five_are_checked(office: Running) -> None:
    assert await at_once(office, "/desk/sessions", [DESK] * 20) == (Counter({403: 5, 429: 15}), 5)


@pytest.mark.usefixtures("stands_still")
async def test_of_six_at_once_from_one_address_three_are_checked(office: Running) -> None:
    """`sign_ins` lets six in, `wrong_passwords` three."""
    bodies = [of_number(f"15000000{n:02d}") for n in range(9)]
    assert await at_once(office, "/logins", bodies, "198.51.100.20") == (Counter({404: 3, 429: 6}), 3)


def test_r_33_a_try_whose_process_was_lost_is_forgotten(server: Running) -> None:
    now = server.settings.now()
    with server.database(writing=True) as connection:
        taken = [accounts.take_on(connection, "ise", VENDOR, 5, now) for _ in range(6)]
        assert taken == [True] * 5 + [False]
        assert not accounts.take_on(connection, "ise", VENDOR, 5, now + accounts.LONGEST_CHECK - timedelta(seconds=1))
        assert accounts.take_on(connection, "ise", VENDOR, 5, now + accounts.LONGEST_CHECK)
        assert accounts.account(connection, "ise", VENDOR).wrong == 0


# ---- one address -----------------------------------------------------------------------------------------------------


def spend(office: Running, address: str, numbers: int, tries: int = 5) -> list[int]:
    """The last answer of each number at which somebody there went wrong so often, as fast as `wrong_passwords` lets it."""
    told = []
    for number in range(numbers):
        for _ in range(tries):
            office.ahead += timedelta(seconds=21)
            answer = login(office, f"16000000{number:02d}", address=address)
        told.append(answer.status_code)
    return told


@pytest.mark.usefixtures("stands_still")
def test_r_33_one_address_locks_three_numbers_a_day(office: Running) -> None:
    office.stands = NOW
    mine, others = "198.51.100.21", "198.51.100.22"
    assert spend(office, mine, 4) == [423, 423, 423, 429]
    with hashings() as checked:
        wrong, right = login(office, address=mine), login(office, password="Demo-pass1", address=mine)
    assert (wrong.status_code, right.status_code, checked) == (429, 429, []), "neither is looked at, so nobody can go on guessing"
    assert 0 < int(right.headers["retry-after"]) <= 24 * 3600
    assert "あす" in right.json()["remedy"]
    with office.database() as connection:
        assert [accounts.account(connection, "ise", n).wrong for n in (VENDOR, "1600000003")] == [0, 0], "nothing is counted"
    assert login(office, password="Demo-pass1", address=others).status_code == 201
    office.ahead += timedelta(seconds=int(right.headers["retry-after"]))
    assert login(office, password="Demo-pass1", address=mine).status_code == 201


@pytest.mark.usefixtures("stands_still")
async def test_r_33_whoever_has_a_card_is_not_shut_out_by_a_neighbour(office: Running, card: Callable[[str], Card]) -> None:
    """Behind one address with a stranger who has spent its day; and yet no card locks a number by these tries of its own."""
    office.stands = NOW
    bidder, address = Bidder(office, card("ise-new")), "198.51.100.25"
    assert spend(office, address, 4)[-1] == 429
    said = sign_in_content(await bidder.nonce(), issued_at=office.settings.japan_now().replace(microsecond=0))
    await bidder.client.sign_in(bidder.card.signed(said))
    token = dict(bidder.client._session.header)

    def search(password: str) -> int:
        office.ahead += timedelta(seconds=21)
        body = {"agency": "ise", "category": "construction", "values": dict(SEARCH_1) | {"password": password}}
        with office.http() as http:
            return http.post("/v1/qualifications/search", json=body, headers=token | {"X-Forwarded-For": address}).status_code

    assert [search(password) for password in ("Wrong-pass1", SEARCH_1["password"], *["Wrong-pass1"] * 5)] == [404, 200, *[404] * 4, 429]
    with office.database() as connection:
        assert accounts.account(connection, "ise", VENDOR).state == "active"


@pytest.mark.usefixtures("stands_still")
def test_r_33_locks_that_are_only_prepared_count_as_well(office: Running) -> None:
    """Four wrong ones at a number lock it with its owner's first slip: an address has fifteen of a day's, wherever."""
    office.stands = NOW
    assert spend(office, "198.51.100.23", 5, tries=4) == [404, 404, 404, 429, 429]


@pytest.mark.usefixtures("stands_still")
def test_an_office_whose_people_mistype_and_then_get_it_right_goes_on(office: Running) -> None:
    office.stands = NOW
    for _ in range(9):
        for password, status in (("Wrong-pass1", 404), ("Wrong-pass2", 404), ("Demo-pass1", 201)):
            office.ahead += timedelta(seconds=21)
            assert login(office, password=password, address="198.51.100.24").status_code == status


@pytest.mark.usefixtures("stands_still")
def test_a_kiosk_is_somebody_else_each_time(office: Running) -> None:
    office.stands = NOW
    assert spend(office, "203.0.113.7", 4) == [423] * 4
    told = [login(office, f"17000000{n:02d}", address="203.0.113.7").status_code for n in range(4)]
    assert (told[0], told[-1]) == (404, 429), "what holds for every address holds there too"
