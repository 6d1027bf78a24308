"""The desk's side of the server over HTTP: an operator signs in, finds a vendor, looks, and does what an application asks for."""

from __future__ import annotations

from typing import Any, Protocol

from ebid_tui.client.http_request import LARGEST_LIST, ServerAddress
from ebid_tui.client.known import KnownServer
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
from ebid_tui.domain.records import Vendor
from ebid_tui.domain.statement import Signed


class Devices(Protocol):
    """Where this device keeps what tells the server that an operator signed in on it before."""

    def token(self, origin: str, system: str, login_id: str) -> str: ...

    def keep(self, origin: str, system: str, login_id: str, token: str) -> None: ...


class DeskServer(KnownServer):
    """As an agency's operators use it. Nothing is kept on disk but what `devices` keeps."""

    LARGEST = LARGEST_LIST

    def __init__(self, address: ServerAddress, devices: Devices | None = None) -> None:
        super().__init__(address)
        self._devices = devices

    @property
    def signed_in(self) -> bool:
        return self._session.signed_in

    async def sign_in(self, system: str, login_id: str, password: str, code: str) -> OperatorSignedIn:
        """With password and code. ServerError E-OPERATOR, E-TOO-MANY, E-CARD-ONLY."""
        body = {"system": system, "origin": self._origin, "login_id": login_id, "password": password, "code": code}
        if self._devices is None:
            return await self._begin("/desk/sessions", OperatorSignedIn, body)
        known = self._devices.token(self._origin, system, login_id)
        opened = await self._begin("/desk/sessions", OperatorSignedIn, body | {"device": known})
        if opened.device:
            self._devices.keep(self._origin, system, login_id, opened.device)
        return opened

    async def sign_in_by_card(self, signed: Signed) -> OperatorSignedIn:
        """With a card. ServerError E-OPERATOR, ChallengeGone, RuleError R-09, R-34."""
        return await self._begin("/desk/sessions/card", OperatorSignedIn, {"statement": signed})

    async def find(
        self, by: FindBy, q: str, reason: Reason, *, agency: str = "", category: str = "", limit: int = 50, after: str = ""
    ) -> Hits:
        """One page; `next` of it is `after` of the following one."""
        where = {"agency": agency, "category": category, "limit": limit, "after": after}
        return await self._ask("POST", "/desk/vendors/search", Hits, {"by": by, "q": q, "reason": reason} | where)

    async def vendor(self, vendor: Vendor, reason: Reason) -> DeskVendor:
        """All that is on record. ServerError E-NOT-FOUND."""
        place = "/".join(_quoted(part) for part in (vendor.agency, vendor.category, vendor.number))
        return await self._ask("GET", f"/desk/vendors/{place}", DeskVendor, query={"reason": reason})

    async def expiring(self, days: int, reason: Reason = "expiry", *, agency: str = "", limit: int = 50, after: str = "") -> ExpiringPage:
        """Cards in use that end within so many days, a page at a time."""
        query = {"days": str(days), "reason": reason, "agency": agency, "limit": str(limit), "after": after}
        return await self._ask("GET", "/desk/cards/expiring", ExpiringPage, query=query)

    async def ask(self, vendor: Vendor, kind: RequestKind, application: str, registration_id: str | None = None) -> DeskRequest:
        """Enter an application; it is `done` already where nobody has to approve it. ServerError E-NO-ACCOUNT, E-NOT-FOUND, E-STATE."""
        body: dict[str, Any] = {"agency": vendor.agency, "category": vendor.category, "number": vendor.number, "kind": kind}
        body |= {"application": application, "registration_id": registration_id}
        return await self._ask("POST", "/desk/requests", DeskRequest, body)

    async def requests(self, stage: RequestState | None = None) -> list[DeskRequest]:
        """The newest ones; without a stage, what is not finished."""
        return await self._ask("GET", "/desk/requests", list[DeskRequest], query={"stage": stage} if stage else {})

    async def decide(self, request_id: str, approve: bool) -> DeskRequest:
        """Approve or refuse another operator's request. ServerError E-ROLE, E-APPROVER, E-STATE."""
        return await self._ask("POST", f"/desk/requests/{_quoted(request_id)}/decision", DeskRequest, {"approve": approve})

    async def complete(self, request_id: str) -> DeskRequest:
        """Carry out what was approved; the answer alone has a new initial password. ServerError E-STATE."""
        return await self._ask("POST", f"/desk/requests/{_quoted(request_id)}/completion", DeskRequest)

    async def resend(self, mail_id: int, reason: Reason = "mail") -> DeskMail:
        """Send a mail again. ServerError E-STATE for one that is on its way."""
        return await self._ask("POST", f"/desk/mails/{mail_id}/resend", DeskMail, {"reason": reason})

    async def waiting(self, after: str = "") -> DeskWaitingPage:
        """What waits for its acceptance, the oldest first; `next` of one page is `after` of the following one."""
        return await self._ask("GET", "/desk/acceptances", DeskWaitingPage, query={"after": after})

    async def waiting_change(self, receipt_id: str) -> DeskWaitingChange:
        """One of it. ServerError E-NOT-FOUND."""
        return await self._ask("GET", f"/desk/acceptances/{_quoted(receipt_id)}", DeskWaitingChange)

    async def settle(self, receipt_id: str, accept: bool, reason: str = "") -> DeskWaiting:
        """Accept or refuse it. InputError for a reason that cannot be told, RuleError R-10, R-35, ServerError E-ROLE, E-STATE."""
        body = {"accept": accept, "reason": reason}
        return await self._ask("POST", f"/desk/acceptances/{_quoted(receipt_id)}/decision", DeskWaiting, body)

    async def sign_out(self, everywhere: bool = False) -> None:
        """End the session, or all of this operator's; never raises for one that is gone."""
        await self._end("/desk/sessions" if everywhere else "/desk/sessions/current")

    def _headers(self) -> dict[str, str]:
        """An operator's session counts only together with the origin at which it was opened."""
        return self._session.header | {"Origin": self._origin}


def _quoted(part: str) -> str:
    from urllib.parse import quote

    return quote(part, safe="")
