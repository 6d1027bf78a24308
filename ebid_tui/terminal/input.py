"""Reads what is typed: bytes in, Textual's messages out. A sequence comes out whole or not at all, and nothing of it is typed.

Textual's parser gives up on a sequence after a tenth of a second, or where it knows none, and hands its rest out as keys; a paste
without its end swallows every key after it. This gives the parser only sequences that have come to their end (ECMA-48 5.4), and
reads pastes itself. It leans on `XTermParser` of the Textual version that is pinned (tests/terminal/test_textual_private_parts.py).
"""

from __future__ import annotations

import math
import re
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator

from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._parser import Parser
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.constants import ESCAPE_DELAY
from textual.message import Message

from ebid_tui.terminal.keys import typed

ESC, BEL = "\x1b", "\x07"

TAIL = 0.5
"""Seconds for which a sequence waits for its next byte, and for which one that comes after its escape is known as its tail."""

LONGEST = 32
"""Characters of a sequence that can mean anything; the parser would hand a longer one out as keys."""

INTRODUCERS, STRINGS = "[O", "]PX^_"
"""After an escape: what begins a sequence (CSI, SS3), and what begins a string (OSC, DCS, SOS, PM, APC), which ends by BEL or ST."""

TAILS = "[O]"
"""What is taken for a tail after an escape that has acted as a key. Not letters: they may be the next page's."""

SILENCE = 2.0
"""Seconds without a character after which a paste will not come to its end any more."""

AT_FIRST, SLOWEST = 5.0, 50.0
"""A paste that after so many seconds has brought fewer characters a second is somebody at the keys."""

MOST = 65536
"""Characters of a paste that are kept."""

KIND = re.compile(r"\x1b\[>([0-9]{1,4});[0-9;]*c")
"""DA2's answer: the terminal's kind, version, and more."""

META_IS_OFF = "\x1b[?1036;2$y"
"""DECRQM's answer: Alt sends no escape, and could."""

QUIT = "\x11\x03"
"""Ctrl+Q and Ctrl+C: keys also in the middle of a paste."""

MEANT = frozenset((ESC + QUIT).encode())
"""The bytes of a paste that may mean something."""


class SequenceParser(XTermParser):
    """Textual's parser without the kitty protocol's keys, whatever the environment says: they type private-use characters too."""

    def _parse_extended_key(self, sequence: str) -> None:  # type: ignore[override]
        return None


class PasteBegun(Message):
    """What is pasted from now on is meant for what is on the screen now."""


class PasteLost(Message):
    """A paste did not come to its end, or came behind an escape that had already acted: nothing of it is kept."""


class TerminalAnswer(Message):
    """What the terminal says of itself when it is asked: its `kind` (DA2), or that Alt sends no escape (`terminal.driver.META`)."""

    def __init__(self, *, kind: int | None = None, meta_off: bool = False) -> None:
        super().__init__()
        self.kind = kind
        self.meta_off = meta_off


