"""Where line mode's answers come from: a person at a terminal or a pipe, or a script's lines.

A PIN is read as bytes into a buffer that is wiped; it never becomes a `str` here.
"""

from __future__ import annotations

import asyncio
import errno
import os
import sys
import termios
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ebid_tui.card.pin import Pin, wipe
from ebid_tui.messages import t
from ebid_tui.plain.line_bytes import Lines, answers_in
from ebid_tui.process.output import lost

SOMETIMES = frozenset({"certificate", "holder", "last_try", "propagate", "register_instead", "retry", "same_pin", "way", "which_card"})
"""Prompts that come only when there is reason to ask: a script may answer them without knowing."""


BACK = frozenset({":back", ":戻る", "：戻る", "：back"})
CANCEL = frozenset({":cancel", ":キャンセル", "：キャンセル", "：cancel"})
"""Words that lead elsewhere, at every prompt."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question of line mode. `group` are the ids of the same form, whose lines may come in any order.

    `again`: a flow has ended, and this offers another one; a script may end here. `card`: what the card may be called whose PIN this is.
    """

    id: str
    preset: str | None = None
    allowed: tuple[str, ...] = ()
    group: frozenset[str] = frozenset()
    secret: bool = False
    again: bool = False
    card: tuple[str, ...] = ()


class UnexpectedPrompt(Exception):
    """A script has no answer for this prompt: exit 2. `lines` say which prompt, what it takes and where the script stands."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__(lines[0])
        self.lines = lines


class EndOfInput(Exception):
    """Nobody answers any more: standard input has ended, or a script whose flow did not complete."""

    said = "plain.end_of_input"
    """The sentence that says so."""


class OutputGone(EndOfInput):
    """Nobody sees the questions any more: standard output's reader has gone, or it cannot be written. Nothing is asked blind."""

    said = "plain.output_gone"


class Answers(Protocol):
    """Someone who answers prompts."""

    names_prompts: bool
    """Whether prompts are printed with their ids (for programs and scripts), or without (for people)."""

    async def text(self, prompt: Prompt) -> str:
        """One line, without its end. The preset if it is accepted."""
        ...

    async def pin(self, prompt: Prompt) -> Pin: ...

    def pass_over(self, prompt: Prompt) -> None:
        """This is not asked, for the answer comes another way: one that is at hand for it is dropped."""
        ...

    async def meanwhile(self, words: frozenset[str]) -> bool:
        """Wait for a line that a person says unasked, while something else goes on; whether it is one of these words.

        Never returns for a script or a program, whose lines answer what is asked later. The line is not echoed: it may be a PIN.
        """
        ...

    def may_repeat(self, prompt: Prompt) -> None:
        """Called before a form is asked again: raises UnexpectedPrompt where nothing new would be said."""
        ...


class Script:
    """A file's lines `id: value`, in order. Blank lines and lines starting with `#` say nothing."""

    names_prompts = True

    def __init__(self, file: Path) -> None:
        """Raises UnexpectedPrompt for a line that is no answer, OSError for an unreadable file."""
        self.file = file.name
        self.lines: list[tuple[int, str, bytearray]] = []
        self.count = 0
        with file.open("rb", buffering=0) as source:
            for line in answers_in(source.fileno()):
                if not line.colon:
                    wipe(line.value)
                    self.forget()
                    raise UnexpectedPrompt((t("plain.script_syntax", file=self.file, number=line.number),))
                self.lines.append((line.number, line.name, line.value))
                self.count = line.number

    def forget(self) -> None:
        """Wipe what was not used."""
        while self.lines:
            wipe(self.lines.pop()[2])

    def _take(self, prompt: Prompt) -> bytearray | None:
        """The answer's bytes, or None for the preset."""
        if prompt.preset is None:
            while self.lines and self.lines[0][1] != prompt.id and self.lines[0][1] in SOMETIMES:
                self._pass(prompt)
        for index, (_, name, value) in enumerate(self.lines):
            if name == prompt.id:
                del self.lines[index]
                return value
            if name not in prompt.group:
                break
        if prompt.preset is None:
            self._unexpected(prompt)
        return None

    def _pass(self, prompt: Prompt) -> None:
        """Drop a line that was not asked for. Raises UnexpectedPrompt where it names another card than the one whose PIN comes next."""
        number, name, value = self.lines.pop(0)
        said = _text(value) if name == "which_card" else ""
        wipe(value)
        if prompt.card and said and not any(same(said, other) for other in prompt.card):
            line = t("plain.unexpected_line", file=self.file, number=number, line=f"{name}: {said}")
            raise UnexpectedPrompt((t("plain.other_card", named=said), line))
        print(t("plain.passed_over", id=name))

    def pass_over(self, prompt: Prompt) -> None:
        if self.lines and self.lines[0][1] == "which_card":
            self._pass(prompt)
        if self.lines and self.lines[0][1] == prompt.id:
            self._pass(prompt)

    async def meanwhile(self, words: frozenset[str]) -> bool:
        return await _never()

    def _unexpected(self, prompt: Prompt) -> None:
        allowed = " | ".join(prompt.allowed) or t("plain.any_text")
        if self.lines:
            number, name, _ = self.lines[0]
            where = t("plain.unexpected_line", file=self.file, number=number, line=f"{name}: …")
        elif prompt.again:
            raise EndOfInput
        else:
            where = t("plain.unexpected_end", file=self.file, number=self.count)
        raise UnexpectedPrompt((t("plain.unexpected", id=prompt.id), t("plain.unexpected_allowed", allowed=allowed), where))

    def may_repeat(self, prompt: Prompt) -> None:
        if not (self.lines and self.lines[0][1] in prompt.group | {prompt.id}):
            self._unexpected(prompt)

    async def text(self, prompt: Prompt) -> str:
        taken = self._take(prompt)
        value = (prompt.preset or "") if taken is None else _text(taken)
        print(t("plain.secret") if prompt.secret else value)
        return value

    async def pin(self, prompt: Prompt) -> Pin:
        taken = self._take(prompt)
        print(t("plain.secret"))
        return _pin(taken if taken is not None else bytearray())


