"""The questions that callers ask, with answers for one system, found by any words of them."""

from __future__ import annotations

import re
import unicodedata

import msgspec

from ebid_tui.domain.fields import Field
from ebid_tui.domain.lost_passwords import initial_answer, searched, way_back
from ebid_tui.domain.profile.systems import Contact, Profile
from ebid_tui.language import gloss, joined
from ebid_tui.messages import t
from ebid_tui.messages.faq import TEXTS

CARD_FREE_ONLY = frozenset({"card_free"})
APPLICATION_ONLY = frozenset({"number"})
SEARCHED_ONLY = frozenset({"forgotten"})
PASSWORD_ONLY = frozenset({"initial_password"})


class Topic(msgspec.Struct, frozen=True):
    """A question or a field's name, and what is to be known about it. `words` help to find it."""

    title: str
    text: str
    words: str = ""


def topics(profile: Profile) -> tuple[Topic, ...]:
    """Every question that this system knows, then every field that can be typed, with its 項目説明."""
    ids = dict.fromkeys(key.rpartition(".")[0] for key in TEXTS)
    card_free = [c.name for c in profile.categories if c.card_free]
    application = next((c.number_application for c in profile.categories if c.card_free and c.number_application), "")
    values = {
        "number": profile.number_label,
        "application": application,
        "categories": joined("、", card_free),
        "always": joined("", _always_registered(profile)),
        "way": way_back(profile),
        "then": "" if profile.notified_password_counts else t("notice.password_then"),
        "initial": "" if profile.notified_password_counts else initial_answer(profile),
        "contact": _whom(profile.contact),
        "helpdesk": _whom(profile.helpdesk),
        "open": profile.hours.open,
        "close": profile.hours.close,
    }
    questions = [
        Topic(t(f"faq.{i}.q", **values), t(f"faq.{i}.a", **values), t(f"faq.{i}.words"))
        for i in ids
        if (i not in CARD_FREE_ONLY or card_free)
        and (i not in APPLICATION_ONLY or application)
        and (i not in SEARCHED_ONLY or searched(profile))
        and (i not in PASSWORD_ONLY or not profile.notified_password_counts)
    ]
    return (*questions, *_fields(profile))


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


def _whom(contact: Contact) -> str:
    return joined(" ", [part for part in (contact.name, contact.phone, contact.mail, contact.hours) if part])


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
