"""What line mode asks, and of whom: prompts, and who answers them (`plain.script`, `plain.keyboard`).

A PIN is read as bytes into a buffer that is wiped; it never becomes a `str` here.
"""

from __future__ import annotations

import asyncio
import unicodedata
from dataclasses import dataclass
from typing import Protocol

from ebid_tui.card.pin import Pin, wipe
from ebid_tui.plain.words import word_at_pin


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

    def hold_to(self, prompt: Prompt, names: tuple[str, ...]) -> None:
        """This is not asked, for there is one answer, known by these names: one that is at hand for it is dropped.

        Raises UnexpectedPrompt where it means something else.
        """
        ...

    async def meanwhile(self, words: frozenset[str]) -> bool:
        """Wait for a line that a person says unasked, while something else goes on; whether it is one of these words (in ASCII).

        Never returns for a script or a program, whose lines answer what is asked later. The line is not echoed: it may be a PIN.
        """
        ...

    def may_repeat(self, prompt: Prompt) -> None:
        """Called before a form is asked again: raises UnexpectedPrompt where nothing new would be said."""
        ...


def pin_of(line: bytearray) -> Pin:
    """The line as a PIN; one of line mode's words as it is in ASCII, for a PIN holds nothing else."""
    if word := word_at_pin(line):
        wipe(line)
        line = bytearray(word, "ascii")
    return Pin.from_bytes(line)


def text_of(line: bytearray) -> str:
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


async def never() -> bool:
    await asyncio.Event().wait()
    raise AssertionError
