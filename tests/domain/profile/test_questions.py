"""`[[faq]]`: what stands twice, and what is left out that never was, is refused with its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from ebid_tui.domain.profile.systems import load
from ebid_tui.errors import ProfileError

MINATO = Path(__file__).resolve().parents[1] / "profiles" / "minato.toml"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('id = "parking"', 'id = "many"', "faq"),
        ('faq_without = ["corporate"]', 'faq_without = ["corporat"]', "faq_without"),
        ('faq_without = ["corporate"]', 'faq_without = ["many"]', "faq_without"),
        ('answer = "3枚までです。"', 'answer = " "', "faq.many.answer"),
        ('answer = "3枚までです。"', "answer = 3", "faq"),
        ('question = "役場に駐車場はありますか。"', "", "faq"),
        ('words = "枚数"', 'word = "枚数"', "faq"),
    ],
)
def test_a_fault_is_told_with_its_key(old: str, new: str, key: str, tmp_path: Path) -> None:
    text = MINATO.read_text()
    assert text.count(old) == 1
    file = tmp_path / "minato.toml"
    file.write_text(text.replace(old, new))
    with pytest.raises(ProfileError) as caught:
        load(file)
    assert caught.value.key.startswith(key)
