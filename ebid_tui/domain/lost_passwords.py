"""What somebody does who has no password that works: each system has a way of its own (R-03, R-33)."""

from __future__ import annotations

from datetime import date, timedelta

from ebid_tui.domain import password_policy
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.language import gloss, joined
from ebid_tui.messages import t


def changing_service(profile: Profile) -> str:
    """The other system in which passwords are changed, with where it is and when it is open; empty where there is none."""
    password = profile.password
    if password is None or profile.password_changed != "elsewhere":
        return ""
    service = gloss(password.elsewhere)
    return t("password.service", service=service, note=gloss(password.elsewhere_note)) if password.elsewhere_note else service


def way_back(profile: Profile) -> str:
    """A new password from the system that gives them out, or by the application that the documents name."""
    contact = profile.contact.name
    if service := changing_service(profile):
        return t("notice.password_elsewhere", service=service, contact=contact)
    if profile.password is not None and profile.password.reset_application:
        return t("notice.password_application", application=gloss(profile.password.reset_application), contact=contact)
    return t("error.R-33.remedy", contact=contact)


def way_of_initial(profile: Profile) -> str:
    """R-03: what to do with a notified password that does not count yet."""
    if service := changing_service(profile):
        return t("password.initial_elsewhere", service=service, contact=profile.contact.name)
    return t("server.initial_password")


def way_to_change(profile: Profile) -> str:
    """For who wants to change one where this program does not: the other system, or nowhere."""
    if service := changing_service(profile):
        return t("error.E-ELSEWHERE.remedy", service=service)
    return t("password.nowhere" if searched(profile) else "password.none", contact=profile.contact.name)


def way_of_expired(profile: Profile) -> str:
    """What to do with a password that works no longer."""
    service = changing_service(profile)
    return t(f"password.expired_{profile.password_changed}", service=service, contact=profile.contact.name)


def initial_answer(profile: Profile) -> str:
    """Whether one may register with a notified password that does not count yet: where it is changed, and what a new one has to be."""
    if service := changing_service(profile):
        return t("password.answer_elsewhere", service=service)
    assert profile.password is not None
    return t("password.answer_here", policy=joined("、", [part.label for part in password_policy.parts(profile.password, "", "")[:-1]]))


def after_reset(profile: Profile) -> str:
    """R-33: what the vendor does with a password that the office has just given it."""
    service = changing_service(profile)
    if profile.notified_password_counts:
        return t("password.reset_use_as_is_elsewhere", service=service) if service else t("password.reset_use_as_is")
    return t("password.reset_must_change_elsewhere", service=service) if service else t("password.reset_must_change_here")


def expires_on(profile: Profile, changed_on: date | None) -> date | None:
    """The last day on which a password works that was changed on this one; None where it works for ever, or nobody knows the day."""
    days = profile.password.expires_days if profile.password is not None else 0
    return changed_on + timedelta(days) if days and changed_on is not None else None


def searched(profile: Profile) -> bool:
    """Whether any agency's search has a password at all."""
    return any(profile.password_searched(agency.id) for agency in profile.agencies)
