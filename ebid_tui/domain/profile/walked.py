"""What a walk through a system's flows finds (`demo/walk.py`)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """A visit that ended neither where it should nor where it must: `step` is what was done, `said` the last lines."""

    agency: str
    category: str
    state: str
    step: str
    said: str


@dataclass
class Walked:
    """What came of a walk."""

    dead_ends: list[DeadEnd] = field(default_factory=list)
    visits: int = 0
    left: list[str] = field(default_factory=list)
    """What there was no time for: `agency category state`."""
