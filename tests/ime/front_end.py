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

    def next_field(self, label: str) -> None:
        """Enter, and the cursor is there: what is composed before that begins where the cursor was."""
        self.keys("Enter")
        self.wait(f"> {label}")

    def compose(self, romaji: str, kana: str, *, cancel: bool = False) -> str:
        """Switch on, type, convert (or cancel), switch off; what was committed, as the screen showed it before.

        Key by key: what arrives at once is a paste to uim-fep.
        """
        before = self.screen
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
        shown = self._differing(before)
        self.keys("Enter", SWITCH)
        self.wait(shown)
        return shown

    def _until(self, text: str) -> None:
        """A text that may be broken at the row's end."""
        wait_until(lambda: text in self.screen.replace("\n", ""), f"{text} is not composed:\n{self.screen}")

    def _until_gone(self, text: str) -> None:
        wait_until(lambda: text not in self.screen.replace("\n", ""), f"{text} stays:\n{self.screen}")

    def _differing(self, before: str) -> str:
        """What stands in the one row that is another, where it begins to be; kanji and kana only."""
        for was, now in zip(before.split("\n")[1:], self.lines[1:], strict=True):
            if was != now:
                start = next(at for at, pair in enumerate(zip(was, now, strict=False)) if pair[0] != pair[1])
                found = re.match(r"[\u3041-\u30fc\u4e00-\u9fff]+", now[start:])
                assert found, now
                return found[0]
        raise AssertionError("nothing is composed")

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
        self.keys(*first, "7", "7", "7")
        self._until("777")
        self.keys("BSpace", "BSpace", "BSpace")
        self._until_gone("777")
        self._until_gone("77")
