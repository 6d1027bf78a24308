"""uim-fep, where it stands between the terminal and this program: does it leave the rows, does it convert, does it keep what is typed."""

from __future__ import annotations

import getopt
import os
import pwd
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from ebid_tui import settings
from ebid_tui.doctor.finding import Finding, ok, skipped, warning
from ebid_tui.doctor.probing import ProbeContext
from ebid_tui.doctor.terminal import ROWS

IDS = ("ime.rows", "ime.engine", "ime.onkey", "ime.learning")
PROC = Path("/proc")
_OPTIONS = "e:s:u:b:w:t:C:f:SXciodKvh"
"""uim-fep's own."""
_ON_KEY = re.compile(r"\(define(?:-key)?\s+[a-z0-9-]+-on-key\??\s+'?\(?((?:\s*\"(?:[^\"\\]|\\.)*\")+)", re.MULTILINE)
_TYPED = re.compile(r"(<Control>([a-z @^_\]]|\[|\\\\)|<Alt>[!-~]|F([1-9]|1[0-2])|escape|tab)")
"""What a terminal sends; 半角/全角 and Shift+space it does not."""
_ENGINE = re.compile(r"\(define\s+default-im-name\s+'([a-z0-9-]+)\)")
_LEARNS_NOT = re.compile(r"^\s*\(define\s+\(anthy(-utf8)?-lib-commit-segment\b", re.MULTILINE)


def look(context: ProbeContext) -> Iterator[Finding]:
    number = context.environment.get("UIM_FEP_PID", "")
    if not number:
        for check in IDS:
            yield skipped(check, "none")
        return
    options = _options_of(number)
    if options is None:
        return
    own = _own_files(context.environment)
    yield _rows(options)
    engine = _engine(options, context.environment, own)
    yield warning("ime.engine", "direct") if engine == "direct" else ok("ime.engine", kind=engine)
    yield _on_key(own)
    yield _learning(own)


def _options_of(number: str) -> dict[str, str] | None:
    """How it was started; None where that cannot be known, or another program has its number now."""
    try:
        given = (PROC / str(int(number)) / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
        if not given or Path(given[0]).name != "uim-fep":
            return None
        end = given.index("-e") if "-e" in given else len(given)
        found, _ = getopt.getopt(given[1:end], _OPTIONS)
    except (OSError, ValueError, getopt.GetoptError):
        return None
    return {name.removeprefix("-"): value for name, value in found}


def _own_files(environment: Mapping[str, str]) -> str:
    """What is said in the user's own files of uim, without comments."""
    named = environment.get("LIBUIM_USER_SCM_FILE")
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)  # uim does not ask HOME
    files = [Path(named) if named else home / ".uim", *sorted((home / ".uim.d" / "customs").glob("*.scm"))]
    texts = []
    for file in files:
        try:
            texts.append(file.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue
    return re.sub(r"^\s*;.*$", "", "\n".join(texts), flags=re.MULTILINE)


def _rows(options: Mapping[str, str]) -> Finding:
    if not sys.stdout.isatty():
        return skipped("ime.rows", "no_terminal")
    rows = os.get_terminal_size(sys.stdout.fileno()).lines
    takes_one = not "none".startswith(options.get("s", "lastline")) and not "backtick".startswith(options.get("s", "lastline"))
    if rows < ROWS and takes_one:
        return warning("ime.rows", "status", rows=rows)
    return ok("ime.rows", rows=rows)


def _engine(options: Mapping[str, str], environment: Mapping[str, str], own: str) -> str:
    named = _ENGINE.search(own)
    engine = options.get("u") or environment.get("UIM_FEP") or (named[1] if named else "direct")
    return engine if re.fullmatch(r"[a-z0-9-]{1,40}", engine) else "?"


def _on_key(own: str) -> Finding:
    """Whether one of the keys that switch it on can be typed; uim's own are 半角/全角 and Shift+space."""
    keys = [key for found in _ON_KEY.finditer(own) for key in re.findall(r'"((?:[^"\\]|\\.)*)"', found[1])]
    return ok("ime.onkey") if any(_TYPED.fullmatch(key) for key in keys) else warning("ime.onkey", "untypable")


def _learning(own: str) -> Finding:
    if _LEARNS_NOT.search(own):
        return ok("ime.learning", "off")
    if (settings.config_directory() / "kiosk-secret").exists():
        return warning("ime.learning", "kiosk")
    return ok("ime.learning", "own")
