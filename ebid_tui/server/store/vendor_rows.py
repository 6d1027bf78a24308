"""Between a row and what stands in it of the office's records: whose it is, and which card. For every statement about vendors."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, FromClause, and_, bindparam

from ebid_tui.domain.records import CardCertificate, Vendor
from ebid_tui.server.store.schema import VENDOR


def is_vendor(table: FromClause) -> ColumnElement[bool]:
    """The rows of the vendor that is given with the statement (`parameters`)."""
    return and_(*(table.c[name] == bindparam(f"p_{name}") for name in VENDOR))


def same_vendor(left: FromClause, right: FromClause) -> ColumnElement[bool]:
    return and_(*(left.c[name] == right.c[name] for name in VENDOR))


def parameters(vendor: Vendor) -> dict[str, Any]:
    """What `is_vendor` compares with."""
    return {f"p_{name}": value for name, value in msgspec.structs.asdict(vendor).items()}


def vendor_of(row: Any) -> Vendor:
    return Vendor(system=row.system, agency=row.agency, category=row.category, number=row.number)


def card_of(row: Any) -> CardCertificate:
    """Of a row that has one."""
    return CardCertificate(fingerprint=row.fingerprint, serial=row.serial, issuer=row.issuer, not_after=row.not_after)


def holder_of(row: Any) -> dict[str, str]:
    """What the card of a registration says: the values of its block."""
    found: dict[str, str] = row.blocks.get("card_holder", {})
    return found