class InputReader:
    """Bytes in, messages out, one at a time. `refuses_paste` is asked when a paste begins; `clock` says seconds."""

    def __init__(self, refuses_paste: Callable[[], bool], clock: Callable[[], float] = time.monotonic) -> None:
        # Never in debug mode: Textual's parser would write every key into a file.
        self._parser = SequenceParser(False)
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._refuses_paste = refuses_paste
        self._clock = clock
        self._heard = -math.inf
        self._sequence = ""
        """What has come of a sequence, from its escape on."""
        self._late = False
        """Whether that escape has acted as a key, so that the rest means nothing."""
        self._held = False
        """Whether another escape came just before it: some terminals' Alt, or a key of its own."""
        self._tail_until = -math.inf
        self._paste: BracketedPaste | None = None

    def byte(self, code: int) -> Iterable[Message]:
        """The next byte. How late it is does not matter, only that `tick` was called meanwhile: a busy machine reads late."""
        self._heard = self._clock()
        return () if self._paste is not None and self._paste.passes_over(code) else self._decoded(code)

    def _decoded(self, code: int) -> Iterator[Message]:
        for char in self._decode(bytes((code,))):
            if self._paste is not None:
                yield from self._pasted(self._paste, char)
            elif self._sequence:
                yield from self._continued(self._sequence, char)
            else:
                yield from self._fresh(char)

    def tick(self) -> Iterator[Message]:
        """Some time has passed, and nothing waits to be read."""
        now = self._clock()
        if self._paste is not None:
            if self._paste.over(now, self._heard):
                lost = not self._paste.broken_off
                self._paste = None
                if lost:
                    yield PasteLost()
        elif self._sequence == ESC:
            if now - self._heard >= ESCAPE_DELAY:
                self._sequence, self._tail_until = "", now + TAIL
                yield from self._let_go()
                yield events.Key("escape", ESC)
        elif self._sequence and now - self._heard >= TAIL:
            self._sequence = ""

    def _fresh(self, char: str) -> Iterator[Message]:
        late, self._tail_until = self._heard < self._tail_until, -math.inf
        if char == ESC:
            self._begin(ESC)
        elif late and char in TAILS:
            self._begin(ESC + char, late=True)
        else:
            yield from self._parser.feed(char)

    def _begin(self, sequence: str, *, late: bool = False, held: bool = False) -> None:
        self._sequence, self._late, self._held = sequence, late, held

    def _let_go(self) -> Iterator[Message]:
        """The escape that was held was a key."""
        if self._held:
            self._held = False
            yield events.Key("escape", ESC)

    def _continued(self, sequence: str, char: str) -> Iterator[Message]:
        """One more character of a sequence. Control characters are keys of their own: they break it off."""
        if sequence == ESC and char not in INTRODUCERS:
            yield from self._let_go()
        if char == ESC:
            self._begin(ESC, held=sequence == ESC)
        elif sequence + char in ANSI_SEQUENCES_KEYS or _ends(sequence, char):
            self._sequence = ""
            yield from self._whole(sequence + char)
        elif char < " " or char == "\x7f":
            self._sequence = ""
            if char != BEL or sequence == ESC or sequence[1] not in STRINGS:
                yield from self._parser.feed(char)
        elif char > "~" and sequence[1] == "[" and sequence[2:3] != "M":
            self._sequence = ""
            yield from self._fresh(char)
        elif len(sequence) <= LONGEST:
            self._sequence += char

    def _whole(self, sequence: str) -> Iterator[Message]:
        if sequence == BRACKETED_PASTE_START:
            yield from self._let_go()
            self._paste = BracketedPaste(self._heard, kept=not self._late and not self._refuses_paste(), late=self._late)
            yield PasteBegun()
        elif self._late or len(sequence) > LONGEST:
            return
        elif len(sequence) == 2 and not isinstance(ANSI_SEQUENCES_KEYS.get(sequence), tuple):
            yield events.Key(_with_alt(sequence[1]), None)
        else:
            yield from self._one_key(self._meaning(sequence))

    def _one_key(self, meant: list[Message]) -> Iterator[Message]:
        """For Alt+Up Textual knows Escape and then Up. That Escape would leave a page and what was typed there: it is one key."""
        keys = [message for message in meant if isinstance(message, events.Key)]
        if not keys:
            if meant:  # the mouse, the focus: what was held was a key
                yield from self._let_go()
            yield from meant
        elif keys[0].key == "escape" or self._held:
            name = keys[-1].key
            if name != "escape":
                yield events.Key(name if name.startswith("alt+") else f"alt+{name}", None)
        else:
            yield from meant

    def _meaning(self, sequence: str) -> list[Message]:
        """What Textual makes of it; nothing where it knows no such sequence, or only the beginning, or fails over it.

        And no text: what types by a CSI sequence is the kitty protocol, which is not asked for. The keypad (SS3) types.
        """
        if (kind := KIND.fullmatch(sequence)) is not None:
            return [TerminalAnswer(kind=int(kind[1]))]
        if sequence == META_IS_OFF:
            return [TerminalAnswer(meta_off=True)]
        meant: list[Message] = []
        try:
            for char in sequence:
                meant += self._parser.feed(char)
                if self._parser._awaiting.timeout is None:
                    return [] if sequence[1] == "[" and any(isinstance(one, events.Key) and typed(one) for one in meant) else meant
        except Exception:  # noqa: BLE001 - whatever is sent (a size of nothing is a division by it); a parser that failed is at its end
            meant.clear()
        Parser.__init__(self._parser)
        return meant

    def _pasted(self, paste: BracketedPaste, char: str) -> Iterator[Message]:
        if char in QUIT and not paste.broken_off:
            paste.break_off()
            yield from self._parser.feed(char)
        elif paste.take(char):
            self._paste = None
            if paste.late:
                yield PasteLost()
            elif not paste.broken_off:
                yield events.Paste(paste.text)


class BracketedPaste:
    """A bracketed paste until its end. Of one that is not `kept` nothing stays; `late`: its first escape had acted as a key."""

    def __init__(self, begun: float, *, kept: bool, late: bool) -> None:
        self.late = late
        self.broken_off = False
        """By Ctrl+Q: what still comes at once belongs to it, and is dropped."""
        self._begun = begun
        self._kept: list[str] | None = [] if kept else None
        self._count = 0
        self._ended = 0
        """How many characters of its end have come last."""

    @property
    def text(self) -> str:
        return "".join(self._kept or ())

    def take(self, char: str) -> bool:
        """One more character; whether it was the end's last."""
        self._count += 1
        if char == BRACKETED_PASTE_END[self._ended]:
            self._ended += 1
            return self._ended == len(BRACKETED_PASTE_END)
        self._keep(BRACKETED_PASTE_END[: self._ended])
        self._ended = int(char == ESC)  # the only one in an end
        if not self._ended:
            self._keep(char)
        return False

    def passes_over(self, code: int) -> bool:
        """Whether this byte is nothing but text that is not kept: not even looked at further. A megabyte of it takes a moment."""
        if self._ended or code in MEANT or (self._kept is not None and self._count <= MOST):
            return False
        self._count += 1
        return True

    def break_off(self) -> None:
        self.broken_off, self._kept = True, None

    def over(self, now: float, heard: float) -> bool:
        """Whether it has ended without its end. `heard`: when the last byte came."""
        silence = ESCAPE_DELAY if self.broken_off else SILENCE
        return now - heard >= silence or now - self._begun >= AT_FIRST + self._count / SLOWEST

    def _keep(self, text: str) -> None:
        if self._kept is not None and self._count <= MOST:
            self._kept.append(text)


def _ends(sequence: str, char: str) -> bool:
    """Whether this character ends a sequence. The Linux console's F1 to F5 have a second bracket, old mouse reports three bytes more."""
    if char < " " or char == "\x7f":
        return False
    match sequence[1:2]:
        case "":
            return char not in INTRODUCERS + STRINGS
        case "[":
            if sequence[2:3] == "[":
                return True
            if sequence[2:3] == "M":
                return len(sequence) == 5
            return "@" <= char <= "~" and not (len(sequence) == 2 and char in "[M")
        case "O":
            return char not in "0123456789;"
    return False


def _with_alt(char: str) -> str:
    """A key's name as keymaps write it: `alt+l`, `alt+shift+l`, `alt+-`."""
    if char == " ":
        return "alt+space"
    return f"alt+shift+{char.lower()}" if char.isupper() else f"alt+{char}"
