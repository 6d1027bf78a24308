"""What a request may use: settings, profiles, database, trust, passwords. Made once when the server starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ebid_tui.domain.profile import systems
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.errors import ServerError
from ebid_tui.language import learn
from ebid_tui.server.decisions.passwords import Passwords
from ebid_tui.server.pki.trust import Trust
from ebid_tui.server.settings import ServerSettings
from ebid_tui.server.store.engine import reading_engine, writing_engine
from ebid_tui.server.store.writer import Store


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a handler works with."""

    settings: ServerSettings
    profiles: Mapping[str, Profile]
    store: Store
    trust: Trust
    passwords: Passwords

    def profile(self, system: str) -> Profile:
        """The profile of a system served here, in whose words the request is answered from now on. Raises ServerError E-NOT-FOUND."""
        found = self.profiles.get(system)
        if found is None:
            raise ServerError("system", code="E-NOT-FOUND")
        learn(found.words)
        return found


def profiles(settings: ServerSettings) -> dict[str, Profile]:
    """The profiles of the systems served, by id. Raises ProfileError for a broken or missing file."""
    wanted = settings.systems or tuple(systems.available(*settings.system_directories))
    found = {system: systems.profile_of(system, *settings.system_directories) for system in wanted}
    return {system: settings.adapted(profile) for system, profile in found.items()} if settings.adapted else found


def services(settings: ServerSettings) -> Services:
    """Open the database (which must be there) and start what works beside the requests."""
    store = Store(writing_engine(settings.database), reading_engine(settings.database))
    store.start()
    trust = Trust(settings.anchors, store, settings.revocation)
    trust.tell(settings.now())
    return Services(settings, profiles(settings), store, trust, Passwords(settings.password_cost))
