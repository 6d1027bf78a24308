"""R-22: outside the service hours nothing is written, and the refusal says when it opens."""

from __future__ import annotations

from datetime import datetime

from ebid_tui.domain import hours
from ebid_tui.domain.profile.systems import Agency, Profile
from ebid_tui.errors import RuleError, ServerError
from ebid_tui.messages import t
from ebid_tui.server.settings import ServerSettings


def refuse_closed(settings: ServerSettings, profile: Profile, agency_id: str) -> None:
    """Raise RuleError R-22 if this agency is closed now; ServerError E-NOT-FOUND for an agency that is not there."""
    if agency_id not in {agency.id for agency in profile.agencies}:
        raise ServerError("agency", code="E-NOT-FOUND")
    _refuse_closed(settings, profile, (profile.agency(agency_id),))


def refuse_all_closed(settings: ServerSettings, profile: Profile) -> None:
    """The same for what belongs to no single agency: closed when every agency is."""
    _refuse_closed(settings, profile, profile.agencies)


def _refuse_closed(settings: ServerSettings, profile: Profile, agencies: tuple[Agency, ...]) -> None:
    now = settings.now()
    if not settings.enforce_hours or any(hours.is_open(profile.hours, agency, now) for agency in agencies):
        return
    openings = [opening for agency in agencies if (opening := hours.opens_next(profile.hours, agency, now)) is not None]
    raise RuleError("R-22").telling(remedy=_when(min(openings)) if openings else t("server.opens_never", contact=profile.contact.name))


def _when(opening: datetime) -> str:
    return t("server.opens", at=opening, weekday=t("server.weekdays")[opening.weekday()])
