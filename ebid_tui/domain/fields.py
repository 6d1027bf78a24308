"""A field of a form: its class, its limit, what it shows beside itself, and what is wrong with a value.

The same definitions decide on the client, as one types, and on the server, which has the last word.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from typing import Literal

import msgspec

from ebid_tui.domain.text import classes
from ebid_tui.domain.text.classes import CharClass
from ebid_tui.domain.text.cleaning import tidy
from ebid_tui.domain.text.lookalikes import DASHES
from ebid_tui.messages import t

Kind = Literal["text", "name", "postal_code", "phone", "email", "email_again", "password", "grades"]
"""`name` is a company's registered name (R-13); `email_again` must equal `email` of its block; `grades` is read-only.

A `postal_code` has its hyphen (`123-4567`) where the class takes one, and is seven digits where it does not.
"""

Source = Literal["typed", "qualification", "card", "system"]
"""Where a value comes from; only `typed` fields are inputs. A `typed` field may start from the qualification's value."""

POSTAL_CODE = re.compile(r"[0-9]{3}-[0-9]{4}")
DIGITS = re.compile(r"[0-9]+")
BARE_POSTAL_CODE = re.compile(r"[0-9]{7}")
DASHED_POSTAL_CODE = re.compile(rf"([0-9]{{3}})[{re.escape(''.join(sorted(DASHES)))}]([0-9]{{4}})")
WITH_HYPHEN: frozenset[CharClass] = classes.taking("-")
"""The half-width classes that have `-`."""


_OWN = re.compile(r"x-[a-z0-9]+(-[a-z0-9]+)*")


def is_own(field_id: str) -> bool:
    """Whether a system's file has made this field up (`x-…`): nothing else knows what it means."""
    return _OWN.fullmatch(field_id) is not None


MUCH_TOO_LONG = 4
"""So many times its limit, a value is no slip."""


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One field. Lengths are code points of the normalised value; `exact` excludes `max`."""

    id: str
    label: str
    kind: Kind = "text"
    chars: CharClass = "full_width"
    max: int = 0
    exact: int = 0
    pad: int = 0
    """So many characters a number of digits has, with zeros before it: they need not be typed. 0: as it was typed."""
    pattern: str = ""
    """A regular expression that all of a value must match, of kind `text`; empty: none."""
    pattern_says: str = ""
    """What is said where it does not."""
    source: Source = "typed"
    required: bool = True
    mark: str = "(※)"
    note: str = ""
    """The limit as the documents print it beside the input, e.g. `(60文字以内)`."""
    help: str = ""
    operations: tuple[Literal["registration", "amendment", "renewal"], ...] = ("registration", "amendment", "renewal")
    categories: tuple[str, ...] = ()
    """Categories that show it; empty means all."""
    lines: tuple[str, ...] = ()
    """What a grade is given for, for kind `grades`; a value has one option a line, separated by commas."""
    options: tuple[str, ...] = ()
    """The grades that a line may have; the last one is meant where a value says nothing."""
    secret: bool = False
    """Whether it is masked and never shown again; of a search's fields only. A password always is."""

    def __post_init__(self) -> None:
        if self.kind == "password":
            msgspec.structs.force_setattr(self, "secret", True)

    @property
    def input(self) -> bool:
        return self.source == "typed"

    @property
    def limit(self) -> int:
        """The most characters it takes; 0 where it takes none."""
        return self.exact or self.max


class FieldProblem(msgspec.Struct, frozen=True):
    """What is wrong with one value. `message` is Japanese and says what to do; `suggestion` could be put in its place."""

    code: str
    message: str
    suggestion: str | None = None
    choices: tuple[tuple[str, str], ...] = ()
    """Of several suggestions, what each is called and its value: one is to be chosen."""


class SettledValue(msgspec.Struct, frozen=True):
    """A typed value as it will count, and what was done to it (`notes`, Japanese, empty when nothing was)."""

    value: str
    notes: tuple[str, ...] = ()


class FieldPolicy(msgspec.Struct, frozen=True):
    """The system's settings on which a field's checks depend."""

    character_set: str = "jisx0208"
    abbreviated_name: Literal["refuse", "allow"] = "refuse"
    refused_branches: tuple[str, ...] = ()
    """How the name of a branch ends that may not stand behind a company's."""


def settle(field: Field, raw: str) -> SettledValue:
    """The value that counts when a person leaves the field (R-29): cleaned, folded, converted to the field's width, filled with zeros.

    A password is never changed. What was removed or converted is said in the notes, beside the new value.
    """
    typed = _as_typed(field, raw)
    if not field.pad or not DIGITS.fullmatch(typed.value) or len(typed.value) >= field.pad:
        return typed
    return SettledValue(typed.value.rjust(field.pad, "0"), (*typed.notes, t("field.padded", length=field.pad)))


