"""Where an exception was raised, as far as it may be written down: the server's log tells nothing else of one."""

from __future__ import annotations

from types import TracebackType

PLACES = 6
"""The innermost places of a trace that are told."""


def places(trace: TracebackType | None) -> str:
    """Where an exception was raised, outermost first: functions and lines, no values."""
    found = []
    while trace is not None:
        found.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return ">".join(found[-PLACES:])
