"""The terminal: what it is, how large, which characters it takes and how wide it draws them."""

from __future__ import annotations

import codecs
import locale
import os
import re
import select
import sys
import time
from collections.abc import Iterator, Mapping

from ebid_tui.doctor.finding import Finding, failure, ok, skipped, warning
from ebid_tui.doctor.probing import ProbeContext

IDS = ("terminal.kind", "terminal.size", "terminal.colours", "terminal.locale", "terminal.utf8", "terminal.width", "terminal.font")
COLUMNS, ROWS = 80, 24
_PROBE = "①"
"""A character of ambiguous width (UAX #11): one cell in most terminals, two where they are set so."""
_ANSWER_SECONDS = 0.5


def look(context: ProbeContext) -> Iterator[Finding]:
    environment = context.environment
    kind = environment.get("TERM", "")
    screen = sys.stdout.isatty()
    fit = screen and kind not in ("", "dumb", "unknown")
    if not screen:
        yield skipped("terminal.kind", "no_terminal")
    elif not fit:
        yield warning("terminal.kind", "dumb")
    else:
        yield ok("terminal.kind", kind=kind if re.fullmatch(r"[A-Za-z0-9.+_-]{1,40}", kind) else "?")
    if screen:
        yield _size()
        yield _colours(environment, kind)
    yield _locale(environment)
    yield _utf8()
    if fit:
        yield _width()
        yield skipped("terminal.font", "look")


def _size() -> Finding:
    columns, rows = os.get_terminal_size(sys.stdout.fileno())
    if not columns or not rows:
        return warning("terminal.size", "unknown")
    if columns < COLUMNS or rows < ROWS:
        return warning("terminal.size", "small", columns=columns, rows=rows)
    return ok("terminal.size", columns=columns, rows=rows)


def _colours(environment: Mapping[str, str], kind: str) -> Finding:
    if environment.get("NO_COLOR"):
        return ok("terminal.colours", "off")
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit") or kind.endswith("-direct"):
        return ok("terminal.colours", "many")
    return ok("terminal.colours", "256" if "256" in kind else "few")


def _locale(environment: Mapping[str, str]) -> Finding:
    """Whether the locale that is asked for is there. (UTF-8 without one is what Python makes of `C`.)"""
    named = next((environment[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(name)), "")
    if not named:
        return warning("terminal.locale", "unset")
    try:
        locale.setlocale(locale.LC_CTYPE, "")
    except locale.Error:
        return warning("terminal.locale", "missing")
    if "utf8" not in named.lower().replace("-", ""):
        return failure("terminal.locale", "not_utf8")
    return ok("terminal.locale")


def _utf8() -> Finding:
    encoding = sys.stdout.encoding or ""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        name = "?"
    return ok("terminal.utf8") if name == "utf-8" else failure("terminal.utf8", "other", encoding=name)


def _width() -> Finding:
    """Print one character and ask the terminal where its cursor is now (DSR, ECMA-48 8.3.35)."""
    try:
        cells = _cells()
    except OSError:
        return skipped("terminal.width")
    if cells is None:
        return skipped("terminal.width", "no_answer")
    return ok("terminal.width") if cells == 1 else warning("terminal.width", "wide", cells=cells)


def _cells() -> int | None:
    """How many cells the terminal moves for the character; None where it does not say. OSError without a terminal of one's own."""
    import termios
    import tty

    line = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    try:
        if os.tcgetpgrp(line) != os.getpgrp():
            raise OSError("in the background")
        before = termios.tcgetattr(line)
        try:
            tty.setcbreak(line, termios.TCSANOW)
            os.write(line, f"\r{_PROBE}\x1b[6n".encode())
            answer = _answer(line)
            os.write(line, b"\r\x1b[K")
        finally:
            termios.tcsetattr(line, termios.TCSANOW, before)
    except termios.error as error:
        raise OSError(str(error)) from error
    finally:
        os.close(line)
    return int(answer[1]) - 1 if answer else None


def _answer(line: int) -> re.Match[bytes] | None:
    said, end = b"", time.monotonic() + _ANSWER_SECONDS
    while (left := end - time.monotonic()) > 0 and select.select([line], [], [], left)[0]:
        said += os.read(line, 64)
        if found := re.search(rb"\x1b\[\d+;(\d+)R", said):
            return found
    return None