class Keyboard:
    """A person at a terminal, or a program at a pipe. Secrets are not echoed; they may come from a descriptor instead."""

    def __init__(self, secrets: int | None = None, descriptor: int | None = None) -> None:
        """`secrets`: a file descriptor with lines `id: value`, read at the first secret that is asked for."""
        self.descriptor = sys.stdin.fileno() if descriptor is None else descriptor
        self.names_prompts = not os.isatty(self.descriptor)
        self._secrets = secrets
        self._given: list[tuple[str, bytearray]] | None = None
        self._lines = Lines()

    def forget(self) -> None:
        """Wipe what was not used."""
        self._lines.wipe()
        while self._given:
            wipe(self._given.pop()[1])

    def may_repeat(self, prompt: Prompt) -> None:
        """A person is always asked again."""

    def pass_over(self, prompt: Prompt) -> None:
        """A PIN that was given by descriptor stays unused: each is used once, and this one not at all. Raises OutputGone."""
        self._refuse_blind()
        given = self._from_descriptor(prompt.id)
        if given is not None:
            wipe(given)

    async def meanwhile(self, words: frozenset[str]) -> bool:
        if not os.isatty(self.descriptor):
            return await _never()
        line = await self._line(hidden=True)
        try:
            return any(line == word.encode() for word in words)
        finally:
            wipe(line)

    async def text(self, prompt: Prompt) -> str:
        if prompt.secret and (given := self._from_descriptor(prompt.id)) is not None:
            return _text(given)
        value = _text(await self._line(hidden=prompt.secret))
        return prompt.preset if not value and prompt.preset is not None else value

    async def pin(self, prompt: Prompt) -> Pin:
        self._refuse_blind()
        given = self._from_descriptor(prompt.id)
        return _pin(await self._line(hidden=True) if given is None else given)

    def _from_descriptor(self, name: str) -> bytearray | None:
        """The next secret for this prompt. Each is used once: a wrong PIN is never sent again on its own (R-07)."""
        if self._secrets is None:
            return None
        if self._given is None:
            with open(self._secrets, "rb", buffering=0) as source:
                self._given = [(line.name, line.value) for line in answers_in(source.fileno())]
        for index, (given, secret) in enumerate(self._given):
            if given == name:
                del self._given[index]
                print(t("plain.secret"))
                return secret
        return None

    async def _line(self, *, hidden: bool) -> bytearray:
        """One line's bytes. Raises EndOfInput, OutputGone."""
        self._refuse_blind()
        with _no_echo(self.descriptor) if hidden else _nothing():
            while not self._lines.whole():
                await _readable(self.descriptor)
                if not self._more():
                    if len(self._lines):
                        break
                    raise EndOfInput
        if hidden or not os.isatty(self.descriptor):
            print()  # nothing was echoed: the prompt's line ends here
        return self._lines.take()

    def _refuse_blind(self) -> None:
        sys.stdout.flush()
        if lost():
            raise OutputGone

    def _more(self) -> bool:
        """Read on; False at the end, which is also where the terminal has gone."""
        try:
            return self._lines.read(self.descriptor)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return False


def _pin(line: bytearray) -> Pin:
    """The line as a PIN; a word that leads elsewhere is one in ASCII, for no card takes other characters."""
    for words, ascii_word in ((BACK, b":back"), (CANCEL, b":cancel")):
        if any(line == word.encode() for word in words):
            wipe(line)
            line = bytearray(ascii_word)
    return Pin.from_bytes(line)


def _text(line: bytearray) -> str:
    """The line as text; its bytes are wiped."""
    try:
        return line.decode("utf-8", "replace")
    finally:
        wipe(line)


def same(answer: str, allowed: str) -> bool:
    """Answers are compared without regard to width, case and blanks: only their meaning counts."""
    return folded(answer) == folded(allowed)


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace(" ", "")


async def _never() -> bool:
    await asyncio.Event().wait()
    raise AssertionError


async def _readable(descriptor: int) -> None:
    """Wait until something can be read, so that Ctrl+C and the clock are not held up. Plain files are always readable."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    try:
        loop.add_reader(descriptor, _set, ready)
    except PermissionError:
        return
    try:
        await ready
    finally:
        loop.remove_reader(descriptor)


def _set(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


@contextmanager
def _no_echo(descriptor: int) -> Iterator[None]:
    if not os.isatty(descriptor):
        yield
        return
    before = termios.tcgetattr(descriptor)
    silent = termios.tcgetattr(descriptor)
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


@contextmanager
def _nothing() -> Iterator[None]:
    yield
