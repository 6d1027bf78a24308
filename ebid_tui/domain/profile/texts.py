"""What the words of a profile must fulfil: something stands where something is shown, and nothing that would break a row."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import msgspec

MAY_BE_BLANK = frozenset({"Block.title", "Field.mark"})
"""Keys without which a block or an input does well."""

PARAGRAPHS = frozenset(
    "lead explanation purpose not_for help remark question company_check company_remark done note footer search_note "
    "current_dialog new_dialog busy hand_in says text accepted_lead refused_lead answer".split()
)
"""Keys whose text may have several lines; a button, a label or a mail's subject has one."""

Fault = tuple[str, str]
"""Key and reason."""


def text_faults(part: msgspec.Struct, key: str = "") -> Iterator[Fault]:
    """Every text of a profile, or of a part of it, that cannot be shown."""
    for field, default in _defaults(part):
        value, name = getattr(part, field), f"{key}.{field}".lstrip(".")
        if isinstance(value, str):
            needed = default is not None and f"{type(part).__name__}.{field}" not in MAY_BE_BLANK
            yield from _text(name, value, needed=needed, lines=field in PARAGRAPHS)
        else:
            yield from _inside(name, value)


def _defaults(part: msgspec.Struct) -> Iterator[tuple[str, object]]:
    """Each key, and None where it may be left out and is empty then. (`msgspec.structs.fields` would cost 20 ms at every start.)"""
    keys, defaults = part.__struct_fields__, part.__struct_defaults__
    for key, default in zip(keys, (msgspec.NODEFAULT,) * (len(keys) - len(defaults)) + defaults, strict=True):
        yield key, default or None


def _inside(key: str, value: object) -> Iterator[Fault]:
    """What stands in a list or a table."""
    if isinstance(value, msgspec.Struct):
        yield from text_faults(value, key)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _inside(f"{key}.{name}", item)
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _inside(f"{key}.{getattr(item, 'id', number)}", item)
    elif isinstance(value, str):
        yield from _text(key, value, needed=True, lines=False)


def _text(key: str, value: str, *, needed: bool, lines: bool) -> Iterator[Fault]:
    if needed and not value.strip():
        yield key, "cannot be empty"
    for char in value:
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and not (lines and char == "\n"):
            yield key, f"has the character U+{ord(char):04X}, which cannot be shown" + (" in one line" if char == "\n" else "")
            return
