"""What an input method needs of the screens: the cursor at the text, a word before the first key, keys that count, an Esc that does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import msgspec
import pytest
from textual import events

from ebid_tui.app import EbidApp
from ebid_tui.domain.whereabouts import NOWHERE, Whereabouts
from ebid_tui.flows.desk.ui import SearchState, VendorSearch
from ebid_tui.flows.searching import qualification
from ebid_tui.flows.ui import Blocks, Form, Nav, Ui
from ebid_tui.forms.conversion import wanted
from ebid_tui.kiosk.admin_secret import AdminSecret
from ebid_tui.kiosk.screens import SecretOverlay
from ebid_tui.messages import t
from ebid_tui.printing.printers import Cups
from ebid_tui.printing.printout import Printout
from ebid_tui.printing.targets import PrintTargets
from ebid_tui.screens.base import HelpPage, Surface
from ebid_tui.screens.choose_known import NarrowedOverlay
from ebid_tui.screens.choose_long import LongChoiceScreen
from ebid_tui.screens.desk.search import SearchScreen
from ebid_tui.screens.form import FormScreen
from ebid_tui.screens.help import HelpScreen
from ebid_tui.screens.one_line import TypesOneLine
from ebid_tui.screens.pin import PinScreen
from ebid_tui.screens.pin_pad import PinPadScreen
from ebid_tui.screens.save_page import SaveOverlay
from ebid_tui.terminal.conversion import Conversion
from tests.flows.script import outcome
from tests.kiosk.stand import keep_secret
from tests.screens import scripted
from tests.screens.stage import Stage, asking, stage
from tests.screens.test_choose_long import TOWNS
from tests.screens.test_keys import subclasses


async def nothing(*_: object) -> NoReturn:
    await asyncio.Event().wait()
    raise AssertionError


def secret(app: EbidApp, directory: Path) -> Surface:
    keep_secret(directory / "secret", b"correct horse")
    return SecretOverlay(app.office, AdminSecret(directory / "secret", directory / "attempts"), lambda: None)


def save(app: EbidApp, _: Path) -> Surface:
    return SaveOverlay(app.office, Printout(PrintTargets(scripted.profile(), Cups("nowhere"), "", True), scripted.done()))


PLACES: dict[type[Surface], tuple[Callable[[EbidApp, Path], Surface], str]] = {
    FormScreen: (lambda app, _: FormScreen(app.office, scripted.registration(), lambda _: None), "ab"),
    PinScreen: (lambda app, _: PinScreen(app.office, scripted.pin(), ()), "**"),
    SearchScreen: (lambda app, _: SearchScreen(app.office, VendorSearch("業者検索", SearchState(), nothing, False)), "ab"),
    HelpScreen: (lambda app, _: HelpScreen(app.office, HelpPage("題"), ()), "ab"),
    SaveOverlay: (save, "ab"),
    NarrowedOverlay: (lambda app, _: NarrowedOverlay(app.office, (), lambda _: None), "ab"),
    SecretOverlay: (secret, "**"),
    LongChoiceScreen: (lambda app, _: LongChoiceScreen(app.office, TOWNS), "ab"),
}
"""Each screen that takes text, and what stands before the cursor once `ab` was typed."""


def before_the_cursor(s: Stage) -> str:
    x, y = s.app.cursor_position
    assert 0 <= x < 80
    assert 0 <= y < 24
    return s.app.screen._compositor.render_strips()[y].crop(0, x).text


def test_every_screen_that_takes_text_is_tried_here() -> None:
    taking = {kind for kind in subclasses(Surface) if kind.takes_text and kind.__module__.startswith("ebid_tui")}
    assert taking == PLACES.keys() | {TypesOneLine, PinPadScreen}, "one is not shown by itself, at the other the reader takes the PIN"


@pytest.mark.parametrize("kind", PLACES, ids=lambda kind: kind.__name__)
async def test_the_cursor_stands_at_the_text_and_is_seen(kind: type[Surface], tmp_path: Path) -> None:
    make, shown = PLACES[kind]
    flow, _ = asking(lambda ui: ui.choose(scripted.categories()))
    async with stage(flow) as s:
        await s.until("調達区分")
        s.app._own_cursor = True
        await s.app.push_screen(make(s.app, tmp_path))
        await s.pilot.pause()
        empty = s.app.cursor_position
        await s.press("a", "b")
        assert s.app.types(), "the terminal's cursor is not shown"
        assert before_the_cursor(s).endswith(shown)
        assert s.app.cursor_position == (empty.x + 2, empty.y)
        await s.press(*"c" * 120)
        before_the_cursor(s)
        s.app.pop_screen()
        await s.pilot.pause()
        assert s.app.cursor_position != empty


@pytest.mark.parametrize("key", ["f9", "ctrl+q"])
async def test_over_a_form_a_panel_without_text_hides_it(key: str) -> None:
    from tests.screens.plastic import Hand

    flow, _ = asking(lambda ui: ui.fill(scripted.registration()))
    async with stage(flow, hand=Hand("ise-new")) as s:
        await s.until("利用者登録")
        s.app._own_cursor = True
        assert s.app.types()
        at = s.app.cursor_position
        await s.press(key)
        assert not s.app.types()
        await s.press("escape")
        assert s.app.types()
        assert s.app.cursor_position == at


async def test_full_width_digits_and_letters_are_keys_where_nothing_is_typed() -> None:
    flow, answers = asking(lambda ui: ui.choose(scripted.categories()))
    async with stage(flow) as s:
        await s.until("調達区分")
        await s.press("２")
        await s.came(lambda: answers)
        assert answers == [scripted.categories().options[1].id]
    flow, _ = asking(lambda ui: ui.fill(scripted.registration()))
    async with stage(flow) as s:
        await s.until("利用者登録")
        await s.press("tab", "tab", "２")
        assert s.page.model.entry.editor.value == "２", "in a form they are text"


# -- before the first key


def known(s: Stage, way: Conversion) -> None:
    """The terminal has an input method that tells."""
    driver: Any = s.app._driver
    driver.conversion = way
    s.page.repaint()


def told_in(directory: Path, mode: int) -> Conversion:
    (directory / "mode").write_text(str(mode))
    return Conversion(lambda _: None, {"UIM_FEP_GETMODE": str(directory / "mode")})


async def test_fields_of_half_width_ask_to_switch_it_off_before_the_first_key(tmp_path: Path) -> None:
    off = t("screen.input_method.off")
    flow, _ = asking(lambda ui: ui.fill(scripted.registration()))
    async with stage(flow) as s:
        await s.until("利用者登録")
        await s.press(*["shift+tab"] * s.page.model.current)  # it begins at the first one that is empty
        asked: dict[str, bool] = {}
        for entry in s.page.model.entries:
            asked[f"{entry.block.id}.{entry.field.id}"] = off in s.text()
            assert s.page.wants() == ((s.page, s.page.model.current), wanted(entry.field))
            await s.press("tab")
        assert asked == {f"{e.block.id}.{e.field.id}": e.field.chars != "full_width" for e in s.page.model.entries}
        assert set(asked.values()) == {True, False}
        assert asked["representative_contact.email"]
        await s.press("shift+tab")
        assert off in s.text()
        known(s, told_in(tmp_path, 0))
        assert off not in s.text()
        assert t("screen.input_method.off_sign") in s.text()
        (tmp_path / "mode").write_text("1")
        s.app._look_at_mode()
        assert t("screen.input_method.on_sign") in s.text()
        assert off in s.text()


@pytest.mark.parametrize("kind", [PinScreen, SecretOverlay], ids=lambda kind: kind.__name__)
async def test_so_does_what_is_masked(kind: type[Surface], tmp_path: Path) -> None:
    flow, _ = asking(lambda ui: ui.choose(scripted.categories()))
    async with stage(flow) as s:
        await s.until("調達区分")
        assert t("screen.input_method.off") not in s.text(), "a menu needs no word: １ counts"
        assert s.page.wants() == (s.page, False)
        await s.app.push_screen(PLACES[kind][0](s.app, tmp_path))
        await s.until(t("screen.input_method.off"))
        assert s.page.wants() == (s.page, False)
        known(s, told_in(tmp_path, 0))
        assert t("screen.input_method.off") not in s.text()


async def test_help_and_search_leave_it_as_it_is(tmp_path: Path) -> None:
    flow, _ = asking(lambda ui: ui.choose(scripted.categories()))
    async with stage(flow) as s:
        for kind in (HelpScreen, SearchScreen, SaveOverlay):
            page = PLACES[kind][0](s.app, tmp_path)
            assert page.wants() == (page, None)


# -- Esc


async def struck(s: Stage, *keys: tuple[str, float]) -> str:
    """Keys, each at a time in seconds."""
    for key, at in keys:
        event = events.Key(key, key if len(key) == 1 else None)
        event.time = at
        s.app.post_message(event)
    await s.pilot.pause()
    return s.text()


async def test_an_escape_behind_a_composition_or_another_escape_does_not_lead_back() -> None:
    flow, answers = asking(lambda ui: ui.fill(scripted.registration()))
    async with stage(flow) as s:
        await s.until("利用者登録")
        now = s.page.seen_at
        await struck(s, ("tab", now), ("営", now + 9.0), ("escape", now + 9.3), ("escape", now + 9.7), ("x", now + 9.8))
        assert answers == []
        await struck(s, ("escape", now + 10.3))
        await s.came(lambda: answers)
        assert answers == [Nav.BACK]


def costly(lost: str, values: Blocks | None = None, **changes: Any) -> Form:
    return msgspec.structs.replace(scripted.search(values), lost=lost, **changes)


async def test_leaving_a_page_that_a_pin_was_entered_for_asks_first() -> None:
    flow, answers = asking(lambda ui: ui.fill(costly("pin")))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        for key in ("escape", "f3"):
            shown = await s.press(key)
            assert t("screen.leave.question") in shown
            assert t("screen.leave.pin") in shown
            assert t("screen.leave.typed") not in shown, "nothing was"
            assert t("screen.leave.question") not in await s.press("enter"), "to stay is the answer"
        await s.press("4", "escape", "escape", "7")
        assert answers == []
        assert s.page.model.entry.editor.value == "47", "everything is as it was"
        assert t("screen.leave.typed") in await s.press("escape")
        await s.press("right", "enter")
        await s.came(lambda: answers)
        assert answers == [Nav.BACK]


async def test_what_is_typed_is_asked_for_only_where_it_is_lost() -> None:
    flow, answers = asking(lambda ui: ui.fill(costly("typed")))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        await s.press("escape")
        await s.came(lambda: answers)
    flow, answers = asking(lambda ui: ui.fill(costly("")))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        await s.press("4", "escape")
        await s.came(lambda: answers)
    flow, answers = asking(lambda ui: ui.fill(costly("typed", keep=lambda _: None)))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        shown = await s.press("4", "escape")
        assert t("screen.leave.kept") in shown
        assert t("screen.leave.typed") not in shown
        assert answers == []

    async def refused(ui: Ui) -> None:
        await ui.fill(costly("typed"))
        await ui.fill(costly("typed", ui.typed("search"), notice=scripted.not_found()))

    async with stage(refused) as s:
        await s.until("資格審査情報検索")
        s.page.model.entry.editor.set("4711")
        s.page.finish(s.page.model.typed())
        await s.until("4711", scripted.not_found().title)
        assert t("screen.leave.typed") in await s.press("escape"), "it was typed before the page came again"


async def test_the_search_says_what_it_costs_to_leave_it() -> None:
    asked: list[Form] = []

    class Leaves:
        where = NOWHERE

        def stand(self, where: Whereabouts) -> None:
            self.where = where

        def typed(self, _: str) -> Blocks:
            return {}

        async def fill(self, form: Form) -> Nav:
            asked.append(form)
            return Nav.BACK

    ui: Any = Leaves()
    certificate: Any = SimpleNamespace(company=None)
    await outcome(qualification(ui, scripted_place(), nothing, {}, None, lambda: certificate))
    await outcome(qualification(ui, scripted_place(), nothing, {}, None))
    assert [form.lost for form in asked] == ["pin", "typed"]


def scripted_place() -> Any:
    from ebid_tui.flows.place import Place

    profile = scripted.profile()
    return Place(profile, profile.agencies[0], profile.categories[0])
