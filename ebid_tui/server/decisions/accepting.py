"""What every accepted change goes through: its key, its signatures, its receipt, and what is written beside it."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, Literal, TypeVar

import msgspec
from sqlalchemy import Connection

from ebid_tui.domain import statement
from ebid_tui.domain.profile.systems import Operation, Profile
from ebid_tui.domain.records import CardCertificate, Receipt, Values, Vendor
from ebid_tui.domain.statement import CardFree, CardFreeAmendment, OperatorSignIn, RenewalStatement, Role, Signed, SignIn, Statement
from ebid_tui.errors import ServerError
from ebid_tui.server.decisions.odd_texts import might_be_odd, refuse_odd_texts
from ebid_tui.server.evidence import statements
from ebid_tui.server.evidence.statements import Content, Signer
from ebid_tui.server.mail import completion
from ebid_tui.server.services import Services
from ebid_tui.server.settings import ServerSettings
from ebid_tui.server.store import accepted_changes, registrations
from ebid_tui.server.store.accepted_changes import AcceptedChange, Earlier, Repeat
from ebid_tui.server.store.proofs import Evidence
from ebid_tui.server.store.sign_ins import BidderSession
from ebid_tui.server.store.vendors import VendorDetails, VendorRecord
from ebid_tui.server.store.verdicts import CertificateVerdict

ReceiptState = Literal["accepted", "waiting", "provisional"]

KEY = re.compile(r"[!-~]{8,128}")
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""For numbers that are read aloud: no 0/O, 1/I/L, U."""

Said = TypeVar("Said", Statement, RenewalStatement)
SignsIn = TypeVar("SignsIn", SignIn, OperatorSignIn)


class SignedRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signed statement."""

    statement: Signed


@dataclass(frozen=True, slots=True)
class VerifiedChange(Generic[Said]):
    """A change as it came, with its signatures found right. Whether it may be made is not decided yet."""

    profile: Profile
    session: BidderSession
    said: Said
    signed: Signed
    signers: tuple[Signer, ...]
    repeat: Repeat
    verdicts: tuple[CertificateVerdict, ...] = ()
    """What was found about each signer's certificate (`accepted`)."""

    @property
    def vendor(self) -> Vendor:
        return vendor_of(self.said)


def vendor_of(said: Statement | RenewalStatement | CardFree | CardFreeAmendment) -> Vendor:
    """Whom a statement is about."""
    return Vendor(system=said.system, agency=said.agency, category=said.category, number=said.vendor)


def repeat_of(session: BidderSession, key: str | None, content: Signed | CardFree | CardFreeAmendment) -> Repeat:
    """Under what this request may come again. Raises ServerError E-KEY-MISSING."""
    if key is None or not KEY.fullmatch(key):
        raise ServerError(code="E-KEY-MISSING")
    return Repeat(session.owner, key, hashlib.sha256(msgspec.json.encode(content)).hexdigest())


def earlier(connection: Connection, session: BidderSession, repeat: Repeat) -> Receipt | None:
    """The receipt that this key gave before. Raises ServerError E-KEY-REUSED where it came with something else."""
    return given_before(accepted_changes.earlier(connection, session.system, repeat.owner, repeat.key), repeat)


def given_before(found: Earlier | None, repeat: Repeat) -> Receipt | None:
    """The same, of what was looked up. Raises ServerError E-KEY-REUSED."""
    if found is None:
        return None
    body_hash, given = found
    if body_hash != repeat.body_hash:
        raise ServerError(code="E-KEY-REUSED")
    return given


def once(session: BidderSession, repeat: Repeat, enter: Callable[[Connection], Receipt]) -> Callable[[Connection], Receipt]:
    """The transaction of a change: `enter`, unless the same request, sent twice, was accepted meanwhile. Raises E-KEY-REUSED."""
    return lambda connection: earlier(connection, session, repeat) or enter(connection)


def check_circumstances(settings: ServerSettings, origin: str, issued_at: datetime) -> None:
    """A statement must be for this server, and of this time. Raises ServerError E-ORIGIN, E-CLOCK, E-SIGNATURE."""
    if origin not in settings.origins:
        raise ServerError("origin", code="E-ORIGIN")
    if issued_at.tzinfo is None:
        raise statements.refused("issued_at has no zone")
    if abs(settings.now() - issued_at) > settings.statement_skew:
        raise ServerError("issued_at", code="E-CLOCK")


def opened(signed: Signed, kind: type[Content]) -> Content:
    """What was signed, without any text that has a character which nobody sees. Raises ServerError E-SIGNATURE, InputError."""
    said = statements.content(signed, kind)
    if might_be_odd(statement.unb64(signed.payload)):
        refuse_odd_texts(msgspec.to_builtins(said))
    return said


