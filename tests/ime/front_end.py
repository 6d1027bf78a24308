"""A terminal of 80x24 with uim-fep and anthy in it, set up as docs/ssh.md says: keys as a typist presses them."""

from __future__ import annotations

import os
import shutil
from functools import partial
from pathlib import Path

from tests.e2e.program import ROOT, below
from tests.e2e.tmux import EBID, Tmux
from tests.patience import wait_until

KEYS_FILE = ROOT / "deploy" / "uim" / "ebid-tui.scm"
SWITCH = "C-\\"
"""Of deploy/uim/ebid-tui.scm."""

MODE_FILE = b"UIM_FEP_GETMODE="
"""Of the program's environment."""

MOST_CANDIDATES = 12
LOOKS = 12
"""So often in a row the same is still."""

WHOLE_SCREEN = 80 * 24 // 2
"""Bytes that no update has but one of the whole screen."""


def missing() -> str:
    """What the machine lacks for these tests; empty if nothing."""
    for program in ("tmux", "uim-fep"):
        if not shutil.which(program):
            return f"{program} is not installed"
    if not Path("/usr/share/uim/anthy-utf8.scm").exists():
        return "uim-anthy is not installed"
    return ""


class Composing(Tmux):
    """The program itself switches conversion on and off, by what a field wants."""

    def start(self, command: str = f"{EBID} demo", own: Path = KEYS_FILE) -> None:
        """A command to the shell, under uim-fep. What it sends is counted."""
        self._tmux("pipe-pane", "-O", f"exec cat >{self._record}")
        super().start(f"LIBUIM_USER_SCM_FILE={own} uim-fep -s none -u anthy-utf8 -e {command}")

    def fill(self, value: str) -> None:
        """What needs no composing, and on to the next field."""
        self.type(value)
        self.wait(value)
        self.next_field()

    def next_field(self) -> None:
        """Enter, and the cursor is there: what is composed before that begins where the cursor was."""
        before = self._here
        self.keys("Enter")
        wait_until(lambda: self._here != before, "it stays in its field")

    @property
    def _here(self) -> str:
        """The beginning of the cursor's row: the field's name."""
        return self.lines[int(self.asked("cursor_y"))][:14]

    def compose(self, romaji: str, kana: str, becomes: str) -> None:
        """Type, convert until it is what is meant, and commit."""
        self._typed(romaji, kana)
        for _ in range(MOST_CANDIDATES):
            if becomes in self._row:
                break
            before = self._row
            self.keys("Space")
            wait_until(partial(self._row_is_not, before), f"no candidate behind {before}")
        else:
            raise AssertionError(f"{becomes} is not among the candidates:\n{self.screen}")
        self._commit(becomes)

    def commit(self, romaji: str, kana: str) -> None:
        """What is meant as it is composed."""
        self._typed(romaji, kana)
        self._commit(kana)

    def cancel(self, romaji: str, kana: str) -> None:
        self._typed(romaji, kana)
        self.keys("Escape")
        wait_until(lambda: kana not in self._screen_as_one, f"{kana} stays:\n{self.screen}")

    def _typed(self, romaji: str, kana: str) -> None:
        """Key by key: what arrives at once is a paste to uim-fep."""
        self._mode_is(converts=True)
        self.still()
        for letter in romaji:
            self.keys("Space" if letter == " " else letter)
        wait_until(lambda: kana in self._screen_as_one, f"{kana} is not composed:\n{self.screen}")

    def _mode_is(self, *, converts: bool) -> None:
        """As uim-fep itself has it."""
        inside = next(process for process in below(self.program) if " -m ebid_tui" in process.command)
        environment = Path(f"/proc/{inside.pid}/environ").read_bytes().split(b"\0")
        file = Path(next(os.fsdecode(line.removeprefix(MODE_FILE)) for line in environment if line.startswith(MODE_FILE)))
        wait_until(lambda: (file.read_text().strip() not in ("", "0")) == converts, f"conversion is {'off' if converts else 'on'}")

    def _commit(self, text: str) -> None:
        """The program has it when it paints it: in one piece, and no longer as what is being composed."""
        sent = self._sent
        self.keys("Enter")
        wait_until(lambda: self._sent > sent and text in self._row, f"{text} does not arrive:\n{self.screen}")
        self.still()

    @property
    def _screen_as_one(self) -> str:
        """For a text that may be broken at the row's end."""
        return self.screen.replace("\n", "")

    @property
    def _row(self) -> str:
        """Where the cursor is."""
        return self.lines[int(self.asked("cursor_y"))]

    def _row_is_not(self, before: str) -> bool:
        return self._row != before

    def still(self) -> None:
        """What a typist sees who looks before typing: the last key's painting is over."""
        looks: list[tuple[int, str]] = []

        def rests() -> bool:
            looks.append((self._sent, self.coloured))
            return len(looks) >= LOOKS and len(set(looks[-LOOKS:])) == 1

        wait_until(rests, "the screen does not come to rest")

    @property
    def coloured(self) -> str:
        """The screen with its colours, but for the clock's line."""
        return self._tmux("capture-pane", "-e", "-p").partition("\n")[2]

    @property
    def _record(self) -> Path:
        return self._directory / "sent"

    @property
    def _sent(self) -> int:
        """Bytes that have come from the program, through uim-fep."""
        return self._record.stat().st_size if self._record.exists() else 0

    def same_after_redrawing(self) -> None:
        """Ctrl+L paints what is there already: a whole screen is sent, and nothing is different."""
        self.still()
        before, sent = self.coloured, self._sent
        self.keys("C-l")
        wait_until(lambda: self._sent > sent + WHOLE_SCREEN, "nothing is painted anew")
        self.still()
        assert self.coloured == before

    def paint_over(self) -> None:
        """A key, and back: with it what was composed and cancelled is painted over, the cancel itself reaches nobody."""
        column = self.asked("cursor_x")
        self.keys(SWITCH)
        self._mode_is(converts=False)
        self.keys("7", "7", "7")
        self.wait("777")
        self.keys("BSpace", "BSpace", "BSpace")
        wait_until(lambda: self.asked("cursor_x") == column, "what was typed stays")
        self.keys(SWITCH)
        self._mode_is(converts=True)
