"""What the desk sends to a terminal of 80x24 with 256 colours: a list by DataTable costs as little as a painted page."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest

from tests.benchmarks.pty_bytes import Terminal
from tests.desk.test_search import enter
from tests.patience import long
from tests.server.operating import PASSWORD, SYSTEM, Clerk
from tests.server.running_server import Running


@pytest.fixture
def terminal(office: Running) -> Iterator[Terminal]:
    enter(office, 60)
    command = (sys.executable, "-m", "ebid_tui", "desk", "--system", SYSTEM, "--server-socket", office.socket)
    with Terminal(command) as made:
        shows(made, "職員のログイン")
        made.send("\r")
        shows(made, "認証コード")
        for text in ("desk", PASSWORD, Clerk(office).code()):
            made.send(text)
            made.send("\r")
        shows(made, "業者検索")
        yield made


def shows(terminal: Terminal, text: str) -> None:
    """Wait until the terminal was sent this, and nothing more for a while."""
    end = time.monotonic() + long()
    while text.encode() not in terminal.raw:
        assert time.monotonic() < end, f"{text!r} did not come"
        terminal.read()
    terminal.read(quiet=0.5)


def test_a_row_costs_120_bytes_a_key_200_and_a_page_what_it_shows(terminal: Terminal) -> None:
    keys = [len(terminal.send(char)) for char in "長い一覧"]
    shows(terminal, "件以上")
    rows = [len(terminal.send("\x1b[B")) for _ in range(8)] + [len(terminal.send("\x1b[A")) for _ in range(4)]
    page = len(terminal.send("\x1b[6~"))
    assert max(rows) <= 120
    assert page <= 2500
    assert min(keys) > 0
    assert sorted(keys)[1] <= 200, "what was found for the characters so far may come along with one or the other"
