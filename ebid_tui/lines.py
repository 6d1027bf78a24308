"""Runs line mode: one visit from the entrance to the receipt, and the exit code that says how it ended."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ebid_tui import sealed
from ebid_tui.domain.records import Receipt
from ebid_tui.domain.systems import Profile
from ebid_tui.errors import EbidError
from ebid_tui.flows.enter import visit
from ebid_tui.messages import t
from ebid_tui.parts import Parts
from ebid_tui.plain import PlainUi
from ebid_tui.plain_answers import Answers, EndOfInput, Keyboard, Script, UnexpectedPrompt

COMPLETED, NOT_COMPLETED, UNEXPECTED, INTERRUPTED = 0, 1, 2, 130


def run_lines(profile: Profile, parts: Parts, script: str | None, secrets: int | None) -> int:
    """One visit; COMPLETED only when a flow was, with `receipt: <id>` as the last line."""
    return in_lines(parts, script, secrets, lambda answers: _visit(profile, parts, answers))


def in_lines(parts: Parts, script: str | None, secrets: int | None, work: Callable[[Answers], Coroutine[Any, Any, int]]) -> int:
    """Run `work` with whoever answers, and the parts begun before and closed after it; its exit code, or why it came to none."""
    sealed.close()
    try:
        answers: Script | Keyboard = Script(Path(script)) if script else Keyboard(secrets)
    except UnexpectedPrompt as unexpected:
        return ended(UNEXPECTED, *unexpected.lines)
    except OSError as error:
        return ended(UNEXPECTED, f"{script}: {error.strerror}")
    try:
        with asyncio.Runner() as runner:
            with _undisturbed():
                parts.begin()
                runner.get_loop()
            return runner.run(_answered(work(answers)))
    except KeyboardInterrupt:
        return ended(INTERRUPTED, t("plain.interrupted_unsure"))
    finally:
        answers.forget()
        with _undisturbed():
            parts.close()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl+C counts afterwards: what is begun by half could not be ended."""
    struck: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: struck.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if struck:
            raise KeyboardInterrupt


async def _answered(work: Coroutine[Any, Any, int]) -> int:
    """Its exit code, or what a script without an answer, or an error that nobody mended, comes to."""
    try:
        return await work
    except UnexpectedPrompt as unexpected:
        return ended(UNEXPECTED, *unexpected.lines)
    except EbidError as error:
        return ended(NOT_COMPLETED, t("plain.error", code=error.code, title=error.title), t("plain.remedy", remedy=error.remedy))


async def _visit(profile: Profile, parts: Parts, answers: Answers) -> int:
    ui = PlainUi(answers, parts.cards, parts.tray, parts.outlet(profile) if parts.outlet else None)
    print(t("plain.hello", name=profile.name, title=profile.title))
    if not isinstance(answers, Script):
        for label, value in parts.tray.notes() if parts.tray else ():
            print(f"{label}: {value}")
        print(t("plain.keys"))
    try:
        result = await visit(ui, parts.cards, parts.server, profile)
    except EndOfInput:
        return COMPLETED if ui.completed else ended(NOT_COMPLETED, t("plain.end_of_input"))
    if isinstance(result, Receipt):
        print(f"receipt: {result.id}", flush=True)
        return COMPLETED
    return COMPLETED if ui.completed else ended(NOT_COMPLETED, t("plain.abandoned"))


def ended(code: int, *lines: str) -> int:
    """The exit code, after these lines on standard error."""
    sys.stdout.flush()
    for line in lines:
        print(line, file=sys.stderr)
    return code
