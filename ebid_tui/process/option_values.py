"""Values of the command line: what is wrong with one is said in a sentence of ours, without the value (a slip may be a password)."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeVar

from ebid_tui.messages import t

T = TypeVar("T")
MOST = 2**31 - 1


def saying(parse: Callable[[str], T], sentence: str, **values: object) -> Callable[[str], T]:
    """A `type=` of argparse; the sentence stands for what `parse` refuses with a ValueError."""

    def parsed(text: str) -> T:
        try:
            return parse(text)
        except ValueError:
            raise argparse.ArgumentTypeError(t(sentence, **values)) from None

    return parsed


def whole(least: int = 0, most: int = MOST) -> Callable[[str], int]:
    """A whole number between these."""

    def within(text: str) -> int:
        if not least <= (number := int(text)) <= most:
            raise ValueError
        return number

    return saying(within, "main.setting_number", least=least, most=most)
