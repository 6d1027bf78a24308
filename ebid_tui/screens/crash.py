"""What the app says and writes when it crashes: a sentence for the person, and a report of places in the code, without any data."""

from __future__ import annotations

import os
import platform
import time
import traceback
from pathlib import Path

from rich.text import Text

from ebid_tui.messages import t
from ebid_tui.process import private_files

KEPT = 20
"""Reports kept; older ones are removed."""


def report_of(error: BaseException | None) -> str:
    """Where an error was raised: files, lines, functions and the kinds of errors. No messages, no values: they may be personal."""
    lines = [f"python {platform.python_version()} {platform.system()}"]
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        lines.append(f"{type(error).__module__}.{type(error).__qualname__}")
        lines += [f"  {Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
        error = error.__cause__ or error.__context__ or getattr(error, "error", None)
    return "\n".join(lines) + "\n"


def write_report(error: BaseException | None, directory: Path | None) -> Path | None:
    """Write a report, readable by the user only; None if that cannot be done either."""
    if directory is None:
        from platformdirs import user_state_path  # 10 ms: only when something broke

        directory = user_state_path("ebid-tui", appauthor=False) / "crashes"
    path = directory / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    try:
        private_files.directory(directory)
        private_files.put(path, report_of(error).encode())
        for old in sorted(directory.glob("crash-*.txt"))[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return None
    return path


def crash_message(error: BaseException | None, directory: Path | None) -> Text:
    """What the person reads after the screen is gone."""
    path = write_report(error, directory)
    told = t("screen.crash.no_report") if path is None else t("screen.crash.report", path=path)
    return Text(f"{t('screen.crash.said')}\n{told}")
