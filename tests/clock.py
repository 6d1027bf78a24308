"""What time it is in tests: one day that stands still, and, where a program under test reads the machine's clock, when this run began.

Whoever makes something dated (certificates, lists, drafts, rosters) is given one of the two and never reads a clock of its own.
No test mixes them. `tests/test_project.py` looks for clocks that are read without a reason.
"""

from __future__ import annotations

from datetime import UTC, datetime

NOW = datetime(2026, 11, 21, 9, 20, tzinfo=UTC)
"""A Saturday evening in Japan."""

STARTED = datetime.now(UTC)  # real clock: for whatever meets TLS, openssl, or a server and a client that are programs of their own
