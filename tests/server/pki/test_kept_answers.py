"""The table of answers, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from ebid_tui.server.store import revocation as kept
from ebid_tui.server.store.engine import writing_engine
from ebid_tui.server.store.migrate import make_ready
from ebid_tui.server.store.revocation import RevocationAnswer, RevocationSource

NOW = datetime(2026, 4, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIST = RevocationSource("k" * 64, "crl", "http://ca.example/a.crl", b"certificate", b"issuer")


def answer(body: bytes, made: datetime = NOW, ends: datetime = NOW + HOUR) -> RevocationAnswer:
    return RevocationAnswer(body, body.hex().ljust(64, "0"), made, ends)


@pytest.fixture
def engine(url: str) -> Iterator[object]:
    make_ready(url)
    made = writing_engine(url)
    yield made
    made.dispose()


@contextmanager
def database(engine: object) -> Iterator[Connection]:
    with engine.begin() as connection:  # type: ignore[attr-defined]
        yield connection


def test_an_answer_is_kept_and_replaced_by_a_newer_one_only(engine: object) -> None:
    with database(engine) as connection:
        assert kept.seen(connection, [LIST.key]) == {}
        assert kept.keep(connection, LIST, answer(b"1"), NOW)
        assert kept.keep(connection, LIST, answer(b"2", NOW + HOUR, NOW + 2 * HOUR), NOW)
        assert not kept.keep(connection, LIST, answer(b"1"), NOW)
        assert kept.keep(connection, LIST, answer(b"2", NOW + HOUR, NOW + 2 * HOUR), NOW + HOUR), "the same one again"
        digest = answer(b"2").digest
        assert kept.digests(connection, [LIST.key, "other"]) == {LIST.key: digest}
        assert kept.body(connection, LIST.key, digest) == b"2"
        assert kept.body(connection, LIST.key, answer(b"1").digest) is None
        found = kept.seen(connection, [LIST.key])[LIST.key]
        assert (found.this_update, found.next_update, found.tried_at, found.failure) == (NOW + HOUR, NOW + 2 * HOUR, NOW + HOUR, None)


def test_a_failure_leaves_the_answer(engine: object) -> None:
    with database(engine) as connection:
        kept.failed(connection, LIST, "http 404", NOW)
        assert kept.seen(connection, [LIST.key])[LIST.key].digest is None
        kept.keep(connection, LIST, answer(b"1"), NOW)
        kept.failed(connection, LIST, "x" * 100, NOW + HOUR)
        found = kept.seen(connection, [LIST.key])[LIST.key]
        assert (found.digest, found.failure, found.tried_at) == (answer(b"1").digest, "x" * 64, NOW + HOUR)


def test_what_is_due(engine: object) -> None:
    card = RevocationSource("o" * 64, "ocsp", "http://ca.example/", b"certificate", b"issuer", ahead=False)
    file = RevocationSource("f" * 64, "crl", "", b"certificate", b"issuer")
    with database(engine) as connection:
        for source in (LIST, card, file):
            kept.keep(connection, source, answer(b"1"), NOW)
        assert kept.due(connection, NOW - HOUR, NOW) == []
        assert kept.due(connection, NOW, NOW) == [LIST], "tried long ago"
        assert kept.due(connection, NOW - HOUR, NOW + HOUR) == [LIST], "ends soon"
        assert kept.drop(connection, NOW + HOUR) == 0
        assert kept.drop(connection, NOW + HOUR + timedelta(seconds=1)) == 3
