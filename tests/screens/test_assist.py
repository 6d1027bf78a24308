"""Less typing in a form: an address from its code and back, hyphens of telephone numbers, the place where one was."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from ebid_tui.assist.lookup import look_up
from ebid_tui.domain.fields import Field
from ebid_tui.flows.ui import Nav, Ui
from ebid_tui.forms.model import FormModel
from ebid_tui.messages import t
from tests.screens import scripted
from tests.screens.stage import Stage, asking, stage

CONTACT = "representative_contact"


def at(model: FormModel, field: str, block: str = CONTACT) -> int:
    return next(n for n, e in enumerate(model.entries) if (e.block.id, e.field.id) == (block, field))


def value(s: Stage, field: str, block: str = CONTACT) -> str:
    model: FormModel = s.page.model
    return model.entries[at(model, field, block)].editor.value


async def to_field(s: Stage, field: str, block: str = CONTACT) -> None:
    model: FormModel = s.page.model
    await s.press(*["tab"] * (at(model, field, block) - model.current))


@pytest.fixture
def form() -> Callable[[Ui], Any]:
    return lambda ui: ui.fill(scripted.registration())


# ---- postal code and address


async def test_a_postal_code_shows_its_address_while_one_types_and_a_key_puts_it_in(form: Callable[[Ui], Any]) -> None:
    flow, _ = asking(form)
    async with stage(flow) as s:
        await s.until("利用者登録")
        await to_field(s, "postal_code")
        await s.type("5160018")
        shown = await s.until("候補: 三重県伊勢市黒瀬町（F7 で入れる）")
        assert "F7 候補を入れる" in shown
        assert value(s, "address") == "", "it is only shown"
        shown = await s.press("f7")
        assert value(s, "postal_code") == "516-0018"
        assert value(s, "address") == "三重県伊勢市黒瀬町"
        assert "住所を入れました。続きを入力してください。" in shown
        assert "> 連絡先住所" in shown
        await s.type("１２３")
        assert value(s, "address") == "三重県伊勢市黒瀬町１２３"
        assert "候補" not in s.text()


async def test_the_key_may_be_faster_than_the_look_up(form: Callable[[Ui], Any]) -> None:
    flow, _ = asking(form)
    async with stage(flow) as s:
        await s.until("利用者登録")
        await to_field(s, "postal_code")
        await s.press(*"5160018", "f7")
        await s.came(lambda: value(s, "address") == "三重県伊勢市黒瀬町")


async def test_the_address_is_still_offered_in_its_own_empty_field(form: Callable[[Ui], Any]) -> None:
    flow, _ = asking(form)
    async with stage(flow) as s:
        await s.until("利用者登録")
        await to_field(s, "postal_code")
        await s.press(*"516-0018", "enter")
        await s.until("> 連絡先住所", "候補: 三重県伊勢市黒瀬町")
        await s.press("ctrl+o")
        assert value(s, "address") == "三重県伊勢市黒瀬町"


async def test_an_offices_own_code_names_the_office_and_its_number_is_full_width(form: Callable[[Ui], Any]) -> None:
    flow, _ = asking(form)
    async with stage(flow) as s:
        await s.until("利用者登録")
        await to_field(s, "postal_code")
        await s.type("5168601")
        await s.until("伊勢市役所")
        await s.press("f7")
        assert value(s, "address").startswith("三重県伊勢市岩渕１丁目７")
        assert not re.search("[0-9-]", value(s, "address"))


async def test_of_several_towns_one_is_chosen(form: Callable[[Ui], Any]) -> None:
    flow, _ = asking(form)
    async with stage(flow) as s:
        await s.until("利用者登録")
        await to_field(s, "postal_code")
        await s.type("0680546")
        await s.until("候補が", "件あります（F7 で選ぶ）")
        await s.press("f7")
        shown = await s.until("候補を選んでください")
        second = next(row.split("2  ")[1].split()[0] for row in shown.splitlines() if " 2  北海道" in row)
        await s.press("2")
        await s.came(lambda: value(s, "address") == second)


async def test_a_long_list_says_how_many_more_there_are_and_is_narrowed_by_typing(form: Callable[[Ui], Any]) -> None:
    flow, _ = asking(form)
    async with stage(flow) as s:
        await s.until("利用者登録")
        await to_field(s, "postal_code")
        await s.type("4520961")
        await s.until("候補が66件")
        await s.press("f7")
        await s.until(t("assist.more", count=57), t("assist.narrow"))
        await s.type("宮重町")
        shown = await s.until("宮重町")
        assert t("assist.more", count=57) not in shown
        await s.press("backspace", "backspace", "backspace")
        await s.type("ﾐﾔしげ")
        assert "宮重町" in await s.until("ﾐﾔしげ"), "by how it is read, before anything is converted"
        await s.press(*["backspace"] * 4, "9")
        await s.until(t("assist.none_left"))
        await s.press("enter")
        await s.press("backspace", "宮", "越", "enter")
        await s.came(lambda: value(s, "address") == "愛知県清須市春日宮越")


async def test_a_code_of_another_place_is_a_note_beside_the_address(form: Callable[[Ui], Any]) -> None:
    flow, _ = asking(form)
    async with stage(flow) as s:
        await s.until("利用者登録")
        await to_field(s, "postal_code")
        await s.type("5160018")
        await to_field(s, "address")
        await s.type("三重県伊勢市岩渕１")
        await s.press("tab")
        await s.until("郵便番号 516-0018 は「三重県伊勢市黒瀬町」の番号です")
        assert s.page.model.entries[at(s.page.model, "address")].problem is None


async def test_where_nothing_is_known_the_key_says_so(form: Callable[[Ui], Any]) -> None:
    flow, _ = asking(form)
    async with stage(flow) as s:
        await s.until("利用者登録")
        await to_field(s, "address")
        await s.type("三重県伊勢市どこか１")
        await s.press("f7")
        await s.until(t("assist.nothing_known")[:14])
    async with stage(flow) as s:
        await s.until("利用者登録")
        await to_field(s, "postal_code")
        await s.type("9999999")
        await s.press("f7")
        await s.until(t("assist.code_unknown", code="999-9999")[:22])


async def test_what_was_typed_is_replaced_only_by_a_second_press() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.registration({CONTACT: {"address": "東京都千代田区"}})))
    async with stage(flow) as s:
        await s.until("利用者登録")
        await to_field(s, "postal_code")
        await s.type("5160018")
        await s.until("候補: 三重県伊勢市黒瀬町")
        shown = await s.press("f7")
        assert "連絡先住所は入力済みです。「三重県伊勢市黒瀬町」に置き換えるときは" in shown
        assert value(s, "address") == "東京都千代田区"
        await s.press("backspace", "8")
        await s.press("f7")
        assert value(s, "address") == "東京都千代田区", "something else was done meanwhile: asked again"
        await s.press("f7")
        assert value(s, "address") == "三重県伊勢市黒瀬町"


async def test_an_address_finds_its_code(form: Callable[[Ui], Any]) -> None:
    flow, _ = asking(form)
    async with stage(flow) as s:
        await s.until("利用者登録")
        await to_field(s, "address")
        await s.type("伊勢市黒瀬町１２３")
        await s.until("候補: 516-0018")
        await s.press("f7")
        assert value(s, "postal_code") == "516-0018"
        assert value(s, "address") == "伊勢市黒瀬町１２３"


async def test_nothing_is_offered_for_values_as_they_came() -> None:
    """The qualification's own address need not be the town's."""
    known = {CONTACT: {"postal_code": "516-0018", "address": "三重県伊勢市岩渕１丁目", "phone": "0596231111"}}
    model = FormModel(scripted.registration(known))
    for field in ("postal_code", "address", "phone"):
        model.go(at(model, field))
        assert model.assist.wanted() is None


def test_where_the_field_takes_no_such_value_nothing_is_offered() -> None:
    form = scripted.registration()
    blocks = tuple(
        msgspec.structs.replace(b, fields=tuple(msgspec.structs.replace(f, max=5) if f.id == "address" else f for f in b.fields))
        for b in form.blocks
    )
    model = FormModel(msgspec.structs.replace(form, blocks=blocks))
    model.go(at(model, "postal_code"))
    for char in "5160018":
        model.type(char)
    wanted = model.assist.wanted()
    assert wanted is not None
    model.assist.learn(wanted, look_up(wanted))
    assert model.assist.suggestions() == ()


# ---- telephone numbers


async def test_a_telephone_number_gets_its_hyphens_if_one_wants(form: Callable[[Ui], Any]) -> None:
    flow, _ = asking(form)
    async with stage(flow) as s:
        await s.until("利用者登録")
        await to_field(s, "phone")
        await s.type("0596231111")
        await s.until("候補: 0596-23-1111（F7 で入れる）")
        await s.press("f7")
        assert value(s, "phone") == "0596-23-1111"
        await to_field(s, "fax")
        await s.type("0596231112")
        await s.until("候補: 0596-23-1112")
        await s.press("enter")
        assert value(s, "fax") == "0596231112", "offered, not forced"


def test_a_class_without_hyphens_is_offered_none() -> None:
    form = scripted.registration()
    bare = [
        msgspec.structs.replace(f, chars="half_digits") if f.kind == "phone" else f
        for b in form.blocks
        if b.id == CONTACT
        for f in b.fields
    ]
    blocks = tuple(msgspec.structs.replace(b, fields=tuple(bare)) if b.id == CONTACT else b for b in form.blocks)
    model = FormModel(msgspec.structs.replace(form, blocks=blocks))
    model.go(at(model, "phone"))
    for char in "0596231111":
        model.type(char)
    assert model.assist.wanted() is None


# ---- width, in every class


@pytest.mark.parametrize(
    ("chars", "typed", "counts"),
    [
        ("full_width", "ｶﾌﾞｼｷABC 12", "カブシキＡＢＣ　１２"),
        ("half_digits", "１２３", "123"),
        ("half_alnum", "ＡＢＣ１２３", "ABC123"),
        ("half_digits_symbols", "０３－１２３４", "03-1234"),
        ("half_alnum_symbols", "ａｂ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ab@example.com"),
    ],
)
def test_every_class_is_converted_on_the_spot(chars: Any, typed: str, counts: str) -> None:
    form = scripted.search()
    field = Field(id="x", label="x", chars=chars, max=40)
    model = FormModel(msgspec.structs.replace(form, blocks=(msgspec.structs.replace(form.blocks[0], fields=(field, field)),), values={}))
    for char in typed:
        model.type(char)
    assert model.offered() == counts
    model.move(1)
    assert model.entries[0].editor.value == counts


# ---- the place


async def test_a_form_goes_on_where_it_was_left() -> None:
    async def twice(ui: Ui) -> object:
        assert await ui.fill(scripted.registration(scripted.filled())) is Nav.BACK
        return await ui.fill(scripted.registration(scripted.filled()))

    flow, _ = asking(twice)
    async with stage(flow) as s:
        await s.until("利用者登録")
        await to_field(s, "address", "card_contact")
        await s.press("left", "left", "left")
        first = s.page
        cursor, top = first.model.entry.editor.cursor, first.view.top
        assert top > 0
        await s.press("f1")
        await s.press("escape")
        assert (s.page.model.entry.field.id, s.page.view.top) == ("address", top), "help changes nothing"
        await s.press("escape")
        await s.came(lambda: s.page is not first and hasattr(s.page, "model"))
        await s.until("> 連絡先住所")
        assert s.page.model.current == first.model.current
        assert s.page.model.entry.editor.cursor == cursor
        assert s.page.view.top == top


async def test_what_has_to_be_put_right_comes_before_the_old_place() -> None:
    async def twice(ui: Ui) -> object:
        await ui.fill(scripted.registration(scripted.filled()))
        problems = {"representative_contact.phone": "違います。"}
        return await ui.fill(msgspec.structs.replace(scripted.registration(scripted.filled()), problems=problems))

    flow, _ = asking(twice)
    async with stage(flow) as s:
        await s.until("利用者登録")
        await to_field(s, "email", "card_contact")
        await s.press("f10")
        await s.until("違います。")
        assert s.page.model.entry.field.id == "phone"


async def test_the_next_person_begins_at_the_first_field() -> None:
    """R-21."""

    async def two_people(ui: Ui) -> object:
        await ui.fill(scripted.registration(scripted.filled()))
        ui.forget()
        return await ui.fill(scripted.registration())

    flow, _ = asking(two_people)
    async with stage(flow) as s:
        await s.until("利用者登録")
        await to_field(s, "email", "card_contact")
        first = s.page
        await s.press("f10")
        await s.came(lambda: s.page is not first and hasattr(s.page, "model"))
        assert s.page.model.current == FormModel(scripted.registration()).current
        assert s.page.view.top == 0
