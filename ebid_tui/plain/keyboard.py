"""Line mode's answers from a terminal or a pipe, and secrets from a descriptor."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager

from ebid_tui.card.pin import Pin, wipe
from ebid_tui.messages import t
from ebid_tui.plain.answers import EndOfInput, OutputGone, Prompt, never, pin_of, text_of
from ebid_tui.plain.given_secrets import GivenSecrets
from ebid_tui.plain.line_bytes import LineBuffer
from ebid_tui.plain.words import word_at_pin
from ebid_tui.process.output import output_errno

MARKS_PASTES, NO_MORE_MARKS = "\x1b[?2004h", "\x1b[?2004l"
"""Bracketed paste, on and off."""


class Keyboard:
    """A person at a terminal, or a program at a pipe. Secrets are not echoed; they may come from a descriptor instead."""

    def __init__(self, secrets: int | None = None, descriptor: int | None = None) -> None:
        """`secrets`: a file descriptor with lines `id: value`."""
        self.descriptor = sys.stdin.fileno() if descriptor is None else descriptor
        self.names_prompts = not os.isatty(self.descriptor)
        self._secrets = GivenSecrets(secrets)
        self._lines = LineBuffer(pastes=not self.names_prompts)

    def forget(self) -> None:
        """Wipe what was not used."""
        self._lines.wipe()
        self._secrets.forget()

    def may_repeat(self, prompt: Prompt) -> None:
        """A person is always asked again."""

    def pass_over(self, prompt: Prompt) -> None:
        """A PIN that was given by descriptor stays unused. Raises OutputGone."""
        self._refuse_blind()
        if self._secrets.pass_over(prompt.id):
            print(t("plain.secret"))

    def hold_to(self, prompt: Prompt, names: tuple[str, ...]) -> None:
        """Who is not asked says nothing."""

    async def meanwhile(self, words: frozenset[str]) -> bool:
        if not os.isatty(self.descriptor):
            return await never()
        line = await self._line(hidden=True)
        try:
            return word_at_pin(line) in words
        finally:
            wipe(line)

    async def text(self, prompt: Prompt) -> str:
        if prompt.secret and (given := self._from_descriptor(prompt.id)) is not None:
            return text_of(given)
        value = text_of(await self._line(hidden=prompt.secret))
        return prompt.preset if not value and prompt.preset is not None else value

    async def pin(self, prompt: Prompt) -> Pin:
        self._refuse_blind()
        given = self._from_descriptor(prompt.id)
        return pin_of(await self._line(hidden=True) if given is None else given)

    def _from_descriptor(self, name: str) -> bytearray | None:
        secret = self._secrets.take(name)
        if secret is not None:
            print(t("plain.secret"))
        return secret

    async def _line(self, *, hidden: bool) -> bytearray:
        """One line's bytes. Raises EndOfInput, OutputGone."""
        self._refuse_blind()
        with _marked_pastes(self.descriptor), _no_echo(self.descriptor) if hidden else _nothing():
            while not self._lines.whole():
                await _readable(self.descriptor)
                if not self._more():
                    if len(self._lines) and not hidden:
                        break
                    raise EndOfInput  # a secret that nobody ended is not sent: it would cost a try
        if hidden or not os.isatty(self.descriptor):
            print()  # nothing was echoed: the prompt's line ends here
        return self._lines.take()

    def _refuse_blind(self) -> None:
        sys.stdout.flush()
        if output_errno():
            raise OutputGone

    def _more(self) -> bool:
        """Read on; False at the end, which is also where the terminal has gone."""
        try:
            return self._lines.read(self.descriptor)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return False


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
def _marked_pastes(descriptor: int) -> Iterator[None]:
    """Have the terminal mark what is pasted, where input and output are one: a paste of several lines stays in its prompt."""
    if not (os.isatty(descriptor) and sys.stdout.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
        yield
        return
    sys.stdout.write(MARKS_PASTES)
    sys.stdout.flush()
    try:
        yield
    finally:
        sys.stdout.write(NO_MORE_MARKS)
        sys.stdout.flush()


@contextmanager
def _nothing() -> Iterator[None]:
    yield
