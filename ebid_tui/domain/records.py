"""What the office keeps, and what travels between client and server. Times are aware datetimes, dates ISO strings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

Code = Annotated[str, msgspec.Meta(pattern=r"^[!-~]+$(?!\n)", max_length=256)]
"""An identifier, as it is: visible ASCII, or there is no such. It is never cleaned, as it would be another one then."""
Serial = Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]+$(?!\n)", max_length=256)]
"""A certificate's number, in decimal digits: it is reckoned with."""
OptionalCode = Annotated[str, msgspec.Meta(pattern=r"^[!-~]*$(?!\n)", max_length=256)]
"""The same where there may be none, which is told by an empty one."""
Moment = Annotated[datetime, msgspec.Meta(tz=True)]

QualificationState = Literal["approved", "under_review", "lapsed"]
"""審査済, 審査中 (R-27), 失効 (R-35)."""

CardState = Literal["active", "renewed", "cancelled", "waiting", "refused"]
"""An active card can log in; a renewed one was replaced and cannot (R-11). A waiting one may see its state and be amended, until the
office accepts or refuses it; a refused one may be registered anew for the same vendor."""

Values = dict[str, str]
"""One block's values by field id; an absent or empty value is shown as missing."""


class Vendor(msgspec.Struct, frozen=True, kw_only=True):
    """業者: whose qualification it is, under the key of its system (`vendor_no` or `user_id`)."""

    system: Code
    agency: Code
    category: Code
    number: Code


class Qualification(msgspec.Struct, frozen=True, kw_only=True):
    """資格審査情報: the vetted record of a vendor at an agency; the source of 企業情報."""

    vendor: Vendor
    state: QualificationState
    trade_name: str
    """As the list has it, with the branch behind the company's name where there is one."""
    company: Values
    """Block `company` by field id; `branch` is what stands behind the name."""

    @property
    def company_name(self) -> str:
        """The company's own name, for which the search is asked."""
        from ebid_tui.domain.text import names  # here: its tables are slow to make

        return names.without_branch(self.trade_name, self.company.get("branch", ""))


class CardCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """ICカード情報 of one card, as confirmed on screen and kept with its registration."""

    fingerprint: Code
    serial: Serial
    issuer: str
    not_after: Moment


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """利用者登録: a card bound to a vendor, or the vendor alone (R-36)."""

    id: Code
    vendor: Vendor
    state: CardState
    card: CardCertificate | None
    """None where it was registered without one (R-36)."""
    blocks: dict[str, Values]
    registered_at: Moment


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """処理完了: proof of what was done. `check` is the first 16 hex digits of the SHA-256 of the signed payload.

    `card` is None where there is none (R-36); `previous` is the card that a renewal replaced (R-11).
    """

    id: Code
    operation: Literal["registration", "amendment", "renewal"]
    vendor: Vendor
    blocks: dict[str, Values]
    card: CardCertificate | None
    previous: CardCertificate | None = None
    propagate: bool = False
    """True when it is copied to the vendor's other agencies overnight (R-16)."""
    company_id: Code | None
    mail_to: str | None
    check: Code
    at: Moment
    state: Literal["accepted", "waiting", "provisional"] = "accepted"
    """waiting: it counts once the office accepts it (`Profile.acceptance_of` says what is to be done for that); provisional: an
    amendment of a registration that waits itself, with which it is accepted."""


Origins = Annotated[tuple[Code, ...], msgspec.Meta(max_length=20)]
"""The names by which a server goes, as they stand in what is signed for it; none where it does not say."""


class Clock(msgspec.Struct, frozen=True):
    """The server's time in Japan (R-01), and who it is: a client that knows it by another name asks for no PIN."""

    now: Moment
    origins: Origins = ()


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """A nonce that may be signed once, until `expires_at`."""

    nonce: Code
    expires_at: Moment
    origins: Origins = ()
    profile: OptionalCode = ""
    """The server's file of the system, in short (`domain/profile/fingerprint.py`); empty from a server that does not say."""


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a sign-in: a session, and what this card is registered for already (R-05)."""

    token: Code
    expires_at: Moment
    registered: tuple[RegisteredCard, ...]


class Voucher(msgspec.Struct, frozen=True, kw_only=True):
    """What a registered card leaves, so that another card of its vendor needs no password."""

    token: Code
    expires_at: Moment

    def __repr__(self) -> str:
        return "Voucher()"


class RegisteredCard(msgspec.Struct, frozen=True, kw_only=True):
    """Where a card is registered already: told right after the PIN."""

    agency: Code
    category: Code
    realm: Code
    trade_name: str
    state: CardState


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a search: the qualification, and what the form starts from."""

    qualification: Qualification
    representative_contact: Values
    """What the vendor's earlier cards have registered; empty for the first card."""
    later_card: bool
    """True when the vendor has a registered card already (R-18, R-31)."""
    card_contact: Values = {}
    """ICカード利用部署情報 of the vendor's newest card: offered for the next one, never taken over unasked."""
    further_categories: tuple[Code, ...] = ()
    """Where else at this agency the number is qualified and has no card yet (R-41)."""


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """What 変更 starts from: the registration, beside the vendor's newest qualification (R-37; R-27 while it is under review)."""

    registration: Registration
    qualification: Qualification
    company_id: Code | None


class StatusAcceptance(msgspec.Struct, frozen=True, kw_only=True):
    """What of a registration waits for its acceptance or was refused last, since when, and why."""

    operation: Literal["registration", "amendment", "renewal"]
    state: Literal["waiting", "refused"]
    at: Moment
    reason: str = ""


class StatusCard(msgspec.Struct, frozen=True, kw_only=True):
    """One line of 登録利用者一覧."""

    card: CardCertificate
    company: str
    person: str
    state: CardState
    registered_at: Moment
    this_card: bool
    contact: Values = {}
    """The card's own ICカード利用部署情報."""
    acceptance: StatusAcceptance | None = None


class StatusWithoutCard(msgspec.Struct, frozen=True, kw_only=True):
    """What the vendor has registered without a card (R-36)."""

    registered_at: Moment
    contact: Values
    acceptance: StatusAcceptance | None = None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """業者概要 and 登録利用者一覧 (F-5) of the vendor that signed in."""

    qualification: Qualification
    company_id: Code | None
    representative_contact: Values
    cards: tuple[StatusCard, ...]
    without_card: StatusWithoutCard | None = None


class PasswordState(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a login and to a password change: from when registration accepts the password (R-15)."""

    usable_from: Moment


class ProblemRow(msgspec.Struct, frozen=True, kw_only=True):
    """One faulty field in a refusal: `field` is `block.field`."""

    field: OptionalCode
    code: Code
    message: str


class Refusal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """problem+json (RFC 9457) as this API sends it; `code` is the rule's number or an E- code."""

    type: str
    title: str
    status: int
    code: Annotated[str, msgspec.Meta(pattern=r"^(R-[0-9]{2}|E(-[A-Z0-9]+)+)$(?!\n)", max_length=60)]
    detail: str = ""
    remedy: str = ""
    causes: tuple[str, ...] = ()
    tries_left: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None
    """R-33: after R-28, how many more wrong passwords in a row lock the number; the same whether there is such a number or not."""
    errors: tuple[ProblemRow, ...] = ()