def _as_typed(field: Field, raw: str) -> SettledValue:
    """A value before zeros are put in front of it: what is counted and looked at while it is being typed."""
    if field.secret:
        return SettledValue(raw)
    tidied = tidy(raw, classes.between(field.chars))
    notes = list(tidied.notes)
    value = classes.normalise(tidied.text, field.chars)
    converted = classes.normalise(classes.convert(value, field.chars), field.chars)
    if converted != value:
        notes.append(t("field.to_full_width" if field.chars == "full_width" else "field.to_half_width"))
    if field.kind == "postal_code":
        converted, note = _postal_hyphen(field, converted)
        notes += note
    return SettledValue(converted, tuple(notes))


def _postal_hyphen(field: Field, value: str) -> tuple[str, tuple[str, ...]]:
    """A postal code with its hyphen put in, or taken out where the class has none; and what to say about it."""
    if field.chars in WITH_HYPHEN:
        bare = BARE_POSTAL_CODE.fullmatch(value)
        return (f"{value[:3]}-{value[3:]}", (t("field.hyphen_added"),)) if bare else (value, ())
    dashed = DASHED_POSTAL_CODE.fullmatch(value)
    return (dashed[1] + dashed[2], (t("field.hyphen_removed"),)) if dashed else (value, ())


def counted(field: Field, raw: str) -> int:
    """Code points of a value as it will count: what the live count shows, against `field.limit`."""
    return len(raw) if field.secret else classes.length(_as_typed(field, raw).value)


def cut_to_fit(field: Field, current: str, insertion: str) -> tuple[str, int]:
    """The part of a paste that still fits beside `current`, and how many characters were left over (0: all fit).

    What fits is measured as it will count: ｶﾞ is one character, what settling removes is none.
    """
    if not field.limit:
        return insertion, 0
    end = field.limit  # a paste may be a whole book: look no further than twice what fits
    while end < len(insertion) and counted(field, current + insertion[:end]) <= field.limit:
        end *= 2
    lengths = range(min(end, len(insertion)) + 1)
    fits = max(0, bisect_right(lengths, field.limit, key=lambda n: counted(field, current + insertion[:n])) - 1)
    kept = insertion if fits == len(insertion) else insertion[:fits] if field.secret else insertion[:fits].rstrip(" \u3000")
    return kept, len(insertion) - len(kept)


def while_typing(field: Field, raw: str, policy: FieldPolicy) -> FieldProblem | None:
    """What is already wrong while the value is not finished: characters that can never be right."""
    if not raw:
        return None
    value = _as_typed(field, raw).value
    found = _characters(field, value, policy)
    slip = _slip(field, value, policy, found) if found else None
    return slip if slip is not None and slip.suggestion is not None else found


def problem(field: Field, value: str, policy: FieldPolicy, block: Mapping[str, str]) -> FieldProblem | None:
    """What is wrong with a settled value, the first thing only; None if it may be sent.

    `block` holds the values of the same block, for `email_again`.
    """
    if not field.input:
        return None
    if not value:
        return FieldProblem("E-REQUIRED", t("field.required", label=field.label)) if field.required else None
    found = _characters(field, value, policy) or _length(field, value) or _form(field, value, policy, block)
    return found and (_slip(field, value, policy, found) or found)


def _slip(field: Field, value: str, policy: FieldPolicy, found: FieldProblem) -> FieldProblem | None:
    """The sentence for what people really type, with what they mean; None where there is none that fits better."""
    if field.kind not in ("postal_code", "phone", "email") or len(value) > MUCH_TOO_LONG * (field.limit or len(value)):
        return None
    from ebid_tui.domain import typed_slips  # its patterns are made when something is checked, not before the first frame

    slip = typed_slips.slip(field.kind, value, hyphen=field.chars in WITH_HYPHEN)
    if slip is None:
        return None
    suggestion = slip.suggestion
    if suggestion is not None and (_characters(field, suggestion, policy) or _length(field, suggestion)):
        suggestion = None
    told = t(f"field.slip.{slip.name}")
    if suggestion is not None:
        told = t("mending.then", first=told, then=t("field.slip.meant", suggestion=suggestion))
    return FieldProblem(found.code, told, suggestion)


def slipped(field: Field, value: str, policy: FieldPolicy) -> bool:
    """Whether this value, too long as it may be, is a slip with something to put in its place."""
    found = problem(field, settle(field, value).value, policy, {}) if value else None
    return found is not None and found.suggestion is not None and field.kind in ("postal_code", "phone", "email")


