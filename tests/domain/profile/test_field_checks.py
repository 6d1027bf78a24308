"""Definitions of fields: whatever an unseen municipality's file combines, it works or is refused."""

from __future__ import annotations

from typing import get_args

import pytest
from msgspec.structs import replace

from ebid_tui.domain.fields import Field, FieldPolicy, Kind, problem, settle
from ebid_tui.domain.profile import checks
from ebid_tui.domain.profile.field_checks import definition_fault
from ebid_tui.domain.text.classes import CharClass, characters

POLICY = FieldPolicy()

SAMPLES: dict[Kind, tuple[str, ...]] = {
    "text": ("123456", "１２３４５６", "abc123"),
    "name": ("株式会社テスト", "123456", "TestCorp"),
    "postal_code": ("516-0018", "5160018"),
    "phone": ("03-0000-0000", "0300000000"),
    "email": ("a.bc@example.jp",),
    "email_again": ("a.bc@example.jp",),
    "password": ("123456", "abc123"),
}
IDS: dict[Kind, str] = {"email": "email", "email_again": "email_again", "password": "password"}


@pytest.mark.parametrize("kind", [k for k in get_args(Kind) if k != "grades"])
@pytest.mark.parametrize("chars", get_args(CharClass))
def test_a_definition_is_refused_exactly_where_nothing_could_be_typed(kind: Kind, chars: CharClass) -> None:
    """Whatever kind and class an unseen municipality's file combines: either some value passes, or the file is refused."""
    field = Field(id=IDS.get(kind, "person"), label="項目", kind=kind, chars=chars, max=30)
    of_this_class = min(characters(chars), default="") * 6
    accepted = [
        sample
        for sample in (*SAMPLES[kind], of_this_class)
        if (value := settle(field, sample).value) and problem(field, value, POLICY, {"email": "a.bc@example.jp"}) is None
    ]
    assert bool(accepted) == (definition_fault(field) is None)


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        ({"max": 5, "exact": 5}, "exclude each other"),
        ({"max": -1}, "negative"),
        ({}, "needs max or exact"),
        ({"label": "　", "max": 5}, "label"),
        ({"max": 5, "required": False}, "another mark"),
        ({"max": 5, "operations": ()}, "nowhere"),
        ({"max": 5, "lines": ("物品",)}, "for grades"),
        ({"id": "password", "max": 5}, "must be of kind password"),
        ({"id": "new_password", "max": 5}, "must be of kind password"),
        ({"id": "email", "max": 50, "chars": "half_alnum_symbols"}, "must be of kind email"),
        ({"kind": "password", "chars": "half_alnum", "max": 8}, "only for password"),
        ({"kind": "email_again", "chars": "half_alnum_symbols"}, "only for email_again"),
        ({"id": "password", "kind": "password", "source": "card"}, "typed, never shown"),
        ({"id": "grades", "kind": "grades", "max": 8}, "never typed"),
        ({"id": "grades", "kind": "grades", "source": "qualification"}, "lines and options"),
        ({"kind": "postal_code", "chars": "half_digits_symbols", "max": 7}, "room for 8"),
        ({"kind": "postal_code", "chars": "half_digits", "exact": 8}, "exactly 7"),
        ({"kind": "phone", "chars": "half_digits", "max": 5}, "room for 6"),
        ({"id": "email", "kind": "email", "chars": "half_alnum_symbols", "max": 5}, "room for 6"),
    ],
)
def test_a_contradictory_definition_is_refused(definition: dict[str, object], reason: str) -> None:
    fault = definition_fault(Field(**{"id": "person", "label": "項目", **definition}))  # type: ignore[arg-type]
    assert fault is not None
    assert reason in fault


@pytest.mark.parametrize(
    "definition",
    [
        {"source": "qualification"},
        {"source": "qualification", "required": False},
        {"max": 5, "required": False, "mark": "任意"},
        {"max": 5, "required": False, "mark": ""},
        {"id": "grades", "kind": "grades", "source": "qualification", "lines": ("物品",), "options": ("A", "なし")},
        {"id": "email_again", "kind": "email_again", "chars": "half_alnum_symbols"},
        {"kind": "postal_code", "chars": "half_digits", "exact": 7},
        {"kind": "postal_code", "chars": "half_alnum_symbols", "exact": 8},
        {"kind": "phone", "chars": "half_digits", "exact": 10},
    ],
)
def test_a_sensible_definition_is_taken(definition: dict[str, object]) -> None:
    assert definition_fault(Field(**{"id": "person", "label": "項目", **definition})) is None  # type: ignore[arg-type]


MAIL = Field(id="email", label="メール", kind="email", chars="half_alnum_symbols", max=80)
AGAIN = Field(id="email_again", label="もう一度", kind="email_again", chars="half_alnum_symbols", max=80)


@pytest.mark.parametrize(
    ("block", "fields", "named"),
    [
        ("card_contact", [MAIL], []),
        ("card_contact", [MAIL, AGAIN], []),
        ("card_contact", [MAIL, replace(AGAIN, max=0)], []),
        ("card_contact", [MAIL, replace(AGAIN, max=79)], ["email_again"]),
        ("card_contact", [AGAIN, MAIL], ["email_again"]),
        ("card_contact", [AGAIN], ["card_contact", "email_again"]),
        ("card_contact", [], ["card_contact"]),
        ("card_contact", [replace(MAIL, required=False)], ["email"]),
        ("card_contact", [replace(MAIL, categories=("goods",))], ["email"]),
        ("representative_contact", [replace(MAIL, required=False)], []),
        ("representative_contact", [AGAIN], ["email_again"]),
        ("representative_contact", [], []),
    ],
)
def test_r12_r39_the_mail_on_completion_has_an_address_and_what_is_typed_again_can_equal_it(
    block: str, fields: list[Field], named: list[str]
) -> None:
    faults = list(checks._mail_fields(block, block, {field.id: field for field in fields}))
    assert [key.rpartition(".")[2] for key, _ in faults] == named
