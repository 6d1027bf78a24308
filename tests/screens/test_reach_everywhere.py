"""Nothing is out of reach: on pages of any length, at any size, whatever was pressed before, every row can be brought to the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events

from ebid_tui.domain.profile.systems import Profile, available, profile_of
from ebid_tui.errors import EbidError
from ebid_tui.flows.ui import Confirm, Form, FormBlock, Option, Question, Report, Review, Row, Section, Trouble
from ebid_tui.screens.base import Page
from ebid_tui.screens.choose import ChooseScreen
from ebid_tui.screens.confirm import ConfirmScreen
from ebid_tui.screens.form import FormScreen
from ebid_tui.screens.report import ReportScreen
from ebid_tui.screens.review import ReviewScreen
from ebid_tui.screens.trouble import TroubleScreen
from ebid_tui.terminal.conversion import NOBODY
from ebid_tui.widgets.frame import PageFrame
from ebid_tui.widgets.styled_lines import Line
from tests.screens.stage import still

PAGES = ("pagedown", "pageup")
KEYS = ("up", "down", "tab", "shift+tab", "pageup", "pagedown", "home", "end", "left", "right", "1", "x")
sizes = st.tuples(st.integers(80, 200), st.integers(24, 60))
struck = st.lists(st.sampled_from(KEYS), max_size=12)
words = st.text("あいう漢字ＡＢ、。（abc ", min_size=1, max_size=120).map(lambda text: text.strip() or "あ")
labels = st.text("業者番号連絡先", min_size=1, max_size=12)
systems = st.sampled_from(sorted(available()))


class Glass:
    """A page as the app would show it and hand keys to it, without an app."""

    def __init__(self, page: Any, size: tuple[int, int]) -> None:
        self.page = page
        self.size = size
        self.page.glass = self
        self.shown: list[Line] = []
        self.paint()

    @property
    def cursor(self) -> tuple[int, int]:
        """Where the terminal's cursor stands, as column and row."""
        cell: tuple[int, int] = self.page.cell
        return cell

    def paint(self) -> None:
        self.shown = self.page.paint(*self.size)

    def press(self, *keys: str) -> None:
        for key in keys:
            if not self.page.take_key(events.Key(key, key if len(key) == 1 else None)):
                for binding in self.page._bindings.key_to_bindings.get(key, []):
                    getattr(self.page, f"action_{binding.action}", lambda: None)()
            self.paint()

    def rows(self) -> set[int]:
        """The body's rows on the screen."""
        view = self.page.view
        return set(range(view.top, min(view.top + view.height, view.length)))

    def whole(self) -> set[int]:
        """What page keys bring to the screen, from wherever one is: all of it."""
        seen = self.rows()
        for key in PAGES:
            for _ in range(self.page.view.length + 2):
                before = self.page.view.top
                self.press(key)
                seen |= self.rows()
                if self.page.view.top == before:
                    break
        return seen


class _OnGlass:
    """What a page asks of the app."""

    glass: Any
    input_method = NOBODY

    @property
    def app(self) -> Any:
        return self

    @property
    def screen(self) -> Any:
        return self

    def bell(self) -> None:
        pass

    def repaint(self) -> None:
        pass

    def _look_up(self) -> None:
        pass


@cache
def on_glass(kind: type[Page]) -> Any:
    """The same kind of page, without an app."""
    return type(f"{kind.__name__}OnGlass", (_OnGlass, kind), {})


def office(system: str) -> PageFrame:
    return PageFrame(profile_of(system), still(), {}, {}, True)


def text(glass: Glass) -> str:
    return "\n".join("".join(piece for piece, _ in row) for row in glass.shown)


@st.composite
def forms(draw: st.DrawFn, profile: Profile) -> Form:
    """Blocks of a system in any order, some only shown, some twice, with any lead and notice."""
    blocks: list[FormBlock] = []
    for number in range(draw(st.integers(1, 4))):
        block = draw(st.sampled_from(profile.blocks))
        fields = profile.fields(block.id, "registration", profile.categories[0].id)
        chosen = tuple(draw(st.lists(st.sampled_from(fields), min_size=1, max_size=12, unique_by=lambda f: f.id)))
        blocks.append(FormBlock(f"{block.id}{number}", block.title, draw(words), chosen, read_only=draw(st.booleans())))
    inputs = [
        field for block in profile.blocks for field in profile.fields(block.id, "registration", profile.categories[0].id) if field.input
    ]
    blocks.insert(draw(st.integers(0, len(blocks))), FormBlock("typed", "入力", "", tuple(inputs[: draw(st.integers(1, 5))])))
    return Form(
        id="form", title="利用者登録", lead=draw(words), blocks=tuple(blocks), values={}, submit="進む", back="戻る",
        policy=profile.policy_in(profile.categories[0].id), notice=EbidError(code="E-UNCHANGED") if draw(st.booleans()) else None,
        copy=None,
    )  # fmt: skip


def in_sight(glass: Glass) -> None:
    """What has the focus is seen, and the terminal's cursor stands where one types or where nothing is."""
    view = glass.page.view
    assert not view.away
    if glass.page.types:
        column, row = glass.cursor
        assert glass.page.body_at <= row < glass.page.body_at + view.height
        assert 0 <= column < glass.size[0]


