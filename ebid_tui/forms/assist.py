"""What a form's field could be filled with from what is known: an address from its code and back, hyphens of a telephone number.

Nothing is looked up here, and nothing typed is ever replaced unasked: `wanted` says what to look up, `take` puts in what a
person accepts. Which fields belong together follows from their kinds: a block's `postal_code` and the `address` behind it.
What the form itself knows is in `forms.known`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ebid_tui.assist.lookup import Lookup, LookupResult
from ebid_tui.assist.writing import narrowing
from ebid_tui.domain import fields
from ebid_tui.forms.known import Suggestion, known_here, mail_domains, remarked
from ebid_tui.messages import t

if TYPE_CHECKING:
    from ebid_tui.forms.model import FormInput, FormModel

ADDRESS = "address"
"""The id of a block's address (the fields' ids are the same in every system)."""

ENOUGH = 6
"""Characters of an address from which its code is looked up."""

PREFECTURE = re.compile(r"^(?:東京都|北海道|(?:京都|大阪)府|.{2,3}県)")


class FormAssist:
    """The suggestions of one form."""

    def __init__(self, model: FormModel) -> None:
        self._model = model
        self._known: dict[Lookup, tuple[LookupResult, ...]] = {}
        self._asked: tuple[FormInput, str] | None = None
        """A suggestion that would replace what was typed, once that was said."""

    def wanted(self) -> Lookup | None:
        """What to look up for the field being edited; None where nothing helps. Also what `suggestions` answers from."""
        entry = self._model.entry
        value = fields.settle(entry.field, entry.editor.value).value
        if entry.field.kind == "phone":
            return Lookup("hyphens", value) if value and self._changed(entry) and entry.field.chars in fields.WITH_HYPHEN else None
        pair = self._pair(entry)
        if pair is None:
            return None
        code, address = pair
        if not (self._changed(code) or self._changed(address)) and code.editor.value and address.editor.value:
            return None  # as it came: nobody asks
        digits = "".join(re.findall("[0-9]", fields.settle(code.field, code.editor.value).value))
        if len(digits) == 7 and (entry is code or not address.editor.value):
            return Lookup("places", digits)
        if not code.editor.value and len(address.editor.value) >= ENOUGH:
            return Lookup("codes", address.editor.value)
        return None

    def learn(self, lookup: Lookup, found: tuple[LookupResult, ...]) -> None:
        """What a look-up came to."""
        self._known[lookup] = found

    def knows(self, lookup: Lookup) -> bool:
        return lookup in self._known

    def suggestions(self) -> tuple[Suggestion, ...]:
        """What can be put in now; only what the target takes and does not have already."""
        lookup = self.wanted()
        if lookup is None:
            return known_here(self._model)
        target = self._target(lookup)
        made = []
        for found in self._known.get(lookup, ()):
            value = fields.fitting(target.field, found.value, self._model.form.policy)
            if value and _has(target.editor.value, value):
                return ()  # it is there already: no other one is better
            if value:
                made.append(Suggestion(target, value, remarked(value, found.beside), found.reading))
        return tuple({(s.value, s.told): s for s in made}.values())

    def nothing_known(self) -> str:
        """What is said where the lists were asked for the field being edited and have no answer; empty where they were not, or have one."""
        lookup = self.wanted()
        if lookup is None or lookup.kind not in ("places", "codes") or not self.knows(lookup) or self._known[lookup]:
            return ""
        if lookup.kind == "codes":
            return t("assist.nothing_known")
        return t("assist.code_unknown", code=f"{lookup.text[:3]}-{lookup.text[3:]}")

    def comparison(self) -> Lookup | None:
        """The question whether a typed code and its address are of one place, where it was not asked yet."""
        for entry in self._model.entries:
            lookup = self._differing(entry)
            if lookup is not None and lookup not in self._known:
                return lookup
        return None

    def note(self, entry: FormInput) -> str:
        """What is to be looked at again though it is no fault: an address that is not its code's, a telephone number with a digit lost.
        Empty where there is nothing."""
        if entry.field.kind == "phone":
            from ebid_tui.domain import typed_phones  # its patterns are made when a number is there, not before the first frame

            return typed_phones.note(entry.editor.value) if entry.finished else ""
        lookup = self._differing(entry)
        found = self._known.get(lookup, ()) if lookup is not None else ()
        if lookup is None or not found:
            return ""
        code = f"{lookup.text[:3]}-{lookup.text[3:]}"
        if not found[0].value:
            return t("assist.code_unknown", code=code)
        return t("assist.code_elsewhere", code=code, address=found[0].value)

    def _differing(self, entry: FormInput) -> Lookup | None:
        pair = self._pair(entry) if entry.field.id == ADDRESS else None
        if pair is None or not (self._changed(pair[0]) or self._changed(pair[1])):
            return None
        code, address = (fields.settle(e.field, e.editor.value).value for e in pair)
        digits = "".join(re.findall("[0-9]", code))
        return Lookup("differs", digits, address) if len(digits) == 7 and address else None

    def domains(self) -> tuple[Suggestion, ...]:
        """What could stand behind the mail address being edited, where one is."""
        entry = self._model.entry
        return tuple(Suggestion(entry, domain, domain) for domain in mail_domains(self._model, entry))

    def take(self, suggestion: Suggestion) -> bool:
        """Put it in and go on editing there; False where it would replace something and that has only been said now."""
        entry, model = suggestion.entry, self._model
        typed = fields.settle(entry.field, entry.editor.value).value
        same = entry.field.kind == "phone" or suggestion.value.startswith(typed)  # the same digits, or only more of it
        own = entry is model.entry and same
        if typed and not own and self._asked != (entry, suggestion.value):
            self._asked = (entry, suggestion.value)
            model.said = t("screen.form.replaces", label=entry.field.label, value=suggestion.value)
            model.alarm = True
            return False
        self._asked = None
        index = next(n for n, other in enumerate(model.entries) if other is entry)
        entry.editor.set(suggestion.value)
        model.go(index)
        model.edited()
        if entry.field.id == ADDRESS:
            model.said, model.alarm = t("screen.form.address_put_in"), False
        return True

    def typed(self) -> None:
        """Something else happened than the key that accepts."""
        self._asked = None

    # -- what belongs together

    def _pair(self, entry: FormInput) -> tuple[FormInput, FormInput] | None:
        """The postal code and the address that this entry is one of."""
        block = [e for e in self._model.entries if e.block.id == entry.block.id]
        code = next((e for e in block if e.field.kind == "postal_code"), None)
        address = next((e for e in block if e.field.id == ADDRESS), None)
        return (code, address) if code is not None and address is not None and entry in (code, address) else None

    def _target(self, lookup: Lookup) -> FormInput:
        entry = self._model.entry
        if lookup.kind == "hyphens":
            return entry
        pair = self._pair(entry)
        assert pair is not None
        return pair[1] if lookup.kind == "places" else pair[0]

    def _changed(self, entry: FormInput) -> bool:
        """Whether it is another value than the form began with."""
        return entry.editor.value != self._model.form.values.get(entry.block.id, {}).get(entry.field.id, "")


def narrowed(suggestions: Sequence[Suggestion], query: str) -> tuple[Suggestion, ...]:
    """Those in which every word of the query stands, or which are read so."""
    stands = narrowing(query)
    return tuple(s for s in suggestions if stands(s.told, s.reading))


def _has(typed: str, value: str) -> bool:
    """Whether what is typed says the same already, with or without its prefecture."""
    return typed.startswith((value, PREFECTURE.sub("", value) or value))
