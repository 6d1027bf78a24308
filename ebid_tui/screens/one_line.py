"""A page or panel with one line to type in: the search, a file's name."""

from __future__ import annotations

from textual import events

from ebid_tui.domain.text.cleaning import LONGEST, visible
from ebid_tui.forms.text_field import TextField
from ebid_tui.screens.base import Surface
from ebid_tui.terminal.keys import typed


class TypesOneLine(Surface):
    """Characters, editing keys and pastes go to `editor` at once, whatever else goes on."""

    takes_text = True
    editor: TextField

    def take_key(self, event: events.Key) -> bool:
        if (char := typed(event)) is not None:
            self.editor.insert(char)
        elif not self.editor.press(event.key):
            return False
        self.edited()
        return True

    def take_paste(self, text: str) -> None:
        self.editor.insert(visible(text[:LONGEST]))
        self.edited()

    def edited(self) -> None:
        """Another text may stand there."""
        raise NotImplementedError
