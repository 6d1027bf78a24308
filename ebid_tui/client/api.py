"""The server over HTTP: `interface.Server` as requests to the paths of docs/protocol.md."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ebid_tui.client.known import KnownServer
from ebid_tui.domain.records import Code, Found, Moment, PasswordState, Receipt, Registered, SignedIn, Status, Voucher
from ebid_tui.domain.statement import LONGEST_CHAIN, CardFree, CardFreeAmendment, Signed
from ebid_tui.errors import AnswerUnusable, ServerAway

REPEATS = (0.3, 1.0)
"""How long to wait before a change whose reply was lost is sent again, under its key."""


class _LoggedIn(msgspec.Struct, frozen=True):
    token: Code
    usable_from: Moment


class _FoundCardFree(msgspec.Struct, frozen=True):
    token: Code
    found: Found


class HttpServer(KnownServer):
    """As bidders use it."""

    async def sign_in(self, signed: Signed) -> SignedIn:
        return await self._begin("/sessions", SignedIn, {"statement": signed})

    async def search(self, agency: str, category: str, values: Mapping[str, str]) -> Found:
        body = {"agency": agency, "category": category, "values": dict(values)}
        return await self._ask("POST", "/qualifications/search", Found, body)

    async def vouch(self) -> Voucher:
        return await self._ask("POST", "/vouchers", Voucher)

    async def search_by_card(self, agency: str, category: str, voucher: str = "") -> Found:
        body = {"agency": agency, "category": category, "voucher": voucher}
        return await self._ask("POST", "/qualifications/search-by-card", Found, body)

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
        body = {"system": system, "agency": agency, "category": category, "values": dict(values)}
        return PasswordState(usable_from=(await self._begin("/logins", _LoggedIn, body)).usable_from)

    async def change_password(self, system: str, values: Mapping[str, str]) -> PasswordState:
        return await self._wire.ask("POST", "/passwords", PasswordState, {"system": system, "values": dict(values)})

    async def search_card_free(self, system: str, agency: str, category: str, values: Mapping[str, str]) -> Found:
        body = {"system": system, "agency": agency, "category": category, "values": dict(values)}
        return (await self._begin("/qualifications/search-card-free", _FoundCardFree, body)).found

    async def register_card_free(self, content: CardFree, key: str) -> Receipt:
        return await self._change("/registrations/card-free", {"content": content}, key)

    async def registered_card_free(self, agency: str, category: str) -> Registered:
        return await self._ask("GET", "/registered/card-free", Registered, query={"agency": agency, "category": category})

    async def amend_card_free(self, content: CardFreeAmendment, key: str) -> Receipt:
        return await self._change("/amendments/card-free", {"content": content}, key)

    async def sign_out(self) -> None:
        await self._end("/sessions/current")

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
