"""登録: one signed statement becomes a registration with its receipt, evidence, audit row and mail, or nothing does."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ebid_tui.domain import rules, statement
from ebid_tui.domain.records import Receipt, Registration, Values, Vendor
from ebid_tui.domain.statement import Signed, Statement
from ebid_tui.domain.systems import Profile
from ebid_tui.errors import EbidError, RuleError, ServerError
from ebid_tui.messages import t
from ebid_tui.server import evidence, mail, registering
from ebid_tui.server.access import SESSION
from ebid_tui.server.evidence import Signer
from ebid_tui.server.problems import refuses
from ebid_tui.server.registering import Case
from ebid_tui.server.routes.sign_in import SignedRequest, check_circumstances
from ebid_tui.server.services import Services
from ebid_tui.server.store import registrations, sign_ins, vendors
from ebid_tui.server.store.registrations import Entry, Repeat
from ebid_tui.server.store.sign_ins import Session
from ebid_tui.server.store.vendors import Details, Known

KEY = re.compile(r"[!-~]{8,128}")
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""For numbers that are read aloud: no 0/O, 1/I/L, U."""


@dataclass(frozen=True, slots=True)
class Request:
    """One registration as it came, with its signature found right."""

    profile: Profile
    session: Session
    said: Statement
    signed: Signed
    signer: Signer
    repeat: Repeat

    @property
    def vendor(self) -> Vendor:
        return Vendor(system=self.said.system, agency=self.said.agency, category=self.said.category, number=self.said.vendor)


@post("/registrations", responses=refuses(400, 401, 409, 413, 422), security=SESSION)
async def register(
    services: NamedDependency[Services],
    session: NamedDependency[Session],
    data: JSONBody[SignedRequest],
    idempotency_key: Annotated[str | None, HeaderParameter(name="Idempotency-Key", required=False)] = None,
) -> Receipt:
    """Register the session's card for the vendor that its search proved.

    The same Idempotency-Key with the same statement gives the same receipt, as often as asked.
    """
    if idempotency_key is None or not KEY.fullmatch(idempotency_key):
        raise ServerError(code="E-KEY-MISSING")
    repeat = Repeat(idempotency_key, _hash(data.statement))
    given = await services.store.read(lambda connection: _earlier(connection, session, repeat))
    if given is not None:
        return given
    request = _understood(services, session, data.statement, repeat)
    now = services.settings.now()
    await services.trust.accept(request.profile, request.signer.certificate, request.signer.chain, now)
    known = await services.store.read(lambda connection: vendors.known(connection, request.vendor))
    _decide(request, known)
    try:
        return await services.store.write(_writing(request, known, services.settings.japan_now().replace(microsecond=0)))
    except IntegrityError as error:
        # Another process was first with this card.
        raise RuleError("R-05", trade_name="") from error


@get("/receipts/{receipt_id:str}", responses=refuses(400, 401, 404), security=SESSION)
async def receipt(services: NamedDependency[Services], session: NamedDependency[Session], receipt_id: FromPath[str]) -> Receipt:
    """A receipt of the session's card."""
    found = await services.store.read(lambda connection: registrations.receipt(connection, receipt_id, session.system, session.fingerprint))
    if found is None:
        raise ServerError("receipt", code="E-NOT-FOUND")
    return found


def _understood(services: Services, session: Session, signed: Signed, repeat: Repeat) -> Request:
    """Signature, card, server and operation are this session's. Raises ServerError."""
    (signer,) = evidence.verify(signed, ("card",))
    if signer.certificate.fingerprint != session.fingerprint:
        raise evidence.refused("another card")
    said = evidence.content(signed, Statement)
    if said.operation != "registration" or said.system != session.system:
        raise evidence.refused("operation")
    check_circumstances(services.settings, said.origin, said.issued_at)
    if said.origin != session.origin:
        raise ServerError("origin", code="E-ORIGIN")
    return Request(services.profile(said.system), session, said, signed, signer, repeat)


