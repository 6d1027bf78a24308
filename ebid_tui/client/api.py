"""The server over HTTP: `interface.Server` as requests to the paths of docs/protocol.md."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from ebid_tui.client.known import KnownServer
from ebid_tui.domain.records import Code, Found, Moment, PasswordState, Receipt, Registered, SignedIn, Status
from ebid_tui.domain.statement import LONGEST_CHAIN, CardFree, Signed
from ebid_tui.errors import AnswerUnusable, ServerAway, SessionGone

REPEATS = (0.3, 1.0)
"""How long to wait before a change whose reply was lost is sent again, under its key."""

T = TypeVar("T")


class _LoggedIn(msgspec.Struct, frozen=True):
    token: Code
    usable_from: Moment


class _FoundCardFree(msgspec.Struct, frozen=True):
    token: Code
    found: Found


class HttpServer(KnownServer):
    """As bidders use it."""

    async def sign_in(self, signed: Signed) -> SignedIn:
        self._session.end()
        signed_in = await self._wire.ask("POST", "/sessions", SignedIn, {"statement": signed})
        self._session.begin(signed_in.token)
        return signed_in

    async def search(self, agency: str, category: str, values: Mapping[str, str]) -> Found:
        body = {"agency": agency, "category": category, "values": dict(values)}
        return await self._ask("POST", "/qualifications/search", Found, body)

    async def unlock(self, agency: str, category: str, number: str) -> None:
        await self._ask("POST", "/unlocks", type(None), {"agency": agency, "category": category, "number": number})

    async def register(self, signed: Signed, key: str) -> Receipt:
        return await self._change("/registrations", {"statement": signed}, key)

    async def registered(self, agency: str, category: str) -> Registered:
        return await self._ask("GET", "/registered", Registered, query={"agency": agency, "category": category})

    async def amend(self, signed: Signed, key: str) -> Receipt:
        return await self._change("/amendments", {"statement": signed}, key)

    async def check_new_card(self, agency: str, category: str, certificate: bytes, chain: Sequence[bytes] = ()) -> None:
        body = {"agency": agency, "category": category, "certificate": certificate, "chain": chain[: LONGEST_CHAIN - 1]}
        await self._ask("POST", "/renewals/check", type(None), body)

    async def renew(self, signed: Signed, key: str) -> Receipt:
        return await self._change("/renewals", {"statement": signed}, key)

    async def status(self, agency: str, category: str) -> Status:
        return await self._ask("GET", "/status", Status, query={"agency": agency, "category": category})

    async def login(self, system: str, agency: str, category: str, values: Mapping[str, str]) -> PasswordState:
        self._session.end()
        body = {"system": system, "agency": agency, "category": category, "values": dict(values)}
        logged_in = await self._wire.ask("POST", "/logins", _LoggedIn, body)
        self._session.begin(logged_in.token)
        return PasswordState(usable_from=logged_in.usable_from)

    async def change_password(self, system: str, values: Mapping[str, str]) -> PasswordState:
        return await self._wire.ask("POST", "/passwords", PasswordState, {"system": system, "values": dict(values)})

    async def search_card_free(self, system: str, agency: str, category: str, values: Mapping[str, str]) -> Found:
        self._session.end()
        body = {"system": system, "agency": agency, "category": category, "values": dict(values)}
        answer = await self._wire.ask("POST", "/qualifications/search-card-free", _FoundCardFree, body)
        self._session.begin(answer.token)
        return answer.found

    async def register_card_free(self, content: CardFree, key: str) -> Receipt:
        return await self._change("/registrations/card-free", {"content": content}, key)

    async def sign_out(self) -> None:
        """Forget the session here, and end it there if the server can be asked; else it ends by itself."""
        if not self._session.signed_in:
            return
        headers = self._session.header
        self._session.end()
        try:
            await self._wire.ask("DELETE", "/sessions/current", type(None), headers=headers)
        except (ServerAway, SessionGone):
            return

    async def _ask(
        self,
        method: str,
        path: str,
        kind: type[T],
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> T:
        """One request within the session. Raises SessionGone where there is none, here or there."""
        try:
            return await self._wire.ask(method, path, kind, body, self._session.header | dict(headers or {}), query)
        except SessionGone:
            self._session.end()
            raise

    async def _change(self, path: str, body: Any, key: str) -> Receipt:
        """Sent again by itself when the reply is lost, under the same key: nothing is ever done twice."""
        headers = {"Idempotency-Key": key}
        for pause in REPEATS:
            try:
                return await self._ask("POST", path, Receipt, body, headers)
            except AnswerUnusable:
                raise  # it is there, and would say the same again: whether to ask once more is the person's choice
            except ServerAway:
                await asyncio.sleep(pause)
        return await self._ask("POST", path, Receipt, body, headers)
