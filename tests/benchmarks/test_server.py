"""Registrations a second through one server process, against a program that does the same cryptography and writes the same rows.

The server gets prepared requests over a unix socket, from another process, and does everything that it does: session, idempotency,
signature, path validation (no card was seen before by this process), rules, mail texts, and a commit that is on the disk. The floor
is one thread of straight code: it verifies the statement's signature, validates the card's path with the same library, and writes, in
one transaction each, exactly the rows that the server has written. No HTTP, no rules, no reading. Both take turns, so that a
machine that has something else to do meanwhile does it to both.

The server leaves to that library the first card of an authority, and of the next ones does the last step itself (`pki/known_paths.py`). A
second floor does as much by hand: the card's certificate is held against its issuer's key, and nothing else.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import json
import socket
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ebid_tui.demo.cards import Wallet
from ebid_tui.domain import statement
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.server.pki import anchor_files
from ebid_tui.server.pki.authorities import authorities
from ebid_tui.server.pki.path import validate
from ebid_tui.server.store import schema
from ebid_tui.server.store.engine import PRAGMAS
from tests.benchmarks.conftest import Measured
from tests.clock import STARTED
from tests.server import databases, postgres
from tests.server.lives import PASSWORD, Lives, lives, office, populate, trust, vendor
from tests.server.postgres import name_of
from tests.server.running_server import Bidder, Running
from tests.server.signing import Authority
from tests.wallets import of_today

COUNT = 80
"""Registrations of one turn."""
TURNS = 3
OF_BY_HAND = 0.5
"""The floor has neither HTTP nor rules nor reading, so no server can be above 1 by its own merit; half of it means that what the server
does beside the cryptography and the writing costs no more than these."""
TOGETHER = 1.2
"""What waits is committed together (group commit), and work goes on while a commit is on its way to the disk: against itself, since the
floor commits each alone but spends nothing on all the rest."""
WARM = 20
"""Registrations before the first turn: what is imported and compiled once is not counted, on neither side."""
CLIENTS = {1: "1 client", 16: "16 clients"}
BESIDE = ("challenges", "sessions")
"""Tables whose rows belong to signing in."""


@dataclass(frozen=True)
class Change:
    """One registration, prepared."""

    number: str
    request: bytes
    statement: dict[str, Any]
    nonce: str


@dataclass
class Desk:
    """One database with a server on it."""

    server: Running
    living: Lives
    on_postgresql: bool
    authority: Authority


@contextmanager
def desk(kind: str, directory: Path, card_directory: Wallet, authority: Authority) -> Iterator[Desk]:
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(postgres.cluster(postgres.DURABLE)) if kind == "postgresql" else None
        url = cluster.new() if cluster else databases.url(directory)
        server = office(directory, url)
        trust(directory, card_directory, authority)
        populate(server, card_directory, WARM + COUNT * TURNS * len(CLIENTS))
        yield Desk(server, stack.enter_context(lives(directory, url)), cluster is not None, authority)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", databases.KINDS)
async def test_registrations_a_second(kind: str, short_dir: Path, tmp_path: Path, measured: Measured) -> None:
    took: Counter[str] = Counter()
    with desk(kind, short_dir, of_today(tmp_path), Authority(now=STARTED)) as made:
        await made.living.begin()
        await made.living.listens()
        changes = [await prepared(made, turn) for turn in range(WARM + COUNT * TURNS * len(CLIENTS))]
        made.living.kill()
        await made.living.begin()
        await made.living.listens()
        with frozen():
            await asyncio.to_thread(one_turn, made, changes[:WARM], 4)
            for start in range(WARM, len(changes), COUNT * len(CLIENTS)):
                for place, (clients, name) in enumerate(CLIENTS.items()):
                    part = changes[start + place * COUNT : start + (place + 1) * COUNT]
                    ours, floor, least = await asyncio.to_thread(one_turn, made, part, clients)
                    took.update({name: ours, "floor": floor / len(CLIENTS), "least": least / len(CLIENTS)})
    rates = {what: COUNT * TURNS / seconds for what, seconds in took.items()}
    floor = rates["floor"]
    measured(f"registrations/s by hand, one thread, {kind}", f"{floor:.0f}")
    measured(f"… where the way to the card's issuer is known, {kind}", f"{rates['least']:.0f}")
    for name in CLIENTS.values():
        measured(f"registrations/s of one server process, {name}, {kind}", f"{rates[name]:.0f}")
        measured(f"… ratio to by hand, {kind}", f"{rates[name] / floor:.2f}")
    best, many = max(rates[name] for name in CLIENTS.values()) / floor, rates[CLIENTS[16]] / rates[CLIENTS[1]]
    measured(f"… the better of them to by hand, {kind}", f"{best:.2f}", f">= {OF_BY_HAND}", best >= OF_BY_HAND)
    measured(f"… 16 clients to 1 client, {kind}", f"{many:.2f}", f">= {TOGETHER}", many >= TOGETHER)


@contextmanager
def frozen() -> Iterator[None]:
    """The floor does not pay for what else is in this process."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def one_turn(made: Desk, changes: Sequence[Change], clients: int) -> tuple[float, float, float]:
    """Seconds: the server's, by hand, and by hand with as little of the path as the server looks at."""
    before = contents(made)
    ours = post_all(made.server.socket, [change.request for change in changes], clients)
    after = contents(made)
    rows = written(before, after, changes)
    seconds = []
    for whole in (True, False):
        forget(made, before, after)
        seconds.append(by_hand(made, changes, rows, whole=whole))
    put_back(made, after)
    return ours, *seconds  # type: ignore[return-value]


