"""A procurement office for one test: decides as the server would, and has the accidents that a test orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import renewal, rules, statement
from ebid_tui.domain.certificate import JAPAN, Certificate
from ebid_tui.domain.profile.systems import Profile, profile_of
from ebid_tui.domain.records import (
    CardState,
    Challenge,
    Found,
    PasswordState,
    Qualification,
    Receipt,
    Registered,
    RegisteredCard,
    Registration,
    SignedIn,
    Status,
    StatusCard,
    StatusWithoutCard,
    Vendor,
    Voucher,
)
from ebid_tui.domain.statement import CardFree, CardFreeAmendment, RenewalStatement, Signed, SignIn, Statement
from ebid_tui.errors import ChallengeGone, EbidError, RuleError, ServerError, SessionGone
from tests.flows.account import Account
from tests.flows.signatures import read, signers

NOW = datetime(2026, 11, 21, 18, 20, tzinfo=JAPAN)
VENDOR = Vendor(system="ise", agency="ise", category="construction", number="1000000001")
COMPANY = {
    "vendor_no": "1000000001",
    "name": "テスト工事業者０１",
    "postal_code": "516-0018",
    "address": "三重県伊勢市",
    "representative": "個人　十郎",
    "title": "代表取締役",
    "phone": "000-0000-001",
    "fax": "000-0000-001",
}
CONTACT = {
    "name": "営業部",
    "postal_code": "516-0018",
    "address": "三重県伊勢市岩渕一丁目",
    "person": "担当　花子",
    "phone": "0596-00-0001",
    "fax": "0596-00-0002",
    "email": "hanako@example.co.jp",
}


class Office:
    """`client.interface.Server`. `accidents[call]` are raised in order, one a call; None lets a call through.

    An accident in `lost` happens after the call was carried out: the reply is lost, not the request.
    """

    origin = "https://office.example"

    def __init__(self, vendor: Vendor = VENDOR, company: Mapping[str, str] = COMPANY) -> None:
        self.accidents: dict[str, list[EbidError | None]] = {}
        self.lost: dict[str, list[EbidError | None]] = {}
        self.calls: list[str] = []
        self.profile: Profile = profile_of(vendor.system)
        self.bound: tuple[RegisteredCard, ...] = ()
        """What a sign-in says of the card."""
        self.found = Found(
            qualification=Qualification(vendor=vendor, state="approved", trade_name=company["name"], company=dict(company)),
            representative_contact={},
            later_card=False,
        )
        self.registrations: dict[str, Registration] = {}
        """By the card's fingerprint."""
        self.without_card: Registration | None = None
        """What is registered without a card (R-36)."""
        self.certificates: dict[str, Certificate] = {}
        self.receipts: dict[str, Receipt] = {}
        self.statements: list[Any] = []
        self.searches: list[Mapping[str, str]] = []
        self.account = Account(vendor.number, NOW)
        self.vouchers: list[str] = []
        """With which the vendor was looked for."""
        self._nonces: set[str] = set()
        self._session = ""
        """The fingerprint of the card that signed in, or `password`."""

    # --- what a test arranges and looks at

    def has(self, der: bytes, state: CardState = "active", **company: str) -> Registration:
        """Registered earlier: this card (certificate, DER), with these values in 企業情報."""
        certificate = certificates.read(der)
        vendor, known = self.found.qualification.vendor, self.found.qualification.company
        blocks = {
            "company": known | {"department": "工事部"} | company,
            "representative_contact": dict(CONTACT),
            "card_holder": certificate.card_holder,
            "card_contact": dict(CONTACT),
        }
        self.certificates[certificate.fingerprint] = certificate
        self.registrations[certificate.fingerprint] = Registration(
            id=f"R-{len(self.registrations)}", vendor=vendor, state=state, card=certificate.record, blocks=blocks, registered_at=NOW
        )
        return self.registrations[certificate.fingerprint]

    def states(self) -> list[tuple[str, CardState]]:
        """Every registered card: serial number and state, in the order of registration."""
        return [(r.card.serial, r.state) for r in self.registrations.values() if r.card is not None]

    def qualified(self, **changes: Any) -> None:
        """The qualification as it is now."""
        self.found = msgspec.structs.replace(self.found, qualification=msgspec.structs.replace(self.found.qualification, **changes))

    # --- the interface

    def _begin(self, call: str, *, session: bool = False) -> None:
        self.calls.append(call)
        try:
            _raise_next(self.accidents.get(call, []))
        except SessionGone:
            self._session = ""
            raise
        if session and not self._session:
            raise SessionGone

    async def clock(self) -> datetime:
        self._begin("clock")
        return NOW

    async def challenge(self, system: str, agency: str = "") -> Challenge:
        self._begin("challenge")
        self._nonces.add(nonce := f"nonce-{len(self.calls)}")
        return Challenge(nonce=nonce, expires_at=NOW + timedelta(minutes=5))

    async def sign_in(self, signed: Signed) -> SignedIn:
        self._begin("sign_in")
        (certificate,) = signers(signed, "card")
        self._use(read(signed, SignIn))
        self._session = certificate.fingerprint
        return SignedIn(token="token", expires_at=NOW + timedelta(minutes=15), registered=self.bound)

    async def search(self, agency: str, category: str, values: Mapping[str, str]) -> Found:
        self._begin("search", session=True)
        self.searches.append(dict(values))
        return self.found

    async def vouch(self) -> Voucher:
        self._begin("vouch", session=True)
        found = self.registrations.get(self._session)
        if found is None or found.state != "active":
            raise ServerError("card", code="E-NOT-REGISTERED")
        return Voucher(token=f"voucher of {self._session}", expires_at=NOW + timedelta(minutes=15))

    async def search_by_card(self, agency: str, category: str, voucher: str = "") -> Found:
        self._begin("search_by_card", session=True)
        self.vouchers.append(voucher)
        return self.found

    async def unlock(self, agency: str, category: str, number: str) -> None:
        self._begin("unlock", session=True)
        found = self.registrations.get(self._session)
        if found is None or found.vendor.number != number:
            raise ServerError("card", code="E-NOT-REGISTERED")
        self.account.wrong = 0

    async def register(self, signed: Signed, key: str) -> Receipt:
        self._begin("register", session=True)
        return self._once("register", key, lambda: self._registered(signed))

    def _registered(self, signed: Signed) -> Receipt:
        (certificate,) = signers(signed, "card")
        content = read(signed, Statement)
        self._use(content)
        assert content.card == certificate.record
        self.has(certificate.der)
        return self._receipt(content, "registration", content.blocks, content.card, check=statement.check_value(signed.payload))

    async def registered(self, agency: str, category: str) -> Registered:
        self._begin("registered", session=True)
        return Registered(registration=self._standing(), qualification=self.found.qualification, company_id=None)

    async def amend(self, signed: Signed, key: str) -> Receipt:
        self._begin("amend", session=True)
        return self._once("amend", key, lambda: self._amended(signed))

    def _amended(self, signed: Signed) -> Receipt:
        (certificate,) = signers(signed, "card")
        content = read(signed, Statement)
        self._use(content)
        earlier = self._standing()
        assert content.card == certificate.record == earlier.card
        shown = {f.id for f in self.profile.fields("company", "amendment", content.category) if f.source == "qualification"}
        newest = self.found.qualification.company
        assert {k: v for k, v in content.blocks["company"].items() if k in shown} == {k: newest.get(k, "") for k in shown}, "R-37"
        self.registrations[certificate.fingerprint] = msgspec.structs.replace(earlier, blocks=content.blocks)
        return self._receipt(content, "amendment", content.blocks, content.card, check=statement.check_value(signed.payload))

    async def check_new_card(self, agency: str, category: str, certificate: bytes, chain: Sequence[bytes] = ()) -> None:
        self._begin("check_new_card", session=True)
        self._refuse_renewal(certificates.read(certificate))

    async def renew(self, signed: Signed, key: str) -> Receipt:
        self._begin("renew", session=True)
        return self._once("renew", key, lambda: self._renewed(signed))

    def _renewed(self, signed: Signed) -> Receipt:
        current, new = signers(signed, "current", "new")
        content = read(signed, RenewalStatement)
        self._use(content)
        assert (content.current, content.new) == (current.record, new.record)
        earlier = self._standing()
        assert (current.fingerprint, content.vendor) == (self._session, earlier.vendor.number)
        self._refuse_renewal(new)
        compared = renewal.rows(self.profile, self.found.qualification.company, current, new)
        assert content.rows == compared
        if renewal.needs_answer(compared) and not content.holder_confirmed:
            raise RuleError("R-06")
        self.registrations[current.fingerprint] = msgspec.structs.replace(earlier, state="renewed")
        self.has(new.der)
        check = statement.check_value(signed.payload)
        return self._receipt(content, "renewal", earlier.blocks, content.new, content.current, check=check)

    async def status(self, agency: str, category: str) -> Status:
        self._begin("status", session=True)
        cards = tuple(
            StatusCard(
                card=kept.card,
                company=kept.blocks["card_holder"]["company"],
                person=kept.blocks["card_holder"]["person"],
                state=kept.state,
                registered_at=kept.registered_at,
                this_card=fingerprint == self._session,
                contact=kept.blocks["card_contact"],
            )
            for fingerprint, kept in self.registrations.items()
            if kept.card is not None
        )
        kept = self.without_card
        return Status(
            qualification=self.found.qualification,
            company_id=None,
            representative_contact=CONTACT,
            cards=cards,
            without_card=None if kept is None else StatusWithoutCard(registered_at=NOW, contact=kept.blocks["card_contact"]),
        )

    async def login(self, system: str, agency: str, category: str, values: Mapping[str, str]) -> PasswordState:
        self._begin("login")
        self.account.prove(values)
        if self.account.initial:
            raise RuleError("R-03", service=self.profile.information_service)
        self._session = "password"
        return PasswordState(usable_from=self.account.usable_from)

    async def change_password(self, system: str, values: Mapping[str, str]) -> PasswordState:
        self._begin("change_password")
        assert self.profile.password is not None
        self.account.change(self.profile.password, values)
        return PasswordState(usable_from=self.account.usable_from)

    async def search_card_free(self, system: str, agency: str, category: str, values: Mapping[str, str]) -> Found:
        self._begin("search_card_free")
        self.searches.append(dict(values))
        self._session = "password"
        return self.found

    async def register_card_free(self, content: CardFree, key: str) -> Receipt:
        self._begin("register_card_free", session=True)
        check = statement.check_value(statement.payload(content))
        return self._once("register_card_free", key, lambda: self._receipt(content, "registration", content.blocks, None, check=check))

    async def registered_card_free(self, agency: str, category: str) -> Registered:
        self._begin("registered_card_free", session=True)
        if self.without_card is None:
            raise ServerError("number", code="E-NOT-REGISTERED")
        return Registered(registration=self.without_card, qualification=self.found.qualification, company_id=None)

    async def amend_card_free(self, content: CardFreeAmendment, key: str) -> Receipt:
        self._begin("amend_card_free", session=True)
        check = statement.check_value(statement.payload(content))
        return self._once("amend_card_free", key, lambda: self._receipt(content, "amendment", content.blocks, None, check=check))

    async def sign_out(self) -> None:
        self.calls.append("sign_out")
        self._session = ""

    # --- how it decides

    def _once(self, call: str, key: str, carry_out: Any) -> Receipt:
        """The same key gives the same receipt."""
        if key not in self.receipts:
            self.receipts[key] = carry_out()
        _raise_next(self.lost.get(call, []))
        return self.receipts[key]

    def _use(self, content: SignIn | Statement | RenewalStatement) -> None:
        """A nonce counts once, and only here."""
        assert content.origin == self.origin
        if content.nonce not in self._nonces:
            raise ChallengeGone
        self._nonces.remove(content.nonce)

    def _standing(self) -> Registration:
        kept = self.registrations.get(self._session)
        if kept is None:
            raise ServerError("card", code="E-NOT-REGISTERED")
        if kept.state != "active":
            raise RuleError("R-11", kept.state)
        rules.refuse_lapsed(self.found.qualification, self.profile.contact.name)
        return kept

    def _refuse_renewal(self, new: Certificate) -> None:
        renewal.refuse(self.profile, self.certificates[self._session], new, statement.now())
        if new.fingerprint in self.registrations:
            raise RuleError("R-05", trade_name="ほかの業者")

    def _receipt(self, content: Any, operation: Any, blocks: Any, card: Any, previous: Any = None, *, check: str) -> Receipt:
        self.statements.append(content)
        return Receipt(
            id=f"{content.system.upper()}-{len(self.statements)}",
            operation=operation,
            vendor=self.found.qualification.vendor,
            blocks=blocks,
            card=card,
            previous=previous,
            propagate=getattr(content, "propagate", False),
            company_id=None,
            mail_to=blocks["card_contact"]["email"],
            check=check,
            at=NOW,
        )


def _raise_next(accidents: list[EbidError | None]) -> None:
    if accidents and (accident := accidents.pop(0)) is not None:
        raise accident
