"""What the API's description shows for each route: a request and its answer, for a made-up system."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from ebid_tui.domain import desk, records, statement
from ebid_tui.domain.records import CardCertificate, Qualification, Receipt, Registration, Vendor
from ebid_tui.domain.statement import CardFree, RenewalStatement, SignIn, Statement
from ebid_tui.server.api.routes import (
    card_free,
    card_free_amendments,
    clock,
    desk_acceptances,
    desk_find,
    desk_requests,
    desk_sign_in,
    passwords,
    renewals,
    search,
    sign_in,
    status,
    systems,
    unlocks,
    vouchers,
)
from ebid_tui.server.decisions.accepting import SignedRequest
from ebid_tui.server.settings import JAPAN

AT = datetime(2025, 4, 1, 9, 0, tzinfo=JAPAN)
UNTIL = AT + timedelta(minutes=15)
SYSTEM, AGENCY, CATEGORY, NUMBER = "minato", "town", "works", "00000001"
ORIGIN, NONCE, TOKEN = "https://toroku.example.jp", "kUZ4dq0h3XQ2b8rQ1mYtDg", "0sYt8mZ2h1cQ7r5wXk3uVg"
NAME = "港町建設株式会社"

VENDOR = Vendor(system=SYSTEM, agency=AGENCY, category=CATEGORY, number=NUMBER)
QUALIFICATION = Qualification(vendor=VENDOR, state="approved", trade_name=NAME, company={"name": NAME, "representative": "港　一郎"})
CARD = CardCertificate(fingerprint="5e" * 32, serial="683", issuer="OU=TEST CA,O=TEST CA,C=JP", not_after=datetime(2028, 2, 29, tzinfo=UTC))
NEW = CardCertificate(fingerprint="a7" * 32, serial="1027", issuer="OU=TEST CA,O=TEST CA,C=JP", not_after=datetime(2030, 2, 28, tzinfo=UTC))
CONTACT = {"name": "工事部", "person": "港　花子", "phone": "000-0000-001", "email": "hanako@example.jp"}
BLOCKS = {"company": {"name": NAME}, "card_holder": {"company": NAME, "person": "港　一郎"}, "card_contact": CONTACT}
REGISTRATION = Registration(id="R-7K3MNPQR", vendor=VENDOR, state="active", card=CARD, blocks=BLOCKS, registered_at=AT)
RECEIPT = Receipt(
    id="MINATO-20250401-7K3MNPQR",
    operation="registration",
    vendor=VENDOR,
    blocks=BLOCKS,
    card=CARD,
    company_id=None,
    mail_to="hanako@example.jp",
    check="9f86d081884c7d65",
    at=AT,
)
_SAID: dict[str, Any] = {"system": SYSTEM, "origin": ORIGIN, "nonce": NONCE, "issued_at": AT}
_PLACE: dict[str, Any] = _SAID | {"agency": AGENCY, "category": CATEGORY, "vendor": NUMBER}
MAIL = desk.DeskMail(
    id=7,
    receipt_id=RECEIPT.id,
    recipient="hanako@example.jp",
    subject="利用者登録のお知らせ",
    state="waiting",
    attempts=0,
    reason="",
    created_at=AT,
    finished_at=None,
)
ASKED = desk.DeskRequest(
    id="A-7K3MNPQR",
    vendor=VENDOR,
    kind="reset_password",
    registration_id=None,
    application="令和7年第12号",
    state="approved",
    asked_by="tanaka",
    asked_at=AT,
    decided_by="suzuki",
    decided_at=AT,
    done_by=None,
    done_at=None,
)

WAITING = desk.DeskWaiting(
    receipt_id=RECEIPT.id, vendor=VENDOR, trade_name=NAME, operation="registration", waits_for="papers", state="waiting", since=AT
)


def _signed(said: Any, *roles: statement.Role) -> SignedRequest:
    """A statement in its form; nobody has signed it."""
    signatures = tuple(statement.Signature(statement.protected("RS256", role, b"DER"), statement.b64(b"signature")) for role in roles)
    return SignedRequest(statement.Signed(statement.payload(said), signatures))


def _statement(operation: Any) -> SignedRequest:
    return _signed(Statement(operation=operation, blocks=BLOCKS, card=CARD, holder_confirmed=False, **_PLACE), "card")


def _receipt(operation: Any, **changes: Any) -> Receipt:
    values = {name: getattr(RECEIPT, name) for name in RECEIPT.__struct_fields__}
    return Receipt(**(values | {"operation": operation} | changes))


_ROWS = (statement.ComparedRow("company.name", NAME, NAME, "equal"),)
_RENEWAL = RenewalStatement(current=CARD, new=NEW, rows=_ROWS, holder_confirmed=False, **_PLACE)
_UNSIGNED = {name: value for name, value in _PLACE.items() if name != "nonce"} | {"blocks": {"company": {"name": NAME}}}
_CARD_FREE, _CARD_FREE_AMENDMENT = CardFree(**_UNSIGNED), statement.CardFreeAmendment(**_UNSIGNED)
_TYPED = {"vendor_no": NUMBER, "trade_name": NAME, "password": "Yoi-nippon7"}
_FOUND = records.Found(qualification=QUALIFICATION, representative_contact={}, later_card=False)
_HERE = systems.Named(AGENCY, "港町"), systems.Named(CATEGORY, "工事")
_OPERATOR = desk.OperatorSignedIn(token=TOKEN, expires_at=UNTIL, login_id="tanaka", role="desk", agencies=(AGENCY,))
_DESK_CARD = desk.DeskCard(
    registration_id=REGISTRATION.id, card=CARD, company=NAME, person="港　一郎", contact=CONTACT, state="active", registered_at=AT
)

REQUESTS: Mapping[tuple[str, str], Any] = {
    ("post", "/v1/challenges"): sign_in.ChallengeRequest(SYSTEM, AGENCY),
    ("post", "/v1/sessions"): _signed(SignIn(**_SAID), "card"),
    ("post", "/v1/qualifications/search"): search.SearchRequest(AGENCY, CATEGORY, _TYPED),
    ("post", "/v1/qualifications/search-by-card"): vouchers.CardSearchRequest(AGENCY, CATEGORY, TOKEN),
    ("post", "/v1/unlocks"): unlocks.UnlockRequest(AGENCY, CATEGORY, NUMBER),
    ("post", "/v1/registrations"): _statement("registration"),
    ("post", "/v1/amendments"): _statement("amendment"),
    ("post", "/v1/renewals/check"): renewals.CheckRequest(AGENCY, CATEGORY, b"DER"),
    ("post", "/v1/renewals"): _signed(_RENEWAL, "current", "new"),
    ("post", "/v1/qualifications/search-card-free"): card_free.CardFreeSearch(SYSTEM, AGENCY, CATEGORY, _TYPED),
    ("post", "/v1/registrations/card-free"): card_free.CardFreeRequest(_CARD_FREE),
    ("post", "/v1/amendments/card-free"): card_free_amendments.CardFreeAmendmentRequest(_CARD_FREE_AMENDMENT),
    ("post", "/v1/logins"): status.LoginRequest(SYSTEM, AGENCY, CATEGORY, {"vendor_no": NUMBER, "password": "Yoi-nippon7"}),
    ("post", "/v1/passwords"): passwords.PasswordRequest(
        SYSTEM, _TYPED | {"new_password": "Umi-to-yama8", "new_password_again": "Umi-to-yama8"}
    ),
    ("post", "/v1/desk/sessions"): desk_sign_in.OperatorLogin(SYSTEM, ORIGIN, "tanaka", "Nagai-kotoba-wo-3", "287082"),
    ("post", "/v1/desk/sessions/card"): _signed(statement.OperatorSignIn(**_SAID), "card"),
    ("post", "/v1/desk/vendors/search"): desk_find.FindRequest("name", "港町", "inquiry", AGENCY),
    ("post", "/v1/desk/requests"): desk_requests.Application(AGENCY, CATEGORY, NUMBER, "reset_password", "令和7年第12号"),
    ("post", "/v1/desk/requests/{request_id}/decision"): desk_requests.Decision(True),
    ("post", "/v1/desk/mails/{mail_id}/resend"): desk_requests.Again("mail"),
    ("post", "/v1/desk/acceptances/{receipt_id}/decision"): desk_acceptances.Settlement(False, "印鑑証明書の期限切れ"),
}
"""By method and path."""

ANSWERS: Mapping[tuple[str, str], Any] = {
    ("get", "/v1/clock"): records.Clock(AT, (ORIGIN,)),
    ("get", "/v1/health"): clock.Health("ok"),
    ("get", "/v1/ready"): clock.Ready("ready"),
    ("get", "/v1/systems"): [systems.Summary(SYSTEM, "港町", "港町 電子入札 利用者登録", _HERE[:1], _HERE[1:])],
    ("post", "/v1/challenges"): records.Challenge(nonce=NONCE, expires_at=AT + timedelta(minutes=5), origins=(ORIGIN,)),
    ("post", "/v1/sessions"): records.SignedIn(
        token=TOKEN,
        expires_at=UNTIL,
        registered=(records.RegisteredCard(agency=AGENCY, category=CATEGORY, realm=CATEGORY, trade_name=NAME, state="active"),),
    ),
    ("post", "/v1/qualifications/search"): _FOUND,
    ("post", "/v1/registrations"): RECEIPT,
    ("get", "/v1/receipts/{receipt_id}"): RECEIPT,
    ("get", "/v1/registered"): records.Registered(registration=REGISTRATION, qualification=QUALIFICATION, company_id=None),
    ("post", "/v1/amendments"): _receipt("amendment"),
    ("post", "/v1/renewals"): _receipt("renewal", card=NEW, previous=CARD),
    ("post", "/v1/qualifications/search-card-free"): card_free.FoundCardFree(TOKEN, UNTIL, _FOUND),
    ("post", "/v1/registrations/card-free"): _receipt("registration", card=None),
    ("get", "/v1/registered/card-free"): records.Registered(
        registration=msgspec.structs.replace(REGISTRATION, card=None), qualification=QUALIFICATION, company_id=None
    ),
    ("post", "/v1/amendments/card-free"): _receipt("amendment", card=None),
    ("post", "/v1/logins"): status.LoggedIn(TOKEN, UNTIL, AT),
    ("get", "/v1/status"): records.Status(
        qualification=QUALIFICATION,
        company_id=None,
        representative_contact=CONTACT,
        cards=(
            records.StatusCard(
                card=CARD, company=NAME, person="港　一郎", state="active", registered_at=AT, this_card=True, contact=CONTACT
            ),
        ),
        without_card=records.StatusWithoutCard(registered_at=AT, contact=CONTACT),
    ),
    ("post", "/v1/passwords"): records.PasswordState(usable_from=AT),
    ("post", "/v1/desk/sessions"): _OPERATOR,
    ("post", "/v1/desk/sessions/card"): _OPERATOR,
    ("post", "/v1/desk/vendors/search"): desk.Hits(hits=(desk.Hit(vendor=VENDOR, trade_name=NAME, state="approved"),)),
    ("get", "/v1/desk/cards/expiring"): desk.ExpiringPage(
        cards=(
            desk.Expiring(
                vendor=VENDOR,
                trade_name=NAME,
                registration_id=REGISTRATION.id,
                card=CARD,
                holder="港　一郎",
                email="hanako@example.jp",
            ),
        )
    ),
    ("get", "/v1/desk/vendors/{agency}/{category}/{number}"): desk.DeskVendor(
        qualification=QUALIFICATION,
        elsewhere=(),
        company_id=None,
        representative_contact=CONTACT,
        cards=(_DESK_CARD,),
        password=desk.DeskPassword(state="locked", wrong=5, changed_on=date(2025, 3, 1)),
        mails=(MAIL,),
        history=(desk.Event(at=AT, event="registration", actor="card", receipt_id=RECEIPT.id, agency=AGENCY),),
        requests=(ASKED,),
    ),
    ("post", "/v1/desk/requests"): ASKED,
    ("get", "/v1/desk/requests"): [ASKED],
    ("post", "/v1/desk/requests/{request_id}/decision"): ASKED,
    ("post", "/v1/desk/requests/{request_id}/completion"): ASKED,
    ("post", "/v1/desk/mails/{mail_id}/resend"): MAIL,
    ("get", "/v1/desk/acceptances"): desk.DeskWaitingPage(changes=(WAITING,)),
    ("get", "/v1/desk/acceptances/{receipt_id}"): desk.DeskWaitingChange(
        change=WAITING, receipt=msgspec.structs.replace(RECEIPT, state="waiting"), counts=BLOCKS
    ),
    ("post", "/v1/desk/acceptances/{receipt_id}/decision"): msgspec.structs.replace(
        WAITING, state="refused", reason="印鑑証明書の期限切れ"
    ),
}
"""Of those that answer with something."""

PROFILE = f"/v1/systems/{SYSTEM}"
"""Where a whole profile can be seen: too long for a description."""

PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "Idempotency-Key": {"type": "string", "pattern": "^[!-~]{8,128}$", "examples": ["b0f5b8ce-6f0c-4c55-9c4e-0d5a0a2f1d11"]},
    "system": {"maxLength": 64, "examples": [SYSTEM]},
    "agency": {"maxLength": 64, "examples": [AGENCY]},
    "category": {"maxLength": 64, "examples": [CATEGORY]},
    "number": {"maxLength": 64, "examples": [NUMBER]},
    "receipt_id": {"maxLength": 64, "examples": [RECEIPT.id]},
    "request_id": {"maxLength": 64, "examples": [ASKED.id]},
    "mail_id": {"minimum": 0, "maximum": 2**31 - 1, "examples": [MAIL.id]},
    "reason": {"examples": ["inquiry"]},
    "stage": {"examples": ["waiting"]},
    "days": {"minimum": 1, "maximum": desk_find.LONGEST_SPAN, "examples": [30]},
    "limit": {"minimum": 1, "maximum": desk_find.MOST, "examples": [50]},
    "after": {"maxLength": 500, "examples": [""]},
}
"""What the framework does not know of parameters, by name."""
