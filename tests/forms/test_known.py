"""What a form knows by itself: the card's company on the search, and the domain of a mail address (R-12)."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.assist.lookup import LookupResult
from ebid_tui.domain.fields import settle
from ebid_tui.flows.ui import Fill, Form, Review, Row, Section
from ebid_tui.forms.known import remarked
from ebid_tui.forms.model import FormModel
from ebid_tui.forms.notes import FormNotes, note
from ebid_tui.messages import t
from tests.screens import scripted

CARD = Fill("card", "search", {"trade_name": "company"}, {"company": "テスト工事業者０１"})
LAST = Fill("last_card", "card_contact", {"email": "email"}, {"email": "keiri@example.com"})


def at(form: Form, block: str, name: str, typed: str = "") -> FormModel:
    model = FormModel(form)
    model.go(next(n for n, e in enumerate(model.entries) if (e.block.id, e.field.id) == (block, name)))
    for char in typed:
        model.type(char)
    return model


def with_last_card() -> Form:
    form = scripted.registration()
    return msgspec.structs.replace(form, fills=(*form.fills, LAST))


@pytest.mark.parametrize(
    ("typed", "told", "value"),
    [
        ("hanako", "@example.com", "hanako@example.com"),
        ("hanako@", "@example.com", "hanako@example.com"),
        ("hanako@exa", "@example.com", "hanako@example.com"),
        ("hanako@other", "", ""),
        ("hanako@example.com", "", ""),
        ("@", "", ""),
        ("ｈａｎａｋｏ", "@example.com", "hanako@example.com"),
        ("hanako＠", "@example.com", "hanako@example.com"),
        ("taro＠example．co．jp", "", ""),
        ("taro＠example．com", "", ""),
        ("taroexample.co.jp", "", ""),
        ("taro☆example.com", "", ""),
        ("taro(at)example", "", ""),
        ("taro yamada", "", ""),
        ("花子", "", ""),
        ("hanako.", "", ""),
        ("hanako" * 11, "", ""),
        ("", "", ""),
    ],
)
def test_r12_only_what_stands_behind_the_at_is_offered(typed: str, told: str, value: str) -> None:
    model = at(with_last_card(), "representative_contact", "email", typed)
    found = model.assist.suggestions()
    assert [(s.told, s.value) for s in found] == ([(told, value)] if told else [])
    assert model.entry.editor.value == typed, "nothing is put in unasked"


@given(st.text("taro.ａ＠@．.ｊjp☆#(at) 花ー-_", max_size=20))
def test_r12_whatever_is_typed_what_is_put_in_is_right_and_begins_with_it(typed: str) -> None:
    model = at(with_last_card(), "representative_contact", "email", typed)
    counts = settle(model.entry.field, typed).value
    for one in model.assist.suggestions():
        assert one.value.startswith(counts)
        assert one.value.count("@") == 1
        assert model.assist.take(one)
        model.leave()
        assert model.entry.problem is None


@pytest.mark.parametrize("typed", ["hanako", "ｈａｎａｋｏ", "hanako@", "hanako@example"])
def test_r12_a_fault_that_the_domain_mends_does_not_hide_it(typed: str) -> None:
    model = at(with_last_card(), "representative_contact", "email", typed)
    model.leave()
    assert model.entry.problem is not None
    (one,) = model.assist.suggestions()
    assert model.assist.take(one)
    assert model.entry.editor.value == "hanako@example.com"


def test_a_value_with_a_suggestion_of_its_own_gets_no_other() -> None:
    model = at(with_last_card(), "representative_contact", "email", "hanako(at)example.co.jp")
    model.leave()
    assert model.entry.problem is not None
    assert model.entry.problem.suggestion == "hanako@example.co.jp"
    assert model.assist.suggestions() == ()


@pytest.mark.parametrize(("typed", "told"), [("03-1234-567", "phone_count"), ("+81-3-1234-5678", "phone_abroad")])
def test_an_odd_telephone_number_is_noted_once_it_is_left_and_until_it_is_confirmed(typed: str, told: str) -> None:
    model = at(scripted.registration(), "representative_contact", "phone", typed)
    entry = model.entry
    assert note(model, entry) == "", "nobody is told of a number that is not finished"
    model.move(1)
    expected = t(f"field.{told}", count=9, usual=10, number="03-1234-5678")
    assert (entry.problem, note(model, entry)) == (None, expected)
    notes = FormNotes()
    notes.remember(model)
    review = Review("review", "", (Section(entry.block.title, (Row(entry.field.label, typed),)),), (), "", "", "")
    assert notes.on(review).sections[0].rows == (Row(entry.field.label, typed, "!", expected),)


def test_what_is_only_said_of_a_value_is_told_apart() -> None:
    model = at(scripted.registration(), "representative_contact", "postal_code", "516-8601")
    wanted = model.assist.wanted()
    assert wanted is not None
    model.assist.learn(wanted, (LookupResult("三重県伊勢市岩渕１丁目７−２９", "伊勢市役所"),))
    (one,) = model.assist.suggestions()
    assert (one.told, one.value) == (remarked(one.value, "伊勢市役所"), "三重県伊勢市岩渕１丁目７−２９")
    assert "※伊勢市役所" in one.told
    assert remarked("値", "") == "値"


def test_r12_it_is_taken_at_once_for_it_replaces_nothing() -> None:
    model = at(with_last_card(), "representative_contact", "email", "hanako")
    (one,) = model.assist.suggestions()
    assert model.assist.take(one)
    assert model.entry.editor.value == "hanako@example.com"
    assert model.entry.problem is None


def test_r12_another_contact_of_the_form_is_known_and_its_own_address_is_not() -> None:
    typed = scripted.filled()
    typed["card_contact"] = typed["card_contact"] | {"email": ""}
    model = at(scripted.registration(typed), "card_contact", "email", "keiri")
    domain = "@" + typed["representative_contact"]["email"].partition("@")[2]
    assert [known.value for known in model.assist.domains()] == [domain]
    alone = at(scripted.registration(), "card_contact", "email", "keiri@example.net")
    assert alone.assist.domains() == ()


def test_the_cards_company_is_offered_while_the_field_is_empty() -> None:
    form = msgspec.structs.replace(scripted.search(), fills=(CARD,))
    assert [s.value for s in at(form, "search", "trade_name").assist.suggestions()] == ["テスト工事業者０１"]
    assert at(form, "search", "trade_name", "テ").assist.suggestions() == ()
    assert at(form, "search", "vendor_no").assist.suggestions() == ()


def test_a_form_begins_at_what_has_to_be_filled_and_is_empty() -> None:
    model = FormModel(scripted.registration())
    assert model.current > 0
    assert model.entry.field.required
    assert not model.entry.editor.value
    assert all(e.editor.value or not e.field.required for e in model.entries[: model.current])
    assert FormModel(scripted.registration(scripted.filled())).current == 0
