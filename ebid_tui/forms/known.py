"""What a form knows for the field being edited without looking anything up: the card's company on the search, a mail's domain.

Nothing is put in unasked. Of an address only the part behind `@` is offered, from another contact's: what stands before it is typed,
both times (R-12), and the first of the two never completes the second.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ebid_tui.domain import fields

if TYPE_CHECKING:
    from ebid_tui.forms.model import FormInput, FormModel

MAILS = ("email", "email_again")
DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`value` for the field `entry`; `told` is how it is shown: what is only said of it stands behind a `※` (`remarked`)."""

    entry: FormInput
    value: str
    told: str
    reading: str = field(default="", compare=False)
    """In katakana; what is not shown of it, but may be typed to find it."""


def remarked(value: str, remark: str) -> str:
    """A value as it is shown with what is known about it, which will not be put in."""
    return f"{value}　※{remark}" if remark else value


def known_here(model: FormModel) -> tuple[Suggestion, ...]:
    """What could be put into the field being edited."""
    entry = model.entry
    if entry.field.kind in MAILS:
        return tuple(_completed(entry, mail_domains(model, entry)))
    if entry.editor.value:
        return ()
    fills = (fill for fill in model.form.fills if fill.source == "card" and fill.target == entry.block.id)
    values = (fill.values.get(fill.fields.get(entry.field.id, ""), "") for fill in fills)
    return tuple(Suggestion(entry, value, value) for value in values if value)


def mail_domains(model: FormModel, entry: FormInput) -> tuple[str, ...]:
    """`@example.com` of every other contact of the vendor, in the order of the form; nothing for a field that is no mail address."""
    if entry.field.kind not in MAILS:
        return ()
    form = model.form
    known = [form.values.get(b.id, {}) | model.settled(b.id) for b in form.blocks if b.id != entry.block.id]
    known += [dict(fill.values) for fill in form.fills if fill.source == "last_card"]
    domains = (values.get("email", "").rpartition("@") for values in known)
    return tuple(dict.fromkeys("@" + domain for before, _, domain in domains if before and DOMAIN.fullmatch(domain)))


def _completed(entry: FormInput, domains: tuple[str, ...]) -> list[Suggestion]:
    """What is told stays the same while one types: a key costs no more bytes for it.

    A fault is no hindrance where this mends it (no `@`, no domain); one with a value of its own to suggest is.
    """
    from ebid_tui.domain import typed_slips  # its patterns are made when something is typed, not before the first frame

    problem = entry.problem
    if not domains or (problem is not None and (problem.suggestion is not None or problem.choices)):
        return []
    lacking = typed_slips.lacking_domain(fields.settle(entry.field, entry.editor.value).value)
    if lacking is None:
        return []
    before, begun = lacking
    longer = (domain for domain in domains if domain.startswith(begun) and domain != begun)
    made = [Suggestion(entry, before + domain, domain) for domain in longer]
    return [one for one in made if not entry.field.limit or len(one.value) <= entry.field.limit]
