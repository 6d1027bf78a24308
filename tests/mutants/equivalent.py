"""Changes that change nothing anybody could see: the file, the line, what stands there instead, and why."""

from __future__ import annotations

EQUIVALENT: dict[tuple[str, str, str], str] = {}
