"""Patterns that a file may ask of a value: such as are decided on quickly whatever is typed, and an example of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from re import _constants as ops
from re import _parser as parser
from typing import Any

from ebid_tui.domain.text.classes import CharClass, characters

LONGEST = 200
CHOICES = 8
"""So many places of a pattern may take more or less: each may double the ways in which a value could fit."""
REPEATS = 2
"""So many of them may be as long as one likes."""
FULL_WIDTH = "０１２３４５６７８９ＡＢＣアイウ見本－　"
_REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT)
_PLAIN = (ops.LITERAL, ops.NOT_LITERAL, ops.IN, ops.ANY, ops.SUBPATTERN, ops.BRANCH, *_REPEATS)


def pattern_fault(pattern: str) -> str | None:
    """Why a pattern is none that a file may have, or None."""
    if len(pattern) > LONGEST:
        return f"a pattern has at most {LONGEST} characters"
    try:
        parsed = parser.parse(pattern)
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return "is no pattern (Python's re)"
    found = list(_parts(parsed, repeated=False))
    if any(kind not in _PLAIN for kind, _, _ in found):
        return "a pattern has characters, sets, groups, repeats and | only"
    varied = [(argument, repeated) for kind, argument, repeated in found if _varies(kind, argument)]
    long = [kind for kind, argument, _ in found if kind in _REPEATS and argument[0] != argument[1] > 1]
    if any(repeated for _, repeated in varied) or len(varied) > CHOICES or len(long) > REPEATS:
        return "could take for ever: nothing of varying length inside a repeat, and few of them"
    return None


def _varies(kind: Any, argument: Any) -> bool:
    return kind is ops.BRANCH or (kind in _REPEATS and argument[0] != argument[1])


def _parts(parsed: Any, *, repeated: bool) -> Iterator[tuple[Any, Any, bool]]:
    """Every part, and whether it stands in a repeat."""
    for kind, argument in parsed:
        yield kind, argument, repeated
        if kind in _REPEATS:
            yield from _parts(argument[2], repeated=repeated or argument[1] > 1)
        elif kind is ops.SUBPATTERN:
            yield from _parts(argument[3], repeated=repeated)
        elif kind is ops.BRANCH:
            for branch in argument[1]:
                yield from _parts(branch, repeated=repeated)


@cache
def examples(pattern: str, chars: CharClass, limit: int) -> tuple[str, ...]:
    """Values of at most `limit` characters that a pattern without fault takes, the shortest first; perhaps none."""
    every = "".join(sorted(characters(chars))) or FULL_WIDTH
    found = (_example(parser.parse(pattern), every, length) for length in range(1, limit + 1))
    return tuple(dict.fromkeys(e for e in found if 0 < len(e) <= limit and re.fullmatch(pattern, e)))


def _example(parsed: Any, every: str, length: int) -> str:
    return "".join(_one(kind, argument, every, length) for kind, argument in parsed)


def _one(kind: Any, argument: Any, every: str, length: int) -> str:
    if kind in _REPEATS:
        least, most, body = argument
        return _example(body, every, length) * int(min(int(most), max(least, length)))
    if kind is ops.SUBPATTERN:
        return _example(argument[3], every, length)
    if kind is ops.BRANCH:
        return _example(argument[1][0], every, length)
    if kind is ops.LITERAL:
        return chr(argument)
    taken = re.compile(".") if kind is ops.ANY else None
    return next((c for c in every if taken or _in(kind, argument, c)), "")


def _in(kind: Any, argument: Any, char: str) -> bool:
    code = ord(char)
    if kind is ops.NOT_LITERAL:
        return bool(code != argument)
    negated = argument[0][0] is ops.NEGATE
    return negated != any(_member(kind, value, char) for kind, value in argument[negated:])


def _member(kind: Any, value: Any, char: str) -> bool:
    if kind is ops.LITERAL:
        return bool(ord(char) == value)
    if kind is ops.RANGE:
        return bool(value[0] <= ord(char) <= value[1])
    tests = {ops.CATEGORY_DIGIT: r"\d", ops.CATEGORY_WORD: r"\w", ops.CATEGORY_SPACE: r"\s"}
    return value in tests and re.fullmatch(tests[value], char) is not None
