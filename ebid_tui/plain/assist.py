"""Less typing in line mode: what is known for a field (addresses of a postal code), each taken by `:1`, `:2` …, with what follows it.

A long list says how many more there are; `:find` and a word narrow it.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from ebid_tui.assist.lookup import look_up
from ebid_tui.forms.assist import FormAssist, narrowed
from ebid_tui.forms.known import MAILS, Suggestion
from ebid_tui.forms.model import FormInput
from ebid_tui.messages import t
from ebid_tui.plain.words import FIND

TAKEN = re.compile(r"[:：]\s*([1-9１-９])\s*(.*)", re.DOTALL)
NUMBERED = re.compile(r":\s*([1-9])(?:\s.*)?", re.DOTALL)
"""A value of the list and no other: `:1a2b` may be a password."""
FINDING = re.compile(rf"(?:{'|'.join(FIND)})(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)
AT_ONCE = 9
"""So many are printed: they are taken by one digit."""


class KnownValues:
    """What could stand in one field."""

    def __init__(self, every: Sequence[Suggestion] = ()) -> None:
        self.every = tuple(every)
        self.values: tuple[str, ...] = ()
        """Those that were printed last, by their numbers."""

    def show(self, query: str = "") -> None:
        """Print those in which the query stands, numbered."""
        found = narrowed(self.every, query)
        if query and not found:
            print(t("assist.none_left"))
        for number, suggestion in enumerate(found[:AT_ONCE], start=1):
            print(t("plain.known", number=number, value=suggestion.told))
        if len(found) > AT_ONCE:
            print(t("assist.more_in_lines", count=len(found) - AT_ONCE))
        self.values = tuple(suggestion.value for suggestion in found[:AT_ONCE])

    def asked(self, answer: str) -> bool:
        """Whether an answer is only for the list: narrows it (it is printed anew), or takes a value that is not there."""
        plain = unicodedata.normalize("NFKC", answer).strip()
        if (found := FINDING.fullmatch(plain)) is not None and self.every:
            self.show(found[1] or "")
        elif found is not None or ((number := NUMBERED.fullmatch(plain)) and int(number[1]) > len(self.values)):
            print(t("plain.not_here"))
        else:
            return False
        return True


async def known_values(assist: FormAssist) -> KnownValues:
    """What could stand in the field being edited, as it would count; printed one a line. A mail's domain begins with `@`."""
    wanted = assist.wanted()
    if wanted is not None and not assist.knows(wanted):
        assist.learn(wanted, await asyncio.to_thread(look_up, wanted))
    found = assist.suggestions() or assist.domains()
    known = KnownValues([replace(one, told=one.value) if one.entry.field.kind in MAILS else one for one in found])
    known.show()
    return known


async def offered(entry: FormInput, assist: FormAssist) -> KnownValues:
    """What could take the place of a refused value: its suggestion, what a paste may have meant, or else what is known for the field."""
    problem = entry.problem
    if problem is None or (problem.suggestion is None and not problem.choices):
        return await known_values(assist)
    suggested = () if problem.suggestion is None or entry.field.secret else ((problem.suggestion, problem.suggestion),)
    choices = tuple((f"{label}　{value}", value) for label, value in problem.choices)
    known = KnownValues(tuple(Suggestion(entry, value, told) for told, value in choices or suggested))
    known.show()
    return known


async def compared(assist: FormAssist) -> bool:
    """Ask whether codes and addresses that were answered are of one place; whether anything new was asked."""
    asked = False
    while (wanted := assist.comparison()) is not None:
        assist.learn(wanted, await asyncio.to_thread(look_up, wanted))
        asked = True
    return asked


def taken(answer: str, known: tuple[str, ...]) -> str:
    """`:1 ７番２９号` → the first address and what follows, `:1 hanako` → `hanako@example.com`, also where the first is another one's
    address there; every other answer as it is."""
    found = TAKEN.fullmatch(answer.strip())
    if found is None:
        return answer
    number = int(unicodedata.normalize("NFKC", found[1]))
    if number > len(known):
        return answer
    value, more = known[number - 1], found[2]
    before, at, domain = value.partition("@")
    return (more or before) + at + domain if at else value + more
