"""What is typed into a form: conversion, limits, faults, pasting, copying (R-12, R-13, R-29)."""

from __future__ import annotations

import msgspec
import pytest

from ebid_tui.domain.fields import Field
from ebid_tui.flows import register_pages
from ebid_tui.flows.ui import Fill, Form, FormBlock
from ebid_tui.forms.filling import copy_block, fill_block, fill_here
from ebid_tui.forms.model import FormModel
from ebid_tui.messages import t
from tests.screens import scripted


def model(values: dict[str, str] | None = None) -> FormModel:
    return FormModel(scripted.search({"search": values or {}}))


def type_into(form: FormModel, index: int, text: str) -> None:
    form.go(index)
    for char in text:
        form.type(char)


def test_half_width_typed_into_a_full_width_field_is_offered_converted_before_it_counts() -> None:
    form = model()
    type_into(form, 1, "ﾃｽﾄ01")
    assert form.entry.editor.value == "ﾃｽﾄ01"
    assert form.offered() == "テスト０１"
    form.move(1)
    entry = form.entries[1]
    assert entry.editor.value == "テスト０１"
    assert form.said == "商号又は名称: 全角に変換しました。"
    assert entry.problem is None


def test_full_width_typed_into_a_half_width_field_is_converted_on_leaving() -> None:
    form = model()
    type_into(form, 0, "１００００００００１")
    assert form.offered() == "1000000001"
    form.move(1)
    assert form.entries[0].editor.value == "1000000001"
    assert form.said == "業者番号: 半角に変換しました。"


def test_a_postal_code_gets_its_hyphen() -> None:
    form = FormModel(scripted.registration())
    index = next(i for i, e in enumerate(form.entries) if e.field.id == "postal_code")
    type_into(form, index, "5160018")
    form.move(1)
    assert form.entries[index].editor.value == "516-0018"
    assert "ハイフン" in form.said


@pytest.mark.parametrize(
    ("char", "suggested"),
    [("㈱", "株式会社"), ("髙", "高")],
)
def test_a_refused_character_is_named_while_typing_and_its_suggestion_can_be_taken(char: str, suggested: str) -> None:
    form = model()
    type_into(form, 1, f"テスト{char}")
    problem = form.entry.problem
    assert problem is not None
    assert "4文字目" in problem.message
    assert char in problem.message
    assert suggested in problem.message
    assert form.accept_suggestion()
    assert form.entry.editor.value == f"テスト{suggested}"
    assert form.entry.problem is None
    assert not form.accept_suggestion()


@pytest.mark.parametrize(
    ("field_id", "typed", "said"),
    [
        ("email", "test01.example.co.jp", "メールアドレス"),
        ("postal_code", "516-18", "123-4567"),
        ("phone", "05-", "数字とハイフン"),
        ("phone", "0596電話", "使えません"),
    ],
)
def test_a_malformed_value_is_blamed_on_leaving(field_id: str, typed: str, said: str) -> None:
    form = FormModel(scripted.registration())
    index = next(i for i, e in enumerate(form.entries) if (e.block.id, e.field.id) == ("card_contact", field_id))
    type_into(form, index, typed)
    form.leave()
    problem = form.entries[index].problem
    assert problem is not None
    assert said in problem.message


def test_a_blamed_field_is_looked_at_again_while_it_is_put_right() -> None:
    form = FormModel(scripted.registration())
    index = next(i for i, e in enumerate(form.entries) if e.field.id == "email")
    type_into(form, index, "test01@example")
    form.type("@")
    form.leave()
    assert form.entries[index].problem is not None
    form.entry.editor.set("test01@example.co.j")
    form.type("p")
    assert form.entries[index].problem is None


def test_an_empty_field_is_not_blamed_before_the_form_is_submitted() -> None:
    form = model()
    for _ in range(3):
        form.move(1)
    assert [e.problem for e in form.entries] == [None, None, None]
    assert form.check() is None
    assert [e.problem is not None for e in form.entries] == [True, True, True]
    assert form.current == 0
    assert "3か所" in form.said


def test_submitting_goes_to_the_first_faulty_field() -> None:
    form = model({"vendor_no": "1000000001", "trade_name": "（株）テスト", "password": "Demo-pass1"})
    form.go(2)
    assert form.check() is None
    assert form.current == 1
    assert form.entry.problem is not None
    assert form.entry.problem.code == "R-13"