async def prepared(made: Desk, turn: int) -> Change:
    """A request, to be sent whenever one likes: its person has signed in and found the vendor."""
    number, name = vendor(turn)
    bidder = Bidder(made.server, made.authority.card(name, "個人　十郎"))
    await bidder.sign_in()
    found = await bidder.search(vendor_no=number, trade_name=name, password=PASSWORD)
    content = await bidder.statement(found, holder_confirmed=True)
    signed = msgspec.to_builtins(bidder.card.signed(content))
    body = json.dumps({"statement": signed}).encode()
    head = {"Host": "localhost", "Content-Type": "application/json", "Content-Length": len(body), "Idempotency-Key": f"key-of-{number}"}
    head |= bidder.client._session.header
    await bidder.client.close()
    lines = "".join(f"{key}: {value}\r\n" for key, value in head.items())
    return Change(number, f"POST /v1/registrations HTTP/1.1\r\n{lines}\r\n".encode() + body, signed, content.nonce)


def post_all(path: str, requests: Sequence[bytes], clients: int) -> float:
    """Seconds until every request is answered, each client sending one after the other."""
    waiting, answers = iter(requests), []
    guard = threading.Lock()

    def client() -> None:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(path)
            while True:
                with guard:
                    request = next(waiting, None)
                if request is None:
                    return
                line.sendall(request)
                answers.append(answer(line))

    threads = [threading.Thread(target=client) for _ in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - started
    assert len(answers) == len(requests)
    assert set(answers) == {b"201"}, set(answers)
    return took


def answer(line: socket.socket) -> bytes:
    """An answer's status; all of it is read."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += line.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(next(part for part in head.lower().split(b"\r\n") if part.startswith(b"content-length:")).split(b":")[1])
    left = length - len(body)
    while left > 0:
        left -= len(line.recv(65536))
    return head.split(b" ")[1]


# ---- by hand ---------------------------------------------------------------------------------------------------------

Contents = dict[str, dict[tuple[Any, ...], dict[str, Any]]]
"""By table: the rows, by their values."""
Rows = list[list[tuple[str, dict[str, Any]]]]
HEAD = "audit_head"


def raw(made: Desk) -> Any:
    """A driver's own connection."""
    database = made.server.settings.database
    if made.on_postgresql:
        return psycopg.connect(host=database.rpartition("=")[2], user=postgres.USER, dbname=name_of(database), autocommit=True)
    connection = sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def contents(made: Desk) -> Contents:
    """Every row as the driver gives it, but those of signing in."""
    connection = raw(made)
    found: Contents = {}
    for table in schema.metadata.sorted_tables:
        if table.name not in BESIDE:
            cursor = connection.execute(f"SELECT * FROM {table.name}")
            names = [column[0] for column in cursor.description]
            found[table.name] = {tuple(row): dict(zip(names, row, strict=True)) for row in cursor.fetchall()}
    connection.close()
    return found


def new_rows(before: Contents, after: Contents) -> Iterator[tuple[str, dict[str, Any]]]:
    """In the order of the tables; the head of the audit log is no new row."""
    for name, rows in after.items():
        if name != HEAD:
            yield from ((name, row) for key, row in rows.items() if key not in before[name])


def written(before: Contents, after: Contents, changes: Sequence[Change]) -> Rows:
    """What was written, by registration; what belongs to none of them (a certificate that they share) by the first."""
    turns: dict[str, int] = {change.number: turn for turn, change in enumerate(changes)}
    new = list(new_rows(before, after))
    for name, own, other in (("registrations", "id", "number"), ("receipts", "id", "registration_id")):
        turns |= {row[own]: turns[row[other]] for table, row in new if table == name}
    keys = ("receipt_id", "registration_id", "number", "subject", "id")
    by_turn: Rows = [[] for _ in changes]
    for name, row in new:
        by_turn[next((turns[row[key]] for key in keys if row.get(key) in turns), 0)].append((name, row))
    assert min(len(rows) for rows in by_turn) >= 8
    return by_turn


def mark(made: Desk) -> str:
    return "%s" if made.on_postgresql else "?"


def forget(made: Desk, before: Contents, after: Contents) -> None:
    """Take away what was written."""
    connection = raw(made)
    for name, row in reversed(list(new_rows(before, after))):
        own = [column.name for column in schema.metadata.tables[name].primary_key]
        where = " AND ".join(f"{column} = {mark(made)}" for column in own)
        connection.execute(f"DELETE FROM {name} WHERE {where}", [row[column] for column in own])
    connection.close()


def put_back(made: Desk, after: Contents) -> None:
    """The head of the audit log as the server left it: it goes on from there."""
    connection = raw(made)
    for row in after[HEAD].values():
        move_head(made, connection, row["number"], row["hash"])
    connection.close()


def move_head(made: Desk, connection: Any, number: int, value: str) -> None:
    connection.execute(f"UPDATE {HEAD} SET number = {mark(made)}, hash = {mark(made)} WHERE id = 1", (number, value))


def insertion(made: Desk, table: str, row: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
    marks = ", ".join([mark(made)] * len(row))
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values())


def by_hand(made: Desk, changes: Sequence[Change], rows: Rows, *, whole: bool) -> float:
    """Seconds for every change, one after the other."""
    connection, use = raw(made), f"UPDATE challenges SET used_at = {mark(made)} WHERE nonce = {mark(made)}"
    begin = "BEGIN" if made.on_postgresql else "BEGIN IMMEDIATE"
    loop, profile = asyncio.new_event_loop(), profile_of("ise")
    trusted = authorities(profile.trusted, anchor_files.load(Path(made.server.socket).parent / "trust"))
    issuer = x509.load_der_x509_certificate(made.authority.der)

    def path(der: bytes) -> None:
        if whole:
            leaf = asn1.Certificate.load(der, strict=True)
            assert loop.run_until_complete(validate(leaf, trusted.between, trusted.anchors, profile.trust, STARTED, None))
        else:
            x509.load_der_x509_certificate(der).verify_directly_issued_by(issuer)

    started = time.perf_counter()
    for change, ours in zip(changes, rows, strict=True):
        path(signer(change.statement))
        connection.execute(begin)
        assert connection.execute(use, (STARTED.isoformat(), change.nonce)).rowcount == 1
        for table, row in ours:
            connection.execute(*insertion(made, table, row))
            if table == "audit":
                move_head(made, connection, row["id"], row["hash"])
        connection.execute("COMMIT")
    took = time.perf_counter() - started
    loop.close()
    connection.close()
    return took


def signer(signed: dict[str, Any]) -> bytes:
    """The certificate (DER) of who signed, once the signature is found right."""
    (signature,) = signed["signatures"]
    (der,) = (base64.b64decode(text) for text in json.loads(statement.unb64(signature["protected"]))["x5c"])
    key = x509.load_der_x509_certificate(der).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    value = statement.unb64(signature["signature"])
    dss = encode_dss_signature(int.from_bytes(value[:32]), int.from_bytes(value[32:]))
    key.verify(dss, statement.signing_input(signed["payload"], signature["protected"]), ec.ECDSA(hashes.SHA256()))
    json.loads(statement.unb64(signed["payload"]))
    return der
