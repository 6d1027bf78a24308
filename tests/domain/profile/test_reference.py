"""The reference of a file's keys is made from the code: each key has its sentence, and no other."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ebid_tui.domain.profile.reference import reference, tables
from ebid_tui.language import LANGUAGES, speaking
from ebid_tui.messages import t
from ebid_tui.messages.system_key import TEXTS

ROOT = Path(__file__).resolve().parents[3]
KEYS = [f"{struct.__name__}.{field.name}" for struct, _ in tables() for field in msgspec.structs.fields(struct)]


def test_every_key_has_its_sentence_and_no_other() -> None:
    assert list(TEXTS) == KEYS


def test_the_document_is_what_the_command_says() -> None:
    assert (ROOT / "docs" / "system-reference.md").read_text("utf-8") == reference(), "ebid-tui system reference > docs/system-reference.md"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_that_can_be_chosen_is_listed(language: str) -> None:
    with speaking(language):
        said = reference()
        assert all(str(t(f"system_key.{key}")).replace("|", "\\|") in said for key in KEYS)
    for value in ("must_change", "use_as_is", "decimal_and_hex", "read_only", "after_pin", "half_digits_symbols"):
        assert value in said
