"""What the server writes down while it runs: lines of text or of JSON, with the request's id, and never personal data.

Ours and uvicorn's own lines are written as they are: they name codes, numbers and places. Of every other library's lines only the
place and the kind are written, of an exception only its type and where it was raised: texts may quote what somebody typed. A line is
one line, and has no character that nobody sees: what stands in it may have come from outside.
"""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from ebid_tui.domain.text.cleaning import visible
from ebid_tui.process.traces import places

Format = Literal["text", "json"]
LEVELS = ("debug", "info", "warning", "error")

REQUEST: ContextVar[str] = ContextVar("ebid_request", default="")
"""The id of the request that is being answered; empty beside requests."""

OURS = ("ebid_tui", "uvicorn")


def configure(form: Format, level: str) -> None:
    """Lines to standard error. `level` is for our own; other libraries speak from warnings on, whatever it is.

    Nothing is changed where somebody has arranged for lines already.
    """
    root = logging.getLogger()
    if root.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLogFormatter() if form == "json" else TextLogFormatter())
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("ebid_tui").setLevel(level.upper())
    logging.getLogger("uvicorn").setLevel(logging.INFO)


def _message(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] in OURS:
        return record.getMessage().strip()
    return f"at {Path(record.pathname).name}:{record.lineno}"


def _raised(record: logging.LogRecord) -> tuple[str, str] | None:
    if not record.exc_info or record.exc_info[0] is None:
        return None
    return record.exc_info[0].__name__, places(record.exc_info[2])


class TextLogFormatter(logging.Formatter):
    """`2025-04-01T09:00:00.000Z INFO ebid_tui.server [request id] message`."""

    def format(self, record: logging.LogRecord) -> str:
        request, raised = REQUEST.get(), _raised(record)
        line = f"{_time(record)} {record.levelname} {record.name} {f'[{request}] ' if request else ''}{_message(record)}"
        more: dict[str, Any] = getattr(record, "fields", {})
        line += "".join(f" {name}={value}" for name, value in more.items())
        return visible(line if raised is None else f"{line} error={raised[0]} at={raised[1]}")


class JsonLogFormatter(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `message`, `request`, and what the line has beside it (`fields` of `extra`)."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        if request := REQUEST.get():
            line["request"] = request
        line |= getattr(record, "fields", {})
        if (raised := _raised(record)) is not None:
            line["error"], line["at"] = raised
        return json.dumps({name: visible(value) if isinstance(value, str) else value for name, value in line.items()}, ensure_ascii=False)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
