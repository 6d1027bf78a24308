"""Finding vendors and cards among all that an operator sees, a page at a time. `search_index.py` says what is indexed.

Pages go on where the last one ended (`after`), in the order of the index: no page costs more than the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, bindparam, collate, column, func, or_, select, table, text

from ebid_tui.domain.desk import Expiring, Hit
from ebid_tui.server.store import search_index
from ebid_tui.server.store.schema import VENDOR, qualifications, registrations
from ebid_tui.server.store.vendor_rows import card_of, holder_of, same_vendor, vendor_of

NEAR = 3000
"""Rows that are looked at without the index, where PostgreSQL is asked for a part that many names have."""
LARGEST = 0x7FFFFFFF
"""Of a row: PostgreSQL refuses to compare with more."""
LAST = "\U0010ffff"
"""After every character that a number can have."""

_names = table(search_index.NAMES, column("rowid"))
_holders = table(search_index.HOLDERS, column("rowid"))
_holder_rows = table(search_index.HOLDER_ROWS, column("id"), column("registration_id"))
_same_vendor = same_vendor(qualifications, registrations)
_registered = registrations.outerjoin(qualifications, _same_vendor)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchScope:
    """Where is looked. `agencies` None: everywhere in the system; `category` None: in each."""

    system: str
    agencies: tuple[str, ...] | None
    category: str | None = None

    def __post_init__(self) -> None:
        if self.agencies == ():
            raise ValueError("nowhere")

    @property
    def marks(self) -> tuple[str | None, ...]:
        """Whose marks an entry has one of."""
        return (None,) if self.agencies is None else self.agencies


@dataclass(frozen=True, slots=True)
class PageRange:
    """So many at most, after the one that this mark stands for."""

    limit: int
    after: str = ""


def by_name(connection: Connection, where: SearchScope, key: str, page: PageRange) -> tuple[list[Hit], str]:
    """Vendors with these characters somewhere in their folded name (`domain.text.names.search_key`), and the next page's mark."""
    asked = {"p_key": key, "p_after": _number(page.after), "p_category": where.category, "p_limit": page.limit + 1}
    dialect, sorted_by = connection.dialect.name, where.category is not None
    if dialect == "sqlite":
        rows = connection.execute(_name_sqlite(sorted_by), asked | {"p_match": _match(where, key)}).all()
    else:
        rows = []
        if where.agencies is None:
            # What many names have is on the first page anyway: found among the next few thousand, without the index.
            rows = connection.execute(_name_near(sorted_by), asked | {"p_system": where.system, "p_near": NEAR}).all()
        if len(rows) <= page.limit:
            rows = connection.execute(_name_postgresql(sorted_by), asked | _elements(where, key)).all()
    chosen, more = rows[: page.limit], len(rows) > page.limit
    return [_hit(row) for row in chosen], str(chosen[-1].id) if more else ""


@cache
def _name_sqlite(in_category: bool) -> Select[Any]:
    q = qualifications.c
    chosen = _named(in_category).select_from(_names.join(qualifications, q.id == _names.c.rowid))
    chosen = chosen.where(text(f"{search_index.NAMES} MATCH :p_match"), _names.c.rowid > bindparam("p_after"))
    return chosen.where(func.instr(q.folded_name, bindparam("p_key")) > 0).order_by(_names.c.rowid)


@cache
def _name_postgresql(in_category: bool) -> Select[Any]:
    q = qualifications.c
    chosen = _named(in_category).where(text(_holds("qualifications", "folded_name")), q.id > bindparam("p_after"))
    return chosen.where(func.strpos(q.folded_name, bindparam("p_key")) > 0).order_by(q.id)


@cache
def _name_near(in_category: bool) -> Select[Any]:
    q = qualifications.c
    kept = (*(q[name] for name in VENDOR), q.trade_name, q.state, q.id, q.folded_name)
    near = select(*kept).where(q.id > bindparam("p_after")).order_by(q.id).limit(bindparam("p_near")).subquery().c
    chosen = select(*(near[name] for name in (*VENDOR, "trade_name", "state", "id"))).where(near.system == bindparam("p_system"))
    chosen = chosen.where(func.strpos(near.folded_name, bindparam("p_key")) > 0)
    if in_category:
        chosen = chosen.where(near.category == bindparam("p_category"))
    return chosen.order_by(near.id).limit(bindparam("p_limit"))


