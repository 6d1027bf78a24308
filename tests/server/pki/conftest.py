"""A local certification authority, and what a server thinks of its cards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from sqlalchemy import Connection, select

from ebid_tui.domain.profile.systems import Profile, profile_of
from ebid_tui.domain.profile.trust import TrustRules
from ebid_tui.errors import RuleError, ServerError
from ebid_tui.server.pki.trust import Trust
from ebid_tui.server.settings import RevocationSettings
from ebid_tui.server.store.engine import reading_engine, writing_engine
from ebid_tui.server.store.migrate import make_ready
from ebid_tui.server.store.schema import audit, revocation_data
from ebid_tui.server.store.transactions import direct
from ebid_tui.server.store.verdicts import CertificateVerdict
from ebid_tui.server.store.writer import Store
from tests.server.pki.local_ca import HOST, LocalCa, web
from tests.server.signing import Card

Read = TypeVar("Read")


@pytest.fixture
def ca(tmp_path: Path) -> Iterator[LocalCa]:
    """Issues and revokes."""
    (tmp_path / "ca").mkdir()
    with web() as served:
        yield LocalCa(tmp_path / "ca", served)


@dataclass
class Desk:
    """A database, and the trust of one server process on it."""

    url: str
    files: dict[str, tuple[bytes, ...]]
    settings: RevocationSettings
    trust: Trust
    store: Store
    ahead: timedelta = timedelta()
    rules: dict[str, Any] = field(default_factory=dict)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead  # real clock: openssl, the authority here, dates by it

    @property
    def profile(self) -> Profile:
        return msgspec.structs.replace(profile_of("ise"), trust=TrustRules(**self.rules))

    async def accept(self, card: Card, *chain: bytes) -> CertificateVerdict:
        return await self.trust.accept(self.profile, card.certificate, (card.der, *chain), self.now())

    def direct(self) -> Any:
        return direct(writing_engine(self.url))

    def rows(self) -> list[Any]:
        return self._read(lambda c: list(c.execute(select(revocation_data))))

    def audited(self) -> list[tuple[str, str, str]]:
        return self._read(lambda c: [(r.event, r.actor, r.subject) for r in c.execute(select(audit))])

    def _read(self, work: Callable[[Connection], Read]) -> Read:
        engine = reading_engine(self.url)

        with engine.connect() as connection:
            found = work(connection)
        engine.dispose()
        return found


def desk_of(url: str, files: dict[str, tuple[bytes, ...]], settings: RevocationSettings) -> Desk:
    store = Store(writing_engine(url), reading_engine(url))
    store.start()
    return Desk(url, files, settings, Trust(files, store, settings), store)


@pytest.fixture
async def desk(ca: LocalCa, tmp_path: Path) -> AsyncIterator[Desk]:
    """A server process that trusts the authority."""
    url = f"sqlite:///{tmp_path / 'ebid.db'}"
    make_ready(url)
    made = desk_of(url, {"aosign": ca.anchors}, RevocationSettings(hosts=(HOST,), seconds=2.0))
    yield made
    made.trust.stop()
    made.store.stop()


async def refused(desk: Desk, card: Card) -> tuple[str, str]:
    """Code and detail of the refusal."""
    with pytest.raises((RuleError, ServerError)) as caught:
        await desk.accept(card)
    return caught.value.code, caught.value.detail
