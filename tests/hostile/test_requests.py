"""What nobody sees is in no text that a server takes: in every string of every request, in what is signed, in every address."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from email import message_from_bytes, policy
from functools import partial
from itertools import cycle
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebid_tui.domain import statement
from ebid_tui.domain.statement import OperatorSignIn, Signed
from ebid_tui.domain.text.cleaning import odd
from ebid_tui.errors import InputError, ServerError
from ebid_tui.messages import t
from ebid_tui.server.api import examples, strictness
from ebid_tui.server.decisions import odd_texts
from ebid_tui.server.mail import smtp
from ebid_tui.server.running import logs
from ebid_tui.server.settings import Smtp
from tests.clock import NOW
from tests.hostile.figures import note
from tests.hostile.texts import UNSEEN, changed, left, operations, strings
from tests.server.operating import Clerk
from tests.server.running_server import ORIGIN, Bidder, Running, sign_in_content
from tests.server.signing import Card

CHANGE = {"Idempotency-Key": "key-of-a-test"}


async def _tokens(counter: Running, card: Callable[[str], Card]) -> tuple[str, str]:
    """Of a bidder with a card and of an operator."""
    return (await Bidder(counter, card("ise-new")).sign_in()).token, (await Clerk(counter).sign_in()).token


def _with(hostile: str, text: str) -> str:
    return text[:1] + hostile + text[1:]


async def test_in_every_string_of_every_request(counter: Running, card: Callable[[str], Card]) -> None:
    bidder, operator = await _tokens(counter, card)
    before, tried, hostile = counter.contents(), 0, cycle(UNSEEN.values())
    assert set(examples.REQUESTS) == {(method, path) for method, path, each in operations() if "requestBody" in each}
    with counter.http() as http:
        for (method, path), example in examples.REQUESTS.items():
            body = msgspec.to_builtins(example)
            desk = path.startswith("/v1/desk")
            headers = CHANGE | {"Authorization": f"Bearer {operator if desk else bidder}"} | ({"Origin": ORIGIN} if desk else {})
            for where in strings(body):
                body_with = changed(body, where, partial(_with, next(hostile)))
                answer = http.request(method, path.format(request_id="A-1", mail_id=1, receipt_id="A-1"), json=body_with, headers=headers)
                told = answer.json()
                assert (answer.status_code, told["code"]) == (422, "E-INPUT"), (path, where, told)
                (row,) = told["errors"]
                assert row["field"].rpartition(".")[2] == [step for step in where if isinstance(step, str)][-1]
                assert left(answer.text) is None
                tried += 1
    note("requests", tried, 0)
    assert tried >= 50
    assert counter.contents() == before


async def test_in_every_string_that_is_signed(counter: Running, card: Callable[[str], Card]) -> None:
    """Inside base64 it is looked at where that is opened; members that name one of few things are refused for that."""
    bidder, clerk = Bidder(counter, card("ise-new")), Clerk(counter)
    await clerk.sign_in()
    await bidder.sign_in()
    signed = {
        "registrations": statement.payload(await bidder.statement(await bidder.search())),
        "amendments": statement.payload(await bidder.statement(await bidder.search(), operation="amendment")),
        "sessions": statement.payload(sign_in_content(await bidder.nonce())),
        "desk/sessions/card": statement.payload(OperatorSignIn(system="saitama", origin=ORIGIN, nonce="n", issued_at=statement.now())),
    }
    before, tried, hostile = counter.contents(), 0, cycle(UNSEEN.values())
    token = (await bidder.sign_in()).token
    with counter.http() as http:
        for path, payload in signed.items():
            content = json.loads(statement.unb64(payload))
            for where in strings(content):
                forged = statement.b64(msgspec.json.encode(changed(content, where, partial(_with, next(hostile)))))
                body = {"statement": msgspec.to_builtins(Signed(forged, (bidder.card.signature(forged),)))}
                answer = http.post(f"/v1/{path}", json=body, headers=CHANGE | {"Authorization": f"Bearer {token}"})
                told = answer.json()
                if "blocks" not in where and told["code"] == "E-SIGNATURE":
                    assert answer.status_code == 403, "what has a form of its own (times, codes) is refused for that"
                    continue
                assert (answer.status_code, told["code"]) == (422, "E-INPUT"), (path, where, told)
                assert [row["field"] for row in told["errors"]] == [".".join(where).removeprefix("blocks.")]
                tried += 1
    note("requests", tried, 0)
    assert tried >= 40
    assert counter.contents() == before
    assert (await bidder.register()).operation == "registration", "and what is right is taken as before"


@pytest.mark.parametrize("odd", ["%1b%5d0;x%07", "%C2%9b31m", "%E2%80%AE", "a%00b", "%EF%BB%BF", "%0d%0aSet-Cookie:x"])
async def test_in_every_address(counter: Running, card: Callable[[str], Card], odd: str) -> None:
    bidder, operator = await _tokens(counter, card)
    with counter.http() as http:
        for method, path, operation in operations():
            token = operator if path.startswith("/v1/desk") else bidder
            headers = CHANGE | {"Authorization": f"Bearer {token}", "Origin": ORIGIN}
            for parameter in operation.get("parameters", ()):
                name, kind = parameter["name"], parameter["in"]
                if kind == "header" or parameter["schema"].get("type") == "integer":
                    continue
                filled = path.replace(f"{{{name}}}", odd).format_map(dict.fromkeys(("agency", "category", "number", "request_id"), "x"))
                query = f"?{name}={odd}" if kind == "query" else ""
                answer = http.request(method, f"{filled}{query}", headers=headers)
                assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, name), (method, path, name)
                assert left(answer.text) is None


def test_a_password_is_no_exception_and_is_never_repeated(counter: Running) -> None:
    values = {"vendor_no": "1000000001", "password": "Secret\x1b-word", "trade_name": "伊勢\u200b建設"}
    with counter.http() as http:
        told = http.post("/v1/logins", json={"system": "ise", "agency": "ise", "category": "goods", "values": values})
        changed_one = http.post("/v1/passwords", json={"system": "ise", "values": {"new_password": "Secret\u202e-word"}})
    assert [row["field"] for row in told.json()["errors"]] == ["search.password", "search.trade_name"]
    assert told.json()["errors"][0]["message"] == t("server.odd_character", what="制御文字")
    assert [row["field"] for row in changed_one.json()["errors"]] == ["password_change.new_password"]
    assert "Secret" not in told.text + changed_one.text


def test_what_is_named_is_a_code_whatever_a_member_was_called() -> None:
    found: Any = "\x1b"
    for name in ("日本 語", "a" * 300, "b" * 300, "c" * 300, "d" * 300, "e" * 300):
        found = {name: found, f"{name}\u200b": ""}
    with pytest.raises(InputError) as refused:
        odd_texts.refuse_odd_texts(found)
    assert all(re.fullmatch("[!-~]{1,256}", row[0]) for row in refused.value.problems)


short = st.text(max_size=4)


@settings(max_examples=50)
@given(st.recursive(short, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(short, inner, max_size=3)))
def test_no_text_slips_by_however_it_is_written(found: Any) -> None:
    """Whatever JSON says, with escapes or without: refused if and only if some text in it is odd."""
    try:
        whole = json.dumps(found, ensure_ascii=False).encode()
        strictness.refuse_odd(whole)
    except (UnicodeEncodeError, ServerError):
        return  # half a pair, U+0000, a member twice: no JSON of ours
    told = any(odd(text) for text in _texts(found))
    for body in (whole, json.dumps(found).encode()):
        assert not (told and not odd_texts.might_be_odd(body)), "the quick look lets nothing by"
        if told:
            with pytest.raises(InputError):
                odd_texts.refuse_odd_texts(json.loads(body))
        else:
            odd_texts.refuse_odd_texts(json.loads(body))


def _texts(found: Any) -> list[str]:
    if isinstance(found, dict):
        return [text for name, value in found.items() for text in (name, *_texts(value))]
    return [found] if isinstance(found, str) else [text for value in found for text in _texts(value)]


@pytest.mark.parametrize("formatter", [logs.TextLogFormatter(), logs.JsonLogFormatter()], ids=["text", "json"])
@pytest.mark.parametrize("hostile", UNSEEN.values(), ids=UNSEEN)
def test_a_line_of_the_log_is_one_line_of_what_can_be_seen(formatter: logging.Formatter, hostile: str) -> None:
    record = logging.LogRecord("ebid_tui.server", logging.WARNING, "x.py", 1, "reason=%s", (hostile,), None)
    record.fields = {"route": hostile}
    line = formatter.format(record)
    assert "HOSTILE" in line
    assert odd(line) is None
    if isinstance(formatter, logs.JsonLogFormatter):
        assert all(odd(value) is None for value in json.loads(line).values())


@pytest.mark.parametrize("hostile", UNSEEN.values(), ids=UNSEEN)
def test_a_mail_has_no_more_than_can_be_seen(hostile: str) -> None:
    office = Smtp(host="127.0.0.1", sender="office@example.com")
    content = smtp.compose(office, "someone@example.com", f"登録{hostile}", f"本文\n{hostile}\n", "X-1", NOW)
    mail = message_from_bytes(content, policy=policy.SMTP)
    assert odd(str(mail["Subject"])) is None
    body = mail.get_content()
    assert odd(body.replace("\r\n", "\n"), lines=True) is None
    assert body.count("HOSTILE") >= 1
    assert odd(content.decode("ascii").replace("\r\n", "\n"), lines=True) is None
