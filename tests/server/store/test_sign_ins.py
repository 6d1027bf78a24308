"""Challenges and sessions: used once, for a while, and ended for whom they have to end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from ebid_tui.domain.records import Vendor
from ebid_tui.errors import ChallengeGone
from ebid_tui.server.store import sign_ins
from ebid_tui.server.store.schema import challenges, sessions
from ebid_tui.server.store.sign_ins import BidderSession, token_hash
from tests.clock import NOW
from tests.server.filling import THIS, put, rows

MINUTE, MOMENT = timedelta(minutes=1), timedelta(microseconds=1)
UNTIL = NOW + 10 * MINUTE


def session(connection: Connection, token: str, now: datetime = NOW) -> BidderSession | None:
    return sign_ins.session(connection, token_hash(token), now)


def test_a_challenge_is_long_and_lasts_as_long_as_it_says(connection: Connection) -> None:
    made = {sign_ins.new_challenge(connection, "ise", NOW, MINUTE).nonce for _ in range(3)}
    assert {len(nonce) for nonce in made} == {43}  # 256 bits
    assert rows(connection, challenges, "system", "expires_at", "used_at") == [("ise", NOW + MINUTE, None)] * 3
    assert {*rows(connection, challenges, "nonce")} == made


def test_a_challenge_can_be_used_once_in_its_system_and_time(connection: Connection) -> None:
    made, other = (sign_ins.new_challenge(connection, "ise", NOW, MINUTE) for _ in range(2))
    for nonce, system, at in ((made.nonce, "aomori", NOW), ("unknown", "ise", NOW), (made.nonce, "ise", NOW + MINUTE)):
        with pytest.raises(ChallengeGone):
            sign_ins.use_challenge(connection, nonce, system, at)
    assert rows(connection, challenges, "used_at") == [None, None]
    sign_ins.use_challenge(connection, made.nonce, "ise", NOW + MINUTE - MOMENT)
    with pytest.raises(ChallengeGone):
        sign_ins.use_challenge(connection, made.nonce, "ise", NOW)
    sign_ins.use_challenge(connection, other.nonce, "ise", NOW)


def test_challenges_that_ended_long_ago_are_swept_out(connection: Connection) -> None:
    put(connection, challenges, *({"nonce": f"{n}", "system": "ise", "expires_at": NOW + n * MINUTE} for n in (-3, -2, -1, 0)))
    sign_ins.new_challenge(connection, "ise", NOW, MINUTE)
    assert rows(connection, challenges, "expires_at") == [NOW - MINUTE, NOW, NOW + MINUTE]


def test_the_session_of_a_card(connection: Connection) -> None:
    token = sign_ins.open_card_session(connection, "ise", "https://a.example", "f" * 64, b"DER", NOW, UNTIL)
    sign_ins.open_card_session(connection, "ise", "https://a.example", "e" * 64, b"DER", NOW, UNTIL)
    assert len(token) == 43  # 256 bits
    assert session(connection, token) == BidderSession(
        token_hash=token_hash(token), system="ise", origin="https://a.example", kind="card", fingerprint="f" * 64, certificate=b"DER",
        created_at=NOW, expires_at=UNTIL, vendor=None,
    )  # fmt: skip
    assert token not in repr(rows(connection, sessions, "token_hash"))


def test_the_session_of_a_password_and_of_an_operator(connection: Connection) -> None:
    token = sign_ins.open_session(connection, "card_free", THIS, NOW, UNTIL)
    found = session(connection, token)
    assert found == BidderSession(
        token_hash=token_hash(token), system="ise", origin="", kind="card_free", fingerprint="", certificate=b"", created_at=NOW,
        expires_at=UNTIL, vendor=THIS,
    )  # fmt: skip
    assert found.owner == "number:1000000001"
    token = sign_ins.open_operator_session(connection, "ise", "desk", "https://a.example", NOW, UNTIL)
    found = session(connection, token)
    assert found == BidderSession(
        token_hash=token_hash(token), system="ise", origin="https://a.example", kind="operator", fingerprint="", certificate=b"",
        created_at=NOW, expires_at=UNTIL, vendor=None, operator="desk",
    )  # fmt: skip


def test_whose_receipts_a_session_sees(connection: Connection) -> None:
    token = sign_ins.open_card_session(connection, "ise", "", "f" * 64, b"DER", NOW, UNTIL)
    sign_ins.prove(connection, token_hash(token), THIS)
    found = session(connection, token)
    assert found is not None
    assert found.owner == "f" * 64


def test_a_session_ends_at_its_time_and_goes_on_when_it_is_extended(connection: Connection) -> None:
    token, other = (sign_ins.open_card_session(connection, "ise", "", name * 64, b"DER", NOW, UNTIL) for name in "fe")
    assert session(connection, token, UNTIL - MOMENT)
    assert session(connection, token, UNTIL) is None
    sign_ins.extend(connection, token_hash(token), UNTIL + MINUTE)
    assert session(connection, token, UNTIL)
    assert session(connection, other, UNTIL) is None


def test_sessions_that_have_ended_are_swept_out(connection: Connection) -> None:
    ends = (NOW, NOW + MINUTE, NOW + 2 * MINUTE)
    for end in ends:
        sign_ins.open_session(connection, "password", THIS, NOW, end)
    sign_ins.open_session(connection, "password", THIS, NOW + MINUTE, UNTIL)
    assert rows(connection, sessions, "expires_at") == [NOW + MINUTE, NOW + 2 * MINUTE, UNTIL]


def test_r_28_what_a_search_proved_is_remembered_until_the_next(connection: Connection) -> None:
    token, other = (sign_ins.open_card_session(connection, "ise", "", name * 64, b"DER", NOW, UNTIL) for name in "fe")
    assert _vendors(connection, token, other) == [None, None]
    sign_ins.prove(connection, token_hash(token), THIS)
    assert _vendors(connection, token, other) == [THIS, None]
    sign_ins.prove(connection, token_hash(token), None)
    assert _vendors(connection, token, other) == [None, None]


def _vendors(connection: Connection, *tokens: str) -> list[Vendor | None]:
    found = [session(connection, token) for token in tokens]
    return [one.vendor for one in found if one is not None]


def _who(**values: Any) -> dict[str, Any]:
    return {"system": "ise", "origin": "", "kind": "card", "created_at": NOW, "expires_at": UNTIL, "operator": None} | values


@pytest.mark.parametrize(
    ("end", "ended"),
    [
        (lambda c: sign_ins.end_session(c, "card"), "card"),
        (lambda c: sign_ins.end_sessions_of_card(c, "ise", "f"), "card"),
        # A card whose search proved the number stays signed in: it was not the password that opened its session.
        (lambda c: sign_ins.end_sessions_of(c, "ise", "1"), "number"),
        (lambda c: sign_ins.end_sessions_of_operator(c, "ise", "desk"), "desk"),
    ],
)
def test_whose_sessions_end(connection: Connection, end: Any, ended: str) -> None:
    whose = {"agency": "ise", "category": "construction"}
    made = {
        "card": _who(fingerprint="f", number="1", **whose), "card at aomori": _who(system="aomori", fingerprint="f"),
        "other card": _who(fingerprint="e"), "number": _who(number="1", **whose),
        "number at aomori": _who(system="aomori", number="1", **whose), "other number": _who(number="2", **whose),
        "desk": _who(operator="desk"), "desk at aomori": _who(system="aomori", operator="desk"), "other desk": _who(operator="second"),
    }  # fmt: skip
    put(connection, sessions, *(row | {"token_hash": name} for name, row in made.items()))
    end(connection)
    assert {*rows(connection, sessions, "token_hash")} == made.keys() - {ended}
