"""Runs line mode: one visit from the entrance to the receipt, and the exit code that says how it ended."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ebid_tui.card_and_server import CardAndServer
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Receipt
from ebid_tui.errors import EbidError
from ebid_tui.flows.drafts import NONE, Drafts
from ebid_tui.flows.enter import visit
from ebid_tui.language import gloss, remember_origins, use_words
from ebid_tui.messages import t
from ebid_tui.plain.answers import Answers, EndOfInput, UnexpectedPrompt
from ebid_tui.plain.keyboard import Keyboard
from ebid_tui.plain.script import Script
from ebid_tui.plain.voice import PlainUi
from ebid_tui.process import memory
from ebid_tui.process.ending import gone_soon

COMPLETED, NOT_COMPLETED, UNEXPECTED, HUNG_UP, INTERRUPTED = 0, 1, 2, 129, 130


def run_lines(profile: Profile, parts: CardAndServer, script: str | None, secrets: int | None) -> int:
    """One visit; COMPLETED only when a flow was, with `receipt: <id>` as the last line."""
    return in_lines(parts, script, secrets, lambda answers: _visit(profile, parts, answers))


def in_lines(parts: CardAndServer, script: str | None, secrets: int | None, work: Callable[[Answers], Coroutine[Any, Any, int]]) -> int:
    """Run `work` with whoever answers, and the parts begun before and closed after it; its exit code, or why it came to none.

    The terminal's end, and being told to end, end the work first (the card is logged out), and then the process in their own way.
    """
    struck: list[int] = []
    code = _in_lines(parts, script, secrets, work, struck)
    for number in struck[:1]:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    return code


def _in_lines(
    parts: CardAndServer, script: str | None, secrets: int | None, work: Callable[[Answers], Coroutine[Any, Any, int]], struck: list[int]
) -> int:
    memory.close()
    try:
        answers: Script | Keyboard = Script(Path(script), secrets) if script else Keyboard(secrets)
    except UnexpectedPrompt as unexpected:
        return ended(UNEXPECTED, *unexpected.lines)
    except OSError as error:
        return ended(UNEXPECTED, f"{script}: {error.strerror}")
    try:
        with asyncio.Runner() as runner:
            with _undisturbed():
                parts.begin()
                runner.get_loop()
            return runner.run(_answered(work(answers), struck))
    except asyncio.CancelledError:
        return HUNG_UP
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


async def _answered(work: Coroutine[Any, Any, int], struck: list[int]) -> int:
    """Its exit code, or what a script without an answer, or an error that nobody mended, comes to; `struck` gets what ended it."""
    remember_origins()
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    for number in (signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, _hang_up, task, number, struck)
    try:
        return await work
    except UnexpectedPrompt as unexpected:
        return ended(UNEXPECTED, *unexpected.lines)
    except EbidError as error:
        told = t("plain.error", title=error.title), t("plain.remedy", remedy=error.remedy), t("plain.code", code=error.code)
        return ended(NOT_COMPLETED, *told)


def _drafts(parts: CardAndServer, answers: Answers) -> Drafts:
    """A person at a terminal may go on with a draft; a script or a program is never asked what it does not expect."""
    return parts.drafts if isinstance(answers, Keyboard) and not answers.names_prompts else NONE


def _hang_up(task: asyncio.Task[Any], number: int, struck: list[int]) -> None:
    struck.append(number)
    task.cancel()
    gone_soon(HUNG_UP)


async def _visit(profile: Profile, parts: CardAndServer, answers: Answers) -> int:
    use_words(profile.words)
    ui = PlainUi(answers, parts.cards, parts.tray, parts.outlet(profile) if parts.outlet else None, profile)
    print(t("plain.hello", name=gloss(profile.name), title=gloss(profile.title)))
    if not isinstance(answers, Script):
        for label, value in parts.tray.notes() if parts.tray else ():
            print(f"{label}: {value}")
        print(t("plain.keys"))
    try:
        result = await visit(ui, parts.cards, parts.server, profile, _drafts(parts, answers))
    except EndOfInput as end:
        return COMPLETED if ui.completed else ended(NOT_COMPLETED, t(end.said))
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
