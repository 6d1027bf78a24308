"""Less typing in line mode: what is known for a field (addresses of a postal code), each taken by `:1`, `:2` …, with what follows it."""

from __future__ import annotations

import asyncio
import re
import unicodedata

from ebid_tui.assist.lookup import look_up
from ebid_tui.forms.assist import FormAssist
from ebid_tui.messages import t

TAKEN = re.compile(r"[:：]\s*([1-9１-９])\s*(.*)", re.DOTALL)


async def known_values(assist: FormAssist) -> tuple[str, ...]:
    """What could stand in the field being edited, as it would count; printed one a line. A mail's domain begins with `@`."""
    wanted = assist.wanted()
    if wanted is not None and not assist.knows(wanted):
        assist.learn(wanted, await asyncio.to_thread(look_up, wanted))
    known = [(suggestion.told, suggestion.value) for suggestion in assist.suggestions()] or [(d, d) for d in assist.mail_domains()]
    for number, (told, _) in enumerate(known, start=1):
        print(t("plain.known", number=number, value=told))
    return tuple(value for _, value in known)


def taken(answer: str, known: tuple[str, ...]) -> str:
    """`:1 ７番２９号` → the first address and what follows, `:1 hanako` → `hanako@example.com`; every other answer as it is."""
    found = TAKEN.fullmatch(answer.strip())
    if found is None:
        return answer
    number = int(unicodedata.normalize("NFKC", found[1]))
    if number > len(known):
        return answer
    value, more = known[number - 1], found[2]
    return more + value if value.startswith("@") else value + more
