"""Every part of Textual and Rich that their API does not promise and we lean on: a version that moves one fails here with a sentence.

They stand in `ebid_tui/terminal/` and nowhere else. How Textual is upgraded: docs/changes.md.
"""

from __future__ import annotations

import ast
import inspect
from importlib.metadata import version

import pytest

from tests.terminal.private_uses import LIBRARIES, ROOT, concerned, defined, found, given_by, parsed, private, uses

PACKAGE = ROOT / "ebid_tui"

PARTS = {
    "app.py": {
        "textual.app.App._display(self, screen, renderable)": "sending only the cells that changed",
        "textual.app.App._running": "sending nothing before the app runs",
        "textual.app.App._batch_count": "sending nothing while updates are gathered",
        "textual.app.App._closed": "sending nothing when the app is at its end",
        "textual.app.App._driver": "writing an update in one piece",
        "textual.app.App._sync_available": "marking long updates for terminals that know synchronised ones",
        "textual._ansi_sequences.SYNC_START": "marking long updates",
        "textual._ansi_sequences.SYNC_END": "marking long updates",
        "rich.console.Console._color_system": "the colours that the terminal has",
        "textual.app.App.cursor_position": "the place where the input method draws",
        "textual.app.App.post_display_hook(self)": "telling Textual that an update was sent",
        "textual.app.App.app_resume_signal": "sending everything again after the program was in the background",
        "textual.app.App.on_event(self, event)": "handling each key to its end before the next",
        "textual.events.Event.is_forwarded": "telling a key that is new from one that a screen has seen",
        "textual.app.App._check_bindings(self, key, priority)": "doing what a key is bound to at once",
        "textual.app.App._close_all(self)": "ending without an error where a removal was cancelled",
        "textual.app.App._next_callbacks": "ending without an error where a removal was cancelled",
        "textual.app.App._fatal_error(self)": "a crash without a traceback, which shows personal data",
        "textual.app.App.panic(self, *renderables)": "a crash without a traceback",
        "textual.app.App._exit_renderables": "the sentence that a crash leaves",
        "textual.app.App._exception": "the report that a crash leaves",
        "textual.app.App._close_messages_no_wait(self)": "ending the app after a crash",
        "textual.app.App._return_code": "the exit code of a crash",
    },
    "bare_table.py": {
        "textual.widgets.DataTable._get_row_style(self, row_index, base_style)": "rows without stripes",
        "textual.widgets.DataTable._render_cell(self, row_index, column_index, base_style, width, cursor, hover)": "the first cell's signs",
        "textual.widgets.DataTable._get_styles_to_render_cell cached": "forgetting what was painted (R-21)",
        "textual.widgets.DataTable.rich_style": "the theme's ground",
        "textual.widgets.DataTable.get_component_rich_style(self, *names, partial, default)": "the theme's roles",
    },
    "driver.py": {
        "textual.drivers.linux_driver.LinuxDriver.run_input_thread(self)": "reading keys into memory that is overwritten (PINs)",
        "textual.drivers.linux_driver.LinuxDriver.start_application_mode(self)": "asking how wide a character is drawn",
        "textual.drivers.linux_driver.LinuxDriver.stop_application_mode(self)": "leaving the terminal's style as it was",
        "textual.drivers.linux_driver.LinuxDriver._sigcont_application(self, *_)": "not taking a terminal again that has gone",
        "textual.drivers.linux_driver.LinuxDriver._sigtstp_application(self, *_)": "keeping a kiosk in the foreground",
        "textual.drivers.linux_driver.LinuxDriver._file": "writing to a terminal that may go away",
        "textual.drivers.linux_driver.LinuxDriver._app": "telling the app that the terminal has gone",
        "textual.drivers.linux_driver.LinuxDriver.fileno": "reading what is typed",
        "textual.drivers.linux_driver.LinuxDriver.exit_event": "ending the thread that reads",
        "textual.drivers.linux_driver.LinuxDriver.process_message(self, message)": "handing keys to the app",
    },
    "input.py": {
        "textual._ansi_sequences.ANSI_SEQUENCES_KEYS": "telling a whole sequence from the beginning of one",
        "textual._parser.Parser()": "putting the parser back to its beginning",
        "textual._parser.Parser._awaiting": "telling whether the parser waits for more",
        "textual._parser.Parser.feed(self, data)": "what a sequence means",
        "textual._xterm_parser.XTermParser(debug)": "what a sequence means",
        "textual._xterm_parser.XTermParser._parse_extended_key(self, sequence)": "ignoring the kitty protocol's keys",
        "textual._xterm_parser.BRACKETED_PASTE_START": "reading pastes",
        "textual._xterm_parser.BRACKETED_PASTE_END": "reading pastes",
        "textual.constants.ESCAPE_DELAY": "when an escape is a key",
    },
    "painted_texts.py": {
        "textual._styles_cache.StylesCache": "forgetting what was painted (R-21)",
        "textual._styles_cache.StylesCache.get_inner_outer cached": "forgetting what was painted (R-21)",
        "textual._styles_cache.StylesCache.clear(self)": "forgetting what was painted (R-21)",
        "textual.widget.Widget._styles_cache": "forgetting the lines of a widget (R-21)",
        "rich.segment.Segment._split_cells cached": "forgetting what was painted (R-21)",
        "rich.cells.cached_cell_len cached": "forgetting what was painted (R-21)",
    },
    "screen_parts.py": {
        "textual.dom.DOMNode._bindings": "the keys that the help names",
        "textual.dom.DOMNode._merged_bindings": "looking for keys of a keymap that do two things",
        "textual.worker.Worker._task": "waiting for a visitor's flow to end",
    },
    "screen_text.py": {
        "textual._compositor.LayoutUpdate": "the cells of a whole update",
        "textual._compositor.LayoutUpdate.strips": "the cells of a whole update",
        "textual.screen.Screen._compositor": "what is on a screen",
        "textual._compositor.Compositor.render_update(self, full, screen_stack, simplify)": "what is on a screen",
    },
    "screen_updates.py": {
        "textual._compositor.CompositorUpdate": "an update as it will be sent",
        "textual._compositor.CompositorUpdate.render_segments(self, console)": "an update as it will be sent",
        "textual._compositor.LayoutUpdate(strips, region)": "the cells of a whole update",
        "textual._compositor.LayoutUpdate.strips": "the cells of a whole update",
        "textual._compositor.LayoutUpdate.region": "the place of a whole update",
        "textual._compositor.ChopsUpdate(chops, spans, chop_ends)": "the cells of a partial update",
        "textual._compositor.ChopsUpdate.chops": "the cells of a partial update",
        "textual._compositor.ChopsUpdate.spans": "the places of a partial update",
        "textual._compositor.ChopsUpdate.chop_ends": "the places of a partial update",
    },
}
"""By file of `ebid_tui/terminal/`: each part, and what it is for. A function with its parameters; `cached`: its memory is dropped."""


