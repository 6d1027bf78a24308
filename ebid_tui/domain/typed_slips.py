"""What people really type into mail, telephone and postal fields: which slip it is, and the value that they most likely mean.

The checks stand here as well, so that client and server decide by the same. A suggestion is always a value that the check takes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Literal

from ebid_tui.domain.slips import NOT_DIGITS, Slip, digits_meant
from ebid_tui.domain.typed_phones import phone_slip

SlipKind = Literal["postal_code", "phone", "email"]

_CODE = re.compile(r"[0-9]{3}-?[0-9]{4}")
_ENDS = "\"'`<>()[]{}「」『』【】,;:、。. \u3000"
_AT = re.compile(r"\s*(?:\(at\)|\[at\]|<at>|_at_|\sat\s|☆|★|◎|●|#|＃)\s*", re.IGNORECASE)
_MAILTO = re.compile(r"(?:mail\s*to|e-?mail|mail|メ[ー-]ル(?:アドレス)?)\s*[:：]\s*", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"<([^<>]*@[^<>]*)>")
_TWO = re.compile(r"@[^@]+[,;、/\s]+[^@]+@")
_NO_DOMAIN = re.compile(r"\.(?:con|(?:co|ne|or|go|ac|lg|ed|gr)jp)$", re.IGNORECASE)
"""There are no such top-level domains: a period, or a letter, was mistaken."""
_WORD = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_BEFORE_AT = re.compile(rf"{_WORD}(?:\.{_WORD})*")
_LONGEST_BEFORE_AT = 64
_ENDS_AS_DOMAIN = re.compile(r"\.(?:(?:(?:co|ne|or|go|ac|lg|ed|gr)?jp)|com|con|net|org|info|biz)$", re.IGNORECASE)
_MENDED: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("mail_at", re.compile("@{2,}"), "@"),
    ("mail_comma", re.compile("[,、]"), "."),
    ("mail_period", re.compile("[。｡・･．]"), "."),
    ("mail_space", re.compile(r"\s+"), ""),
    ("mail_dots", re.compile(r"\.{2,}"), "."),
    ("mail_dot_end", re.compile(r"^\.|\.$|\.(?=@)|(?<=@)\."), ""),
    ("mail_domain", re.compile(r"(?<=\.)(co|ne|or|go|ac|lg|ed|gr)jp$", re.IGNORECASE), r"\1.jp"),
    ("mail_domain", re.compile(r"\.con$", re.IGNORECASE), ".com"),
)


def slip(kind: SlipKind, value: str, *, hyphen: bool = True) -> Slip | None:
    """Which slip this value is, None for one that is right or that no sentence fits. `hyphen`: whether the field takes `-`."""
    if kind == "postal_code":
        return _postal(value, hyphen)
    return phone_slip(value, hyphen) if kind == "phone" else _mail(value)


# -- postal codes


def _postal(value: str, hyphen: bool) -> Slip | None:
    written = digits_meant(value)
    digits = NOT_DIGITS.sub("", written)
    if (_CODE if hyphen else re.compile("[0-9]{7}")).fullmatch(value) and (not hyphen or "-" in value):
        return None
    if len(digits) == 7:
        name = "postal_mark" if "〒" in value else "postal_letters" if written != unicodedata.normalize("NFKC", value) else "postal_signs"
        return Slip(name, _code(digits, hyphen))
    if len(digits) == 6 and re.fullmatch(r"[1-9][0-9]-?[0-9]{4}", written.strip("〒 ")):
        return Slip("postal_lost_zero", _code("0" + digits, hyphen))
    return None


def _code(digits: str, hyphen: bool) -> str:
    return f"{digits[:3]}-{digits[3:]}" if hyphen else digits


# -- mail addresses


def is_mail(value: str) -> bool:
    """One address (RFC 5321), in ASCII, and of no domain that is known not to exist."""
    if not value.isascii() or _NO_DOMAIN.search(value):  # the library takes `。` in a domain for a period, as IDNA does
        return False
    from email_validator import EmailNotValidError, validate_email  # 60 ms: only when an address is there to look at

    try:
        validate_email(value, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def lacking_domain(value: str) -> tuple[str, str] | None:
    """What stands before `@`, and the beginning of what follows (`taro`, `@exa`), of a settled value that would be a mail address with
    a domain's end behind it.

    None where a domain stands already, even without a right `@` (`taro☆example.co.jp`), and for what is no beginning of an address.
    """
    before, at, behind = value.partition("@")
    if not _BEFORE_AT.fullmatch(before) or len(before) > _LONGEST_BEFORE_AT:
        return None
    return None if not at and (_AT.search(before) or _ENDS_AS_DOMAIN.search(before)) else (before, at + behind)


def _mail(value: str) -> Slip | None:
    if is_mail(value):
        return None
    names: list[str] = []
    written = value.replace("＠", "@")
    if (inner := _IN_BRACKETS.search(written)) is not None:
        names, written = ["mail_name"], inner[1]
    if (stripped := _MAILTO.sub("", written)) != written:
        names, written = ["mail_mailto"], stripped
    if written.count("@") > 1 and _TWO.search(written):
        return Slip("mail_two")
    if "@" not in written and (marked := _AT.sub("@", written, count=1)) != written:
        names, written = [*names, "mail_at"], marked
    for name, odd, mended in _MENDED:
        if (better := odd.sub(mended, written)) != written:
            names, written = [*names, name], better
    if (better := written.strip(_ENDS)) != written:
        names, written = [*names, "mail_ends"], better
    if (suggestion := _taken(written, is_mail)) is not None:
        return Slip(names[0] if names else "mail_ends", suggestion)
    return _unmended(written)


def _unmended(written: str) -> Slip | None:
    """What is missing, where nothing can be suggested."""
    before, at, domain = written.partition("@")
    if not at:
        return Slip("mail_no_at")
    if not before or not domain:
        return Slip("mail_no_name" if not before else "mail_no_domain")
    if "@" in domain:
        return Slip("mail_two_at")
    return Slip("mail_no_dot") if "." not in domain else None


def _taken(candidate: str, check: Callable[[str], bool]) -> str | None:
    return candidate if check(candidate) else None
