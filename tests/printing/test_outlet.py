"""R-20: a receipt into a file, and the completion of its name."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import msgspec
import pytest

from ebid_tui.errors import PrintError
from ebid_tui.flows.ui import Row, Section
from ebid_tui.language import remember_origins, speak
from ebid_tui.messages import t
from ebid_tui.printing.printers import Cups
from ebid_tui.printing.targets import FileExists, PrintTargets, completed_name, suggested_name
from tests.printing.conftest import needs_font
from tests.printing.cupsd import names_in
from tests.printing.test_paper import shown
from tests.screens import scripted


@pytest.fixture
def outlet() -> PrintTargets:
    return PrintTargets(scripted.profile(), Cups())


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def link(place: Path) -> None:
    (place / "link.pdf").symlink_to(place / "target")


@needs_font
async def test_a_saved_page_is_a_pdf_that_only_its_owner_reads(outlet: PrintTargets, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = await outlet.save(str(tmp_path / "控え.pdf"), scripted.done())
    finally:
        os.umask(before)
    assert path.read_bytes().startswith(b"%PDF-")
    assert mode_of(path) == 0o600
    assert names_in(tmp_path) == ["控え.pdf"]


@needs_font
async def test_what_is_there_is_not_written_over_unasked(outlet: PrintTargets, tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_text("old")
    with pytest.raises(FileExists):
        await outlet.save(str(tmp_path / "x.pdf"), scripted.done())
    assert (tmp_path / "x.pdf").read_text() == "old"
    await outlet.save(str(tmp_path / "x.pdf"), scripted.done(), overwrite=True)
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF-")


@needs_font
async def test_a_link_is_not_written_through(outlet: PrintTargets, tmp_path: Path) -> None:
    (tmp_path / "target").write_text("mine")
    link(tmp_path)
    with pytest.raises(FileExists):
        await outlet.save(str(tmp_path / "link.pdf"), scripted.done())
    await outlet.save(str(tmp_path / "link.pdf"), scripted.done(), overwrite=True)
    assert (tmp_path / "target").read_text() == "mine"


@needs_font
@pytest.mark.parametrize("name", ["{place}/nowhere/x.pdf", "{place}/file/x.pdf", "{place}/" + "あ" * 200, "{place}/a\0b"])
async def test_a_place_where_nothing_can_be_written_is_told(outlet: PrintTargets, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PrintError) as refused:
        await outlet.save(name.format(place=tmp_path), scripted.done())
    assert refused.value.code == "E-PRINT-FILE"
    assert names_in(tmp_path) == ["file"]


async def test_a_folder_is_not_a_name(outlet: PrintTargets, tmp_path: Path) -> None:
    with pytest.raises(FileExists):
        await outlet.save(str(tmp_path), scripted.done())
    with pytest.raises(PrintError):
        await outlet.save(str(tmp_path), scripted.done(), overwrite=True)


def test_the_suggested_name_is_the_receipts_number() -> None:
    assert scripted.done().receipt.id in suggested_name(scripted.done())


def test_a_name_is_completed_as_far_as_it_is_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "書類").mkdir()
    (tmp_path / "書類/控え1.pdf").write_text("")
    (tmp_path / "書類/控え2.pdf").write_text("")
    (tmp_path / ".hidden").write_text("")
    assert completed_name("書") == "書類/"
    assert completed_name("") == "書類/"
    assert completed_name("書類/") == "書類/控え"
    assert completed_name("書類/控え2") == "書類/控え2.pdf"
    assert completed_name("nothing") == "nothing"
    assert completed_name("no/where/x") == "no/where/x"


@needs_font
async def test_the_page_is_japanese_whatever_the_person_at_the_screen_reads(outlet: PrintTargets, tmp_path: Path) -> None:
    async def at_an_english_screen() -> bytes:
        remember_origins()
        speak("en")
        done = scripted.done()
        section = Section(t("flow.review.mail_note"), (Row(t("screen.done.receipt"), "ISE-1"), Row("企業名称", "テスト")))
        return await outlet.page(msgspec.structs.replace(done, page=(section,)))

    text = shown(await asyncio.create_task(at_an_english_screen()), tmp_path)
    assert "お知らせの届く先" in text
    assert "受付番号" in text
    assert "企業名称" in text
    assert "Receipt" not in text
    assert "Company" not in text
