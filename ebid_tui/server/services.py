"""What a request may use: settings, profiles, database, trust, passwords. Made once when the server starts."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from ebid_tui.domain.profile import systems
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.errors import ProfileError, ServerError
from ebid_tui.language import learn
from ebid_tui.server.decisions.passwords import Passwords
from ebid_tui.server.pki.trust import Trust
from ebid_tui.server.settings import ServerSettings
from ebid_tui.server.store.engine import reading_engine, writing_engine
from ebid_tui.server.store.writer import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a handler works with."""

    settings: ServerSettings
    profiles: Mapping[str, Profile]
    store: Store
    trust: Trust
    passwords: Passwords
    left_out: tuple[str, ...] = ()
    """Files of systems that are not served, because they are broken."""

    def profile(self, system: str) -> Profile:
        """The profile of a system served here, in whose words the request is answered from now on. Raises ServerError E-NOT-FOUND."""
        found = self.profiles.get(system)
        if found is None:
            raise ServerError("system", code="E-NOT-FOUND")
        learn(found.words)
        return found


def profiles(settings: ServerSettings) -> dict[str, Profile]:
    """The profiles of the systems served, by id. Raises ProfileError as `served` does."""
    return served(settings)[0]


def served(settings: ServerSettings) -> tuple[dict[str, Profile], tuple[ProfileError, ...]]:
    """The profiles of the systems served, and what is wrong with the files that are left out.

    Raises ProfileError for a broken or missing file of a system that is named, for any where the settings are strict, and where
    none is left.
    """
    found: dict[str, Profile]
    broken: tuple[ProfileError, ...] = ()
    if settings.systems:
        found = {system: systems.profile_of(system, *settings.system_directories) for system in settings.systems}
    else:
        found, broken = systems.profiles_of(*settings.system_directories)
    if broken and (settings.strict or not found):
        raise broken[0]
    return {system: settings.adapted(profile) for system, profile in found.items()} if settings.adapted else found, broken


def services(settings: ServerSettings) -> Services:
    """Open the database (which must be there) and start what works beside the requests."""
    store = Store(writing_engine(settings.database), reading_engine(settings.database))
    store.start()
    trust = Trust(settings.anchors, store, settings.revocation)
    trust.tell(settings.now())
    found, broken = served(settings)
    for error in broken:
        log.error("system left out file=%s key=%s reason=%s", error.file, error.key, error.reason)
    return Services(settings, found, store, trust, Passwords(settings.password_cost), tuple(error.file for error in broken))
