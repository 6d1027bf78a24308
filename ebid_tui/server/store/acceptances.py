"""What waits until the office accepts it, the oldest first, and what became of it: the statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, case, func, insert, select, update

from ebid_tui.domain.acceptance import AcceptanceRecord
from ebid_tui.server.store.acceptance_table import acceptances
from ebid_tui.server.store.columns import UtcDateTime
from ebid_tui.server.store.schema import VENDOR
from ebid_tui.server.store.vendor_rows import vendor_of

PAGE = 50

Settled = Literal["accepted", "refused", "replaced"]

_ONE = select(acceptances).where(acceptances.c.receipt_id == bindparam("p_id"))
_NEWEST = (
    select(acceptances)
    .where(acceptances.c.registration_id == bindparam("p_id"))
    # Times are whole seconds: of two within one, what waits is the newer, then what was decided later.
    .order_by(
        case((acceptances.c.state == "waiting", 0), else_=1),
        acceptances.c.since.desc(),
        acceptances.c.decided_at.desc(),
        acceptances.c.receipt_id.desc(),
    )
    .limit(1)
)
_RENEWAL = select(acceptances).where(acceptances.c.previous_id == bindparam("p_id"), acceptances.c.state == "waiting")
_SETTLE = (
    update(acceptances)
    .where(acceptances.c.receipt_id == bindparam("p_id"), acceptances.c.state == "waiting")
    .values(
        state=bindparam("p_state"),
        decided_at=bindparam("p_at", type_=UtcDateTime),
        decided_by=bindparam("p_by"),
        reason=bindparam("p_reason"),
    )
)


def add(connection: Connection, new: AcceptanceRecord) -> None:
    """Write what waits from now on. IntegrityError where something waits for its registration, or to replace its card, already."""
    row = msgspec.structs.asdict(new) | msgspec.structs.asdict(new.vendor)
    connection.execute(insert(acceptances), {name: row[name] for name in acceptances.c.keys()})  # noqa: SIM118 - columns' names


def one(connection: Connection, receipt_id: str) -> AcceptanceRecord | None:
    """What waits or waited under this receipt."""
    return _found(connection, _ONE, receipt_id)


def newest_of(connection: Connection, registration_id: str) -> AcceptanceRecord | None:
    """What was last to be accepted of a registration, whatever became of it."""
    return _found(connection, _NEWEST, registration_id)


def renewal_of(connection: Connection, registration_id: str) -> AcceptanceRecord | None:
    """The renewal that waits to replace this registration's card."""
    return _found(connection, _RENEWAL, registration_id)


def waiting(
    connection: Connection, system: str, agencies: Sequence[str], after: tuple[datetime, str] | None = None
) -> list[AcceptanceRecord]:
    """What waits at these agencies, the oldest first: a page of it, behind the moment and receipt at which the one before ended."""
    a = acceptances.c
    chosen = select(acceptances).where(a.system == system, a.state == "waiting", a.agency.in_(agencies))
    if after is not None:
        since, receipt_id = after
        chosen = chosen.where((a.since > since) | ((a.since == since) & (a.receipt_id > receipt_id)))
    return [_record(row) for row in connection.execute(chosen.order_by(a.since, a.receipt_id).limit(PAGE))]


def count(connection: Connection, system: str, agencies: Sequence[str]) -> int:
    """How much waits at these agencies."""
    a = acceptances.c
    chosen = select(func.count()).where(a.system == system, a.state == "waiting", a.agency.in_(agencies))
    return int(connection.execute(chosen).scalar_one())


def settle(connection: Connection, receipt_id: str, state: Settled, by: str, reason: str, now: datetime) -> bool:
    """Write what became of it; False if that was decided before: of two who decide at once, one wins."""
    values = {"p_id": receipt_id, "p_state": state, "p_at": now, "p_by": by, "p_reason": reason}
    return connection.execute(_SETTLE, values).rowcount == 1


def _found(connection: Connection, chosen: Select[Any], wanted: str) -> AcceptanceRecord | None:
    row = connection.execute(chosen, {"p_id": wanted}).one_or_none()
    return None if row is None else _record(row)


def _record(row: Row[Any]) -> AcceptanceRecord:
    values = {name: value for name, value in row._mapping.items() if name not in VENDOR}
    values |= {name: values[name] or "" for name in ("decided_by", "reason")}
    return AcceptanceRecord(vendor=vendor_of(row), **values)
