"""The server as the flows see it. Nothing here touches the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ebid_tui.domain.records import Challenge, Found, PasswordState, Receipt, Registered, SignedIn, Status
from ebid_tui.domain.statement import CardFree, Signed


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

    async def challenge(self, system: str, agency: str = "") -> Challenge:
        """A fresh nonce to sign. RuleError R-22 outside the service hours (of this agency), saying when it opens."""
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

    async def registered(self, agency: str, category: str) -> Registered:
        """What this session's card has registered here. RuleError E-NOT-REGISTERED, R-11 for a renewed card, R-35."""
        ...

    async def amend(self, signed: Signed, key: str) -> Receipt:
        """変更."""
        ...

    async def check_new_card(self, agency: str, category: str, certificate: bytes, chain: Sequence[bytes] = ()) -> None:
        """Whether this session's card may be renewed to the one with this certificate (DER), before its PIN is asked.

        `chain`: the authorities' certificates above it that the card has.

        RuleError R-05, R-08, R-09, R-30, R-34, R-35.
        """
        ...

    async def renew(self, signed: Signed, key: str) -> Receipt:
        """ICカード更新; `signed` has two signatures, the current card's first."""
        ...

    async def status(self, agency: str, category: str) -> Status:
        """業者概要 and 登録利用者一覧 of the vendor that this session's card or password proved."""
        ...

    async def login(self, system: str, agency: str, category: str, values: Mapping[str, str]) -> PasswordState:
        """Login by number and password, without a card; the session is kept here. RuleError R-03, R-28, R-33, R-35."""
        ...

    async def change_password(self, system: str, values: Mapping[str, str]) -> PasswordState:
        """パスワード再設定. RuleError R-28, R-33; InputError for the policy (R-04)."""
        ...

    async def search_card_free(self, system: str, agency: str, category: str, values: Mapping[str, str]) -> Found:
        """R-36: the search of a vendor without a card, which is also its sign-in. Errors as `search`."""
        ...

    async def register_card_free(self, content: CardFree, key: str) -> Receipt:
        """R-36: 登録 without a card."""
        ...

    async def sign_out(self) -> None:
        """End the session; never raises for a session that is gone."""
        ...
