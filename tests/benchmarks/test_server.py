"""Registrations a second through one server process, against a program that does the same cryptography and writes the same rows.

The server gets prepared requests over a unix socket and does everything that it does: session, idempotency, signature, path
validation (it has not seen the card before: its process is new), rules, mail texts, and a commit that is on the disk. The floor
is one thread of straight code: it reads the statement, verifies its signature, validates the card's path with the same library,
and writes, in one transaction each, exactly the rows that the server has written. No HTTP, no rules, no reading.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
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

from ebid_tui.domain import statement
from ebid_tui.domain.systems import profile_of
from ebid_tui.server.pki import anchor_files
from ebid_tui.server.pki.authorities import authorities
from ebid_tui.server.pki.path import validate
from ebid_tui.server.store import schema
from ebid_tui.server.store.engine import PRAGMAS
from tests.benchmarks.conftest import Measured
from tests.server import databases, postgres
from tests.server.lives import PASSWORD, Lives, lives, office, populate, trust, vendor
from tests.server.postgres import Cluster, name_of
from tests.server.running import Bidder, Running
from tests.server.signing import Authority

COUNT = 200
"""Registrations of one round."""
ROUNDS = ((1, "1 client"), (16, "16 clients"))
BESIDE = ("challenges", "sessions")
"""Tables whose rows belong to signing in."""


@dataclass
class Desk:
    """One database with a server on it."""

    server: Running
    living: Lives
    cluster: Cluster | None
    authority: Authority
    requests: list[list[bytes]] = field(default_factory=list)
    """Of each round."""
    statements: list[dict[str, Any]] = field(default_factory=list)
    nonces: list[str] = field(default_factory=list)


@contextmanager
def desk(kind: str, directory: Path, card_directory: Path, authority: Authority) -> Iterator[Desk]:
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(postgres.cluster(postgres.DURABLE)) if kind == "postgresql" else None
        url = cluster.new() if cluster else databases.url(directory)
        server = office(directory, url)
        trust(directory, card_directory, authority)
        populate(server, card_directory, COUNT * len(ROUNDS))
        yield Desk(server, stack.enter_context(lives(directory, url)), cluster, authority)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", databases.KINDS)
async def test_registrations_a_second(kind: str, short_dir: Path, tmp_path: Path, measured: Measured) -> None:
    with desk(kind, short_dir, tmp_path, Authority()) as made:
        await made.living.begin()
        await made.living.listens()
        for number in range(len(ROUNDS)):
            made.requests.append([await prepared(made, turn) for turn in range(number * COUNT, (number + 1) * COUNT)])
        before = contents(made.server)
        rates = []
        for (clients, _), requests in zip(ROUNDS, made.requests, strict=True):
            made.living.kill()
            await made.living.begin()
            await made.living.listens()
            rates.append(COUNT / await asyncio.to_thread(post_all, made.server.socket, requests, clients))
        rows = written(before, contents(made.server), [vendor(turn)[0] for turn in range(COUNT * len(ROUNDS))])
        forget(made, before)
        floor = len(rows) / await asyncio.to_thread(by_hand, kind, made, rows)
    print(f"\n{kind}: floor {floor:.0f}/s" + "".join(f", {name} {rate:.0f}/s" for (_, name), rate in zip(ROUNDS, rates, strict=True)))
    measured(f"registrations/s by hand, one thread, {kind}", f"{floor:.0f}", "")
    for (_, name), rate in zip(ROUNDS, rates, strict=True):
        measured(f"registrations/s of one server process, {name}, {kind}", f"{rate:.0f}", "")
    measured(f"… ratio to by hand, best of them, {kind}", f"{max(rates) / floor:.2f}", "≥ 0.5, on SQLite with 16 clients > 1")
    assert max(rates) >= 0.5 * floor
    assert kind != "sqlite" or rates[1] > floor


async def prepared(made: Desk, turn: int) -> bytes:
    """A request, to be sent whenever one likes: its person has signed in and found the vendor."""
    number, name = vendor(turn)
    bidder = Bidder(made.server, made.authority.card(name, "個人　十郎"))
    await bidder.sign_in()
    found = await bidder.search(vendor_no=number, trade_name=name, password=PASSWORD)
    content = await bidder.statement(found, holder_confirmed=True)
    signed = msgspec.to_builtins(bidder.card.signed(content))
    made.statements.append(signed)
    made.nonces.append(content.nonce)
    body = json.dumps({"statement": signed}).encode()
    head = {"Host": "localhost", "Content-Type": "application/json", "Content-Length": len(body), "Idempotency-Key": f"key-of-{number}"}
    head |= bidder.client._session.header
    await bidder.client.close()
    lines = "".join(f"{key}: {value}\r\n" for key, value in head.items())
    return f"POST /v1/registrations HTTP/1.1\r\n{lines}\r\n".encode() + body


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

Contents = dict[str, list[dict[str, Any]]]
Rows = list[list[tuple[str, dict[str, Any]]]]


def raw(made: Running) -> Any:
    """A driver's own connection."""
    if made.settings.database.startswith("sqlite"):
        connection = sqlite3.connect(made.settings.database.removeprefix("sqlite:///"), isolation_level=None)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return connection
    host = made.settings.database.rpartition("=")[2]
    return psycopg.connect(host=host, user=postgres.USER, dbname=name_of(made.settings.database), autocommit=True)


