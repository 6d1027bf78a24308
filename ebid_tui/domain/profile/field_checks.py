"""Why a field's definition in a profile contradicts itself: what no value could fulfil, or what would go unchecked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from string import digits

from ebid_tui.domain.fields import WITH_HYPHEN, Field, Kind
from ebid_tui.domain.profile.rows import unique
from ebid_tui.domain.profile.texts import Fault
from ebid_tui.domain.text.classes import CharClass, taking

KIND_OF_ID: Mapping[str, Kind] = {
    "password": "password",
    "new_password": "password",
    "new_password_again": "password",
    "email": "email",
    "email_again": "email_again",
    "grades": "grades",
}
"""Ids whose kind is fixed: a password of another kind would be shown, an address of another kind not be checked (R-12)."""

ONLY_FOR_IDS: frozenset[Kind] = frozenset({"password", "email_again", "grades"})
"""Kinds that mean nothing, or harm, under another id: a secret must not be signed and printed with the form."""

CLASSES_OF_KIND: Mapping[Kind, frozenset[CharClass]] = {
    "postal_code": taking(digits),
    "phone": taking(digits),
    "email": taking("@."),
    "email_again": taking("@."),
    "password": taking(""),
}
"""The classes that have the characters a kind needs; a kind that is not here takes any."""

HALF_WIDTH = taking(digits)
REQUIRED_MARK = "(※)"


def known_fields(key: str, fields: Iterable[Field], known: frozenset[str], categories: set[str]) -> Iterator[Fault]:
    """Faults of fields of which these ids are `known`, in a system of these categories."""
    listed = tuple(fields)
    yield from unique(key, (f.id for f in listed))
    for field in listed:
        if field.id not in known:
            yield f"{key}.{field.id}", "no such field; known: " + " ".join(sorted(known))
        fault = definition_fault(field)
        if fault:
            yield f"{key}.{field.id}", fault
        for category in field.categories:
            if category not in categories:
                yield f"{key}.{field.id}.categories", f"no category {category!r}"


def definition_fault(field: Field) -> str | None:
    """Why a field's definition contradicts itself, or None; the loader of profiles refuses such a file."""
    return _naming_fault(field) or _showing_fault(field) or _limit_fault(field) or _pattern_fault(field)


def _naming_fault(field: Field) -> str | None:
    if not field.label.strip():
        return "a field needs a label"
    kind = KIND_OF_ID.get(field.id)
    if kind is not None and field.kind != kind:
        return f"must be of kind {kind}"
    if field.kind in ONLY_FOR_IDS and kind is None:
        return f"kind {field.kind} is only for " + ", ".join(i for i, k in KIND_OF_ID.items() if k == field.kind)
    return None


def _showing_fault(field: Field) -> str | None:
    if field.kind == "grades":
        if field.input:
            return "grades are shown, never typed"
        if not field.lines or not field.options:
            return "grades need lines and options"
    elif field.lines or field.options:
        return "lines and options are for grades"
    if field.kind in ("password", "email_again") and not field.input:
        return f"kind {field.kind} is typed, never shown"
    if not field.operations:
        return "operations: at least one, or the field is nowhere"
    if field.input and not field.required and field.mark == REQUIRED_MARK:
        return f'an optional field needs another mark than {REQUIRED_MARK} (mark = "" for none)'
    return None


def _limit_fault(field: Field) -> str | None:
    if field.exact and field.max:
        return "exact and max exclude each other"
    if field.exact < 0 or field.max < 0:
        return "a limit cannot be negative"
    if not field.input:
        return None
    if not field.limit and field.kind != "email_again":
        return "an input needs max or exact"
    if field.chars not in CLASSES_OF_KIND.get(field.kind, {field.chars}):
        return f"a field of kind {field.kind} cannot be {field.chars}"
    if field.pad and (field.secret or field.kind != "text" or field.chars not in HALF_WIDTH):
        return "pad is for numbers in half-width characters that are not secret"
    if field.pad < 0 or field.pad > field.limit:
        return f"pad cannot be more than the {field.limit} characters that the field takes"
    shortest = _shortest(field)
    if field.limit and field.limit < shortest:
        return f"a field of kind {field.kind} needs room for {shortest} characters"
    if field.kind == "postal_code" and field.exact not in (0, shortest):
        return f"a postal code of class {field.chars} has exactly {shortest} characters"
    return None


def _pattern_fault(field: Field) -> str | None:
    if not field.pattern and not field.pattern_says:
        return None
    if not field.pattern or not field.pattern_says.strip():
        return "pattern and pattern_says go together"
    if field.kind != "text" or not field.input or field.secret:
        return "pattern is for typed text that is not secret"
    from ebid_tui.domain.profile.patterns import pattern_fault
    from ebid_tui.domain.sample_values import valid

    fault = pattern_fault(field.pattern)
    return fault or (None if valid(field) else "no value was found that fits the pattern and the field's characters and length")


def _shortest(field: Field) -> int:
    """Characters of the shortest value that `fields.problem` accepts."""
    match field.kind:
        case "postal_code":
            return len("123-4567") if field.chars in WITH_HYPHEN else len("1234567")
        case "phone":
            return 6
        case "email" | "email_again":
            return len("a@b.co")
        case _:
            return 1