def understood(
    services: Services,
    session: BidderSession,
    signed: Signed,
    repeat: Repeat,
    kind: type[Said],
    operation: Operation,
    roles: Sequence[Role],
) -> VerifiedChange[Said]:
    """Signatures, card, server and operation are this session's; its card is the first that signed. Raises ServerError."""
    signers = statements.verify(signed, roles)
    if signers[0].certificate.fingerprint != session.fingerprint:
        raise statements.refused("another card")
    said = opened(signed, kind)
    if said.operation != operation or said.system != session.system:
        raise statements.refused("operation")
    check_circumstances(services.settings, said.origin, said.issued_at)
    if said.origin != session.origin:
        raise ServerError("origin", code="E-ORIGIN")
    profile = services.profile(said.system)
    if said.propagate and not profile.rules.propagation:
        raise ServerError("propagate", code="E-STATEMENT")
    return VerifiedChange(profile, session, said, signed, signers, repeat)


async def accepted(services: Services, request: VerifiedChange[Said], now: datetime) -> VerifiedChange[Said]:
    """The request with the verdict on each signer's certificate. Raises what `Trust.accept` raises."""
    found = [await services.trust.accept(request.profile, signer.certificate, signer.chain, now) for signer in request.signers]
    return replace(request, verdicts=tuple(found))


async def signed_in(services: Services, signed: Signed, kind: type[SignsIn], now: datetime) -> tuple[Profile, SignsIn, Signer]:
    """A sign-in by card: for which system, what was signed, and by whom. Raises ServerError, InputError, what `Trust.accept` raises."""
    (signer,) = statements.verify(signed, ("card",))
    said = opened(signed, kind)
    profile = services.profile(said.system)
    check_circumstances(services.settings, said.origin, said.issued_at)
    await services.trust.accept(profile, signer.certificate, signer.chain, now)
    return profile, said, signer


def receipt(
    operation: Operation,
    vendor: Vendor,
    blocks: dict[str, Values],
    payload: str,
    now: datetime,
    *,
    card: CardCertificate | None,
    previous: CardCertificate | None = None,
    propagate: bool,
    company_id: str | None,
    state: ReceiptState = "accepted",
) -> Receipt:
    """The proof of a change; the mail goes to the card contact's address (R-39)."""
    return Receipt(
        id=new_id(f"{vendor.system.upper()}-{now:%Y%m%d}"),
        operation=operation,
        vendor=vendor,
        blocks=blocks,
        card=card,
        previous=previous,
        propagate=propagate,
        company_id=company_id,
        mail_to=blocks.get("card_contact", {}).get("email") or None,
        check=statement.check_value(payload),
        at=now,
        state=state,
    )


def keep(connection: Connection, profile: Profile, registration_id: str, given: Receipt, proof: Evidence, repeat: Repeat) -> Receipt:
    """Write all that belongs to a change beside the change itself."""
    owner = given.card.fingerprint if given.card else repeat.owner
    mails = completion.completion(profile, given)
    entry = AcceptedChange(registration_id=registration_id, receipt=given, owner=owner, evidence=proof, mails=mails, repeat=repeat)
    accepted_changes.add_entry(connection, entry)
    return given


def as_evidence(request: VerifiedChange[Said]) -> Evidence:
    """What is kept of a signed request: the last signer's card is the one that is registered from now on."""
    *previous, card = (signer.chain[0] for signer in request.signers)
    text = msgspec.json.encode(request.signed).decode()
    return Evidence(statement=text, certificate=card, previous_certificate=previous[0] if previous else None, verdicts=request.verdicts)


def bind(connection: Connection, profile: Profile, category: str, fingerprint: str, number: str, now: datetime) -> None:
    """The card belongs to this vendor from now on (R-05, R-30). IntegrityError if another was first."""
    realm = profile.category(category).realm
    if registrations.owner(connection, profile.id, realm, fingerprint) != number:
        registrations.add_binding(connection, profile.id, realm, fingerprint, number, now)


def details(profile: Profile, category: str, known: VendorRecord, blocks: Mapping[str, Values]) -> VendorDetails:
    """What the vendor's cards share from now on; 企業ID is given with the first registration."""
    company = profile.typed_company(category, blocks.get("company", {}))
    company_id = known.details.company_id
    if company_id is None and profile.rules.company_id:
        company_id = str(10**15 + secrets.randbelow(9 * 10**15))
    return VendorDetails(company, blocks.get("representative_contact", {}), company_id)


def new_id(prefix: str) -> str:
    return f"{prefix}-{''.join(secrets.choice(LETTERS) for _ in range(8))}"
