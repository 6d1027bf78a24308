"""`[[faq]]`: the questions that a system's own documents answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from ebid_tui.domain.profile.rows import unique
from ebid_tui.domain.profile.texts import Fault

if TYPE_CHECKING:
    from ebid_tui.domain.profile.systems import Profile


class CallerQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question with its answer; one of the program's own with the same id is replaced, in its place."""

    id: str
    question: str
    answer: str
    words: str = ""
    """More words by which it is found."""


def question_faults(profile: Profile) -> Iterator[Fault]:
    """Ids that stand twice, and questions left out that there never were."""
    yield from unique("faq", (question.id for question in profile.faq))
    if profile.faq_without:
        from ebid_tui.messages.faq import TEXTS  # only where a file names one

        known = {key.rpartition(".")[0] for key in TEXTS}
        for wanted in profile.faq_without:
            if wanted not in known:
                yield "faq_without", f"no question {wanted!r}"
            if any(question.id == wanted for question in profile.faq):
                yield "faq_without", f"{wanted!r} is a question of [[faq]]"
