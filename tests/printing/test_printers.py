"""R-20: printing through a real CUPS: what its printers report, what becomes of a page, and a server that is ill."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.domain.text.cleaning import odd
from ebid_tui.errors import PrintError
from ebid_tui.printing.printers import Cups, PrintJob, PrintProgress, reasons_in_words
from tests.patience import long, looking, scaled
from tests.printing.cupsd import PrivateCups, missing, names_in
from tests.printing.test_ipp import attribute, message

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "-")

PAGE = b"%PDF-1.4\n% a page\n"


@pytest.fixture(scope="module")
def daemon() -> Iterator[PrivateCups]:
    with PrivateCups() as cups:
        yield cups


@pytest.fixture
async def cups(daemon: PrivateCups) -> Cups:
    """With a printer that is well: a page that was taken back leaves what ailed it, until another one comes out."""
    daemon.say("desk", "")
    made = Cups(daemon.server, deadline=long())
    if (await made.printers())[0].troubles:
        await until(made, await made.send("desk", "ebid-tui R0", PAGE), "done")
    return made


async def until(cups: Cups, job: PrintJob, *states: str) -> PrintProgress:
    """Wait until the job is in one of these states."""
    async for _ in looking(0.03):
        progress = await cups.progress(job)
        if progress.state in states:
            return progress
    raise AssertionError(progress)


async def troubled(cups: Cups, job: PrintJob) -> tuple[str, ...]:
    """Wait until something is said to be wrong."""
    async for _ in looking(0.03):
        progress = await cups.progress(job)
        if progress.troubles:
            return progress.troubles
    raise AssertionError(progress)


async def test_the_printers_are_those_that_lpstat_knows_the_default_first(cups: Cups, daemon: PrivateCups) -> None:
    found = await cups.printers()
    assert [(p.name, p.default, p.stopped, p.accepting) for p in found] == [
        ("desk", True, False, True),
        ("full", False, False, False),
        ("paused", False, True, True),
    ]
    assert found[0].label == "事務室のプリンター　2階"
    assert found[0].troubles == ()
    assert found[1].troubles == ("いまは印刷を受け付けていません。",)
    assert found[2].troubles == ("プリンターが停止されています。管理者に再開を依頼してください。",)
    listed = daemon.command("lpstat", "-p")
    assert all(f"printer {p.name} " in listed for p in found)


async def test_a_page_comes_out_as_it_was_sent_and_is_told_done(cups: Cups, daemon: PrivateCups) -> None:
    page = PAGE + b"% of this test\n"
    job = await cups.send("desk", "ebid-tui R1", page)
    assert (await until(cups, job, "done")).troubles == ()
    assert daemon.printed("desk").count(page) == 1
    assert f"desk-{job.number} " in daemon.command("lpstat", "-W", "completed", "-o")


@pytest.mark.parametrize(
    ("reported", "said"),
    [
        ("media-empty-error", "用紙がありません。用紙を補給してください。"),
        ("cover-open", "カバーが開いています。閉めてください。"),
        ("media-jam-error", "用紙が詰まっています。取り除いてください。"),
        ("toner-low-warning", "トナーが残り少なくなっています。"),
        ("flux-capacitor-error", "プリンターの表示を確かめてください（flux-capacitor）。"),
    ],
)
async def test_what_the_printer_reports_is_told_until_it_is_mended(cups: Cups, daemon: PrivateCups, reported: str, said: str) -> None:
    daemon.say("desk", reported)
    job = await cups.send("desk", "ebid-tui R2", PAGE)
    assert await troubled(cups, job) == (said,)
    assert (await cups.progress(job)).state == "printing"
    daemon.say("desk", "")
    await until(cups, job, "done")


async def test_a_page_waits_at_a_stopped_printer_and_can_be_taken_back(cups: Cups, daemon: PrivateCups) -> None:
    job = await cups.send("paused", "ebid-tui R3", PAGE)
    progress = await cups.progress(job)
    assert progress.state == "waiting"
    assert progress.troubles == ("プリンターが停止されています。管理者に再開を依頼してください。",)
    assert f"paused-{job.number} " in daemon.command("lpstat", "-o")
    await cups.cancel(job)
    assert (await until(cups, job, "cancelled")).over
    await cups.cancel(job)  # once more harms nobody
    assert daemon.printed("paused") == []


async def test_a_page_is_taken_back_while_the_paper_is_out(cups: Cups, daemon: PrivateCups) -> None:
    before = len(daemon.settled("desk"))
    daemon.say("desk", "media-empty-error")
    job = await cups.send("desk", "ebid-tui R4", PAGE)
    await troubled(cups, job)
    await cups.cancel(job)
    await until(cups, job, "cancelled")
    assert len(daemon.printed("desk")) == before


async def test_a_printer_that_gives_up_is_told_as_failed_and_not_as_done(cups: Cups, daemon: PrivateCups) -> None:
    daemon.say("desk", "fail")
    job = await cups.send("desk", "ebid-tui R5", PAGE)
    assert (await until(cups, job, "failed", "done")).state == "failed"


@pytest.mark.parametrize(("printer", "said"), [("full", "受け付けていません"), ("nowhere", "このプリンターはなくなりました")])
async def test_a_printer_that_takes_nothing_says_so_at_once(cups: Cups, printer: str, said: str) -> None:
    with pytest.raises(PrintError) as refused:
        await cups.send(printer, "ebid-tui R6", PAGE)
    assert refused.value.code == "E-PRINT-REFUSED"
    assert said in refused.value.title


async def test_a_hung_server_is_told_after_the_deadline(daemon: PrivateCups) -> None:
    daemon.hang(True)
    try:
        began = time.monotonic()
        with pytest.raises(PrintError) as away:
            await Cups(daemon.server, deadline=0.3).printers()
        assert time.monotonic() - began < scaled(2)
    finally:
        daemon.hang(False)
    assert away.value.code == "E-PRINT-SERVER"
    assert (await Cups(daemon.server).printers())[0].name == "desk"


@pytest.mark.parametrize("place", ["{missing}", "localhost:1", "http://[", "a b", "x" * 300])
async def test_no_server_is_told(place: str, tmp_path: Path) -> None:
    with pytest.raises(PrintError) as away:
        await Cups(place.format(missing=tmp_path / "s"), deadline=3).printers()
    assert away.value.code == "E-PRINT-SERVER"


async def test_what_a_print_server_tells_is_text_and_an_odd_name_no_printer() -> None:
    order = "\x1b]0;x\x07\u202e".encode()
    said = message(
        b"\x04",
        *(attribute(0x42, name, b"desk" + order) for name in ("printer-info", "printer-location")),
        attribute(0x42, "printer-name", b"desk"),
        attribute(0x44, "printer-state-reasons", b"x-" + order),
        b"\x04",
        attribute(0x42, "printer-name", b"desk" + order),
    )

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(said) + said)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        (found,) = await Cups(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", deadline=long()).printers()
    assert (found.name, found.description, found.location) == ("desk", "desk]0;x", "desk]0;x")
    assert [odd(trouble) for trouble in found.troubles] == [None]


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"]
)
async def test_what_is_no_print_server_is_told(answer: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(PrintError) as away:
            await Cups(f"127.0.0.1:{port}", deadline=3).printers()
    assert away.value.code == "E-PRINT-SERVER"


def test_reasons_that_say_nothing_to_a_person_are_left_out() -> None:
    assert reasons_in_words(("none", "cups-waiting-for-job-completed", "cups-ipp-conformance-failure-report", "job-printing")) == ()
    assert reasons_in_words(("media-empty", "media-empty-error", "media-empty-warning")) == ("用紙がありません。用紙を補給してください。",)


async def test_nothing_of_the_page_is_left_in_a_file_of_ours(cups: Cups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    job = await cups.send("desk", "ebid-tui R7", PAGE)
    await until(cups, job, "done")
    assert names_in(tmp_path) == []