def _named(in_category: bool) -> Select[Any]:
    q = qualifications.c
    chosen = select(*(q[name] for name in VENDOR), q.trade_name, q.state, q.id).limit(bindparam("p_limit"))
    # `||`: no index begins with it. FTS5's rows come in their order as they are.
    return chosen.where(q.category.op("||")("") == bindparam("p_category")) if in_category else chosen


def by_number(connection: Connection, where: SearchScope, key: str, page: PageRange) -> tuple[list[Hit], str]:
    """Vendors whose number begins with this, in the order of their numbers."""
    q = qualifications.c
    number: ColumnElement[str] = q.number if connection.dialect.name == "sqlite" else collate(q.number, "C")
    chosen = select(*(q[name] for name in VENDOR), q.trade_name, q.state).order_by(number, q.agency, q.category)
    chosen = chosen.where(q.system == where.system, number >= key, number < key + LAST)
    if page.after:
        last, agency, category = _marks(page.after, 3)
        further = or_(q.agency > agency, and_(q.agency == agency, q.category > category))
        chosen = chosen.where(number >= last, or_(number > last, further))
    if where.agencies is not None:
        chosen = chosen.where(q.agency.in_(where.agencies))
    if where.category is not None:
        chosen = chosen.where(q.category == where.category)
    rows, more = _page(connection, chosen, page)
    return [_hit(row) for row in rows], _mark(rows[-1].number, rows[-1].agency, rows[-1].category) if more else ""


def by_serial(connection: Connection, where: SearchScope, key: str, page: PageRange) -> tuple[list[Hit], str]:
    """Cards with this serial number, as decimal or as hexadecimal digits, in whatever state."""
    r = registrations.c
    chosen = _cards(where).where(r.system == where.system, r.serial.in_(serials(key)), r.id > page.after).order_by(r.id)
    rows, more = _page(connection, chosen, page)
    return [_card_hit(row) for row in rows], rows[-1].id if more else ""


def by_holder(connection: Connection, where: SearchScope, key: str, page: PageRange) -> tuple[list[Hit], str]:
    """Cards with these characters somewhere in the folded names of company and person on them."""
    r = registrations.c
    if connection.dialect.name == "sqlite":
        found = _holders.join(_holder_rows, _holder_rows.c.id == _holders.c.rowid)
        found = found.join(registrations, r.id == _holder_rows.c.registration_id)
        chosen = _cards(where, found.outerjoin(qualifications, _same_vendor), _holders.c.rowid.label("mark"))
        chosen = chosen.where(text(f"{search_index.HOLDERS} MATCH :p_match"), _holders.c.rowid > _number(page.after))
        chosen = chosen.where(func.instr(r.folded_holder, key) > 0).order_by(_holders.c.rowid)
        asked: dict[str, Any] = {"p_match": _match(where, key)}
    else:
        chosen = _cards(where, _registered, r.id.label("mark"))
        chosen = chosen.where(text(_holds("registrations", "folded_holder")), r.id > page.after)
        chosen = chosen.where(func.strpos(r.folded_holder, key) > 0).order_by(r.id)
        asked = _elements(where, key)
    rows = connection.execute(chosen.limit(page.limit + 1), asked).all()
    hits, more = rows[: page.limit], len(rows) > page.limit
    return [_card_hit(row) for row in hits], str(hits[-1].mark) if more else ""


