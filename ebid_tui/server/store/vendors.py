"""Qualifications (資格審査情報), and what a vendor's cards share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, select

from ebid_tui.domain.records import Qualification, Values, Vendor
from ebid_tui.domain.text import names
from ebid_tui.server.store.engine import insertion
from ebid_tui.server.store.schema import VENDOR, qualifications, registrations, vendor_details
from ebid_tui.server.store.vendor_rows import is_vendor, parameters, same_vendor

# One statement: on another machine's database each costs its way there and back.
_KNOWN = (
    select(
        qualifications.c.state,
        qualifications.c.trade_name,
        qualifications.c.company,
        vendor_details.c.number.label("shared"),
        vendor_details.c.company.label("shared_company"),
        vendor_details.c.representative_contact,
        vendor_details.c.company_id,
        select(registrations.c.id)
        .where(same_vendor(registrations, qualifications), registrations.c.state == "active", registrations.c.fingerprint.is_not(None))
        .exists()
        .label("later_card"),
    )
    .select_from(qualifications.outerjoin(vendor_details, same_vendor(vendor_details, qualifications)))
    .where(is_vendor(qualifications))
)
_NAMES = select(qualifications.c.trade_name, qualifications.c.company).where(
    qualifications.c.system == bindparam("p_system"), qualifications.c.number == bindparam("p_number")
)
_NEWEST = select(registrations.c.blocks).where(is_vendor(registrations)).order_by(registrations.c.registered_at.desc()).limit(1)
_ADD_QUALIFICATION = insert(qualifications)
_SHARED = ("company", "representative_contact", "company_id", "updated_at")


@cache
def _keep_details(dialect: str) -> Any:
    made = insertion(dialect, vendor_details)
    return made.on_conflict_do_update(index_elements=list(VENDOR), set_={name: made.excluded[name] for name in _SHARED})


@dataclass(frozen=True, slots=True)
class VendorDetails:
    """What a vendor's cards share. Empty before the first card."""

    company: Values = field(default_factory=dict)
    """The typed fields of 企業情報."""
    representative_contact: Values = field(default_factory=dict)
    company_id: str | None = None


@dataclass(frozen=True, slots=True)
class VendorRecord:
    """All that a registration is checked against. `later_card`: the vendor has an active card already (R-18, R-31).

    While it is under review `qualification` says what was approved before (R-27).
    """

    qualification: Qualification
    details: VendorDetails
    later_card: bool

    @property
    def company(self) -> Values:
        """企業情報 as forms start: the qualification's, with what was typed for the vendor's earlier cards."""
        own = {"vendor_no": self.qualification.vendor.number}
        if self.details.company_id:
            own["company_id"] = self.details.company_id
        return own | self.qualification.company | self.details.company

    @property
    def newest(self) -> Qualification:
        """The newest qualification (R-37), with 企業情報 as forms start."""
        return msgspec.structs.replace(self.qualification, company=self.company)


def known(connection: Connection, vendor: Vendor) -> VendorRecord | None:
    """What is on record of a vendor at one agency and category; None where it has no qualification there."""
    row = connection.execute(_KNOWN, parameters(vendor)).one_or_none()
    if row is None:
        return None
    qualification = Qualification(vendor=vendor, state=row.state, trade_name=row.trade_name, company=row.company)
    details = VendorDetails() if row.shared is None else VendorDetails(row.shared_company, row.representative_contact, row.company_id)
    return VendorRecord(qualification, details, bool(row.later_card))


def card_contact(connection: Connection, vendor: Vendor) -> Values:
    """ICカード利用部署情報 as the vendor's newest registration has it; empty before the first."""
    blocks = connection.execute(_NEWEST, parameters(vendor)).scalar()
    return {} if blocks is None else {name: value for name, value in blocks.get("card_contact", {}).items() if name != "email_again"}


def trade_names(connection: Connection, system: str, number: str) -> tuple[tuple[str, str], ...]:
    """The names under which a number has qualifications, each with its branch, at whatever agency and category."""
    found = connection.execute(_NAMES, {"p_system": system, "p_number": number})
    return tuple((row.trade_name, row.company.get("branch", "")) for row in found)


def add_qualification(connection: Connection, qualification: Qualification) -> None:
    """Enter a qualification into the roster. IntegrityError if the vendor has one at this agency and category."""
    name = qualification.trade_name
    row: dict[str, Any] = {"trade_name": name, "folded_name": names.search_key(name)}
    row |= {"state": qualification.state, "company": qualification.company}
    connection.execute(_ADD_QUALIFICATION, msgspec.structs.asdict(qualification.vendor) | row)


def keep_details(connection: Connection, vendor: Vendor, details: VendorDetails, now: datetime) -> None:
    """Write what the vendor's cards share, as its newest registration says."""
    row = msgspec.structs.asdict(vendor) | {"company": details.company, "representative_contact": details.representative_contact}
    connection.execute(_keep_details(connection.dialect.name), row | {"company_id": details.company_id, "updated_at": now})
