"""Copies of registrations at a vendor's other agencies (R-16): the statements.

An agency is another one of a vendor if the vendor has a qualification there, in the same category, that is not lapsed
(R-35). A copy's id is its source's with the agency, so that nothing is ever copied twice, and a copy can be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    literal_column,
    select,
    update,
)

from ebid_tui.server.store import audit
from ebid_tui.server.store.audit_chain import AuditEntry
from ebid_tui.server.store.columns import UtcDateTime
from ebid_tui.server.store.engine import insertion
from ebid_tui.server.store.schema import (
    VENDOR,
    card_bindings,
    propagations,
    qualifications,
    receipts,
    registrations,
    vendor_details,
)

OVERNIGHT = "overnight"
"""Who acted, in the audit rows."""

_source = registrations.alias("source")
_copy = registrations.alias("copy")
_earlier = propagations.alias("earlier")
_other = receipts.alias("other")
_now: ColumnElement[datetime] = bindparam("p_now", type_=UtcDateTime)
_UNCACHED: Any = {"compiled_cache": None}
"""For statements that have thousands of numbers written into them: as parameters they would cost more than what is done."""

NUMBER = ("system", "category", "number")
"""Whose it is, at whatever agency."""


class ClaimedPropagation(NamedTuple):
    """One claimed propagation. `plain`: what stands at its agency now is still exactly what its receipt says.

    `owner` is the number to which the source's card is bound, None without a binding.
    """

    id: int
    system: str
    agency: str
    category: str
    number: str
    operation: str
    receipt_id: str
    registration_id: str
    realm: str
    fingerprint: str | None
    source_state: str
    owner: str | None
    plain: bool


def _same_vendor(left: FromClause, right: FromClause) -> ColumnElement[bool]:
    return and_(*(left.c[name] == right.c[name] for name in NUMBER))


def _details_of_source() -> ColumnElement[bool]:
    return and_(_same_vendor(vendor_details, propagations), vendor_details.c.agency == propagations.c.agency)


_PLAIN = and_(
    propagations.c.operation == "registration",
    _source.c.fingerprint.is_not(None),
    vendor_details.c.updated_at == receipts.c.at,
    ~exists().where(_other.c.registration_id == _source.c.id, _other.c.id != receipts.c.id),
)

_CLAIM = (
    select(
        propagations.c.id,
        *(propagations.c[name] for name in ("system", "agency", "category", "number", "operation", "receipt_id")),
        receipts.c.registration_id,
        _source.c.realm,
        _source.c.fingerprint,
        _source.c.state.label("source_state"),
        card_bindings.c.number.label("owner"),
        case((_PLAIN, 1), else_=0).label("plain"),
    )
    .join(receipts, receipts.c.id == propagations.c.receipt_id)
    .join(_source, _source.c.id == receipts.c.registration_id)
    .outerjoin(vendor_details, _details_of_source())
    .outerjoin(
        card_bindings,
        and_(
            card_bindings.c.system == _source.c.system,
            card_bindings.c.realm == _source.c.realm,
            card_bindings.c.fingerprint == _source.c.fingerprint,
        ),
    )
    .where(
        propagations.c.state == "waiting",
        propagations.c.system.in_(bindparam("p_systems", expanding=True)),
        propagations.c.created_at <= bindparam("p_before", type_=UtcDateTime),
        # One at a time of each vendor, in the order in which they were signed, also with several machines at work.
        ~exists().where(_same_vendor(_earlier, propagations), _earlier.c.id < propagations.c.id, _earlier.c.state == "waiting"),
    )
    .order_by(propagations.c.id)
    .limit(bindparam("p_limit"))
    .with_for_update(of=propagations, skip_locked=True)
)
_DONE = update(propagations).values(state=bindparam("p_state"), done_at=_now)

_TARGET = and_(
    _same_vendor(qualifications, propagations), qualifications.c.agency != propagations.c.agency, qualifications.c.state != "lapsed"
)
_COPY_ID = receipts.c.registration_id + "-" + qualifications.c.agency


def _those(ids: Sequence[int]) -> ColumnElement[bool]:
    return literal_column(f"propagations.id IN ({','.join(map(str, ids))})", Boolean)


def _with_targets(ids: Sequence[int], *columns: Any) -> Select[Any]:
    """The claimed rows' receipts, once for each other agency of the vendor."""
    return (
        select(*columns)
        .select_from(propagations)
        .join(receipts, receipts.c.id == propagations.c.receipt_id)
        .join(qualifications, _TARGET)
        .where(_those(ids))
    )


_KEPT = ("system", "category", "realm", "number", "fingerprint", "serial", "issuer", "not_after", "blocks", "folded_holder")
_SHARED = ("company", "representative_contact")


def _copy_registrations(dialect: str, ids: Sequence[int]) -> Any:
    columns = ["id", "agency", "state", "registered_at", *_KEPT]
    chosen = _with_targets(ids, _COPY_ID, qualifications.c.agency, literal("active"), _now, *(_source.c[name] for name in _KEPT)).join(
        _source, _source.c.id == receipts.c.registration_id
    )
    made = insertion(dialect, registrations).from_select(columns, chosen).on_conflict_do_nothing()
    return made.returning(registrations.c.id, registrations.c.agency)