def fitting(field: Field, value: str, policy: FieldPolicy) -> str:
    """A value from elsewhere as the field takes it, with what is suggested for it; empty where the field does not take it."""
    settled = settle(field, value).value
    found = problem(field, settled, policy, {})
    if found is not None and found.suggestion is not None:
        settled = found.suggestion
        found = problem(field, settled, policy, {})
    return settled if found is None else ""


def _characters(field: Field, value: str, policy: FieldPolicy) -> FieldProblem | None:
    looked_at = value[: MUCH_TOO_LONG * field.limit] if field.limit else value  # a paste may be a whole book
    refused = classes.refused(looked_at, field.chars, policy.character_set)
    if not refused:
        return None
    first = refused[0]
    if field.secret:
        return FieldProblem("R-29", t("field.secret_refused", position=first.position))
    values = {"position": first.position, "char": first.char, "what": first.description}
    if first.suggestion is None or len(looked_at) < len(value):
        return FieldProblem("R-29", t("field.refused", **values))
    fixed = "".join(_replacement(c, {r.char: r.suggestion for r in refused}) for c in value)
    return FieldProblem("R-29", t("field.refused_with_suggestion", suggestion=first.suggestion, **values), fixed)


def _replacement(char: str, suggestions: Mapping[str, str | None]) -> str:
    return suggestions.get(char) or char


def _length(field: Field, value: str) -> FieldProblem | None:
    count = len(value) if field.secret else classes.length(value)  # a secret is not copied to be counted
    if field.exact and count != field.exact:
        return FieldProblem("E-EXACT", t("field.exact", exact=field.exact, count=count))
    if field.max and count > field.max:
        return FieldProblem("E-TOO-LONG", t("field.too_long", max=field.max, over=count - field.max))
    return None


def _form(field: Field, value: str, policy: FieldPolicy, block: Mapping[str, str]) -> FieldProblem | None:
    from ebid_tui.domain import typed_phones, typed_slips

    match field.kind:
        case "postal_code":
            return _postal_code(field, value)
        case "phone":
            return None if typed_phones.is_phone(value) else FieldProblem("E-PHONE", t("field.phone"))
        case "email":
            return None if typed_slips.is_mail(value) else FieldProblem("E-MAIL", t("field.email"))
        case "email_again":
            return None if value == block.get("email", "") else FieldProblem("R-12", t("field.email_again"))
        case "name":
            return _name(value, policy)
        case _:
            return _pattern(field, value)


def _pattern(field: Field, value: str) -> FieldProblem | None:
    if not field.pattern or re.fullmatch(field.pattern, value):
        return None
    return FieldProblem("E-PATTERN", field.pattern_says)


def _name(value: str, policy: FieldPolicy) -> FieldProblem | None:
    """R-13: the registered name in full, where the system wants it so, and without a branch's where the category does."""
    from ebid_tui.domain.text import names  # here: its tables are slow to make, and the first frame needs none

    written_out = names.abbreviated_legal_form(value) if policy.abbreviated_name == "refuse" else None
    if written_out:
        return FieldProblem("R-13", t("field.abbreviated", suggestion=written_out), written_out)
    branch = names.branch_office(value, policy.refused_branches)
    if branch:
        company = names.without_branch(value, branch)
        return FieldProblem("R-13", t("field.branch", branch=branch, suggestion=company), company)
    return None


def _postal_code(field: Field, value: str) -> FieldProblem | None:
    if field.chars in WITH_HYPHEN:
        return None if POSTAL_CODE.fullmatch(value) else FieldProblem("E-POSTAL", t("field.postal_code"))
    return None if BARE_POSTAL_CODE.fullmatch(value) else FieldProblem("E-POSTAL", t("field.postal_code_bare"))


def block_problems(fields: tuple[Field, ...], values: Mapping[str, str], policy: FieldPolicy) -> dict[str, FieldProblem]:
    """Every faulty field of a block, by id, in the order of the fields; empty if the block may be sent."""
    found = ((f.id, problem(f, values.get(f.id, ""), policy, values)) for f in fields)
    return {field_id: p for field_id, p in found if p is not None}


def grade_rows(field: Field, value: str) -> tuple[tuple[str, str], ...]:
    """(line, grade) of a value of kind `grades`: `A,,無し` by position; the last option where it says nothing."""
    given = value.split(",")
    named = {line: option for line, option in zip(field.lines, given, strict=False) if option in field.options}
    return tuple((line, named.get(line, field.options[-1])) for line in field.lines)


def readable(field: Field, value: str) -> str:
    """A value as it is read; 資格の種類 has one line each. Empty where the value is."""
    if field.kind == "grades":
        return "\n".join(f"{line}　{grade}" for line, grade in grade_rows(field, value))
    return value
