"""What a check found out. The sentences stand in `messages/doctor.py`, under the check's id and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ebid_tui.domain.text.cleaning import shown
from ebid_tui.messages import has, t

Status = Literal["ok", "warning", "failure", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's result. `id` and `reason` are stable names; `values` fill the sentences.

    A report is made of these and is sent to strangers: `values` hold counts, dates, versions and codes, never a name, a
    serial number, a path, a host or an address. What only the person at the screen may see is in `place`.
    """

    id: str
    status: Status
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)
    place: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """What modules, daemons, servers and printers say of themselves is text from outside."""
        cleaned = {name: shown(value) if isinstance(value, str) else value for name, value in self.values.items()}
        object.__setattr__(self, "values", cleaned)
        object.__setattr__(self, "place", shown(self.place))

    @property
    def title(self) -> str:
        """What was looked at."""
        return t(f"doctor.{self.id}")

    @property
    def detail(self) -> str:
        """What was found, one sentence."""
        return t(self._key, **self.values)

    @property
    def remedy(self) -> str:
        """What to do about a warning or a failure; empty for the others."""
        return t(f"{self._key}.remedy", **self.values) if self.status in ("warning", "failure") else ""

    @property
    def _key(self) -> str:
        own = f"doctor.{self.id}.{self.reason}"
        return own if has(own) else f"doctor.any.{self.reason}"


def ok(check: str, reason: str = "ok", /, place: str = "", **values: object) -> Finding:
    return Finding(check, "ok", reason, values, place)


def warning(check: str, reason: str, /, place: str = "", **values: object) -> Finding:
    return Finding(check, "warning", reason, values, place)


def failure(check: str, reason: str, /, place: str = "", **values: object) -> Finding:
    return Finding(check, "failure", reason, values, place)


def skipped(check: str, reason: str = "skipped", /, place: str = "", **values: object) -> Finding:
    return Finding(check, "skipped", reason, values, place)
