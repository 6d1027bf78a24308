"""The registration form's fields in other hands: `python -m tests.benchmarks.peer_form textual|prompt_toolkit`.

A menu, then a form of as many inputs as ours, as each library brings them: what the app is measured against.
"""

from __future__ import annotations

import os
import sys

FIELDS = tuple(f"連絡先名称{n:02}" for n in range(1, 18))
MENU = "調達区分"
LAST = FIELDS[12]
"""The last field that fits on the first page."""


def in_textual() -> None:
    os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    from textual.app import App, ComposeResult
    from textual.containers import Horizontal, VerticalScroll
    from textual.screen import Screen
    from textual.widgets import Input, Label, Static

    class Form(Screen[None]):
        AUTO_FOCUS = "Input"
        CSS = "Horizontal { height: 1; } Label { width: 24; } Input { width: 40; }"

        def compose(self) -> ComposeResult:
            yield Static("利用者登録")
            with VerticalScroll(can_focus=False):
                for name in FIELDS:
                    with Horizontal():
                        yield Label(name)
                        yield Input(compact=True)

    class Peer(App[None]):
        BINDINGS = [("1", "form", "")]

        def compose(self) -> ComposeResult:
            yield Static(MENU)
            yield Static("1  登録")
            yield Static("2  変更")

        def action_form(self) -> None:
            self.push_screen(Form())

    Peer().run(mouse=False)


def in_prompt_toolkit() -> None:
    from prompt_toolkit.application import Application
    from prompt_toolkit.filters import has_focus
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.key_binding.bindings.focus import focus_next, focus_previous
    from prompt_toolkit.layout import HSplit, Layout, VSplit
    from prompt_toolkit.widgets import Label, TextArea

    keys = KeyBindings()
    keys.add("tab")(focus_next)
    keys.add("s-tab")(focus_previous)
    menu = TextArea(f"{MENU}\n1  登録\n2  変更", read_only=True)
    inputs = [TextArea(height=1, multiline=False, width=40) for _ in FIELDS]
    form = HSplit([Label("利用者登録"), *(VSplit([Label(name, width=24), box]) for name, box in zip(FIELDS, inputs, strict=True))])
    app: Application[None] = Application(Layout(menu), key_bindings=keys, full_screen=True)

    @keys.add("1", filter=has_focus(menu))
    def show(_event: object) -> None:
        app.layout = Layout(form, focused_element=inputs[0])

    app.run()


if __name__ == "__main__":
    {"textual": in_textual, "prompt_toolkit": in_prompt_toolkit}[sys.argv[1]]()
