"""A person at the counter whose card is registered already, and what changes what is registered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ebid_tui.domain import renewal, statement
from ebid_tui.domain.profile.systems import Profile, profile_of
from ebid_tui.domain.records import Receipt, Registered, SignedIn, Values
from ebid_tui.domain.statement import RenewalStatement, Signed, Statement
from tests.server.running_server import ORIGIN, Running, sign_in_content
from tests.server.signing import Card, signed_by_both


@dataclass
class Holder:
    """A card at one agency and category of a system."""

    server: Running
    card: Card
    system: str = "ise"
    agency: str = "ise"
    category: str = "construction"

    def __post_init__(self) -> None:
        self.client = self.server.client()

    @property
    def profile(self) -> Profile:
        return profile_of(self.system, *self.server.settings.system_directories)

    async def sign_in(self) -> SignedIn:
        nonce = (await self.client.challenge(self.system)).nonce
        return await self.client.sign_in(self.card.signed(sign_in_content(nonce, self.system)))

    async def registered(self) -> Registered:
        return await self.client.registered(self.agency, self.category)

    async def _common(self, vendor: str) -> dict[str, Any]:
        nonce = (await self.client.challenge(self.system, self.agency)).nonce
        place = {"system": self.system, "agency": self.agency, "category": self.category, "vendor": vendor}
        return place | {"origin": ORIGIN, "nonce": nonce, "issued_at": statement.now()}

    async def amendment(self, found: Registered, typed: dict[str, Values] | None = None, **changes: Any) -> Statement:
        """The statement of 変更, as the form would make it: what is registered, the newest 企業情報, and what is typed."""
        values = await self._common(found.registration.vendor.number)
        values |= {"operation": "amendment", "card": self.card.certificate.record, "holder_confirmed": False}
        values["blocks"] = self.form(found, typed or {})
        return Statement(**(values | changes))

    def form(self, found: Registered, typed: dict[str, Values]) -> dict[str, Values]:
        """Every block of 利用者変更 with its values."""
        blocks = {}
        for block in self.profile.blocks:
            known = dict(found.registration.blocks.get(block.id, {}))
            if block.id == "company":
                newest = found.qualification.company | {"company_id": found.company_id or ""}
                shown = self.profile.fields("company", "amendment", self.category)
                known |= {f.id: newest.get(f.id, "") for f in shown if not f.input}
            if block.id == "card_holder":
                known = self.card.certificate.card_holder
            known |= typed.get(block.id, {})
            names = [f.id for f in self.profile.fields(block.id, "amendment", self.category) if f.id != "email_again"]
            blocks[block.id] = {name: known.get(name, "") for name in names}
        return blocks

    async def amend(self, typed: dict[str, Values] | None = None, key: str = "key-of-an-amendment", **changes: Any) -> Receipt:
        """The whole way, from signing in."""
        await self.sign_in()
        content = await self.amendment(await self.registered(), typed, **changes)
        return await self.client.amend(self.card.signed(content), key)

    async def renewal(self, new: Card, found: Registered, **changes: Any) -> RenewalStatement:
        """The statement of ICカード更新, as 電子証明書更新確認 would make it."""
        values = await self._common(found.registration.vendor.number)
        current, other = self.card.certificate, new.certificate
        rows = renewal.rows(self.profile, found.qualification.company, current, other)
        values |= {"current": current.record, "new": other.record, "rows": rows}
        return RenewalStatement(**(values | {"holder_confirmed": renewal.needs_answer(rows)} | changes))

    async def signed_renewal(self, new: Card, **changes: Any) -> Signed:
        """Signed in, and ready to be sent."""
        return signed_by_both(await self.renewal_content(new, **changes), self.card, new)

    async def renewal_content(self, new: Card, **changes: Any) -> RenewalStatement:
        """Signed in, and ready to be signed."""
        await self.sign_in()
        return await self.renewal(new, await self.registered(), **changes)

    async def renew(self, new: Card, key: str = "key-of-a-renewal", **changes: Any) -> Receipt:
        """The whole way, from signing in."""
        signed = await self.signed_renewal(new, **changes)
        return await self.client.renew(signed, key)