def fault(part: str) -> str:
    """What is wrong with a part in the version that is installed; nothing if it is as we know it."""
    name, bracket, parameters = part.removesuffix(" cached").partition("(")
    try:
        owner, last = found(name)
    except (ImportError, AttributeError) as error:
        return f"is gone ({error})"
    if not hasattr(owner, last):
        kinds = owner.__mro__ if isinstance(owner, type) else ()
        given = any(last in given_by(kind) for kind in kinds if kind.__module__.partition(".")[0] in LIBRARIES)
        return "" if given and not bracket else "is gone"
    value = getattr(owner, last)
    if part.endswith(" cached"):
        return "" if hasattr(value, "cache_clear") else "no longer has a cache to clear"
    if not bracket:
        return ""
    takes = inspect.signature(value).parameters.values()
    now = ", ".join(f"{'*' if one.kind is one.VAR_POSITIONAL else ''}{one.name}" for one in takes)
    return "" if now == parameters.removesuffix(")") else f"takes ({now}) now"


@pytest.mark.parametrize(("file", "part"), [(file, part) for file, parts in PARTS.items() for part in parts])
def test_a_part_is_as_we_know_it(file: str, part: str) -> None:
    assert not fault(part), (
        f"Textual {version('textual')}, Rich {version('rich')}: `{part}` {fault(part)}. "
        f"It was for {PARTS[file][part]}: mend ebid_tui/terminal/{file}, then this table."
    )


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("textual.app.App._moved", "is gone"),
        ("textual._moved.Name", "is gone"),
        ("textual.app.App._display(self, renderable)", "takes (self, screen, renderable) now"),
        ("textual.app.App._display cached", "no longer has a cache to clear"),
    ],
)
def test_a_part_that_has_moved_is_noticed(part: str, wrong: str) -> None:
    assert fault(part).startswith(wrong)


