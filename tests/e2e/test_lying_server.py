"""Line mode at a server that lies: a clear sentence, another try if one likes, and the exit code of what was not done."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ebid_tui.messages import t
from ebid_tui.plain.run import NOT_COMPLETED
from tests.client.liar import http, liar
from tests.e2e.answers import ENTRANCE
from tests.e2e.program import Ran, run

CLOCK = {"now": "2026-11-18T10:00:00+09:00"}
TITLE = "\x1b]0;owned\x07"


async def plain(tmp_path: Path, script: str, clock: bytes, further: bytes) -> Ran:
    """How a visit ends where the server says these things."""

    async def speak(writer: asyncio.StreamWriter, head: bytes) -> None:
        writer.write(clock if b"/clock" in head else further)

    (file := tmp_path / "script").write_text(script, encoding="utf-8")
    async with liar(speak) as url:
        return await asyncio.to_thread(run, "plain", "--system", "ise", "--server", url, "--script", str(file))


@pytest.mark.parametrize(
    ("clock", "further", "code", "times"),
    [
        (http(CLOCK), http(b"0" * (2 << 20), "200 OK", f"X: {TITLE}"), "E-SERVER-LARGE", 2),
        (http(CLOCK | {"origins": ["http://[::1]:8443"]}), b"", "E-ORIGIN-OTHER", 1),
    ],
    ids=["too large", "another name"],
)
async def test_it_is_told_and_nothing_is_done(tmp_path: Path, clock: bytes, further: bytes, code: str, times: int) -> None:
    """Twice, where it is asked again; what asking again does not mend is told at once, and not after half a minute."""
    ran = await plain(tmp_path, ENTRANCE + "retry: yes\n" * (times - 1), clock, further)
    assert ran.code == NOT_COMPLETED
    assert (ran.out + ran.err).count(code) >= times
    assert (ran.out + ran.err).count(t("plain.code", code=code)) == 1 or times > 1, "once is enough"
    assert ran.err
    assert "Traceback" not in ran.out + ran.err
    assert "\x1b" not in ran.out + ran.err
    assert "card" not in ran.out.split(code)[-1], "no card was asked for"
