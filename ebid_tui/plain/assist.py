"""Less typing in line mode: the addresses of the postal code just typed, each taken by `:1`, `:2` …, with what follows it."""

from __future__ import annotations

import asyncio
import re
import unicodedata

from ebid_tui.assist.lookup import Lookup, look_up
from ebid_tui.domain import fields
from ebid_tui.domain.fields import Field
from ebid_tui.flows.ui import FormBlock
from ebid_tui.messages import t

ADDRESS = "address"
TAKEN = re.compile(r"[:：]\s*([1-9１-９])\s*(.*)", re.DOTALL)


async def known_addresses(block: FormBlock, field: Field, typed: dict[str, str]) -> tuple[str, ...]:
    """What could stand in this field, as it would count; printed one a line. None for another field than an address."""
    code = next((f for f in block.fields if f.kind == "postal_code" and f.input), None)
    if field.id != ADDRESS or code is None or not typed.get(code.id):
        return ()
    digits = "".join(re.findall("[0-9]", typed[code.id]))
    found = await asyncio.to_thread(look_up, Lookup("places", digits))
    settled = ((fields.settle(field, place.value).value, place.beside) for place in found)
    known = tuple((value, beside) for value, beside in settled if not field.limit or len(value) <= field.limit)
    for number, (value, beside) in enumerate(known, start=1):
        print(t("plain.known", number=number, value="　".join(part for part in (value, beside) if part)))
    return tuple(value for value, _ in known)


def taken(answer: str, known: tuple[str, ...]) -> str:
    """`:1 ７番２９号` → the first address and what follows; every other answer as it is."""
    found = TAKEN.fullmatch(answer.strip())
    if found is None:
        return answer
    number = int(unicodedata.normalize("NFKC", found[1]))
    return known[number - 1] + found[2] if number <= len(known) else answer
