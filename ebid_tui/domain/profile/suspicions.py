"""What is legal in a system's file and surely wrong: it loads, and somebody will stumble over it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from difflib import SequenceMatcher
from itertools import combinations
from typing import TYPE_CHECKING, Any

import msgspec

from ebid_tui.domain.fields import Field
from ebid_tui.messages import t

if TYPE_CHECKING:
    from ebid_tui.domain.profile.systems import Profile

LABEL_COLUMNS = 26
"""What a form at 80 columns shows of a label."""
ALIKE = 0.8
"""How much two names of realms have in common that are probably meant to be one."""
LONG_PAST = timedelta(days=30)
SHORT_DAY = 60
"""Minutes; a desk that is open for less is a slip."""
_NUMBER = re.compile(r"[0-9０-９]+")
_COUNTED = re.compile(r"([0-9０-９]+) *(?:文字|桁|字)")
_PHONE = re.compile(r"[0-9０-９()（）+\-－―ー 　#*]+(?:内線[0-9０-９ ]+)?(?:[（(].*[)）])?")
_MAIL = re.compile(r"[!-~]+@[!-~]+\.[!-~]+")


class Suspicion(msgspec.Struct, frozen=True):
    """A warning: where, of which kind, and what it says in the language spoken."""

    key: str
    id: str
    message: str


def suspicions(profile: Profile, table: Mapping[str, Any], today: date | None = None) -> Iterator[Suspicion]:
    """Every warning of a file without faults. `table` is what it says, with what it extends."""
    yield from _menu(profile)
    yield from _limits(profile)
    yield from _labels(profile)
    yield from _settings(profile)
    yield from _hours(profile, today or datetime.now().astimezone().date())
    yield from _contacts(profile)
    yield from _others(profile, table)


def _said(key: str, kind: str, **values: object) -> Suspicion:
    return Suspicion(key, f"W-{kind.replace('_', '-').upper()}", t(f"system.warn_{kind}", **values))


def _menu(profile: Profile) -> Iterator[Suspicion]:
    if "registration" not in {item.id for item in profile.menu.items}:
        yield _said("menu.items", "no_registration")
    if profile.password is not None and profile.password_changed_here and "password" not in {e.id for e in profile.menu.entries}:
        yield _said("menu.entries", "password_hidden")
    searched = any(profile.password_searched(agency.id) for agency in profile.searches)
    if profile.password is not None and not searched:
        yield _said("password", "password_unused")


def _every_field(profile: Profile) -> Iterator[tuple[str, Field]]:
    yield from ((f"search.fields.{field.id}", field) for field in profile.search.fields)
    for block in profile.blocks:
        yield from ((f"blocks.{block.id}.fields.{field.id}", field) for field in block.fields)
    for name, fields in profile.field_sets.items():
        yield from ((f"field_sets.{name}.{field.id}", field) for field in fields)
    if profile.password is not None:
        yield from ((f"password.fields.{field.id}", field) for field in profile.password.fields)


def _limits(profile: Profile) -> Iterator[Suspicion]:
    """A note that names another number of characters than the field takes."""
    for key, field in _every_field(profile):
        told = {int(number) for number in _COUNTED.findall(field.note)}
        least = profile.password.min_length if profile.password is not None and field.kind == "password" else 0
        if field.input and told and field.limit and field.limit not in told and least not in told:
            yield _said(f"{key}.note", "note_limit", note=field.note, limit=field.limit)


def _labels(profile: Profile) -> Iterator[Suspicion]:
    for block in profile.blocks:
        fields = profile.every_field(block.id)
        for label, times in Counter(field.label for field in fields).items():
            alike = [field for field in fields if field.label == label]
            if times > 1 and any(_together(one, other) for one, other in combinations(alike, 2)):
                yield _said(f"blocks.{block.id}.fields.{alike[-1].id}.label", "same_name", label=label)
    for key, field in _every_field(profile):
        if (width := columns(field.label)) > LABEL_COLUMNS:
            yield _said(f"{key}.label", "name_long", width=width, most=LABEL_COLUMNS)


def _together(one: Field, other: Field) -> bool:
    """Whether two fields are shown in the same form."""
    both = not one.categories or not other.categories or set(one.categories) & set(other.categories)
    return bool(both and set(one.operations) & set(other.operations))


def columns(text: str) -> int:
    """Columns of a terminal; what is ambiguous has two, as in Japanese terminals."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def _settings(profile: Profile) -> Iterator[Suspicion]:
    if profile.rules.propagation and profile.single_agency:
        yield _said("rules.propagation", "propagation_alone")
    for one, other in combinations(sorted({category.realm for category in profile.categories}), 2):
        if SequenceMatcher(None, one, other).ratio() >= ALIKE:
            key = next(c.id for c in profile.categories if c.realm == other)
            yield _said(f"categories.{key}.realm", "realms_alike", one=one, other=other)
    if profile.number_secret and any(row.endswith(f".{profile.search.key}") for row in profile.mail.rows):
        yield _said("mail.rows", "secret_mailed")


def _hours(profile: Profile, today: date) -> Iterator[Suspicion]:
    opens, closes = (time.fromisoformat(text) for text in (profile.hours.open, profile.hours.close))
    if (closes.hour - opens.hour) * 60 + closes.minute - opens.minute < SHORT_DAY:
        yield _said("hours.close", "hours_short", open=profile.hours.open, close=profile.hours.close)
    days = [("hours.closed_days", day) for day in profile.hours.closed_days]
    days += [(f"agencies.{agency.id}.closed_days", day) for agency in profile.agencies for day in agency.closed_days]
    for key, day in days:
        if len(day) == len("2026-12-29") and date.fromisoformat(day) < today - LONG_PAST:
            yield _said(key, "day_past", day=day)


def _contacts(profile: Profile) -> Iterator[Suspicion]:
    for name, contact in (("contact", profile.contact), ("helpdesk", profile.helpdesk)):
        if contact.phone and (not _PHONE.fullmatch(contact.phone) or len(_NUMBER.findall(contact.phone)) < 1):
            yield _said(f"{name}.phone", "no_phone", phone=contact.phone)
        if contact.mail and not _MAIL.fullmatch(contact.mail):
            yield _said(f"{name}.mail", "no_mail", mail=contact.mail)


def _others(profile: Profile, table: Mapping[str, Any]) -> Iterator[Suspicion]:
    """Words of the packaged municipality from which a file was taken over."""
    from ebid_tui.domain.profile.systems import available, profile_of

    for system in available():
        if system == profile.id:
            continue
        other = profile_of(system)
        if other.name == profile.name or any(other.name in agency.name for agency in profile.agencies):
            continue
        marks = [mark for mark in (other.name, other.contact.phone, other.helpdesk.phone, other.helpdesk.mail) if mark]
        for key, text in _texts(table, ""):
            for mark in marks:
                if mark in text:
                    yield _said(key, "other_municipality", mark=mark)


def _texts(value: object, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, inside in value.items():
            if name not in ("demo", "agencies"):
                yield from _texts(inside, f"{key}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, inside in enumerate(value):
            yield from _texts(inside, f"{key}.{inside.get('id', number) if isinstance(inside, Mapping) else number}")