def test_a_checked_form_gives_settled_values() -> None:
    form = model()
    for index, text in enumerate(("１０００００００01", "テスト工事業者01", "Demo-pass1")):
        type_into(form, index, text)
    assert form.check() == {"search": {"vendor_no": "1000000001", "trade_name": "テスト工事業者０１", "password": "Demo-pass1"}}


def test_too_many_characters_are_kept_and_said_while_typing() -> None:
    form = model()
    type_into(form, 0, "12345678901")
    assert form.entry.count == 11
    assert form.entry.problem is not None
    assert form.entry.editor.value == "12345678901"


def test_a_paste_too_long_is_cut_to_what_fits_and_said() -> None:
    form = model()
    form.go(1)
    form.type("株")
    form.paste("あ" * 70)
    assert form.entry.editor.value == "株" + "あ" * 59
    assert "11文字" in form.said
    assert form.entry.problem is None


def test_a_paste_is_cleaned_of_control_and_zero_width_characters_and_said() -> None:
    form = model()
    form.go(1)
    form.paste("テスト\u200b工事\n業者\u0007０１")
    assert form.entry.editor.value == "テスト工事　業者０１"
    assert form.said == "改行を空白に置き換えました。使えない文字（幅のない空白、制御文字）を取り除きました。"


@pytest.mark.parametrize(
    ("field_id", "pasted", "value", "said"),
    [
        ("address", "三重県伊勢市岩渕1-7-29\nビル", "三重県伊勢市岩渕1-7-29　ビル", "改行を空白に置き換えました。"),
        ("address", "三重県伊勢市岩渕\xa0101号室", "三重県伊勢市岩渕　101号室", "改行しない空白を空白に置き換えました。"),
        ("address", "三重県伊勢市岩渕\t\u2003ビル", "三重県伊勢市岩渕　ビル", "タブ、特殊な空白を空白に置き換えました。"),
        ("phone", "0596-23-1111\r\n", "0596-23-1111", "使えない文字（改行）を取り除きました。"),
        ("email", "\xa0demo@example.jp\r\n", "demo@example.jp", "使えない文字（改行しない空白、改行）を取り除きました。"),
    ],
)
def test_pasted_lines_and_cells_are_kept_apart_where_there_are_words(field_id: str, pasted: str, value: str, said: str) -> None:
    form = FormModel(scripted.registration())
    form.go(next(i for i, e in enumerate(form.entries) if e.field.id == field_id))
    form.entry.editor.set("")
    form.paste(pasted)
    assert (form.entry.editor.value, form.said, form.entry.count) == (value, said, len(value))
    form.leave()
    assert form.entry.problem is None


def test_a_password_is_pasted_as_it_is_but_for_its_line_end() -> None:
    form = model()
    form.go(2)
    form.paste("Demo-pass1\r\n")
    assert form.entry.editor.value == "Demo-pass1"
    assert form.offered() == ""


def test_u3000_stays_inside_a_name() -> None:
    form = FormModel(scripted.registration())
    index = next(i for i, e in enumerate(form.entries) if e.field.id == "person")
    type_into(form, index, "　個人　十郎　")
    form.move(1)
    assert form.entries[index].editor.value == "個人　十郎"


def test_the_representative_contact_is_copied_with_one_key() -> None:
    form = FormModel(scripted.registration({"representative_contact": scripted.CONTACT}))
    assert copy_block(form)
    assert form.typed()["card_contact"] == scripted.CONTACT
    assert "7項目" in form.said


def test_a_read_only_representative_contact_is_copied_too() -> None:
    form = FormModel(scripted.registration({"representative_contact": scripted.CONTACT}, read_only=True))
    assert "representative_contact" not in form.typed()
    assert copy_block(form)
    assert form.typed()["card_contact"] == scripted.CONTACT


