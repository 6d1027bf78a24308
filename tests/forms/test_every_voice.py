"""Voices are equal: every field of every request of `flows.ui` is read by the screens and by line mode, or named here with its reason.

Each voice is driven with requests of every class, and each reading of a field is noted with the module that read it: only those of the
voice itself and of `forms` count, so that the same name on another class, or a flow's own reading, proves nothing.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ebid_tui.errors import WrongPin
from ebid_tui.flows import comparing
from ebid_tui.flows import ui as requests
from ebid_tui.flows.comparing import CardComparison, ChoiceRow, DiffRow
from ebid_tui.flows.localising import relocalised
from ebid_tui.flows.ui import Done, Fill, Form, FormBlock, Option, PinRequest, Question, Report, Row, Ui
from ebid_tui.plain.script import Script
from ebid_tui.plain.voice import PlainUi
from ebid_tui.screens.base import Step
from tests.screens import scripted
from tests.screens.plastic import Hand
from tests.screens.stage import stage

Read = set[tuple[str, str]]
"""Class and field."""

CLASSES = [
    kind
    for module in (requests, comparing)
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if issubclass(kind, msgspec.Struct) and kind.__module__ == module.__name__
]
FIELDS = {(kind.__name__, name) for kind in CLASSES for name in kind.__struct_fields__}

ASKED_BY_NAME = "the name by which a script and line mode's prompt know it; on a screen nothing is asked by name"
SCRIPTS = "for a script only: a person at a screen sees what there is and chooses"
NO_BUTTON = "the label of a button: line mode has none, a form ends with its last field and is left by a word"

ON_SCREENS = {
    **{(kind, "id"): ASKED_BY_NAME for kind in ("CardRequest", "ChoiceRow", "Confirm", "Done", "PinRequest", "Question", "Report")},
    ("Confirm", "preset"): SCRIPTS,
    ("Option", "names"): SCRIPTS,
    ("PinRequest", "names"): SCRIPTS,
    ("PinRequest", "pin_pad"): "says to a test's script which of the two ways the flow takes; a voice is called for one of them",
    ("Question", "by_name"): SCRIPTS,
    ("Question", "unasked"): SCRIPTS,
}

IN_LINES = {
    ("CardRequest", "first"): "line mode says every request, whatever is in the reader",
    ("Question", "careful"): "an answer is a whole line, and the question was printed before it is read",
    ("Form", "back"): NO_BUTTON,
    ("Form", "lost"): "nobody leaves a form there by a key too many: the way back is a word, typed and entered",
    ("Form", "submit"): NO_BUTTON,
    ("Option", "reading"): "a script says which one it means; for a person a long list is narrowed by it (tests/plain/test_long_list.py)",
    ("PinRequest", "cancel"): NO_BUTTON,
    (
        "PinRequest",
        "digits_only",
    ): "a PIN is taken as one line: the card's session refuses others before it sends them, and no try is spent",
    ("PinRequest", "ok"): NO_BUTTON,
    ("PinRequest", "operator_label"): "a row of the documents' dialog that nobody has to fill in and that is used for nothing",
    ("PinRequest", "pin_pad"): ON_SCREENS["PinRequest", "pin_pad"],
    ("PinRequest", "reader"): "readers are not watched while a line is typed: the session says when the card has gone",
    ("Question", "back"): "the word :back means something at every prompt: at the first question it leads out, as :cancel does",
    ("Report", "close"): NO_BUTTON,
    ("Report", "id"): "nothing is asked: what is read has no prompt",
}


def keep(values: object) -> None:
    """Keeps nothing."""


def question() -> Question:
    options = (
        Option("one", "一つめ", "これです。", names=("甲",)),
        Option("two", "二つめ", caution="使えません。", unavailable="今は使えません。"),
    )
    return Question("question", "選択", options, "選んでください。", needs_clock=True, preset="one", by_name=True)


def long_question() -> Question:
    return Question("long", "選択", tuple(Option(f"o{number}", f"第{number}町", reading="ちょう") for number in range(1, 13)))


def form(**changes: Any) -> Form:
    part = {name: scripted.CONTACT[name] for name in ("name", "person", "email")}
    return msgspec.structs.replace(
        scripted.registration({**scripted.filled(), "representative_contact": part}),
        problems={"representative_contact.name": "ほかの名称にしてください。"},
        notice=scripted.not_found(),
        notice_about="業者番号 1000000005",
        refreshed=("company",),
        fills=(
            Fill("company", "representative_contact", {name: name for name in ("postal_code", "address", "phone", "fax")}),
            Fill("last_card", "card_contact", {"name": "name"}, {"name": "経理部"}),
        ),
        keep=keep,
        **changes,
    )


PASSWORD = """password_change.vendor_no: 1000000001
password_change.trade_name: テスト
password_change.password: Demo-pass1
password_change.new_password: Demo-pass2
password_change.new_password_again: Demo-pass2"""


def password() -> Form:
    policy = scripted.profile().password
    assert policy is not None
    block = FormBlock("password_change", "", "", policy.fields)
    return Form("password_change", "変更", "", (block,), {}, "変更", "戻る", scripted.profile().policy, password=policy)


def pins() -> tuple[PinRequest, ...]:
    first = scripted.pin(None, WrongPin(1))
    return (
        first,
        msgspec.structs.replace(first, tries_low=True, digits_only=True, names=("甲",)),
        msgspec.structs.replace(first, chosen=True),
    )


def comparison() -> CardComparison:
    rows = (DiffRow("番号", "1", "2", "changed", "変わります。"),)
    choice = ChoiceRow("propagate", "港町", "ほかにも", False, "広がります。", "ここだけです。")
    return CardComparison("comparison", "更新", "現在", "新規", rows, ("確かめてください。",), "更新しますか。", "更新", "戻る", choice)


def ended() -> Done:
    return msgspec.structs.replace(scripted.done(), summary=(Row("業者番号", "1"),))


Asked = tuple[Callable[[Ui], Awaitable[object]], tuple[str, ...], str]
"""Request, keys at the screen, lines of the script."""


def every_request() -> tuple[Asked, ...]:
    first, low, chosen = pins()
    return (
        (lambda ui: ui.choose(question()), ("down", "enter"), "question: 乙\nquestion: 甲"),
        (lambda ui: ui.choose(long_question()), ("町", "enter"), "long: 12"),
        (lambda ui: ui.choose(scripted.categories()), (), "category: 1"),
        (lambda ui: ui.choose(scripted.menu()), (), "menu: 1"),
        (lambda ui: ui.confirm(scripted.holder()), (), "holder: yes"),
        (lambda ui: ui.insert_card(scripted.card(WrongPin(1))), ("enter",), "card: ise-new"),
        (lambda ui: ui.ask_pin(first), ("1", "enter"), "pin: 123456"),
        (lambda ui: ui.ask_pin(low), ("a", "enter"), "pin: 123456"),
        (lambda ui: ui.ask_pin(chosen), (*"123456789", "enter"), "pin: 123456"),
        (
            lambda ui: ui.fill(form(lost="pin")),
            ("f4", "f5", "escape"),
            "representative_contact.name: :fill\nrepresentative_contact.name: 営業部",
        ),
        (lambda ui: ui.fill(scripted.registration(scripted.filled(), read_only=True)), (), ""),
        (lambda ui: ui.fill(password()), (), PASSWORD),
        (lambda ui: ui.review(msgspec.structs.replace(scripted.review(), choice=comparison().choice)), ("f4",), "review: submit"),
        (lambda ui: ui.compare(comparison()), ("f4",), "propagate: yes\ncomparison: submit"),
        (lambda ui: ui.read(Report("report", "登録状況", scripted.sections(), "読んでください。", "閉じる")), (), ""),
        (
            lambda ui: ui.done(ended()),
            ("f8",),
            "done: print\ndone: close",
        ),
        (lambda ui: ui.trouble(scripted.trouble()), (), "retry: no"),
        (lambda ui: ui.trouble(scripted.search_refused()), (), "way: category"),
    )


def noted(monkeypatch: pytest.MonkeyPatch, *rooms: str) -> Read:
    """What is read from now on by modules of these rooms."""
    read: Read = set()
    places = tuple(f"ebid_tui.{room}." for room in rooms)

    def watched(kind: type, name: str) -> property:
        stored = kind.__dict__[name]

        def value(thing: object) -> object:
            if sys._getframe(1).f_globals["__name__"].startswith(places):
                read.add((kind.__name__, name))
            return stored.__get__(thing)

        return property(value)

    for kind in CLASSES:
        for name in kind.__struct_fields__:
            monkeypatch.setattr(kind, name, watched(kind, name))
    return read


async def on_screens(read: Read) -> Read:
    asked = every_request()

    async def flow(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        for request, _, _ in asked:
            await request(ui)
        await asyncio.Event().wait()

    before: object = None
    async with stage(flow, hand=Hand(), size=(100, 60)) as shown:
        for _, keys, _ in asked:
            await shown.came(lambda: isinstance(shown.page, Step) and not shown.page.answered and shown.page.seen_at < float("inf"))
            step = shown.page
            assert step is not before
            before = step
            await shown.press(*keys)
            if not isinstance(shown.page, Step):
                await shown.press("escape")
            step.finish(True)
    return read


async def in_lines(read: Read, tmp_path: Path) -> Read:
    asked = every_request()
    (script := tmp_path / "script").write_text("\n".join(line for _, _, line in asked), encoding="utf-8")
    ui = PlainUi(Script(script), hand := Hand(), hand)
    ui.clock(scripted.NOW)
    for request, _, _ in asked:
        await request(ui)
    return read


async def test_the_screens_read_every_field(monkeypatch: pytest.MonkeyPatch) -> None:
    read = await on_screens(noted(monkeypatch, "screens", "widgets", "forms"))
    assert FIELDS - read == ON_SCREENS.keys()


async def test_line_mode_reads_every_field(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    read = await in_lines(noted(monkeypatch, "plain", "forms"), tmp_path)
    assert FIELDS - read == IN_LINES.keys()


def test_a_reading_elsewhere_or_of_another_class_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    read = noted(monkeypatch, "screens", "widgets", "forms")
    assert question().title
    assert relocalised(scripted.review()).title
    assert read == set()