def _copy_details(dialect: str, ids: Sequence[int]) -> Any:
    """What the vendor's cards share goes along with a copy, unless the other agency has something newer (R-18)."""
    columns = ["agency", *NUMBER, *_SHARED, "company_id", "updated_at"]
    source = vendor_details
    chosen = (
        _with_targets(
            ids,
            qualifications.c.agency,
            *(propagations.c[name] for name in NUMBER),
            *(source.c[name] for name in (*_SHARED, "company_id", "updated_at")),
        )
        .join(_copy, _copy.c.id == _COPY_ID)
        .join(source, _details_of_source())
    )
    return _or_newer(insertion(dialect, vendor_details).from_select(columns, chosen))


@cache
def _put_details(dialect: str) -> Any:
    return _or_newer(insertion(dialect, vendor_details))


def _or_newer(statement: Any) -> Any:
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=VENDOR,
        set_={name: new[name] for name in (*_SHARED, "updated_at")}
        | {"company_id": func.coalesce(vendor_details.c.company_id, new.company_id)},
        where=vendor_details.c.updated_at < new.updated_at,
    )


_BODY = select(receipts.c.body).where(receipts.c.id == bindparam("p_receipt"))


@cache
def _add_copy(dialect: str) -> Any:
    return insertion(dialect, registrations).on_conflict_do_nothing()


_TARGETS = select(qualifications.c.agency).where(
    *(qualifications.c[name] == bindparam(f"p_{name}") for name in NUMBER),
    qualifications.c.agency != bindparam("p_agency"),
    qualifications.c.state != "lapsed",
)
_THERE = select(registrations.c.id, registrations.c.agency, registrations.c.blocks).where(
    *(registrations.c[name] == bindparam(f"p_{name}") for name in NUMBER),
    registrations.c.agency.in_(_TARGETS.scalar_subquery()),
    registrations.c.fingerprint.is_not_distinct_from(bindparam("p_fingerprint")),
    registrations.c.state == "active",
    # What was changed there since is newer than what would be copied.
    ~exists().where(_other.c.registration_id == registrations.c.id, _other.c.at > bindparam("p_at", type_=UtcDateTime)),
)
_CHANGE = update(registrations).where(registrations.c.id == bindparam("p_id"))
_AMEND = _CHANGE.values(blocks=bindparam("p_blocks", type_=registrations.c.blocks.type))
_RETIRE = _CHANGE.values(state="renewed")


def claim(connection: Connection, systems: Sequence[str], before: datetime, limit: int) -> list[ClaimedPropagation]:
    """Take the next rows, at most one of each vendor. They are this transaction's until it ends, however it ends."""
    found = connection.execute(_CLAIM, {"p_systems": list(systems), "p_before": before, "p_limit": limit})
    return [ClaimedPropagation._make(row) for part in found.partitions(audit.PART) for row in part]


def mark(connection: Connection, ids: Sequence[int], state: str, now: datetime) -> None:
    """`done`, or `failed`: to be looked at by a person."""
    connection.execute(_DONE.where(_those(ids)), {"p_state": state, "p_now": now}, execution_options=_UNCACHED)


def copy_plain(connection: Connection, rows: Sequence[ClaimedPropagation], now: datetime) -> int:
    """Copy registrations that nothing has happened to since; how many copies were made."""
    dialect, ids, parameters = connection.dialect.name, [row.id for row in rows], {"p_now": now}
    of = {row.registration_id: (now, row.system, "registration-copied", OVERNIGHT, row.number, row.receipt_id) for row in rows}
    noted = []
    made = connection.execute(_copy_registrations(dialect, ids), parameters, execution_options=_UNCACHED)
    for part in made.partitions(audit.PART):
        noted += [(*of[copy[: -len(agency) - 1]], agency, None) for copy, agency in part]
    if noted:
        connection.execute(_copy_details(dialect, ids), parameters, execution_options=_UNCACHED)
        audit.add_all(connection, noted)
    return len(noted)


def body(connection: Connection, receipt_id: str) -> Any:
    """A receipt as it was kept."""
    return connection.execute(_BODY, {"p_receipt": receipt_id}).scalar_one()


def targets(connection: Connection, row: ClaimedPropagation) -> list[str]:
    """The vendor's other agencies."""
    return list(connection.execute(_TARGETS, _whose(row)).scalars())


def there(connection: Connection, row: ClaimedPropagation, fingerprint: str | None, at: datetime) -> list[tuple[str, str, Any]]:
    """(id, agency, blocks) of this card's active registrations at other agencies that nothing newer than `at` happened to."""
    found = connection.execute(_THERE, _whose(row) | {"p_fingerprint": fingerprint, "p_at": at})
    return [(r.id, r.agency, r.blocks) for r in found]


def add_copy(connection: Connection, values: dict[str, Any]) -> bool:
    """Write one copy; False if the card is registered there already."""
    return bool(connection.execute(_add_copy(connection.dialect.name), values).rowcount)


def put_details(connection: Connection, values: dict[str, Any]) -> None:
    """Write what the vendor's cards share at one agency, unless something newer stands there."""
    connection.execute(_put_details(connection.dialect.name), values)


def amend(connection: Connection, registration_id: str, blocks: Any) -> None:
    connection.execute(_AMEND, {"p_id": registration_id, "p_blocks": blocks})


def retire(connection: Connection, registration_id: str) -> None:
    """R-11: the card that was replaced can no longer log in."""
    connection.execute(_RETIRE, {"p_id": registration_id})


def note(connection: Connection, row: ClaimedPropagation, event: str, agency: str, now: datetime) -> None:
    """An audit row."""
    audit.add(connection, AuditEntry(now, row.system, event, OVERNIGHT, row.number, row.receipt_id, agency))


def _whose(row: ClaimedPropagation) -> dict[str, str]:
    return {f"p_{name}": getattr(row, name) for name in VENDOR}
