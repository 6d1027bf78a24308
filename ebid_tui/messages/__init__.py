"""Every sentence the program says, by key, one file an area: in Japanese here, in other languages by `ebid_tui.language`.

Labels and titles of the municipalities' documents are not here: they are data, in `ebid_tui/systems/*.toml`.
An area is imported when its first sentence is wanted, so that the first frame pays for nothing it does not show.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from string import Formatter

from ebid_tui.language import SOURCE, TranslatableText, gloss, joined, language, own, said, translated

AREAS = tuple(sorted(file.stem for file in Path(__file__).parent.glob("[a-z]*.py")))
"""The known areas; a key is `area.name`, its text stands in `ebid_tui/messages/<area>.py`."""


@cache
def _area(name: str) -> dict[str, str]:
    texts: dict[str, str] = import_module(f"ebid_tui.messages.{name}").TEXTS
    return texts


def t(key: str, /, **values: object) -> str:
    """The sentence under `area.name`, with `{placeholders}` filled from `values`.

    Raises KeyError for an unknown key: a missing sentence is a defect that the tests must see.
    """
    area, _, name = key.partition(".")
    if area not in AREAS:
        raise KeyError(key)
    text = _area(area)[name]
    if language() == SOURCE:
        text = own(key, text)
        return said(text.format_map(values) if values else text, key, values)
    filled = {value_name: gloss(value) if isinstance(value, str) else value for value_name, value in values.items()}
    text = translated(key, text)
    return said(text.format_map(filled) if values else text, key, values)


def has(key: str) -> bool:
    """Whether a sentence stands under this key."""
    area, _, name = key.partition(".")
    return area in AREAS and name in _area(area)


def placeholders(key: str) -> tuple[str, ...]:
    """The names that the sentence under this key has room for."""
    area, _, name = key.partition(".")
    return tuple(field for _, field, _, _ in Formatter().parse(_area(area)[name]) if field)


def retranslated(text: str) -> str:
    """A text in the language spoken now, as far as it knows where it came from."""
    if not isinstance(text, TranslatableText):
        return text
    if isinstance(text.source, str):
        return gloss(text.source)
    if isinstance(text.source, Mapping):
        return t(text.key, **{name: retranslated(value) if isinstance(value, str) else value for name, value in text.source.items()})
    return joined(text.key, [retranslated(part) for part in text.source])
