"""Which process does what `serve` does at set times: one at a time, and once for each time."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, bindparam, or_, select, update

from ebid_tui.server.store.columns import UtcDateTime
from ebid_tui.server.store.engine import insertion
from ebid_tui.server.store.schema import jobs

Claim = Literal["mine", "held", "done"]
"""Ours to do; somebody is at it; it was done for this time."""

_THIS = jobs.c.name == bindparam("p_name")
_MINE = jobs.c.holder == bindparam("p_holder")
_TAKE = (
    update(jobs)
    .where(
        _THIS,
        or_(jobs.c.held_until.is_(None), jobs.c.held_until < bindparam("p_now", type_=UtcDateTime)),
        or_(jobs.c.done_for.is_(None), jobs.c.done_for < bindparam("p_slot", type_=UtcDateTime)),
    )
    .values(holder=bindparam("p_holder"), held_until=bindparam("p_until", type_=UtcDateTime))
)
_KEEP = update(jobs).where(_THIS, _MINE).values(held_until=bindparam("p_until", type_=UtcDateTime))
_RELEASE = update(jobs).where(_THIS, _MINE).values(holder=None, held_until=None)
_FINISH = update(jobs).where(_THIS, _MINE).values(holder=None, held_until=None, done_for=bindparam("p_slot", type_=UtcDateTime))
_DONE_FOR = select(jobs.c.done_for).where(_THIS)


def claim(connection: Connection, name: str, holder: str, slot: datetime, now: datetime, until: datetime) -> Claim:
    """Take a job for one set time, until `until` unless it is kept longer. What a process left behind is free after that."""
    connection.execute(insertion(connection.dialect.name, jobs).on_conflict_do_nothing(), {"name": name})
    values = {"p_name": name, "p_holder": holder, "p_slot": slot, "p_now": now, "p_until": until}
    if connection.execute(_TAKE, values).rowcount:
        return "mine"
    done_for = connection.execute(_DONE_FOR, {"p_name": name}).scalar_one()
    return "done" if done_for is not None and done_for >= slot else "held"


def keep(connection: Connection, name: str, holder: str, until: datetime) -> bool:
    """Still at it; False if another process has taken over."""
    return bool(connection.execute(_KEEP, {"p_name": name, "p_holder": holder, "p_until": until}).rowcount)


def release(connection: Connection, name: str, holder: str) -> None:
    """Give it back undone."""
    connection.execute(_RELEASE, {"p_name": name, "p_holder": holder})


def finish(connection: Connection, name: str, holder: str, slot: datetime) -> None:
    """It is done for this time."""
    connection.execute(_FINISH, {"p_name": name, "p_holder": holder, "p_slot": slot})
