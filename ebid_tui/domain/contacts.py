"""Whom to ask, as screens, answers and mails tell it."""

from __future__ import annotations

from ebid_tui.domain.profile.parts import Contact
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.language import gloss, joined
from ebid_tui.messages import t

SAID = ("phone", "fax", "mail", "url", "hours")
"""What is told of a contact behind its name, in this order."""


def every(profile: Profile) -> tuple[Contact, ...]:
    """Everyone whom the documents name: for the program first."""
    return (profile.helpdesk, *others(profile))


def others(profile: Profile) -> tuple[Contact, ...]:
    """Those who are asked of anything else than the program."""
    return (profile.contact, *profile.contacts)


def told(profile: Profile, contact: Contact) -> str:
    """One contact in a line: what it is asked about, its name, how it is reached and when."""
    fax = t("answer.fax", fax=contact.fax) if contact.fax else ""
    parts = [contact.name, contact.phone, fax, contact.mail, contact.url, contact.hours, _where(profile, contact)]
    line = joined(" ", [gloss(part) for part in parts if part])
    return t("answer.about", about=gloss(contact.about), whom=line) if contact.about else line


def _where(profile: Profile, contact: Contact) -> str:
    categories = getattr(contact, "categories", ())
    return t("answer.only_in", categories=joined("、", [profile.category(c).name for c in categories])) if categories else ""
