"""The server as the flows see it. Nothing here touches the network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from ebid_tui.domain.records import Challenge, Found, Receipt, SignedIn
from ebid_tui.domain.statement import Signed


class Server(Protocol):
    """One bidding system's server.

    Every call raises `errors.ServerAway` when no answer came (asking again is safe), `errors.RuleError` when a rule says
    no, `errors.InputError` for faulty fields, `errors.ChallengeGone` and `errors.SessionGone`.
    """

    @property
    def origin(self) -> str:
        """Scheme, host and port as they stand in signed statements; taken from the client's own settings."""
        ...

    async def clock(self) -> datetime:
        """The server's time, aware, in Japan time (R-01)."""
        ...

    async def challenge(self, system: str) -> Challenge:
        """A fresh nonce to sign."""
        ...

    async def sign_in(self, signed: Signed) -> SignedIn:
        """Sign in with a card; the session is kept here and used by the calls below."""
        ...

    async def search(self, agency: str, category: str, values: Mapping[str, str]) -> Found:
        """資格審査情報検索. RuleError R-28 when nothing was found (with every likely cause), R-03, R-15, R-33, R-35."""
        ...

    async def register(self, signed: Signed, key: str) -> Receipt:
        """登録; `key` is the Idempotency-Key: the same key gives the same receipt."""
        ...

    async def sign_out(self) -> None:
        """End the session; never raises for a session that is gone."""
        ...
