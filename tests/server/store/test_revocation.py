"""What the authorities said last of who is revoked: kept by its key, never turned back, asked again when it is due."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from ebid_tui.server.store import revocation
from ebid_tui.server.store.revocation import RevocationAnswer, RevocationSource, SourceState
from tests.clock import NOW

HOUR, MOMENT = timedelta(hours=1), timedelta(microseconds=1)
LIST = RevocationSource("list", "crl", "http://ca.example/crl", b"certificate", b"issuer")
OTHER = RevocationSource("other", "ocsp", "http://ca.example/ocsp", b"other", b"issuer", ahead=False)
ANSWER = RevocationAnswer(b"body", "digest", NOW - HOUR, NOW + HOUR)


def seen(connection: Connection) -> dict[str, SourceState]:
    return revocation.seen(connection, ["list", "other"])


def test_an_answer_is_kept_and_found_by_its_key(connection: Connection) -> None:
    assert revocation.keep(connection, LIST, ANSWER, NOW)
    assert revocation.keep(connection, OTHER, RevocationAnswer(b"2", "2", NOW, NOW), NOW)
    kept = SourceState("digest", NOW - HOUR, NOW + HOUR, NOW, None)
    assert seen(connection) == {"list": kept, "other": SourceState("2", NOW, NOW, NOW, None)}
    assert revocation.seen(connection, ["list", "unknown"]) == {"list": kept}
    assert revocation.digests(connection, ["list", "unknown"]) == {"list": "digest"}
    assert revocation.body(connection, "list", "digest") == b"body"
    assert revocation.body(connection, "list", "2") is None
    assert revocation.body(connection, "unknown", "digest") is None


@pytest.mark.parametrize("made", [-MOMENT, timedelta(), MOMENT])
def test_nobody_turns_an_authoritys_clock_back(connection: Connection, made: timedelta) -> None:
    revocation.keep(connection, LIST, ANSWER, NOW)
    newer = made >= timedelta()
    assert revocation.keep(connection, LIST, RevocationAnswer(b"new", "new", NOW - HOUR + made, NOW), NOW + HOUR) == newer
    assert revocation.body(connection, "list", "new") == (b"new" if newer else None)
    assert seen(connection)["list"] == (
        SourceState("new", NOW - HOUR + made, NOW, NOW + HOUR, None) if newer else SourceState("digest", NOW - HOUR, NOW + HOUR, NOW, None)
    )


def test_the_same_answer_again_was_asked_for_again(connection: Connection) -> None:
    revocation.keep(connection, LIST, ANSWER, NOW)
    revocation.failed(connection, LIST, "timeout", NOW)
    assert revocation.keep(connection, LIST, RevocationAnswer(b"body", "digest", NOW - 9 * HOUR, NOW), NOW + HOUR)
    assert seen(connection) == {"list": SourceState("digest", NOW - HOUR, NOW + HOUR, NOW + HOUR, None)}


def test_what_was_asked_in_vain_keeps_the_answer_before(connection: Connection) -> None:
    revocation.failed(connection, OTHER, "t" * 99, NOW)
    assert seen(connection) == {"other": SourceState(None, None, None, NOW, "t" * 64)}
    assert revocation.keep(connection, OTHER, ANSWER, NOW)
    revocation.failed(connection, OTHER, "timeout", NOW + HOUR)
    assert seen(connection) == {"other": SourceState("digest", NOW - HOUR, NOW + HOUR, NOW + HOUR, "timeout")}
    assert revocation.body(connection, "other", "digest") == b"body"


def test_the_certificate_that_was_asked_about_last_is_the_one_that_stands(connection: Connection) -> None:
    revocation.failed(connection, LIST, "timeout", NOW)
    revocation.failed(connection, RevocationSource("list", "crl", LIST.url, b"new", b"new issuer"), "timeout", NOW)
    assert revocation.due(connection, NOW, NOW) == [RevocationSource("list", "crl", LIST.url, b"new", b"new issuer")]


@pytest.mark.parametrize(
    ("tried", "ends", "due"),
    [
        (NOW, NOW, True), (NOW - MOMENT, NOW, False), (NOW - MOMENT, NOW + HOUR, True), (NOW - MOMENT, NOW + HOUR - MOMENT, False),
    ],
)  # fmt: skip
def test_what_was_tried_long_ago_or_ends_soon_is_due(connection: Connection, tried: object, ends: object, due: bool) -> None:
    revocation.keep(connection, LIST, ANSWER, NOW)
    # Brought in as a file, and asked only when a card comes: neither is fetched by itself.
    revocation.keep(connection, RevocationSource("file", "crl", "", b"", b""), ANSWER, NOW)
    revocation.keep(connection, OTHER, ANSWER, NOW)
    assert revocation.due(connection, tried, ends) == ([LIST] if due else [])  # type: ignore[arg-type]


def test_what_was_never_answered_is_due_and_all_in_the_order_of_their_keys(connection: Connection) -> None:
    first = RevocationSource("a", "crl", LIST.url, b"", b"")
    for source in (LIST, first):
        revocation.failed(connection, source, "timeout", NOW)
    assert revocation.due(connection, NOW - HOUR, NOW - HOUR) == [first, LIST]


def test_what_ended_is_forgotten(connection: Connection) -> None:
    revocation.keep(connection, LIST, ANSWER, NOW)
    revocation.failed(connection, OTHER, "timeout", NOW)
    assert revocation.drop(connection, NOW) == 0
    assert revocation.drop(connection, NOW + MOMENT) == 1
    assert list(seen(connection)) == ["list"]
    assert revocation.drop(connection, NOW + HOUR) == 0
    assert revocation.drop(connection, NOW + HOUR + MOMENT) == 1
    assert seen(connection) == {}
