"""The border: every text of every answer, spoilt in turn, is shown clean or refused; what is in order stays as it is.

The answers are those of the API's description, of the bidder's side and of the desk's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebid_tui.client import api
from ebid_tui.client.answers import decoded
from ebid_tui.client.refusals import error_of
from ebid_tui.domain.records import Receipt, Refusal
from ebid_tui.domain.text import cleaning
from ebid_tui.errors import AnswerUnusable, InputError
from ebid_tui.server.api.examples import ANSWERS
from tests.client.test_http_server import RECEIPT

REFUSAL = {
    "type": "about:blank",
    "title": "題",
    "status": 422,
    "code": "E-INPUT",
    "detail": "詳しく",
    "remedy": "こうしてください。",
    "causes": ["原因"],
    "errors": [{"field": "company.phone", "code": "E-PHONE", "message": "電話番号"}],
}
KINDS: dict[str, tuple[Any, Any]] = {
    f"{method} {path}": (msgspec.to_builtins(answer), list[type(answer[0])] if isinstance(answer, list) else type(answer))  # type: ignore[misc]
    for (method, path), answer in ANSWERS.items()
    if answer is not None and path != "/v1/systems/{system}"
} | {"refusal": (REFUSAL, Refusal)}
for own, kept in (("post /v1/logins", api._LoggedIn), ("post /v1/qualifications/search-card-free", api._FoundCardFree)):
    KINDS[own] = (KINDS[own][0], kept)
"""What travels, and as what it is taken."""
HOSTILE = [
    "\x1b]0;owned\x07", "\x1b[2J", "\x9b31m", "\u202e", "\u2066", "\u200b", "\x7f", "\x00", "a\r\nb", "\t", "\xa0", "\ufeff",
    "\ufffe", "\ud83d", "\U000e0041", "\u2028", "x" * 2001, "あ" * 2001,
]  # fmt: skip
Spoil = Callable[[str], str]


def spoilt(value: Any, spoil: Spoil) -> Iterator[Any]:
    """The value again and again, with another one of its texts and names spoilt each time."""
    if isinstance(value, str):
        yield spoil(value)
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from ([*value[:place], other, *value[place + 1 :]] for other in spoilt(one, spoil))
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from (value | {name: other} for other in spoilt(one, spoil))
            yield {(spoil(n) if n == name else n): v for n, v in value.items()}


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from texts(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from (name, *texts(one))


def tried(value: Any, kind: Any, *, escaped: bool) -> Any:
    """What is taken of it; None where it is refused. Nothing that is taken has anything in it that cannot be shown."""
    try:
        taken = decoded(json.dumps(value, ensure_ascii=escaped).encode("utf-8", "surrogatepass"), kind)
    except ValueError:
        return None
    for text in texts(msgspec.to_builtins(taken)):
        assert cleaning.odd(text) is None, text
        assert len(text) <= cleaning.LONGEST
    return taken


def test_an_answer_in_order_is_taken_as_it_is() -> None:
    for value, kind in KINDS.values():
        sent = msgspec.json.decode(msgspec.json.encode(value))
        taken = msgspec.json.decode(msgspec.json.encode(decoded(msgspec.json.encode(value), kind)))
        assert taken == (sent if isinstance(sent, list) else {name: sent[name] for name in taken})


def test_no_text_of_any_answer_brings_anything_hostile() -> None:
    """S1: every string of Found and Receipt reached the terminal, and a refusal's code. Each text meets three of them, in turn."""
    hostile, count = cycle(HOSTILE), 0
    for value, kind in KINDS.values():
        for escaped in (True, False, True):
            for other in spoilt(value, lambda text: text[:1] + next(hostile) + text[1:]):
                tried(other, kind, escaped=escaped)
                count += 1
    assert count > 1000


@settings(max_examples=60)
@given(name=st.sampled_from(sorted(KINDS)), turn=st.integers(0, 300), hostile=st.text(), escaped=st.booleans())
def test_whatever_stands_in_whichever_text(name: str, turn: int, hostile: str, escaped: bool) -> None:
    value, kind = KINDS[name]
    others = list(spoilt(value, lambda text: text[:1] + hostile + text[1:]))
    tried(others[turn % len(others)], kind, escaped=escaped)


