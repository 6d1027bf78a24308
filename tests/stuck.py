"""What hangs where no signal reaches it (in a library in C) shows its stacks all the same.

pytest's own `faulthandler_timeout` does it with a thread begun and ended for each test, half of what a small test costs.
"""

from __future__ import annotations

import faulthandler
import os
import time

import pytest

SECONDS = 890
"""Before pytest-timeout ends the test (pyproject.toml)."""
LENIENT = 60
"""The clock is wound up at most this often: a test that hangs shows itself after 830 to 890 seconds of its own."""


class Watch:
    """Wound up again by the tests that begin."""

    def __init__(self, seconds: float = SECONDS, lenient: float = LENIENT) -> None:
        self._seconds, self._lenient = seconds, lenient
        self._stderr = os.dup(2)  # while a test runs, 2 is what pytest catches
        self._wound: float | None = None

    def pytest_runtest_logstart(self) -> None:
        now = time.monotonic()
        if self._wound is None or now - self._wound >= self._lenient:
            self._wound = now
            faulthandler.dump_traceback_later(self._seconds, file=self._stderr)

    @pytest.hookimpl(trylast=True)
    def pytest_exception_interact(self) -> None:
        self._wound = None  # pytest has stopped the clock

    @pytest.hookimpl(trylast=True)
    def pytest_enter_pdb(self) -> None:
        self._wound = None

    def pytest_sessionfinish(self) -> None:
        faulthandler.cancel_dump_traceback_later()

    def pytest_unconfigure(self) -> None:
        faulthandler.cancel_dump_traceback_later()
        os.close(self._stderr)
