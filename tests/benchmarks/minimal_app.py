"""The smallest Textual app that shows one line: what the first menu is measured against."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class Minimal(App[None]):
    """One line of text, everything else as Textual brings it."""

    def compose(self) -> ComposeResult:
        yield Static("調達区分")


if __name__ == "__main__":
    Minimal().run(mouse=False)