CODES = frozenset(
    ("token", "nonce", "id", "check", "serial", "fingerprint", "number", "agency", "category", "system", "realm", "receipt_id",
     "registration_id", "company_id", "code", "field", "password")
)  # fmt: skip


MAY_BE_EMPTY = frozenset({"field", "password"})


def codes(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """The name of each code, and the value with that one empty, or spoilt in a way that cleaning would hide."""
    if isinstance(value, str) and at in CODES:
        yield at, value + "\u200b"
        if at not in MAY_BE_EMPTY:
            yield at, ""
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from ((name, [*value[:place], other, *value[place + 1 :]]) for name, other in codes(one))
    elif isinstance(value, dict):
        for key, one in value.items():
            no_agency = key == "agency" and "event" in value  # a password belongs to none
            yield from ((name, value | {key: other}) for name, other in codes(one, key) if other != "" or not no_agency)


def test_codes_are_refused_and_never_cleaned() -> None:
    """A token, a nonce, a number, a password that was cleaned would be another one; and an empty one is none."""
    met = set()
    for path, (value, kind) in KINDS.items():
        if path != "get /v1/systems":  # nobody takes it but doctor, which only looks for an ID in it
            for name, other in codes(value):
                assert tried(other, kind, escaped=True) is None, (path, name)
                met.add(name)
    assert met >= {"token", "nonce", "id", "check", "number", "serial", "fingerprint", "code", "field", "password"}


@pytest.mark.parametrize("serial", ["", "4=1+1", "1e3", "0x10", "１", "1" * 257, "1\n"])
def test_a_certificates_number_can_be_reckoned_with(serial: str) -> None:
    """In the receipt of a renewal one that could not ended the program, after the card had been exchanged."""
    receipt, kind = KINDS["post /v1/renewals"]
    assert decoded(json.dumps(receipt | {"card": receipt["card"] | {"serial": "-683"}}).encode(), kind)
    assert tried(receipt | {"card": receipt["card"] | {"serial": serial}}, kind, escaped=True) is None


def test_a_text_is_shown_on_one_line_and_cut() -> None:
    told = error_of(
        422, json.dumps(REFUSAL | {"code": "R-28", "title": "題\x1b[2J\u202e", "remedy": "x\r\n y\n", "causes": ["原" * 3000]}).encode()
    )
    assert (told.title, told.remedy, len(told.causes[0])) == ("題[2J", "x y", cleaning.LONGEST)
    faulty = error_of(422, json.dumps(REFUSAL | {"errors": [{"field": "a.b", "code": "E-X", "message": "\x07電話\t番号"}]}).encode())
    assert isinstance(faulty, InputError)
    assert faulty.problems == (("a.b", "E-X", "電話 番号"),)
    for code in ("R-28\x1b[2J", "R-28\n", "e-x", "", "E-" + "X" * 99):
        assert isinstance(error_of(422, json.dumps(REFUSAL | {"code": code}).encode()), AnswerUnusable)


ODD_TIMES = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2028-01-01T00:00:00",
             "\\u0039999-12-31T23:59:59Z", "9\\u003999-12-31T23:59:59Z")  # fmt: skip


def test_receipts_are_read_by_the_reader_of_requests() -> None:
    """R-20, S4: what is printed for years has one meaning."""
    good = json.dumps(RECEIPT)
    assert decoded(good.encode(), Receipt).at.utcoffset() == timedelta(0)
    odd = [good.replace('"id": "X-1"', '"id": "X-1", "id": "X-2"'), good + "{}", good.replace('"issuer": ""', '"issuer": "\\ud800"')]
    odd += [good.replace("2028-01-01T00:00:00Z", time) for time in ODD_TIMES]
    for body in odd:
        with pytest.raises(ValueError):  # noqa: PT011 - msgspec's errors and json's are kinds of it
            decoded(body.encode(), Receipt)
