"""Values that a field takes: for forms that nobody fills in, for made-up vendors and sample files."""

from __future__ import annotations

from ebid_tui.domain.fields import WITH_HYPHEN, Field, FieldPolicy, problem, settle
from ebid_tui.domain.text.classes import convert

MAIL = "demo@example.com"
LONGEST = 10
"""Characters of a made-up value, where the field takes as many."""


def valid(field: Field, number: int = 1) -> str:
    """A value of the field's kind, class and limit; another one for another number. The same for the same."""
    match field.kind:
        case "postal_code":
            return "100-0001" if field.chars in WITH_HYPHEN else "1000001"
        case "phone":
            return f"03{number:08}"[: field.limit]
        case "email" | "email_again":
            return MAIL if not field.limit or field.limit >= len(MAIL) else "a@b.co"
        case "password":
            return secret(field, number)
        case "grades":
            return ",".join(field.options[:1] * len(field.lines))
    if field.pattern:
        return _of_pattern(field)
    if field.pad:
        return str(number).rjust(field.pad, "0")
    length = field.exact or min(field.max or LONGEST, LONGEST)
    if field.chars == "full_width":
        text = f"見本{convert(str(number), 'full_width')}"
        return text[:length].ljust(length, "本") if field.exact else text[:length]
    return of_digits(number, length)


def _of_pattern(field: Field) -> str:
    """A value that fits; empty where none was found."""
    from ebid_tui.domain.profile.patterns import examples

    tried = examples(field.pattern, field.chars, field.limit)
    return next((e for e in tried if settle(field, e).value == e and problem(field, e, FieldPolicy(), {}) is None), "")


def of_digits(number: int, length: int) -> str:
    """A number of so many digits, which does not begin with 0 where there is room."""
    return str(number).rjust(length, "0") if length < 3 else f"1{number:0{length - 1}}"[:length]


def secret(field: Field, number: int = 1) -> str:
    """A password that the field takes: letters, digits and, where it has any, a sign."""
    text = {"half_alnum_symbols": f"Demo-pass{number}", "half_alnum": f"Demo0pass{number}"}.get(field.chars, f"12345678{number}")
    if field.exact:
        return (text * (field.exact // len(text) + 1))[: field.exact] if field.exact > len(text) else text[: field.exact]
    return text[: field.max]
