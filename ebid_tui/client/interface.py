"""The server as the flows see it. Nothing here touches the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the first frame needs none of it
    from ebid_tui.domain.desk import (
        DeskMail,
        DeskRequest,
        DeskVendor,
        DeskWaiting,
        DeskWaitingChange,
        DeskWaitingPage,
        ExpiringPage,
        FindBy,
        Hits,
        OperatorSignedIn,
        Reason,
        RequestKind,
        RequestState,
    )
    from ebid_tui.domain.records import Challenge, Found, PasswordState, Receipt, Registered, SignedIn, Status, Vendor, Voucher
    from ebid_tui.domain.statement import CardFree, CardFreeAmendment, Signed


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

    async def vouch(self) -> Voucher:
        """What this session's card leaves for another card of its vendor. E-NOT-REGISTERED for a card that is in use nowhere."""
        ...

    async def search_by_card(self, agency: str, category: str, voucher: str = "") -> Found:
        """The vendor of the card that left the voucher, or of this session's own. RuleError R-28, R-35; ServerError E-NOT-REGISTERED."""
        ...

    async def unlock(self, agency: str, category: str, number: str) -> None:
        """R-33: unlock the number of this session's card. RuleError R-33 where the system does not, ServerError E-NOT-REGISTERED."""
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

    async def registered_card_free(self, agency: str, category: str) -> Registered:
        """R-36: what the session's vendor has registered here without a card. ServerError E-NOT-REGISTERED, RuleError R-35, R-36."""
        ...

    async def amend_card_free(self, content: CardFreeAmendment, key: str) -> Receipt:
        """R-36: 変更 of it."""
        ...

    async def sign_out(self) -> None:
        """End the session; never raises for a session that is gone."""
        ...


class Desk(Protocol):
    """The same server as the agency's operators use it. The session is kept here.

    Every call raises `errors.ServerAway` when no answer came, `errors.SessionGone`, and `errors.ServerError` for what is refused.
    """

    @property
    def origin(self) -> str: ...

    async def clock(self) -> datetime:
        """The server's time, aware, in Japan time (R-01)."""
        ...

    async def sign_in(self, system: str, login_id: str, password: str, code: str) -> OperatorSignedIn: ...

    async def challenge(self, system: str) -> Challenge: ...

    async def sign_in_by_card(self, signed: Signed) -> OperatorSignedIn: ...

    async def find(
        self, by: FindBy, q: str, reason: Reason, *, agency: str = "", category: str = "", limit: int = 50, after: str = ""
    ) -> Hits: ...

    async def vendor(self, vendor: Vendor, reason: Reason) -> DeskVendor: ...

    async def expiring(
        self, days: int, reason: Reason = "expiry", *, agency: str = "", limit: int = 50, after: str = ""
    ) -> ExpiringPage: ...

    async def ask(self, vendor: Vendor, kind: RequestKind, application: str, registration_id: str | None = None) -> DeskRequest: ...

    async def requests(self, stage: RequestState | None = None) -> list[DeskRequest]: ...

    async def decide(self, request_id: str, approve: bool) -> DeskRequest: ...

    async def complete(self, request_id: str) -> DeskRequest: ...

    async def resend(self, mail_id: int, reason: Reason = "mail") -> DeskMail: ...

    async def waiting(self, after: str = "") -> DeskWaitingPage: ...

    async def waiting_change(self, receipt_id: str) -> DeskWaitingChange: ...

    async def settle(self, receipt_id: str, accept: bool, reason: str = "") -> DeskWaiting: ...

    async def sign_out(self, everywhere: bool = False) -> None: ...

    async def close(self) -> None:
        """Close the connections; the session goes on with the next request."""
        ...
