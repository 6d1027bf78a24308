"""Ctrl+C while the program starts: no traceback, whatever is being imported at that moment."""

from __future__ import annotations

import os
import re
import signal
import sys

import pytest

from ebid_tui.lines import INTERRUPTED
from tests.benchmarks.pty_bytes import Terminal


@pytest.mark.parametrize("arguments", [["demo"], ["demo", "--plain"]])
@pytest.mark.parametrize("module", ["ebid_tui.errors", "ebid_tui.settings", "ebid_tui.parts"])
def test_ctrl_c_while_it_starts(module: str, arguments: list[str]) -> None:
    imported = re.compile(rb"\\| +%s\r" % re.escape(module).encode())
    with Terminal([sys.executable, "-X", "importtime", "-m", "ebid_tui", *arguments]) as terminal:
        while not imported.search(terminal.raw):
            assert terminal.read(0.001, 20.0) or terminal.wait(0.05) is None, "it ended without importing that"
        os.kill(terminal.pid, signal.SIGINT)
        code = terminal.wait()
        said = "\n".join(line for line in terminal.raw.decode(errors="replace").splitlines() if not line.startswith("import time"))
        assert "Traceback" not in said, said
        assert code in (INTERRUPTED, -signal.SIGINT), said