def _decide(request: Request, known: Known | None) -> None:
    """Everything that is decided on records alone. Raises RuleError, InputError, ServerError."""
    if known is None or request.session.vendor is None:
        raise ServerError("vendor", code="E-SEARCH-FIRST")
    registering.check(Case(request.profile, request.said, request.signer.certificate, known), request.session.vendor)


def _writing(request: Request, decided_on: Known | None, now: datetime) -> Callable[[Connection], Receipt]:
    """The transaction: what may have changed since it was decided is looked at again, then everything is written."""

    def write(connection: Connection) -> Receipt:
        given = _earlier(connection, request.session, request.repeat)
        if given is not None:
            return given
        sign_ins.use_challenge(connection, request.said.nonce, request.said.system, now)
        known = vendors.known(connection, request.vendor)
        if known is None or known != decided_on:
            _decide(request, known)
        assert known is not None
        _refuse_registered(connection, request)
        return _enter(connection, request, known, now)

    return write


def _earlier(connection: Connection, session: Session, repeat: Repeat) -> Receipt | None:
    """The receipt that this key gave before. Raises ServerError E-KEY-REUSED where it came with something else."""
    found = registrations.earlier(connection, session.system, session.fingerprint, repeat.key)
    if found is None:
        return None
    body_hash, given = found
    if body_hash != repeat.body_hash:
        raise ServerError(code="E-KEY-REUSED")
    return given


def _refuse_registered(connection: Connection, request: Request) -> None:
    """R-05, R-24, R-30."""
    realm = request.profile.category(request.said.category).realm
    cards = registrations.registered_cards(connection, request.said.system, request.session.fingerprint)
    try:
        rules.refuse_registered(cards, realm)
    except RuleError as error:
        raise _with_cause(error) from None


def _with_cause(error: EbidError) -> RuleError:
    return RuleError(error.code, error.detail, causes=(t("server.cause_two_numbers"),), **error.values)


def _enter(connection: Connection, request: Request, known: Known, now: datetime) -> Receipt:
    said, profile, certificate = request.said, request.profile, request.signer.certificate
    realm = profile.category(said.category).realm
    blocks = {block_id: _kept(values) for block_id, values in said.blocks.items()}
    details = _details(request, known, blocks)
    registration = Registration(
        id=_new_id("R"), vendor=request.vendor, state="active", card=certificate.record, blocks=blocks, registered_at=now
    )
    receipt = Receipt(
        id=_new_id(f"{said.system.upper()}-{now:%Y%m%d}"),
        operation="registration",
        vendor=request.vendor,
        blocks=blocks,
        card=certificate.record,
        propagate=profile.rules.propagation,
        company_id=details.company_id,
        mail_to=blocks.get("card_contact", {}).get("email") or None,
        check=statement.check_value(request.signed.payload),
        at=now,
    )
    registrations.add_binding(connection, said.system, realm, certificate.fingerprint, said.vendor, now)
    registrations.add_entry(
        connection,
        Entry(
            registration=registration,
            realm=realm,
            receipt=receipt,
            statement=msgspec.json.encode(request.signed).decode(),
            certificate=request.signer.chain[0],
            mails=mail.completion(profile, receipt),
            repeat=request.repeat,
        ),
    )
    vendors.keep_details(connection, request.vendor, details, now)
    return receipt


def _details(request: Request, known: Known, blocks: dict[str, Values]) -> Details:
    """What the vendor's cards share from now on; 企業ID is given with the first card."""
    typed = {f.id for f in request.profile.fields("company", "registration", request.said.category) if f.input}
    company = {name: value for name, value in blocks.get("company", {}).items() if name in typed}
    company_id = known.details.company_id
    if company_id is None and request.profile.rules.company_id:
        company_id = str(10**15 + secrets.randbelow(9 * 10**15))
    return Details(company, blocks.get("representative_contact", {}), company_id)


def _kept(values: Values) -> Values:
    """A block as it is kept: the mail address typed again says nothing more."""
    return {name: value for name, value in values.items() if name != "email_again"}


def _new_id(prefix: str) -> str:
    return f"{prefix}-{''.join(secrets.choice(LETTERS) for _ in range(8))}"


def _hash(signed: Signed) -> str:
    return hashlib.sha256(msgspec.json.encode(signed)).hexdigest()
