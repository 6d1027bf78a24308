"""The whole program in English against its own server: what is signed, kept and mailed is what it is in Japanese."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ebid_tui.plain.run import COMPLETED
from tests.e2e import answers
from tests.e2e.program import run

RENEWAL = "category: 1\nentry: 1\nmenu: renewal\ncard: ise-current\n{pin}card: ise-next\n{pin}holder: yes\nreview: submit\ndone: close\n"


@pytest.mark.parametrize("script", [answers.WHOLE, RENEWAL.format(pin=answers.PIN)], ids=["registration", "renewal"])
def test_a_flow_in_english(script: str, tmp_path: Path) -> None:
    file = tmp_path / "script"
    file.write_text(script, encoding="utf-8")
    ran = run("demo", "--plain", "--language", "en", "--script", str(file))
    assert ran.code == COMPLETED, ran.out + ran.err
    assert ran.receipt
    assert f"Receipt number: {ran.receipt}" in ran.out
    assert [line for line in ran.out.splitlines() if re.search("です|ます|ません|ください", line)] == []
