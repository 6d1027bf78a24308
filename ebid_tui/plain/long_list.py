"""Line mode's long list to choose from: a page at a time for a person, who may look for a name or its reading."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ebid_tui.assist.writing import narrowing
from ebid_tui.flows.ui import Option
from ebid_tui.messages import t
from ebid_tui.plain.pages import print_options
from ebid_tui.plain.words import FIND, MORE, folded_word

PAGE = 15
"""Options that are printed at once; a shorter list is printed as a whole."""

FINDING = re.compile(rf"(?:{'|'.join(FIND)})(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)


class LongList:
    """The options that fit, each by its number in the whole list, and how far they were printed."""

    def __init__(self, options: Sequence[Option]) -> None:
        self.every = tuple(enumerate(options, start=1))
        self._left = self.every

    def show(self, query: str = "") -> None:
        """Print the first page of those in which the query stands."""
        fits = narrowing(query)
        self._left = tuple((number, option) for number, option in self.every if fits(option.label, option.reading))
        if query:
            print(t("plain.list_found", query=query, found=len(self._left), count=len(self.every)))
        else:
            print(t("plain.list_count", count=len(self.every)))
        self._page()

    def _page(self) -> None:
        print_options(self._left[:PAGE])
        self._left = self._left[PAGE:]
        if self._left:
            print(t("plain.list_more", count=len(self._left)))

    def asked(self, answer: str) -> bool:
        """Whether an answer is for the list only: what it asks for is printed then."""
        found = FINDING.fullmatch(unicodedata.normalize("NFKC", answer).strip())
        if found is not None:
            self.show((found[1] or "").strip())
        elif folded_word(answer) in MORE:
            self._page()
        elif answer and not folded_word(answer).isdigit() and self._stands(answer):
            self.show(answer)
        else:
            return False
        return True

    def _stands(self, query: str) -> bool:
        fits = narrowing(query)
        return any(fits(option.label, option.reading) for _, option in self.every)
