"""The exact bytes that each operation signs, or sends where there is no card: evidence is verified for years, none of them may change."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import statement
from ebid_tui.flows.amend import amend
from ebid_tui.flows.card_free import register_card_free
from ebid_tui.flows.place import Place
from ebid_tui.flows.register import register
from ebid_tui.flows.renew import renew
from tests.flows.conftest import Desk, place_of
from tests.flows.office import CONTACT, Office
from tests.flows.renewing import office_of
from tests.flows.script import ScriptUi

PIN = b"123456"
SEARCH = {"search": {"vendor_no": "1000000001", "trade_name": "テスト工事業者０１", "password": "Demo-pass1"}}
FORM = {"company": {"department": "工事部"}, "representative_contact": CONTACT, "card_contact": CONTACT}
AT = "2026-11-21T18:20:00+09:00"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement, as it was signed."""
    texts: list[str] = []
    payload = statement.payload

    def kept(content: Any) -> str:
        texts.append(statement.unb64(payload(content)).decode())
        return payload(content)

    monkeypatch.setattr(statement, "payload", kept)
    return texts


def written(**members: Any) -> str:
    """JSON as it is signed: members in this order, no spaces, UTF-8."""
    return json.dumps({"v": 1, **members}, ensure_ascii=False, separators=(",", ":"))


def record(desk: Desk, card: str) -> dict[str, str]:
    """A card as a statement names it."""
    found = certificates.read(desk.der(card)).record
    until = found.not_after.isoformat()
    return {"fingerprint": found.fingerprint, "serial": found.serial, "issuer": found.issuer, "not_after": until.replace("+00:00", "Z")}


def where(category: str = "construction") -> dict[str, str]:
    return {"system": "ise", "agency": "ise", "category": category, "origin": "https://office.example"}


async def test_registration(desk: Desk, place: Place, made: list[str]) -> None:
    office = Office()
    script = [("card", desk.inserting("ise-new")), ("pin", PIN), ("search", SEARCH), ("registration", FORM)]
    await register(ScriptUi(*script, ("review", True), ("done", None)), desk.cards, office, place)
    nonce = f"nonce-{office.calls.index('register')}"
    parts = {"vendor": "1000000001", "blocks": office.statements[0].blocks, "card": record(desk, "ise-new")}
    said = where() | {"nonce": nonce, "issued_at": AT} | parts | {"holder_confirmed": False, "propagate": False}
    assert made[-1] == written(operation="registration", **said)


async def test_amendment(desk: Desk, place: Place, made: list[str]) -> None:
    office = Office()
    office.has(desk.der("ise-current"))
    change = {"card_contact": {"email": "taro@example.co.jp", "email_again": "taro@example.co.jp"}}
    script = [("card", desk.inserting("ise-current")), ("pin", PIN), ("amendment", change), ("review", True), ("done", None)]
    await amend(ScriptUi(*script), desk.cards, office, place)
    nonce = f"nonce-{office.calls.index('amend')}"
    parts = {"vendor": "1000000001", "blocks": office.statements[0].blocks, "card": record(desk, "ise-current")}
    said = where() | {"nonce": nonce, "issued_at": AT} | parts | {"holder_confirmed": False, "propagate": False}
    assert made[-1] == written(operation="amendment", **said)


async def test_renewal(wide_desk: Desk, place: Place, made: list[str]) -> None:
    office = office_of(wide_desk, place)
    script = [("card", wide_desk.inserting("ise-current")), ("pin", PIN), ("card", wide_desk.inserting("ise-next", 1)), ("pin", PIN)]
    await renew(ScriptUi(*script, ("holder", True), ("review", True), ("done", None)), wide_desk.cards, office, place)
    nonce = f"nonce-{office.calls.index('renew')}"
    cards = {"current": record(wide_desk, "ise-current"), "new": record(wide_desk, "ise-next")}
    members = ("field", "current", "new", "verdict", "note")
    rows = [{member: getattr(row, member) for member in members} for row in office.statements[0].rows]
    said = where() | {"nonce": nonce, "issued_at": AT, "vendor": "1000000005"} | cards
    assert made[-1] == written(operation="renewal", **said, rows=rows, holder_confirmed=True, propagate=False)


async def test_registration_without_a_card(made: list[str]) -> None:
    office = Office()
    ui = ScriptUi(("search", SEARCH), ("registration", FORM), ("review", True), ("done", None))
    await register_card_free(ui, office, place_of("ise", "goods"))
    said = where("goods") | {"issued_at": AT, "vendor": "1000000001", "blocks": office.statements[0].blocks}
    assert made[-1] == written(operation="registration", **said)
