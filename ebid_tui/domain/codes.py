"""What a code on somebody's screen means (`R-05`, `E-NO-CARD`): for an operator who is asked about it on the telephone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from string import Formatter

import msgspec

from ebid_tui.domain.lost_passwords import changing_service, way_back
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.text.lookalikes import DASHES
from ebid_tui.messages import has, t

RULES = tuple(f"R-{number:02}" for number in range(1, 48))
"""The numbered rules, those of `docs/rules.md`."""

GROUPS: tuple[tuple[str, str], ...] = (
    ("E-CARD-ONLY", "operator"),
    ("E-CARD", "card"),
    ("E-SAME-CARD", "card"),
    ("E-NO-CARD", "card"),
    ("E-NO-READER", "card"),
    ("E-NO-PCSCD", "card"),
    ("E-SEVERAL-CERTIFICATES", "card"),
    ("E-CERT", "card"),
    ("E-OTHER-READER", "card"),
    ("E-MODULE", "card"),
    ("E-REVOCATION", "away"),
    ("E-PASSWORD", "input"),
    ("E-PIN", "pin"),
    ("E-WRONG-PIN", "pin"),
    ("E-NEW-PIN", "pin"),
    ("E-INPUT", "input"),
    ("E-UNCHANGED", "input"),
    ("E-SERVER-PLAIN", "admin"),
    ("E-SERVER-PROXY", "admin"),
    ("E-SERVER-URL", "admin"),
    ("E-SERVER-TLS", "admin"),
    ("E-SERVER-CA", "admin"),
    ("E-SERVER", "away"),
    ("E-UNAVAILABLE", "away"),
    ("E-BUSY", "away"),
    ("E-TOO-MANY", "away"),
    ("E-SLOW", "away"),
    ("E-NOT-READY", "away"),
    ("E-NONCE", "again"),
    ("E-SESSION", "again"),
    ("E-STATEMENT", "again"),
    ("E-KEY-REUSED", "again"),
    ("E-SEARCH-FIRST", "again"),
    ("E-SIGNATURE", "again"),
    ("E-CLOCK", "terminal"),
    ("E-OTHER-FILE", "terminal"),
    ("E-TERM", "terminal"),
    ("E-OUTSIDE", "outside"),
    ("E-ELSEWHERE", "outside"),
    ("E-NOT-REGISTERED", "registered"),
    ("E-WAITING", "registered"),
    ("E-FONT", "print"),
    ("E-PRINT", "print"),
    ("E-NO-OPERATOR", "admin"),
    ("E-OPERATOR-", "admin"),
    ("E-OPERATOR", "operator"),
    ("E-ROLE", "operator"),
    ("E-APPROVER", "operator"),
    ("E-STATE", "operator"),
    ("E-DESK", "operator"),
    ("E-CSV", "operator"),
    ("E-NO-ACCOUNT", "operator"),
    ("E-NOT-FOUND", "operator"),
)
"""What stands behind a code that has no sentences of its own, by the beginning of the code; the first that fits."""

ADMIN = (
    "E-SETTINGS", "E-PROFILE", "E-DATABASE", "E-ROSTER", "E-RESTORE", "E-FILE", "E-SMTP", "E-TLS", "E-TRUST", "E-CA", "E-CRL", "E-PROXY",
    "E-LISTEN", "E-PLAIN-HTTP", "E-METRICS", "E-SECRET-KEY", "E-SCOPE", "E-ORIGIN", "E-DEMO",
)  # fmt: skip
"""Codes of those who run the program, where none of the above fits."""

LAST_GROUP = "program"
"""What any other code has to do with: the program itself."""

MOST = 9
"""So many codes at most are offered for the beginning of one."""

_RULE = re.compile(r"R[- ]?0*([1-9][0-9]?)")
_ERROR = re.compile(r"E[- ]([A-Z][A-Z0-9]*(?:[- ][A-Z0-9]+)*)?[- ]?")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20} | {ord(dash): ord("-") for dash in DASHES}


class CodeExplanation(msgspec.Struct, frozen=True):
    """One code, ready to be read aloud. `tell` is what to say to the caller."""

    code: str
    meaning: str
    causes: tuple[str, ...]
    remedy: str
    tell: str


@cache
def every_code() -> tuple[str, ...]:
    """The rules, then every error that the program knows."""
    from ebid_tui.messages.error import TEXTS

    errors = {key.removesuffix(".title") for key in TEXTS if key.endswith(".title")}
    return (*RULES, *sorted(errors - set(RULES)))


def codes_in(typed: str) -> tuple[str, ...]:
    """The codes that somebody means who types this: in whatever width, dash and case, also unfinished. None for anything else."""
    text = typed.translate(_WIDE).strip().upper()
    if rule := _RULE.fullmatch(text):
        number = int(rule[1])
        return (f"R-{number:02}",) if number <= len(RULES) else ()
    if not _ERROR.fullmatch(text):
        return ()
    wanted = "E-" + text[2:].replace(" ", "-").rstrip("-")
    return tuple(sorted((code for code in every_code() if code.startswith(wanted)), key=lambda code: code != wanted))[:MOST]


def explained(code: str, profile: Profile | None = None) -> CodeExplanation:
    """What this code means, at this system; KeyError for one that does not exist."""
    if code not in every_code():
        raise KeyError(code)
    group = _group(code)
    known = _known(profile)
    causes = _first(known, f"desk_codes.code.{code}.causes", f"desk_codes.group.{group}.causes")
    return CodeExplanation(
        code=code,
        meaning=_first(known, f"desk_codes.code.{code}.meaning", f"error.{code}.title"),
        causes=tuple(causes.split("\n")),
        remedy=_first(known, f"desk_codes.code.{code}.remedy", f"error.{code}.remedy"),
        tell=_first(known, f"desk_codes.code.{code}.tell", f"desk_codes.group.{group}.tell"),
    )


def _group(code: str) -> str:
    for beginning, group in GROUPS:
        if code.startswith(beginning):
            return group
    return "admin" if code.startswith(ADMIN) else LAST_GROUP


def _known(profile: Profile | None) -> Mapping[str, str]:
    """What the sentences' placeholders stand for, as far as the system's file says."""
    if profile is None:
        return {}
    known = {"contact": profile.contact.name, "service": changing_service(profile) or profile.title, "way": way_back(profile)}
    return {name: value for name, value in known.items() if value}


def _first(known: Mapping[str, str], *keys: str) -> str:
    """The first of these sentences that there is; what only the place of the error knows is left open."""
    key = next(key for key in keys if has(key))
    names = {name for _, name, _, _ in Formatter().parse(t(key)) if name}
    return t(key, **{name: known.get(name) or t("desk.open") for name in names})
