"""The questions that callers ask, with answers for one system, found by any words of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import msgspec

from ebid_tui.domain import answers
from ebid_tui.domain.answers import asked_here
from ebid_tui.domain.contacts import others, told
from ebid_tui.domain.fields import Field
from ebid_tui.domain.lost_passwords import initial_answer, searched, way_back
from ebid_tui.domain.profile.questions import CallerQuestion
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.language import gloss, joined
from ebid_tui.messages import t
from ebid_tui.messages.faq import TEXTS


class Topic(msgspec.Struct, frozen=True):
    """A question or a field's name, and what is to be known about it. `words` help to find it."""

    title: str
    text: str
    words: str = ""


def topics(profile: Profile) -> tuple[Topic, ...]:
    """Every question that this system knows, then every field that can be typed, with its 項目説明."""
    ids = dict.fromkeys(key.rpartition(".")[0] for key in TEXTS)
    own = {question.id: _own(question) for question in profile.faq}
    values = _values(profile)
    questions = [own.pop(i) if i in own else _topic(i, values) for i in ids if i in own or asked_here(profile, i)]
    return (*questions, *own.values(), *_fields(profile))


def _own(question: CallerQuestion) -> Topic:
    return Topic(gloss(question.question), gloss(question.answer), f"{gloss(question.words)} {question.words}")


def _topic(question: str, values: Mapping[str, str]) -> Topic:
    words = f"faq.{question}.words"
    return Topic(t(f"faq.{question}.q", **values), t(f"faq.{question}.a", **values), f"{t(words)} {TEXTS[words.partition('.')[2]]}")


def _values(profile: Profile) -> dict[str, str]:
    """What the sentences are filled with."""
    counts = profile.notified_password_counts or not searched(profile)
    return {
        "number": profile.number_label,
        "application": next((c.number_application for c in profile.categories if c.card_free and c.number_application), ""),
        "categories": joined("、", [c.name for c in profile.categories if c.card_free]),
        "always": joined("", _always_registered(profile)),
        "way": way_back(profile),
        "then": "" if counts else t("notice.password_then"),
        "initial": "" if counts else initial_answer(profile),
        "contact": told(profile, msgspec.structs.replace(profile.contact, about="")),
        "helpdesk": told(profile, profile.helpdesk),
        "others": joined(" / ", [told(profile, contact) for contact in others(profile)]),
        "open": profile.hours.open,
        "close": profile.hours.close,
        "days": answers.days(profile.hours),
        "closed": answers.closed(profile.hours),
        "characters": answers.characters(profile),
        "fields": answers.to_check(profile),
        "same_day": answers.same_day(profile),
    }


def _always_registered(profile: Profile) -> list[str]:
    """What else is registered and never renewed, as this system's documents have it (R-08)."""
    changed = {"company": profile.renewal.different_company, "authority": profile.renewal.different_ca}
    return [t(f"notice.which_{what}") for what, then in changed.items() if then == "stop"]


def _fields(profile: Profile) -> tuple[Topic, ...]:
    every: list[Field] = [*profile.search.fields]
    for block in profile.blocks:
        every += profile.every_field(block.id)
    found = {f.label: Topic(gloss(f.label), f"{gloss(f.note)} {gloss(f.help)}".strip()) for f in every if f.input and f.help}
    return tuple(found.values())


def search(found: tuple[Topic, ...], query: str) -> tuple[Topic, ...]:
    """The topics that contain every word of the query, those with a word in their title first; all for an empty query."""
    words = _folded(query).split()
    if not words:
        return found
    hits = [topic for topic in found if all(word in _folded(f"{topic.title} {topic.text} {topic.words}") for word in words)]
    return tuple(sorted(hits, key=lambda topic: not any(word in _folded(topic.title) for word in words)))


def _folded(text: str) -> str:
    """Width, case and kana do not matter to someone who looks for something."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    return re.sub("[ァ-ヶ]", lambda kana: chr(ord(kana[0]) - 0x60), wide)
