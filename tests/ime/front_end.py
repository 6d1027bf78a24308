"""A terminal of 80x24 with uim-fep and anthy in it, set up as docs/ssh.md says: keys as a typist presses them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.e2e.program import ROOT
from tests.e2e.tmux import EBID, Tmux
from tests.patience import wait_until

KEYS_FILE = ROOT / "deploy" / "uim" / "ebid-tui.scm"
SWITCH = "C-\\"
"""Of deploy/uim/ebid-tui.scm."""


def missing() -> str:
    """What the machine lacks for these tests; empty if nothing."""
    for program in ("tmux", "uim-fep"):
        if not shutil.which(program):
            return f"{program} is not installed"
    if not Path("/usr/share/uim/anthy-utf8.scm").exists():
        return "uim-anthy is not installed"
    return ""


class Composing(Tmux):
    """uim-fep is off when it begins."""

    def start(self, command: str = f"{EBID} demo", own: Path = KEYS_FILE) -> None:
        """A command to the shell, under uim-fep."""
        super().start(f"LIBUIM_USER_SCM_FILE={own} uim-fep -s none -u anthy-utf8 -e {command}")

    def next_field(self) -> None:
        """Enter, and the cursor is there: what is composed before that begins where the cursor was."""
        before = self._here
        self.keys("Enter")
        wait_until(lambda: self._here != before, "it stays in its field")

    @property
    def _here(self) -> str:
        """The beginning of the cursor's row: the field's name."""
        return self.lines[int(self.asked("cursor_y"))][:14]

    def compose(self, romaji: str, kana: str, *, cancel: bool = False) -> str:
        """Switch on, type, convert (or cancel), switch off; what stands in the field then.

        Key by key: what arrives at once is a paste to uim-fep.
        """
        self._settled()
        self.keys(SWITCH)
        for letter in romaji:
            self.keys(letter)
        self._until(kana)
        if cancel:
            self.keys("Escape")
            self._until_gone(kana)
            self.keys(SWITCH)
            return ""
        self.keys("Space")
        self._until_gone(kana)
        shown = self._in_the_field()
        self.keys("Enter", SWITCH)
        self.wait(shown)
        return shown

    def _settled(self) -> None:
        """What a typist sees who looks before typing: the last key's painting is over."""
        looks = [self.coloured]

        def still() -> bool:
            looks.append(self.coloured)
            return len(looks) > 12 and len(set(looks[-12:])) == 1

        wait_until(still, "the screen does not come to rest")

    def _until(self, text: str) -> None:
        """A text that may be broken at the row's end."""
        wait_until(lambda: text in self.screen.replace("\n", ""), f"{text} is not composed:\n{self.screen}")

    def _until_gone(self, text: str) -> None:
        wait_until(lambda: text not in self.screen.replace("\n", ""), f"{text} stays:\n{self.screen}")

    def _in_the_field(self) -> str:
        """What stands in the field where the cursor is."""
        row = self.lines[int(self.asked("cursor_y"))]
        found = re.search(r"\[([^\s\]]*)", row)
        assert found, row
        return found[1]

    @property
    def coloured(self) -> str:
        """The screen with its colours, but for the clock."""
        head, _, rest = self._tmux("capture-pane", "-e", "-p").partition("\n")
        return re.sub(r"[0-9]{2}時[0-9]{2}分", "", head) + "\n" + rest

    def same_after_redrawing(self) -> None:
        """Ctrl+L paints what is there already. Where one types: a letter and its end tell when something is done.

        The first letter is the key with which what was composed and cancelled is painted over: a cancel itself reaches nobody.
        """
        self._type_and_take_back()
        before = self.coloured
        self._type_and_take_back("C-l")
        assert self.coloured == before

    def _type_and_take_back(self, *first: str) -> None:
        column = self.asked("cursor_x")
        self.keys(*first, "7", "7", "7")
        self._until("777")
        self.keys("BSpace", "BSpace", "BSpace")
        wait_until(lambda: self.asked("cursor_x") == column, "what was typed stays")
        self._settled()
