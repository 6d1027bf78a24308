"""What bidders read, on screens, in line mode, on paper and in mails: no rule's number stands in a sentence (it is the code beside it)."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from typing import Any

from ebid_tui.domain.profile.systems import available
from ebid_tui.language import LOCALE, speaking, translated
from ebid_tui.messages import AREAS

ADMINISTRATORS = {"admin", "backup", "desk", "desk_codes", "evidence", "roster"}
"""Areas that no bidder sees."""


def public() -> dict[str, str]:
    texts = {
        f"{area}.{key}": text
        for area in AREAS
        if area not in ADMINISTRATORS
        for key, text in import_module(f"ebid_tui.messages.{area}").TEXTS.items()
        if not key.startswith("serve")
    }
    for path in available().values():
        texts |= {f"{path.name}: {text[:20]}": text for text in _strings(tomllib.loads(path.read_text(encoding="utf-8")))}
    glossary = LOCALE / "en" / "glossary.toml"
    return texts | {f"glossary: {text[:20]}": text for text in _strings(tomllib.loads(glossary.read_text(encoding="utf-8")))}


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in inner for text in _strings(part)]


def test_no_public_sentence_holds_a_rules_number() -> None:
    """Nor its translation: the number stands apart, as the code (mending.code)."""
    held = {key for key, text in public().items() if re.search(r"R-\d\d", text)}
    with speaking("en"):
        held |= {key for key, text in public().items() if re.search(r"R-\d\d", translated(key, text))}
    assert held == set()