def expiring(connection: Connection, where: SearchScope, since: datetime, until: datetime, page: PageRange) -> tuple[list[Expiring], str]:
    """Cards in use that end between these times (R-25), the first to end first."""
    r = registrations.c
    chosen = _cards(where).where(r.system == where.system, r.state == "active", r.not_after >= since, r.not_after < until)
    if page.after:
        at, last = _marks(page.after, 2)
        after = datetime.fromisoformat(at)
        chosen = chosen.where(or_(r.not_after > after, and_(r.not_after == after, r.id > last)))
    rows, more = _page(connection, chosen.order_by(r.not_after, r.id), page)
    found = [
        Expiring(
            vendor=vendor_of(row),
            trade_name=row.trade_name or "",
            registration_id=row.id,
            card=card_of(row),
            holder=holder_of(row).get("person", ""),
            email=row.blocks.get("card_contact", {}).get("email", ""),
        )
        for row in rows
    ]
    return found, _mark(rows[-1].not_after.isoformat(), rows[-1].id) if more else ""


def serials(text: str) -> tuple[str, ...]:
    """What a serial number, written as on a screen (`683`, `2ab`, `0x2AB`, `02:ab`), may be in decimal."""
    digits = "".join(text.split()).replace(":", "").lower()
    found = [str(int(digits))] if digits.isascii() and digits.isdigit() else []
    hexadecimal = digits.removeprefix("0x")
    if hexadecimal and set(hexadecimal) <= set("0123456789abcdef"):
        found.append(str(int(hexadecimal, 16)))
    return tuple(dict.fromkeys(found))


def _cards(where: SearchScope, source: FromClause = _registered, *more: ColumnElement[Any]) -> Select[Any]:
    r = registrations.c
    kept = ("id", *VENDOR, "state", "fingerprint", "serial", "issuer", "not_after", "blocks")
    chosen = select(*(r[name] for name in kept), qualifications.c.trade_name, qualifications.c.state.label("qualified"), *more)
    chosen = chosen.select_from(source).where(r.fingerprint.is_not(None))
    if where.agencies is not None:
        chosen = chosen.where(r.agency.in_(where.agencies))
    if where.category is not None:
        chosen = chosen.where(r.category == where.category)
    return chosen


def _match(where: SearchScope, key: str) -> str:
    """FTS5's own way of asking."""
    scope = " OR ".join(search_index.scope_gram(where.system, agency) for agency in where.marks)
    return f"({scope}) AND {search_index.grams(key)}"


def _holds(table: str, column: str) -> str:
    """PostgreSQL's, as the indexes have it."""
    elements = f"name_grams({table}.system, {table}.agency, {table}.{column})"
    return f"{elements} @> CAST(:p_grams AS text[]) AND {elements} && CAST(:p_scope AS text[])"


def _elements(where: SearchScope, key: str) -> dict[str, Any]:
    marks = [search_index.postgresql_scope(where.system, agency) for agency in where.marks]
    grams = search_index.postgresql_grams(key)
    # One agency is one more thing that an entry has to hold.
    return {"p_grams": grams + marks if len(marks) == 1 else grams, "p_scope": marks}


def _page(connection: Connection, chosen: Select[Any], page: PageRange) -> tuple[Sequence[Any], bool]:
    rows = connection.execute(chosen.limit(page.limit + 1)).all()
    return rows[: page.limit], len(rows) > page.limit


def _hit(row: Any) -> Hit:
    return Hit(vendor=vendor_of(row), trade_name=row.trade_name, state=row.state)


def _card_hit(row: Any) -> Hit:
    return Hit(
        vendor=vendor_of(row),
        trade_name=row.trade_name or "",
        state=row.qualified or "lapsed",
        card=card_of(row),
        holder=holder_of(row).get("person", ""),
        card_state=row.state,
    )


def _number(mark: str) -> int:
    return min(int(mark), LARGEST) if mark.isascii() and mark.isdigit() and len(mark) < 19 else 0


def _mark(*parts: str) -> str:
    return msgspec.json.encode(parts).decode()


def _marks(mark: str, count: int) -> list[str]:
    """Raises ValueError for a mark that no page of ours ended with."""
    try:
        parts = msgspec.json.decode(mark, type=list[str])
    except msgspec.MsgspecError as error:
        raise ValueError("mark") from error
    if len(parts) != count:
        raise ValueError("mark")
    return parts
