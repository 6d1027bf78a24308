"""What a form knows by itself: the card's company on the search, and the domain of a mail address (R-12)."""

from __future__ import annotations

import msgspec
import pytest

from ebid_tui.flows.ui import Fill, Form
from ebid_tui.forms.model import FormModel
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
        ("", "", ""),
    ],
)
def test_r12_only_what_stands_behind_the_at_is_offered(typed: str, told: str, value: str) -> None:
    model = at(with_last_card(), "representative_contact", "email", typed)
    found = model.assist.suggestions()
    assert [(s.told, s.value) for s in found] == ([(told, value)] if told else [])
    assert model.entry.editor.value == typed, "nothing is put in unasked"


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
