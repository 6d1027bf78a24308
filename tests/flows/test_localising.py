"""What a flow asks, in the language spoken now: sentences and labels are said again, what was typed or is on record is not."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from ebid_tui.domain.fields import Field, FieldPolicy
from ebid_tui.flows import ui
from ebid_tui.flows.localising import localised, relocalised
from ebid_tui.flows.ui import Form, FormBlock, Option, PinRequest, Question, Row, Section
from ebid_tui.language import SOURCE, remember_origins, said, speak
from ebid_tui.messages import t
from ebid_tui.plain.voice import PlainUi
from ebid_tui.screens.voice import ScreenUi

LABEL, MEANT = "青森市", "青森市 / Aomori City"
"""Stands in the glossary."""


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    speak("en")
    yield
    speak(SOURCE)


def test_in_its_own_language_nothing_is_said_again() -> None:
    speak(SOURCE)
    question = Question("q", LABEL, ())
    assert localised(question) is question


def test_what_needs_no_other_words_stays_the_same_object() -> None:
    for request in (Question("q", "x", (Option("o", "y"),)), Section("x", (Row("y", "z"),)), (1, "x"), {"a": "x"}, {"a": (1,)}):
        assert localised(request) is request


def test_labels_get_their_meaning_wherever_they_stand() -> None:
    question = localised(Question("q", LABEL, (Option("o", "x"), Option("p", LABEL)), "lead"))
    assert (question.title, [option.label for option in question.options], question.lead) == (MEANT, ["x", MEANT], "lead")
    assert question.options[0].id == "o"
    assert localised({"a": LABEL, "b": 1}) == {"a": MEANT, "b": 1}


def test_a_sentence_is_said_again_by_its_origin() -> None:
    remember_origins()
    speak(SOURCE)
    title = t("common.back")
    speak("en")
    assert relocalised(Row("x", title)).value == t("common.back") != title
    speak(SOURCE)
    assert relocalised(Question("q", localised(title), ())).title == title


def test_what_was_typed_or_is_on_record_is_no_label() -> None:
    field = Field(id="name", label=LABEL, options=(LABEL,), lines=(LABEL,))
    form = Form("f", LABEL, "", (FormBlock("b", LABEL, "", (field,)),), {"b": {"name": LABEL}}, "", "", FieldPolicy(), {"b.name": LABEL})
    shown = localised(form)
    assert (shown.title, shown.blocks[0].title, shown.blocks[0].fields[0].label) == (MEANT, MEANT, MEANT)
    assert (shown.values, shown.problems) == (form.values, form.problems)
    assert (shown.blocks[0].fields[0].options, shown.blocks[0].fields[0].lines) == ((LABEL,), (LABEL,))
    row = localised(Row(LABEL, LABEL))
    assert (row.label, row.value) == (MEANT, LABEL)


def test_a_sentence_among_values_is_said_again() -> None:
    remember_origins()
    assert localised(Row("x", said("もどる", "", LABEL))).value == MEANT


def pin(card: tuple[tuple[str, str], ...], reader: str = "") -> PinRequest:
    values: dict[str, Any] = dict.fromkeys(("id", "title", "lead", "pin_label", "operator_label", "ok", "cancel"), "x")
    return PinRequest(**values, tries_left=1, min_length=4, max_length=8, digits_only=True, card=card, reader=reader)


def test_whose_card_it_is_stays_as_the_card_has_it() -> None:
    assert localised(pin(((LABEL, LABEL),))).card == ((MEANT, LABEL),)
    assert localised(pin((("x", "y"),), reader=LABEL)).reader == LABEL
    plain = pin((("x", "y"),))
    assert localised(plain) is plain


@pytest.mark.parametrize("voice", [ScreenUi, PlainUi])
def test_every_voice_says_a_request_in_the_language_spoken_now(voice: type) -> None:
    """A request that is shown as it came would stay as it was made; an error (`trouble`) says itself, and so does where one stands."""
    requests = {name for name, kind in vars(ui).items() if isinstance(kind, type) and issubclass(kind, msgspec.Struct)}
    shows = {name for name, method in vars(ui.Ui).items() if requests.intersection(getattr(method, "__annotations__", {}).values())}
    assert len(shows) > 8
    assert {name for name in shows - {"trouble", "only", "stand"} if "localised(" not in inspect.getsource(getattr(voice, name))} == set()
