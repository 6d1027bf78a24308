"""R-20 from the command line: a script registers a card, prints the receipt on a real CUPS and saves it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ebid_tui.plain.run import COMPLETED
from tests.e2e import answers
from tests.e2e.program import run
from tests.patience import wait_until
from tests.printing.conftest import need
from tests.printing.cupsd import PrivateCups, missing


@pytest.mark.skipif(bool(missing()), reason=missing() or "-")
def test_the_receipt_comes_out_of_the_printer_and_into_the_file(tmp_path: Path) -> None:
    script, file = tmp_path / "script", tmp_path / "receipt.pdf"
    script.write_text(answers.WHOLE.replace("done: close", f"done: print\nprinter: desk\nfile: {file}\ndone: close"), encoding="utf-8")
    with PrivateCups() as cups:
        ran = run("demo", "--plain", "--script", str(script), env={"EBID_TUI_CUPS_SERVER": cups.server})
        assert ran.code == COMPLETED, ran.out + ran.err
        assert "印刷が終わりました" in ran.out
        wait_until(lambda: len(cups.printed("desk")) == 1)
        assert cups.printed("desk") == [file.read_bytes()]
    text = subprocess.run([need("pdftotext", "poppler-utils"), "-layout", file, "-"], capture_output=True, check=True).stdout.decode()
    assert ran.receipt
    assert ran.receipt in text
    assert "テスト工事業者０１" in text


def test_where_files_are_not_allowed_none_is_asked_for(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(answers.WHOLE.replace("done: close", "done: print\ndone: close"), encoding="utf-8")
    settings = {"EBID_TUI_PRINT_TO_FILE": "false", "EBID_TUI_CUPS_SERVER": str(tmp_path / "no-cups")}
    ran = run("demo", "--plain", "--script", str(script), env=settings)
    assert ran.code == COMPLETED, ran.out + ran.err
    assert "E-PRINT-SERVER" in ran.out
    assert "<file>" not in ran.out
