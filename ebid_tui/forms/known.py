"""What a form knows for the field being edited without looking anything up: the card's company on the search, a mail's domain.

Nothing is put in unasked. Of an address only the part behind `@` is offered, from another contact's: what stands before it is typed,
both times (R-12), and the first of the two never completes the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ebid_tui.forms.model import FormInput, FormModel

MAILS = ("email", "email_again")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`value` for the field `entry`; `told` is how it is shown."""

    entry: FormInput
    value: str
    told: str


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
    return tuple(dict.fromkeys("@" + domain for before, _, domain in domains if before and "." in domain))


def _completed(entry: FormInput, domains: tuple[str, ...]) -> list[Suggestion]:
    """What is told stays the same while one types: a key costs no more bytes for it."""
    typed = entry.editor.value
    before, at, behind = typed.partition("@")
    if not before or entry.problem is not None:
        return []
    longer = (domain for domain in domains if domain.startswith(at + behind) and domain != at + behind)
    made = [Suggestion(entry, before + domain, domain) for domain in longer]
    return [one for one in made if not entry.field.limit or len(one.value) <= entry.field.limit]
