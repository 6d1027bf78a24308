"""Hostile text in every string of every answer of a visit at once, each with a number of its own by which it is found again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ebid_tui.client.answers import decoded
from ebid_tui.domain.records import Refusal
from ebid_tui.domain.text.cleaning import odd
from tests.client.test_answers import KINDS
from tests.hostile.liar import Told
from tests.hostile.texts import MARK, UNSEEN, changed, strings

COMPARED = ("/v1/qualifications/search", "/v1/registered")
"""What is filled in and signed of these has to be what the server knows: a text in them gets only what is taken out without a trace."""
HIDDEN = "".join(dict.fromkeys(char for text in UNSEEN.values() for char in text if odd(char)))
EVERYTHING = "".join(UNSEEN.values()).replace(MARK, "") + HIDDEN


def kind_of(method: str, path: str) -> Any:
    """What the client takes an answer for, as the API's description has it."""
    for name, (_, kind) in KINDS.items():
        pattern = re.sub(r"\\{[a-z_]+\\}", "[^/]+", re.escape(name.partition(" ")[2]))
        if name.startswith(f"{method.lower()} ") and (path == name.partition(" ")[2] or re.fullmatch(pattern, path.partition("?")[0])):
            return kind
    raise LookupError(f"{method} {path}")


def texts_of(told: Told) -> Iterator[tuple[Any, ...]]:
    """Where its strings stand that may be any text: a code that is not as it has to be ends a visit at once (`test_answers.py`)."""
    kind = Refusal if told.status >= 400 else kind_of(told.method, told.path)
    for where in strings(told.body):
        try:
            decoded(json.dumps(changed(told.body, where, lambda text: f"{text}{HIDDEN}")).encode(), kind)
        except ValueError:
            continue
        yield where


class Everywhere:
    """A `Liar.lie`. `instead` gives a problem's status and body by the path for which it comes instead of the truth."""

    def __init__(self, instead: dict[str, tuple[int, Any]] | None = None) -> None:
        self.instead = instead or {}
        self.placed: list[tuple[str, tuple[Any, ...]]] = []
        """By number: in the answer to what, and where in it."""

    def __call__(self, _number: int, told: Told) -> tuple[int, bytes] | None:
        if told.path in self.instead:
            told.status, told.body = self.instead[told.path]
        compared = told.path.partition("?")[0] in COMPARED and told.status < 400
        body = told.body
        for where in texts_of(told):
            piece = HIDDEN if compared else f"{MARK}{len(self.placed)}.{EVERYTHING}"
            body = changed(body, where, lambda text, piece=piece: f"{text}{piece}")  # type: ignore[misc]
            self.placed.append((f"{told.method} {told.path}", where))
        return told.status, json.dumps(body).encode()
