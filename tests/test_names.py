"""A class name means one class: whoever reads it, or looks for it, need not ask which of several is meant."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from tests.test_project import PACKAGE

TWINS: frozenset[str] = frozenset()
"""Names that stand in more than one place: at most 3 in 100. Each goes from here as soon as it means one class."""


def test_class_names_are_unique_but_for_those_that_are_listed() -> None:
    names = class_names(files())
    assert twins(names) == TWINS
    assert 100 * len(TWINS) <= 3 * len(names)


def test_two_twins_more_are_noticed() -> None:
    names = class_names([*files(), "class Pin:\n    class EbidError(Exception): ...\n"])
    assert twins(names) == TWINS | {"Pin", "EbidError"}


def files() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]


def class_names(texts: Iterable[str]) -> Counter[str]:
    return Counter(name for text in texts for name in re.findall(r"^ *class (\w+)[(:\[]", text, re.MULTILINE))


def twins(names: Counter[str]) -> set[str]:
    return {name for name, count in names.items() if count > 1}
