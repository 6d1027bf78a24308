"""A mail's words: Japanese, as the system that it comes from calls things."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.language import SOURCE, speaking, speaking_of

About = TypeVar("About")
Written = TypeVar("Written")


def in_own_words(write: Callable[[Profile, About], Written]) -> Callable[[Profile, About], Written]:
    """`write`, whoever's request it is done in, and whichever system that speaks of."""

    @wraps(write)
    def written(profile: Profile, about: About) -> Written:
        with speaking(SOURCE), speaking_of(profile.words):
            return write(profile, about)

    return written
