"""What the answers say of one system's days, characters and search, and which questions it has: by its file alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from ebid_tui.domain.fields import Field
from ebid_tui.domain.lost_passwords import searched
from ebid_tui.domain.profile.systems import Hours, Profile
from ebid_tui.language import gloss, joined
from ebid_tui.messages import t

EVERY_DAY = frozenset(range(7))
WEEKDAYS = frozenset(range(5))
LEAP_YEAR = 2024
"""The year in which days without one are read."""

NEEDS: Mapping[str, Callable[[Profile], bool]] = {
    "which": lambda profile: _offers(profile, "renewal") and _offers(profile, "registration"),
    "card_free": lambda profile: any(c.card_free for c in profile.categories),
    "number": lambda profile: any(c.card_free and c.number_application for c in profile.categories),
    "both_kinds": lambda profile: len(profile.categories) > 1,
    "initial_password": lambda profile: searched(profile) and not profile.notified_password_counts,
    "forgotten": searched,
    "representative": lambda profile: _has(profile, "representative_contact"),
    "department": lambda profile: _has(profile, "card_contact"),
    "no_department": lambda profile: _typed(profile, "company", "department") or _typed(profile, "card_contact", "name"),
    "changed_person": lambda profile: _offers(profile, "amendment"),
    "renamed": lambda profile: _offers(profile, "registration"),
}
"""What a system must have for a question of the program's to be one there; any other question is everywhere."""


def _offers(profile: Profile, operation: str) -> bool:
    return any(item.id == operation for item in profile.menu.items)


def _has(profile: Profile, block: str) -> bool:
    return any(b.id == block for b in profile.blocks)


def _typed(profile: Profile, block: str, field: str) -> bool:
    return _has(profile, block) and any(f.id == field and f.input for f in profile.every_field(block))


def asked_here(profile: Profile, question: str) -> bool:
    """Whether this question of the program's is one in this system."""
    needs = NEEDS.get(question)
    return question not in profile.faq_without and (needs is None or needs(profile))


def days(hours: Hours) -> str:
    """On which days of the week a system is open."""
    opened = frozenset(hours.weekdays)
    if opened == WEEKDAYS:
        return t("answer.days.weekdays" if hours.holidays else "answer.days.weekdays_and_holidays")
    if opened == EVERY_DAY and not hours.holidays:
        return t("answer.days.all")
    named = t("answer.days.all") if opened == EVERY_DAY else joined("、", [t(f"answer.day.{day}") for day in sorted(opened)])
    return t("answer.days.some_without_holidays" if hours.holidays else "answer.days.some", days=named)


def closed(hours: Hours) -> str:
    """The closing days beside, days in a row as one; empty where there are none."""
    said = joined("、", [_said(first, last) for first, last in _runs(hours)])
    return t("answer.closed", days=said) if said else ""


_Day = tuple[int | None, date]
"""The year where one is written, and the day."""


def _runs(hours: Hours) -> list[tuple[_Day, _Day]]:
    """Days that follow each other, from the first to the last; the end of a year is followed by its beginning."""
    written = {*hours.closed_days} | ({"01-01"} if hours.holidays and "01-02" in hours.closed_days else set())
    yearly = sorted({date(LEAP_YEAR, *_numbers(day)) for day in written if len(day) == len("MM-DD")})
    dated = sorted({date.fromisoformat(day) for day in written if len(day) != len("MM-DD")})
    runs = [[(None, first), (None, last)] for first, last in _following(yearly)]
    if len(runs) > 1 and runs[0][0][1] == date(LEAP_YEAR, 1, 1) and runs[-1][1][1] == date(LEAP_YEAR, 12, 31):
        runs = [*runs[1:-1], [runs[-1][0], runs[0][1]]]
    made: list[tuple[_Day, _Day]] = [(first, last) for first, last in runs]
    return made + [((first.year, first), (last.year, last)) for first, last in _following(dated)]


def _numbers(day: str) -> tuple[int, int]:
    month, _, number = day.partition("-")
    return int(month), int(number)


def _following(days: list[date]) -> list[tuple[date, date]]:
    found: list[tuple[date, date]] = []
    for day in days:
        if found and day - found[-1][1] == timedelta(1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _said(first: _Day, last: _Day) -> str:
    one = _date(*first)
    return one if first == last else t("answer.from_to", first=one, last=_date(*last))


def _date(year: int | None, day: date) -> str:
    if year is None:
        return t("answer.date", month=day.month, day=day.day)
    return t("answer.dated", year=year, month=day.month, day=day.day)


def characters(profile: Profile) -> str:
    """Which kanji are taken, and what to do with another."""
    return t(f"answer.characters.{profile.character_set}")


def to_check(profile: Profile) -> str:
    """The search's fields, with what is mistaken in them most."""
    return joined("、", [_checked(profile, field) for field in profile.search.fields])


def _checked(profile: Profile, field: Field) -> str:
    label = gloss(field.label)
    if field.kind == "name" and profile.rules.abbreviated_name == "refuse":
        return t("answer.full_name", label=label)
    return t("answer.password", label=label) if field.kind == "password" else label


def same_day(profile: Profile) -> str:
    """R-15: that a password works from the day after its change."""
    return t("answer.same_day") if searched(profile) and profile.password_change_delays else ""