def contents(made: Running) -> Contents:
    """Every row as the driver gives it, but those of signing in."""
    connection = raw(made)
    found: Contents = {}
    for table in schema.metadata.sorted_tables:
        if table.name not in BESIDE:
            cursor = connection.execute(f"SELECT * FROM {table.name}")
            names = [column[0] for column in cursor.description]
            found[table.name] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    connection.close()
    return found


def written(before: Contents, after: Contents, numbers: Sequence[str]) -> Rows:
    """What was written, by registration; what belongs to none of them (a certificate that they share) by the first."""
    new = {name: [row for row in rows if row not in old] if len(rows) > len(old := before[name]) else [] for name, rows in after.items()}
    turns: dict[str, int] = {number: turn for turn, number in enumerate(numbers)}
    for row in new["registrations"]:
        turns[row["id"]] = turns[row["number"]]
    for row in new["receipts"]:
        turns[row["id"]] = turns[row["registration_id"]]
    keys = ("receipt_id", "registration_id", "number", "subject", "id")
    by_turn: Rows = [[] for _ in numbers]
    for name, rows in new.items():
        for row in rows:
            turn = next((turns[row[key]] for key in keys if row.get(key) in turns), 0)
            by_turn[turn].append((name, row))
    assert min(len(rows) for rows in by_turn) >= 8
    return by_turn


def forget(made: Desk, before: Contents) -> None:
    """Take away what was written."""
    connection = raw(made.server)
    for table in reversed(schema.metadata.sorted_tables):
        if table.name not in BESIDE and table.name not in ("qualifications", "accounts"):
            connection.execute(f"DELETE FROM {table.name}")
    for table in schema.metadata.sorted_tables:
        if table.name not in BESIDE and table.name not in ("qualifications", "accounts"):
            for row in before[table.name]:
                connection.execute(*insertion(table.name, row, made.cluster is not None))
    connection.execute("UPDATE challenges SET used_at = NULL")
    connection.close()


def insertion(table: str, row: dict[str, Any], on_postgresql: bool) -> tuple[str, tuple[Any, ...]]:
    marks = ", ".join(["%s" if on_postgresql else "?"] * len(row))
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values())


def by_hand(kind: str, made: Desk, rows: Rows) -> float:
    """Seconds for every statement, one after the other."""
    connection = raw(made.server)
    mark = "%s" if kind == "postgresql" else "?"
    begin = "BEGIN IMMEDIATE" if kind == "sqlite" else "BEGIN"
    loop, profile = asyncio.new_event_loop(), profile_of("ise")
    trusted = authorities(profile.trusted, anchor_files.load(Path(made.server.socket).parent / "trust"))

    def path(der: bytes) -> None:
        leaf = asn1.Certificate.load(der, strict=True)
        assert loop.run_until_complete(validate(leaf, trusted.between, trusted.anchors, profile.trust, datetime.now(UTC), None))

    started = time.perf_counter()
    for signed, nonce, ours in zip(made.statements, made.nonces, rows, strict=True):
        path(signer(signed))
        connection.execute(begin)
        used = connection.execute(f"UPDATE challenges SET used_at = {mark} WHERE nonce = {mark}", (ours[0][1].get("at") or NOW, nonce))
        assert used.rowcount == 1
        for table, row in ours:
            connection.execute(*insertion(table, row, kind == "postgresql"))
        connection.execute("COMMIT")
    took = time.perf_counter() - started
    loop.close()
    connection.close()
    return took


NOW = datetime.now(UTC).isoformat()


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