@pytest.mark.parametrize("file", sorted(path.name for path in (PACKAGE / "terminal").glob("*.py")))
def test_the_table_names_what_a_file_leans_on(file: str) -> None:
    named = {part.removesuffix(" cached").partition("(")[0].split(".")[-1] for part in PARTS.get(file, {})}
    used = {name for _, name in uses(parsed(PACKAGE / "terminal" / file))}
    text = (PACKAGE / "terminal" / file).read_text(encoding="utf-8")
    assert used - named == set(), f"ebid_tui/terminal/{file} leans on parts that this table does not name"
    assert {name for name in named if name not in text} == set(), f"ebid_tui/terminal/{file} does not need these any more"


def test_no_file_outside_the_room_leans_on_a_private_part() -> None:
    outside = [path for path in sorted(PACKAGE.rglob("*.py")) if path.parent != PACKAGE / "terminal" and concerned(path)]
    assert {"app", "command", "sheet", "keymap", "base"} <= {path.stem for path in outside}
    leaning = [f"{path.relative_to(ROOT)}:{line} {name}" for path in outside for line, name in uses(parsed(path))]
    assert leaning == [], "give ebid_tui/terminal/ a function or class with a plain name for it, and name the part in this table"


HEAD = "import os\nfrom textual.app import App\nfrom textual.widgets import DataTable\nfrom ebid_tui.app import EbidApp\n"


@pytest.mark.parametrize(
    "code",
    [
        "from textual._compositor import LayoutUpdate",
        "import rich._win32_console",
        "def f(page):\n    return page._bindings",
        "def f(page):\n    return getattr(page, '_bindings')",
        "class Own(App[int]):\n    def f(self):\n        return self._driver",
        "class Own(EbidApp):\n    def f(self):\n        return self._driver",
        "class Own(EbidApp):\n    _running = True",
        "class Own(App):\n    def _display(self):\n        return None",
        "def f():\n    class Own(DataTable[str]):\n        def _render_cell(self):\n            return super()._render_cell()",
    ],
)
def test_a_use_is_found(code: str) -> None:
    assert list(uses(ast.parse(HEAD + code)))


@pytest.mark.parametrize(
    "code",
    [
        "os._exit(1)",
        "class Own:\n    def __init__(self, other):\n        self._driver = other._driver",
        "class Own(App):\n    def f(self):\n        self._own_of_ours = self._made()",
        "class Own(EbidApp):\n    def __init__(self):\n        super().__init__()",
        "from textual.constants import ESCAPE_DELAY",
    ],
)
def test_what_is_ours_is_no_use(code: str) -> None:
    assert list(uses(ast.parse(HEAD + code))) == []


def test_names_are_private_by_one_underscore_in_front() -> None:
    assert [name for name in ("_x", "__x", "__init__", "x_") if private(name)] == ["_x", "__x"]
    assert defined(ast.parse("class A:\n    def _f(self):\n        self._x, self.y = 1, 2")) == {"_f", "_x"}
