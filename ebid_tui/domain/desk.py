"""What travels between the agency's desk and the server. Times are aware datetimes; every answer about a vendor is audited."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from ebid_tui.domain.acceptance import AcceptanceState, WaitingFor
from ebid_tui.domain.profile.parts import Operation
from ebid_tui.domain.records import (
    CardCertificate,
    CardState,
    Code,
    Moment,
    OptionalCode,
    Qualification,
    QualificationState,
    Receipt,
    Values,
    Vendor,
)

Role = Literal["desk", "supervisor"]
"""`desk` finds, looks, and does what an application asks for; `supervisor` also approves what another operator asked for."""

Reason = Literal["inquiry", "application", "mail", "expiry", "review"]
"""Why personal data is looked at: the vendor asks, a written application, a mail that did not arrive, cards that end soon, a check."""

FindBy = Literal["name", "number", "serial", "holder"]
"""A part of the name, the beginning of the number, a card's serial number (decimal or hex), a part of what the card says of its holder."""

RequestKind = Literal["reset_password", "unlock", "cancel_card"]
RequestState = Literal["waiting", "approved", "refused", "done"]
MailState = Literal["waiting", "sending", "sent", "failed", "uncertain"]
PasswordState = Literal["none", "initial", "active", "locked"]


class OperatorSignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A session of the desk, and what it may see. `agencies` are those of the system that the operator is of."""

    token: Code
    expires_at: Moment
    login_id: str
    role: Role
    agencies: tuple[Code, ...]
    device: str | None = None
    """What this device is to hold from now on, a secret; None where it has one, or asked for none."""

    def __repr__(self) -> str:
        return f"OperatorSignedIn({self.login_id!r})"


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor that was found; by a card, also which one."""

    vendor: Vendor
    trade_name: str
    state: QualificationState
    card: CardCertificate | None = None
    holder: str = ""
    card_state: CardState | None = None


class Hits(msgspec.Struct, frozen=True, kw_only=True):
    """One page of them. `next` asks for the page after this one; empty on the last."""

    hits: tuple[Hit, ...]
    next: str = ""


class DeskCard(msgspec.Struct, frozen=True, kw_only=True):
    """One registration; `card` is None for one without a card (R-36)."""

    registration_id: Code
    card: CardCertificate | None
    company: str
    person: str
    contact: Values
    """ICカード利用部署情報 as registered."""
    state: CardState
    registered_at: Moment


class DeskPassword(msgspec.Struct, frozen=True, kw_only=True):
    """What may be known of a password; the number's at every agency of the system."""

    state: PasswordState
    wrong: int
    """Wrong ones in a row (R-33)."""
    changed_on: date | None


class DeskMail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail on a completion (R-39). `reason` is in codes."""

    id: int
    receipt_id: Code
    recipient: str
    subject: str
    state: MailState
    attempts: int
    reason: str
    created_at: Moment
    finished_at: Moment | None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the audit log."""

    at: Moment
    event: str
    actor: str
    receipt_id: Code | None
    agency: OptionalCode


class DeskVendor(msgspec.Struct, frozen=True, kw_only=True):
    """All that is on record of a vendor at one agency and category; the newest mails and events, at most 100 of each."""

    qualification: Qualification
    elsewhere: tuple[Qualification, ...]
    """The same number at the operator's other agencies and categories."""
    company_id: Code | None
    representative_contact: Values
    cards: tuple[DeskCard, ...]
    password: DeskPassword | None
    """None where the number has none."""
    mails: tuple[DeskMail, ...]
    history: tuple[Event, ...]
    requests: tuple[DeskRequest, ...]


class DeskRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What an application asks for. `password` is the new initial one: told once, to who carries it out."""

    id: Code
    vendor: Vendor
    kind: RequestKind
    registration_id: Code | None
    application: str
    state: RequestState
    asked_by: str
    asked_at: Moment
    decided_by: str | None
    decided_at: Moment | None
    done_by: str | None
    done_at: Moment | None
    password: OptionalCode = ""

    def __repr__(self) -> str:
        return f"DeskRequest({self.id!r}, {self.kind!r}, {self.state!r})"


class Expiring(msgspec.Struct, frozen=True, kw_only=True):
    """A card in use that ends soon (R-25)."""

    vendor: Vendor
    trade_name: str
    registration_id: Code
    card: CardCertificate
    holder: str
    email: str
    """Of the card's contact."""


class ExpiringPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page, the first to end first. `next` asks for the page after this one; empty on the last."""

    cards: tuple[Expiring, ...]
    next: str = ""


class DeskWaiting(msgspec.Struct, frozen=True, kw_only=True):
    """What waits until it is accepted, or what became of it (the vendor was told `reason`)."""

    receipt_id: Code
    vendor: Vendor
    trade_name: str
    operation: Operation
    waits_for: WaitingFor
    state: AcceptanceState
    since: Moment
    reason: str = ""


class DeskWaitingPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of it, the oldest first. `next` asks for the page after this one; empty on the last."""

    changes: tuple[DeskWaiting, ...]
    next: str = ""


class DeskWaitingChange(msgspec.Struct, frozen=True, kw_only=True):
    """One of them with its receipt. `counts`: what is registered as long as it is not accepted, so that an amendment can be compared;
    of a registration that waits what was last sent in."""

    change: DeskWaiting
    receipt: Receipt
    counts: dict[str, Values]
