"""What `ebid-tui system new` asks, in order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ebid_tui.domain.profile.new_file import Base
from ebid_tui.domain.text.cleaning import visible
from ebid_tui.messages import t

Answers = dict[str, str]
_ID = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)")
_DAY = re.compile(r"\d{2}-\d{2}")
YES, NO = ("y", "yes", "はい", "ｙ"), ("n", "no", "いいえ", "ｎ")
MOST = 60
"""Characters of a name."""


@dataclass(frozen=True, slots=True)
class FileQuestion:
    """A question by the name of its answer. `choices` are values and the words that are shown, chosen by number."""

    name: str
    preset: Callable[[Base], str]
    problem: Callable[[str], str | None] = lambda text: None
    choices: tuple[tuple[str, str], ...] = ()
    only_if: tuple[str, tuple[str, ...]] | None = None
    """Asked only where another answer is one of these."""
    settle: Callable[[str], str] = lambda text: text

    def fault(self, text: str) -> str | None:
        """Why an answer is none."""
        if visible(text) != text or any(unicodedata.category(char)[0] == "C" for char in text):
            return t("system.wrong_control")
        if self.choices:
            values = [value for value, _ in self.choices]
            return None if self._chosen(text) in values else t("system.wrong_choice", n=len(values))
        return self.problem(text)

    def settled(self, text: str) -> str:
        """The answer as it is kept."""
        return self._chosen(text) if self.choices else self.settle(text)

    def _chosen(self, text: str) -> str:
        text = unicodedata.normalize("NFKC", text)
        return self.choices[int(text) - 1][0] if text.isascii() and text.isdigit() and 0 < int(text[:9]) <= len(self.choices) else text


def wanted(question: FileQuestion, answers: Mapping[str, str]) -> bool:
    """Whether a question is asked after these answers."""
    return question.only_if is None or answers.get(question.only_if[0]) in question.only_if[1]


def listed(text: str) -> list[str]:
    """The names in a list with 、 or commas between them."""
    return [name.strip() for name in re.split(r"[、，,]", text) if name.strip()]


def _name(text: str) -> str | None:
    return None if 0 < len(text) <= MOST else t("system.wrong_name", most=MOST)


def _names(text: str) -> str | None:
    names = listed(text)
    if not names or any(len(name) > MOST for name in names):
        return t("system.wrong_names", most=MOST)
    twice = next((name for name in names if names.count(name) > 1), "")
    return t("system.wrong_twice", name=twice) if twice else None


def _id(text: str) -> str | None:
    return None if _ID.fullmatch(text) and text not in ("core", "issuers") else t("system.wrong_id")


def _digits(text: str) -> str | None:
    text = unicodedata.normalize("NFKC", text)
    return None if text.isascii() and text.isdigit() and 0 < int(text[:9]) <= MOST else t("system.wrong_digits", most=MOST)


def _hours(text: str) -> str | None:
    found = _HOURS.fullmatch(unicodedata.normalize("NFKC", text).replace("~", "-"))
    if found is None or (int(found[1]), int(found[2])) >= (int(found[3]), int(found[4])):
        return t("system.wrong_hours")
    return None


def _settled_hours(text: str) -> str:
    found = _HOURS.fullmatch(unicodedata.normalize("NFKC", text).replace("~", "-"))
    assert found is not None
    return f"{int(found[1]):02}:{found[2]}-{int(found[3]):02}:{found[4]}"


def _days(text: str) -> str | None:
    days = listed(unicodedata.normalize("NFKC", text)) if text != "-" else []
    fits = all(_DAY.fullmatch(day) and 1 <= int(day[:2]) <= 12 and 1 <= int(day[3:]) <= _LONGEST[int(day[:2]) - 1] for day in days)
    return None if fits else t("system.wrong_days")


_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _yes_no(text: str) -> str | None:
    return None if text.lower() in (*YES, *NO) else t("system.wrong_yes_no")


def _yes(text: str) -> str:
    return "yes" if text.lower() in YES else "no"


def _half(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


QUESTIONS: tuple[FileQuestion, ...] = (
    FileQuestion("id", lambda base: "", _id),
    FileQuestion("name", lambda base: base.text("name"), _name),
    FileQuestion("title", lambda base: base.text("title") or "電子入札システム", _name),
    FileQuestion("agencies", lambda base: base.names("agencies"), _names),
    FileQuestion("categories", lambda base: base.names("categories") or "工事、物品", _names),
    FileQuestion("number_label", lambda base: base.search_text("label") or "業者番号", _name),
    FileQuestion(
        "number_characters",
        lambda base: "2" if base.search_text("chars") == "half_alnum" else "1",
        choices=(("half_digits", "half_digits"), ("half_alnum", "half_alnum")),
    ),
    FileQuestion("number_length", lambda base: base.search_text("exact") or "10", _digits, settle=_half),
    FileQuestion("asks_name", lambda base: "y", _yes_no, settle=_yes),
    FileQuestion(
        "password",
        lambda base: "1",
        choices=tuple((name, name) for name in ("none", "as_notified", "changed_here", "changed_elsewhere")),
    ),
    FileQuestion("password_elsewhere", lambda base: "入札参加資格申請システム", _name, only_if=("password", ("changed_elsewhere",))),
    FileQuestion("hours", lambda base: base.hours(), _hours, settle=_settled_hours),
    FileQuestion("closed_days", lambda base: base.closed_days(), _days, settle=_half),
    FileQuestion("contact", lambda base: base.text("contact", "name"), _name),
    FileQuestion("contact_phone", lambda base: base.text("contact", "phone") or "-", _name),
    FileQuestion("helpdesk", lambda base: base.text("helpdesk", "name") or "ヘルプデスク", _name),
    FileQuestion("helpdesk_phone", lambda base: base.text("helpdesk", "phone") or "-", _name),
    FileQuestion("authorities", lambda base: base.authorities(), lambda text: _authorities(text)),
    FileQuestion("propagation", lambda base: "n", _yes_no, settle=_yes),
)


def _authorities(text: str) -> str | None:
    from ebid_tui.domain.issuers import known_issuers

    known = [issuer.id for issuer in known_issuers().issuers if issuer.kind == "core"]
    unknown = [name for name in listed(text) if name not in known]
    if unknown or not listed(text):
        return t("system.wrong_authorities", known="、".join(known))
    return None
