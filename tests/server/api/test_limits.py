"""How often signing in may be tried, by address and by account; whose X-Forwarded-For is believed; and a flood of logins."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from threading import Event, Semaphore, Thread

import httpx
import pytest
from argon2 import Parameters, PasswordHasher
from sqlalchemy import select

from ebid_tui.demo.cards import Wallet
from ebid_tui.errors import EbidError, ServerError
from ebid_tui.server.api.limits import address_of, refuse_unknown_proxies
from ebid_tui.server.app import create_app
from ebid_tui.server.decisions.passwords import THREADS, WAITING, Passwords
from ebid_tui.server.running.serving import ListenAddress, make_server
from ebid_tui.server.settings import Limits, PasswordCost, Rate
from ebid_tui.server.store import accounts, desk_tables, limits
from tests.server.counting import hashings, statements
from tests.server.operating import LIMITS
from tests.server.running_server import CHEAP, NO_TLS, ORIGIN, Running
from tests.server.signing import Authority

LOGIN = {"system": "ise", "agency": "ise", "category": "construction", "values": {"vendor_no": "1000000001", "password": "Demo-pass1"}}
pytestmark = pytest.mark.usefixtures("stands_still")


def login(office: Running, number: str = "1000000001", password: str = "Wrong-pass1", address: str = "") -> httpx.Response:
    body = LOGIN | {"values": {"vendor_no": number, "password": password}}
    with office.http() as http:
        return http.post("/v1/logins", json=body, headers={"X-Forwarded-For": address} if address else {})


# ---- buckets ---------------------------------------------------------------------------------------------------------


def test_so_many_at_once_then_one_each_time(office: Running) -> None:
    rate, now = Rate(3, timedelta(seconds=10)), office.settings.now()
    with office.database(writing=True) as connection:
        waits = []
        for _ in range(5):
            waits.append(limits.wait(connection, "bucket", rate, now))
            if not waits[-1]:
                limits.count(connection, "bucket", rate, now)
        assert waits[:3] == [0, 0, 0]
        assert waits[3] == waits[4] == pytest.approx(10, abs=0.01)
        assert limits.wait(connection, "bucket", rate, now + timedelta(seconds=9)) == pytest.approx(1, abs=0.01)
        assert limits.wait(connection, "bucket", rate, now + timedelta(seconds=10)) == 0
        for _ in range(100):
            limits.count(connection, "bucket", rate, now)
        assert limits.wait(connection, "bucket", rate, now) <= 10.01  # nobody waits for more than what is over


def test_a_bucket_names_nobody(office: Running) -> None:
    assert login(office, address="198.51.100.7").status_code == 404
    with office.database() as connection:
        keys = connection.execute(select(desk_tables.rate_limits.c.key)).scalars().all()
    assert len(keys) == 4
    assert all(len(key) == 64 for key in keys)


# ---- by address ------------------------------------------------------------------------------------------------------


def test_sign_ins_of_one_address(office: Running) -> None:
    with office.http() as http:
        answers = [http.post("/v1/challenges", json={"system": "ise"}, headers={"X-Forwarded-For": "198.51.100.8"}) for _ in range(8)]
        assert [answer.status_code for answer in answers] == [201] * 6 + [429] * 2
        assert answers[-1].headers["content-type"] == "application/problem+json"
        assert answers[-1].json()["code"] == "E-TOO-MANY"
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 10
        assert str(answers[-1].headers["retry-after"]) in answers[-1].json()["remedy"]
        # Another address, the clock and whoever has none go on.
        assert http.post("/v1/challenges", json={"system": "ise"}, headers={"X-Forwarded-For": "198.51.100.9"}).status_code == 201
        assert http.get("/v1/clock", headers={"X-Forwarded-For": "198.51.100.8"}).status_code == 200
        assert http.post("/v1/challenges", json={"system": "ise"}).status_code == 201
        office.ahead = timedelta(seconds=11)
        assert http.post("/v1/challenges", json={"system": "ise"}, headers={"X-Forwarded-For": "198.51.100.8"}).status_code == 201


def test_a_whole_network_of_version_6_is_one_address(office: Running) -> None:
    with office.http() as http:
        answers = [
            http.post("/v1/challenges", json={"system": "ise"}, headers={"X-Forwarded-For": f"2001:db8::{n}"}).status_code for n in range(7)
        ]
        assert answers == [201] * 6 + [429]
        assert http.post("/v1/challenges", json={"system": "ise"}, headers={"X-Forwarded-For": "2001:db8:0:1::1"}).status_code == 201


def test_wrong_passwords_of_one_address_whosever(office: Running) -> None:
    """One password tried on many numbers locks none of them, and is stopped all the same."""
    statuses = [login(office, f"15000000{n:02d}", address="198.51.100.10").status_code for n in range(5)]
    assert statuses == [404] * 3 + [429] * 2
    assert login(office, password="Demo-pass1", address="198.51.100.10").status_code == 429
    assert login(office, password="Demo-pass1", address="198.51.100.11").status_code == 201


def test_what_is_refused_is_not_counted_as_wrong(office: Running) -> None:
    for _ in range(6):
        login(office, address="198.51.100.12")
    with office.database() as connection:
        assert accounts.account(connection, "ise", "1000000001").wrong == 3


@pytest.mark.parametrize("number", ["1000000001", "1999999999"])
def test_checks_for_one_number_known_or_not(office: Running, number: str) -> None:
    statuses = [login(office, number).status_code for _ in range(10)]
    assert statuses == [404] * 4 + [423] * 4 + [429] * 2


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_r_33_a_number_costs_as_much_and_says_the_same_whether_it_exists_or_not(office: Running) -> None:
    """What takes time is counted: hashings by what they cost, and what the database is asked to do."""
    work: dict[str, list[tuple[list[Parameters], list[str]]]] = {"1000000001": [], "1999999999": []}
    said: dict[str, list[bytes]] = {number: [] for number in work}
    for turn in range(7):  # right to locked, and beyond
        office.ahead = timedelta(minutes=turn)
        for number, done in work.items():
            with hashings() as hashed, statements() as asked:
                said[number].append(login(office, number).content)
            done.append((hashed, asked))
    assert said["1000000001"] == said["1999999999"]
    assert work["1000000001"][1:] == work["1999999999"][1:]
    (known, asked), (nobodys, more) = work["1000000001"][0], work["1999999999"][0]
    assert known == nobodys
    noted = more.index("INSERT INTO accounts")
    assert asked == more[:noted] + more[noted + 1 :], "a number that was never tried is noted, once, in the same transaction"
    assert more[noted - 1] == "UPDATE accounts"
    assert [len(hashed) for hashed, _ in work["1000000001"]] == [1] * 5 + [0] * 2, "once it is locked nothing is checked any more"


async def test_two_processes_count_together(office: Running, card_directory: Wallet, authority: Authority) -> None:
    second = Path(office.socket).with_name("second")
    listening = asyncio.Event()
    loop = asyncio.get_running_loop()

    def heard(_port: int) -> None:
        loop.call_soon_threadsafe(listening.set)

    server = make_server(create_app(office.settings), ListenAddress(uds=second), heard)
    thread = Thread(target=server.run)
    thread.start()
    try:
        await asyncio.wait_for(listening.wait(), 20)
        statuses = []
        for n in range(8):
            async with httpx.AsyncClient(
                base_url=ORIGIN, transport=httpx.AsyncHTTPTransport(verify=NO_TLS, uds=str(second) if n % 2 else office.socket)
            ) as http:
                headers = {"X-Forwarded-For": "198.51.100.13"}
                statuses.append((await http.post("/v1/challenges", json={"system": "ise"}, headers=headers)).status_code)
        assert statuses == [201] * 6 + [429] * 2
    finally:
        server.should_exit = True
        await asyncio.to_thread(thread.join)


# ---- who asks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("198.51.100.1", [], (), "198.51.100.1"),
        ("198.51.100.1", ["203.0.113.9"], (), "198.51.100.1"),
        ("10.0.0.1", ["203.0.113.9"], ("10.0.0.0/8",), "203.0.113.9"),
        ("10.0.0.1", ["1.1.1.1, 203.0.113.9, 10.0.0.2"], ("10.0.0.0/8",), "203.0.113.9"),
        ("10.0.0.1", ["1.1.1.1", "203.0.113.9"], ("10.0.0.0/8",), "203.0.113.9"),
        ("10.0.0.1", ["nonsense"], ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9, nonsense"], ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9:4711"], ("10.0.0.0/8",), "203.0.113.9"),
        ("10.0.0.1", ["[2001:db8::1]:4711"], ("10.0.0.0/8",), "2001:db8::1"),
        ("10.0.0.1", [], ("10.0.0.1",), "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9, ::ffff:10.0.0.2"], ("10.0.0.0/8",), "203.0.113.9"),
        ("::ffff:10.0.0.1", ["::ffff:203.0.113.9"], ("10.0.0.0/8",), "203.0.113.9"),
        ("", ["203.0.113.9"], (), ""),
        ("", ["203.0.113.9"], ("unix",), "203.0.113.9"),
        ("", [], ("unix",), ""),
        ("::1", ["203.0.113.9"], ("::1",), "203.0.113.9"),
    ],
)
def test_only_what_a_trusted_proxy_wrote_is_believed(peer: str, forwarded: list[str], trusted: tuple[str, ...], address: str) -> None:
    assert address_of(peer, forwarded, trusted) == address


@pytest.mark.parametrize("proxy", ["", "example.jp", "10.0.0.1/8", "300.0.0.1"])
def test_a_proxy_that_is_none(proxy: str) -> None:
    with pytest.raises(EbidError, match="E-PROXY"):
        refuse_unknown_proxies(("unix", "10.0.0.0/8", "192.0.2.1", "::1", proxy))


# ---- a flood ---------------------------------------------------------------------------------------------------------


async def test_more_checks_than_may_wait_are_told_to_come_again() -> None:
    passwords = Passwords(PasswordCost(time=1, memory_kib=1024))
    outcomes = await asyncio.gather(*(passwords.right(None, "password") for _ in range(THREADS + WAITING + 20)), return_exceptions=True)
    assert [o.code for o in outcomes if isinstance(o, ServerError)] == ["E-BUSY"] * 20
    assert outcomes.count(False) == THREADS + WAITING
    assert await passwords.right(passwords.hash("password"), "password")
    passwords.stop()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_flood_of_logins_does_not_starve_the_clock(office: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many checks as may be under way, none of which ends: the clock is told all the same. How fast: tests/benchmarks/test_flood.py."""
    ending, begun = Event(), Semaphore(0)
    verify = PasswordHasher.verify

    def stalling(self: PasswordHasher, kept: str, password: str) -> bool:
        begun.release()
        assert ending.wait(60)
        return verify(self, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", stalling)
    connections = httpx.AsyncHTTPTransport(uds=office.socket, limits=httpx.Limits(max_connections=200))
    async with httpx.AsyncClient(base_url=ORIGIN, transport=connections, timeout=60) as http:

        async def attack(number: int) -> int:
            values = {"vendor_no": f"{1600000000 + number}", "password": "Wrong-pass1"}
            answer = await http.post("/v1/logins", json=LOGIN | {"values": values})
            assert answer.status_code == 404 or int(answer.headers["retry-after"]) >= 1
            return answer.status_code

        flood = [asyncio.ensure_future(attack(number)) for number in range(THREADS + WAITING + 24)]
        try:
            for _ in range(THREADS):
                assert await asyncio.to_thread(begun.acquire, timeout=60)
            # Whoever is one too many is told so while the others wait.
            refused, _ = await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED, timeout=60)
            assert {task.result() for task in refused} == {503}
            for _ in range(20):
                assert (await http.get("/v1/clock")).status_code == 200
        finally:
            ending.set()
        statuses = await asyncio.gather(*flood)
    assert sorted(statuses) == [404] * (THREADS + WAITING) + [503] * 24


def test_the_limits_of_these_tests_are_smaller_than_the_servers() -> None:
    earnest = Limits()
    assert earnest.sign_ins.burst > LIMITS.sign_ins.burst
    assert PasswordCost() != CHEAP