def test_what_was_typed_is_replaced_by_a_copy_only_after_it_was_said() -> None:
    form = FormModel(scripted.registration({"representative_contact": scripted.CONTACT}))
    index = next(i for i, e in enumerate(form.entries) if e.block.id == "card_contact" and e.field.id == "name")
    label = form.entries[index].field.label
    type_into(form, index, "営業課")
    assert copy_block(form)
    assert (form.said, form.alarm) == (t("screen.form.copy_replaces", label=label), True)
    assert form.typed()["card_contact"]["name"] == "営業課"
    type_into(form, index + 1, "5160018")
    copy_block(form)
    assert form.typed()["card_contact"]["name"] == "営業課", "something else was done in between: it is said again"
    copy_block(form)
    assert form.typed()["card_contact"] == scripted.CONTACT


def test_nothing_to_copy_is_said() -> None:
    form = FormModel(scripted.registration())
    assert copy_block(form)
    assert "先に" in form.said


def fill() -> FormModel:
    """The form with the key that fills 代表窓口情報 from 企業情報."""
    form = scripted.registration({"company": {"department": "工事部"}, "representative_contact": {"phone": "0596-00-0001"}})
    return FormModel(msgspec.structs.replace(form, fills=(Fill("company", "representative_contact", register_pages.COMPANY_AS_CONTACT),)))


def test_the_companys_own_data_fills_what_is_empty_in_the_representative_contact() -> None:
    form = fill()
    assert fill_block(form)
    typed = form.typed()["representative_contact"]
    own = {f: scripted.COMPANY[s] for f, s in register_pages.COMPANY_AS_CONTACT.items() if s in scripted.COMPANY}
    assert typed == own | {"name": "工事部", "phone": "0596-00-0001", "email": ""}
    assert "5項目" in form.said
    assert (form.entry.block.id, form.entry.field.id) == ("representative_contact", "email"), "what is left is edited next (R-12)"


def test_the_vendors_last_card_fills_what_is_empty_in_the_card_contact() -> None:
    last = {"name": "経理部", "phone": "0596-00-0009", "gone": "x"}
    form = scripted.registration({"card_contact": {"name": "営業部"}})
    fills = (Fill("company", "representative_contact", {}), Fill("last_card", "card_contact", {name: name for name in last}, last))
    model = FormModel(msgspec.structs.replace(form, fills=fills))
    while model.entry.block.id != "card_contact":
        assert (fill := fill_here(model)) is None or fill.source == "company"
        model.move(1)
    assert fill_block(model)
    typed = model.typed()["card_contact"]
    assert (typed["name"], typed["phone"]) == ("営業部", "0596-00-0009"), "never over what was typed"
    assert "1項目" in model.said


def test_filling_again_changes_nothing_and_says_so() -> None:
    form = fill()
    fill_block(form)
    before = form.typed()
    assert fill_block(form)
    assert form.typed() == before
    assert form.alarm


def test_a_form_without_the_key_does_not_fill() -> None:
    assert not fill_block(FormModel(scripted.registration()))


def test_the_servers_objection_stands_until_the_value_is_changed() -> None:
    form = FormModel(scripted.search({"search": {"vendor_no": "1000000001"}}, problems={"search.vendor_no": "見つかりません。"}))
    form.move(1)
    assert form.entries[0].problem is not None
    form.move(-1)
    form.press("backspace")
    form.type("2")
    assert form.entries[0].problem is None


def test_the_mail_address_typed_again_must_be_the_same() -> None:
    mail = Field(id="email", label="連絡先メールアドレス", kind="email", chars="half_alnum_symbols", max=100)
    again = Field(id="email_again", label="メールアドレス再入力", kind="email_again", chars="half_alnum_symbols", max=100)
    base = scripted.search()
    form = FormModel(
        Form(
            id="f", title="", lead="", blocks=(FormBlock("card_contact", "", "", (mail, again)),),
            values={}, submit="", back="", policy=base.policy,
        )
    )  # fmt: skip
    type_into(form, 0, "a@example.co.jp")
    type_into(form, 1, "b@example.co.jp")
    form.leave()
    assert form.entries[1].problem is not None
    assert form.entries[1].problem.code == "R-12"
    form.go(0)
    form.entry.editor.set("b@example.co.jp")
    form.leave()
    assert form.entries[1].problem is None


def test_neither_model_nor_entries_show_what_was_typed() -> None:
    form = model({"vendor_no": "1000000001", "password": "Demo-pass1"})
    shown = repr(form) + repr(form.entries[2])
    assert "Demo-pass1" not in shown
