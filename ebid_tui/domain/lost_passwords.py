"""What somebody does who has no password that works: each system has a way of its own (R-33)."""

from __future__ import annotations

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.language import gloss
from ebid_tui.messages import t


def way_back(profile: Profile) -> str:
    """A new password from the system that gives them out, or by the application that the documents name."""
    password, contact = profile.password, profile.contact.name
    if password is not None and password.elsewhere:
        return t("notice.password_elsewhere", service=gloss(password.elsewhere), contact=contact)
    if password is not None and password.reset_application:
        return t("notice.password_application", application=gloss(password.reset_application), contact=contact)
    return t("error.R-33.remedy", contact=contact)


def searched(profile: Profile) -> bool:
    """Whether any agency's search has a password at all."""
    return any(profile.password_searched(agency.id) for agency in profile.agencies)
