"""Requests as the flows make them, and a flow that asks each once: screens are tried without card or server."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime

from ebid_tui.card.pin import Pin
from ebid_tui.domain.certificate import JAPAN
from ebid_tui.domain.profile.systems import Profile, profile_of
from ebid_tui.domain.records import CardCertificate, Receipt, Vendor
from ebid_tui.domain.whereabouts import NOWHERE
from ebid_tui.errors import EbidError, RuleError, ServerAway, WrongPin
from ebid_tui.flows.ui import (
    Blocks,
    CardRequest,
    Confirm,
    Done,
    Form,
    FormBlock,
    Nav,
    Option,
    PinRequest,
    Question,
    Review,
    Row,
    Section,
    Trouble,
    Ui,
)

NOW = datetime(2026, 11, 21, 18, 11, 5, tzinfo=JAPAN)

COMPANY = {
    "name": "テスト工事業者０１",
    "postal_code": "516-0018",
    "address": "三重県伊勢市",
    "representative": "個人　十郎",
    "title": "代表取締役",
    "phone": "000-0000-001",
    "fax": "000-0000-001",
}
HOLDER = {"company": "テスト工事業者０１", "person": "個人　十郎", "address": "三重県伊勢市岩渕１丁目７番２９号"}
CONTACT = {
    "name": "営業部",
    "postal_code": "516-0018",
    "address": "三重県伊勢市岩渕１丁目７番２９号",
    "person": "個人　十郎",
    "phone": "0596-00-0001",
    "fax": "0596-00-0002",
    "email": "test01@example.co.jp",
}


def profile() -> Profile:
    return profile_of("ise")


def categories() -> Question:
    options = tuple(Option(c.id, c.name) for c in profile().categories)
    return Question("category", profile().category_title, options, "調達区分を選んでください。", back=False)


def menu() -> Question:
    items = profile().menu.items
    options = tuple(
        Option(i.id, i.label, i.purpose, i.not_for, unavailable="" if i.id == "registration" else "この版では使えません。") for i in items
    )
    return Question("menu", profile().menu.title, options, "手続きを選んでください。", needs_clock=True)


def card(problem: EbidError | None = None) -> CardRequest:
    return CardRequest("card", "ICカード", "利用者登録に使うICカードを、リーダーに入れてください。", problem)


def pin(tries: int | None = 3, problem: WrongPin | None = None) -> PinRequest:
    dialog = profile().pin_dialog
    return PinRequest(
        id="pin",
        title=dialog.title,
        lead=dialog.lead,
        pin_label=dialog.pin_label,
        operator_label=dialog.operator_label,
        ok=dialog.ok,
        cancel=dialog.cancel,
        tries_left=tries,
        min_length=6,
        max_length=8,
        digits_only=False,
        card=(
            ("ICカード企業名称", HOLDER["company"]),
            ("ICカード取得者氏名", HOLDER["person"]),
            ("有効期限", "2028/02/29"),
        ),
        problem=problem,
    )


def search(typed: Blocks | None = None, notice: RuleError | None = None, problems: dict[str, str] | None = None) -> Form:
    asked = profile().search
    return Form(
        id="search",
        title=asked.title,
        lead=asked.lead,
        blocks=(FormBlock("search", "", "", profile().search_fields("ise")),),
        values=typed or {},
        submit=asked.submit,
        back=asked.back,
        policy=profile().policy,
        problems=problems or {},
        notice=notice,
    )


def not_found() -> RuleError:
    causes = (
        "業者番号が10桁の半角数字か",
        "商号又は名称が登録どおりか（株式会社を省略しない、支店名を付けない、全角）",
        "パスワードの大文字と小文字、0とO、1とlとIの違い",
        "調達区分の選び違い",
    )
    return RuleError("R-28", causes=causes)


def registration(values: Blocks | None = None, read_only: bool = False) -> Form:
    page = profile().registration_form
    blocks = tuple(
        FormBlock(
            b.id,
            b.title,
            b.remark,
            profile().fields(b.id, "registration", "construction"),
            read_only and b.id in ("company", "representative_contact"),
        )
        for b in profile().blocks
    )
    start: Blocks = {"company": dict(COMPANY), "card_holder": dict(HOLDER), "representative_contact": {}, "card_contact": {}}
    for block, block_values in (values or {}).items():
        start[block].update(block_values)
    return Form(
        id="registration",
        title=page.title,
        lead=page.lead,
        blocks=blocks,
        values=start,
        submit=page.submit,
        back=page.back,
        policy=profile().policy,
        copy=("representative_contact", "card_contact"),
    )


def filled() -> Blocks:
    return {"company": {"department": "営業部"}, "representative_contact": dict(CONTACT), "card_contact": dict(CONTACT)}


def sections() -> tuple[Section, ...]:
    every = registration(filled())
    found = [
        Section(
            b.title,
            tuple(
                Row(f.label, every.values[b.id].get(f.id, ""), "!", "お知らせの届く先")
                if (b.id, f.id) == ("card_contact", "email")
                else Row(f.label, every.values[b.id].get(f.id, ""))
                for f in b.fields
            ),
            b.remark,
        )
        for b in every.blocks
    ]
    texts = profile().card
    rows = (
        Row(texts.serial_label, "683 (10進) / 2ab (16進)"),
        Row(texts.issuer_label, "OU=TEST CA,O=TEST CA,C=JP"),
        Row(texts.not_after_label, "2028/02/29"),
    )
    return (*found, Section(texts.title, rows))


def review() -> Review:
    texts = profile().confirmation
    return Review(
        id="review",
        title=texts.title,
        sections=sections(),
        warnings=(texts.company_check, "登録完了のお知らせは、test01@example.co.jp に届きます。"),
        question=texts.question,
        submit=texts.submit,
        back=texts.back,
    )


def receipt() -> Receipt:
    return Receipt(
        id="ISE-20261121-0001",
        operation="registration",
        vendor=Vendor(system="ise", agency="ise", category="construction", number="1000000001"),
        blocks={},
        card=CardCertificate(fingerprint="00" * 32, serial="683", issuer="OU=TEST CA,O=TEST CA,C=JP", not_after=NOW),
        company_id=None,
        mail_to="test01@example.co.jp",
        check="0123456789abcdef",
        at=NOW,
    )


def done() -> Done:
    texts = profile().confirmation
    return Done(
        id="done",
        title=texts.done_title,
        message=texts.done,
        receipt=receipt(),
        page_title=profile().print.title,
        page=sections()[:2],
        page_note=profile().print.note,
        print=texts.print,
        mail_to="test01@example.co.jp",
        where=NOWHERE.at(profile(), "ise", "construction").with_vendor(profile(), "1000000001").with_card({"person": "個人　十郎"}),
    )


def holder() -> Confirm:
    return Confirm(
        id="holder",
        title="ICカードの名義の確認",
        question="このICカードは、上の会社のものですか。違う会社で登録すると、このカードは使えなくなります。",
        yes="はい。この会社のカードです",
        no="いいえ。登録しません",
        details=("資格審査情報: 建設工事００５ / 個人　十郎", "ICカード: テスト０６株式会社 / テスト　六郎", "会社名が違います。"),
    )


def trouble() -> Trouble:
    return Trouble(ServerAway(), ("retry", "back", "cancel"))


def search_refused() -> Trouble:
    """A page with more than its own ways: what mends it, and what it is about."""
    rows = (Row("調達区分", "建設工事、測量・コンサル"), Row("業者番号", "1000000001"))
    ways = ("back", "agency", "category")
    labels = {"back": "入力に戻る", "agency": "調達機関を選び直す", "category": "調達区分を選び直す"}
    return Trouble(not_found(), ways, labels, rows)


async def every_screen(ui: Ui) -> Receipt | None:
    """One of each, in the order of F-0 and F-2; 戻る leads to the step before, as in the flows."""
    ui.clock(NOW)
    if os.environ.get("FROM") == "review":
        await _end(ui)
        return None
    await ui.choose(categories())
    if isinstance(await ui.choose(menu()), Nav):
        return None
    await ui.insert_card(card())
    typed_pin = await ui.ask_pin(pin())
    if isinstance(typed_pin, Pin):
        async with ui.busy(profile().pin_dialog.busy):
            await asyncio.sleep(1.0)
        typed_pin.wipe()
    typed_pin = await ui.ask_pin(pin(1, WrongPin(1)))
    if isinstance(typed_pin, Pin):
        typed_pin.wipe()
    await ui.fill(search())
    await ui.fill(search(ui.typed("search"), not_found()))
    await ui.confirm(holder())
    await _end(ui)
    return receipt()


async def _end(ui: Ui) -> None:
    while True:
        answer = await ui.fill(registration(ui.typed("registration") or filled()))
        if isinstance(answer, Nav):
            continue
        if await ui.review(review()) is True:
            break
    await ui.trouble(trouble())
    await ui.done(done())
    ui.forget()