def asked(make: type[Page], *given_to: Any) -> Any:
    """Pages are made where an event loop is."""

    async def made() -> Any:
        return on_glass(make)(*given_to)

    return asyncio.run(made())


@settings(max_examples=25)
@given(st.data(), systems, sizes, struck)
def test_every_row_and_field_of_a_form(data: st.DataObject, system: str, size: tuple[int, int], keys: list[str]) -> None:
    form = data.draw(forms(profile_of(system)))
    glass = Glass(asked(FormScreen, office(system), form, lambda _: None), size)
    assert 0 in glass.rows() or not any(block.read_only for block in form.blocks), "it opens at its top"
    glass.press(*keys)
    assert glass.whole() == set(range(glass.page.view.length))
    if form.notice is not None:
        assert form.notice.title in text(glass), "wherever one is"
    fields = len(glass.page.model.entries)
    glass.press("x")
    in_sight(glass)
    seen = set()
    for key in ["shift+tab"] * (fields + 40) + ["tab"] * (fields + 40):
        glass.press(key)
        if not glass.page.view.away:
            seen.add(glass.page.model.current)
            in_sight(glass)
    assert seen == set(range(fields))


@settings(max_examples=25)
@given(systems, st.lists(st.tuples(labels, words, words), min_size=1, max_size=30), words, sizes, struck)
def test_every_item_of_a_menu(system: str, items: list[tuple[str, str, str]], lead: str, size: tuple[int, int], keys: list[str]) -> None:
    options = tuple(Option(str(n), label, told, caution) for n, (label, told, caution) in enumerate(items))
    glass = Glass(asked(ChooseScreen, office(system), Question("q", "メニュー", options, lead)), size)
    glass.press(*(key for key in keys if key != "1"))
    assert glass.whole() == set(range(glass.page.view.length))
    seen = set()
    for _ in items:
        glass.press("down")
        in_sight(glass)
        seen.add(glass.page.cursor.at)
    assert seen == set(range(len(items)))
    glass.press("end")
    assert glass.page.cursor.at == len(items) - 1 or not glass.page.view.sees(glass.page.body(size[0]).stops[-1])
    glass.press("home")
    assert glass.page.cursor.at == 0 or not glass.page.view.sees(glass.page.body(size[0]).stops[0])


sections = st.lists(
    st.builds(
        lambda title, rows: Section(title, tuple(Row(label, value, "!", note) for label, value, note in rows)),
        labels, st.lists(st.tuples(labels, words, words), max_size=12),
    ),
    min_size=1, max_size=6,
).map(tuple)  # fmt: skip


@settings(max_examples=25)
@given(systems, sections, st.lists(words, max_size=3), sizes, sizes, struck)
def test_a_review_registers_only_what_was_all_on_the_screen(
    system: str, parts: tuple[Section, ...], warnings: list[str], size: tuple[int, int], other: tuple[int, int], keys: list[str]
) -> None:
    review = Review("review", "登録内容確認", parts, tuple(warnings), "よろしいですか。", "登録", "戻る")
    glass = Glass(asked(ReviewScreen, office(system), review), size)
    seen: set[Any] = set()
    for key in (*keys, *["f10"] * 400):
        lines = [part for part in glass.page.body(glass.size[0]).parts if part is not None]
        on_screen = {glass.page.body(glass.size[0]).parts[row] for row in glass.rows()}
        seen |= on_screen
        glass.press(key)
        if glass.page.answered:
            assert seen >= set(lines)
            break
        if key == "home":
            glass.size = other
            glass.paint()
    assert glass.page.answered


@pytest.mark.parametrize("kind", ["confirm", "report", "trouble"])
@given(data=st.data(), system=systems, size=sizes, keys=struck)
@settings(max_examples=25)
def test_every_row_of_what_is_read_and_answered(
    kind: str, data: st.DataObject, system: str, size: tuple[int, int], keys: list[str]
) -> None:
    details = tuple(data.draw(st.lists(words, max_size=25)))
    pages: dict[str, Callable[[], object]] = {
        "confirm": lambda: (ConfirmScreen, Confirm("c", "確認", "よろしいですか。", "はい", "いいえ", details)),
        "report": lambda: (ReportScreen, Report("r", "登録状況", data.draw(sections), "\n".join(details), "閉じる")),
        "trouble": lambda: (TroubleScreen, Trouble(EbidError(code="E-UNCHANGED"), ("retry", "cancel"))),
    }
    page, request = cast("tuple[type[Page], object]", pages[kind]())
    glass = Glass(asked(page, office(system), request), size)
    assert 0 in glass.rows()
    glass.press(*keys)
    assert glass.whole() == set(range(glass.page.view.length))
    if kind != "report":
        glass.press("right")
        in_sight(glass)


@given(systems, sections, sizes)
@settings(max_examples=25)
def test_the_title_says_where_there_is_more_and_by_which_key(system: str, parts: tuple[Section, ...], size: tuple[int, int]) -> None:
    glass = Glass(asked(ReportScreen, office(system), Report("r", "登録状況", parts, "", "閉じる")), size)
    for key in ("", "pagedown", "end", "home"):
        if key:
            glass.press(key)
        view, title = glass.page.view, "".join(piece for piece, _ in glass.shown[1])
        assert ("PgDn" in title) == (view.top + view.height < view.length)
        assert ("PgUp" in title) == (view.top > 0)
