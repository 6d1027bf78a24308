"""Registrations: which cards stand where, for which vendor, and since when."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from ebid_tui.domain.records import RegisteredCard, Registration, Values, Vendor
from ebid_tui.domain.text import names
from ebid_tui.server.store.schema import VENDOR, card_bindings, qualifications, registrations
from ebid_tui.server.store.vendor_rows import card_of, is_vendor, parameters, same_vendor, vendor_of

_CARDS = (
    select(registrations, qualifications.c.trade_name)
    .outerjoin(qualifications, same_vendor(registrations, qualifications))
    .where(registrations.c.system == bindparam("p_system"), registrations.c.fingerprint == bindparam("p_fingerprint"))
    .order_by(registrations.c.registered_at)
)
_NUMBERS = (
    select(registrations.c.number)
    .distinct()
    .where(
        registrations.c.system == bindparam("p_system"),
        registrations.c.fingerprint == bindparam("p_fingerprint"),
        registrations.c.state == "active",
    )
    .order_by(registrations.c.number)
)
_STANDING = select(registrations).where(
    *(registrations.c[name] == bindparam(f"p_{name}") for name in ("system", "agency", "category", "fingerprint"))
)
_OF_VENDOR = (
    select(registrations)
    .where(is_vendor(registrations), registrations.c.fingerprint.is_not(None))
    .order_by(registrations.c.registered_at, registrations.c.id)
)
_WITHOUT_CARD = select(registrations).where(is_vendor(registrations), registrations.c.fingerprint.is_(None))
_OWNER = select(card_bindings.c.number).where(
    card_bindings.c.system == bindparam("p_system"),
    card_bindings.c.realm == bindparam("p_realm"),
    card_bindings.c.fingerprint == bindparam("p_fingerprint"),
)
_ADD_BINDING = insert(card_bindings)
_ADD_REGISTRATION = insert(registrations)
_BLOCKS = select(registrations.c.blocks).where(registrations.c.id == bindparam("p_id"))
_REFUSED = select(registrations.c.id).where(
    *(registrations.c[name] == bindparam(f"p_{name}") for name in VENDOR),
    registrations.c.fingerprint.is_not_distinct_from(bindparam("p_fingerprint")),
    registrations.c.state == "refused",
)
_CHANGE = update(registrations).where(registrations.c.id == bindparam("p_id"), registrations.c.state == "active")
_CHANGE_BLOCKS = _CHANGE.values(blocks=bindparam("p_blocks"))
_END = _CHANGE.values(state="renewed")
_CHANGE_WAITING = (
    update(registrations)
    .where(registrations.c.id == bindparam("p_id"), registrations.c.state == "waiting")
    .values(blocks=bindparam("p_blocks"))
)
_SETTLE = (
    update(registrations)
    .where(registrations.c.id == bindparam("p_id"), registrations.c.state == "waiting")
    .values(state=bindparam("p_state"))
)


def registered_cards(connection: Connection, system: str, fingerprint: str) -> tuple[RegisteredCard, ...]:
    """Where a card is or was registered, the earliest first (R-05)."""
    rows = connection.execute(_CARDS, {"p_system": system, "p_fingerprint": fingerprint})
    return tuple(
        RegisteredCard(agency=r.agency, category=r.category, realm=r.realm, trade_name=r.trade_name or "", state=r.state) for r in rows
    )


def numbers_of_card(connection: Connection, system: str, fingerprint: str) -> tuple[str, ...]:
    """The numbers for which a card is in use, wherever."""
    return tuple(connection.execute(_NUMBERS, {"p_system": system, "p_fingerprint": fingerprint}).scalars())


def standing(connection: Connection, system: str, agency: str, category: str, fingerprint: str) -> Registration | None:
    """What a card is or was registered as at one agency and category, in whatever state."""
    parameters = {"p_system": system, "p_agency": agency, "p_category": category, "p_fingerprint": fingerprint}
    row = connection.execute(_STANDING, parameters).one_or_none()
    return None if row is None else _registration(row)


def cards_of(connection: Connection, vendor: Vendor) -> tuple[Registration, ...]:
    """Every card that a vendor has or had at one agency and category, the earliest first (R-31)."""
    return tuple(_registration(row) for row in connection.execute(_OF_VENDOR, parameters(vendor)))


def without_card(connection: Connection, vendor: Vendor) -> Registration | None:
    """What a vendor has registered without a card at one agency and category (R-36)."""
    row = connection.execute(_WITHOUT_CARD, parameters(vendor)).one_or_none()
    return None if row is None else _registration(row)


def owner(connection: Connection, system: str, realm: str, fingerprint: str) -> str | None:
    """The vendor's number to which a card belongs in a realm (R-05, R-30)."""
    number: str | None = connection.execute(
        _OWNER, {"p_system": system, "p_realm": realm, "p_fingerprint": fingerprint}
    ).scalar_one_or_none()
    return number


def add_binding(connection: Connection, system: str, realm: str, fingerprint: str, number: str, now: datetime) -> None:
    """Bind a card to a vendor, for good. IntegrityError if it is bound already."""
    row = {"system": system, "realm": realm, "fingerprint": fingerprint, "number": number, "created_at": now}
    connection.execute(_ADD_BINDING, row)


def add_registration(connection: Connection, registration: Registration, realm: str) -> None:
    """Write one registration of a card. IntegrityError if the card has one at this agency and category already."""
    card, row = registration.card, msgspec.structs.asdict(registration.vendor)
    row |= {"id": registration.id, "realm": realm, "state": registration.state, "blocks": registration.blocks}
    assert card is not None
    row |= {"fingerprint": card.fingerprint, "serial": card.serial, "issuer": card.issuer, "not_after": card.not_after}
    row["folded_holder"] = names.holder_key(registration.blocks)
    connection.execute(_ADD_REGISTRATION, row | {"registered_at": registration.registered_at})


def add_card_free(connection: Connection, registration: Registration, realm: str) -> None:
    """Write a registration without a card (R-36). IntegrityError if the vendor has one at this agency and category already."""
    row = msgspec.structs.asdict(registration.vendor) | {"id": registration.id, "realm": realm, "state": registration.state}
    connection.execute(_ADD_REGISTRATION, row | {"blocks": registration.blocks, "registered_at": registration.registered_at})


def refused(connection: Connection, vendor: Vendor, fingerprint: str | None) -> str | None:
    """The id under which the office refused this vendor's registration of a card (None: without one): it may come again."""
    found: str | None = connection.execute(_REFUSED, parameters(vendor) | {"p_fingerprint": fingerprint}).scalar_one_or_none()
    return found


def blocks(connection: Connection, registration_id: str) -> dict[str, Values]:
    """What is registered under an id; empty where nothing is."""
    found: dict[str, Values] | None = connection.execute(_BLOCKS, {"p_id": registration_id}).scalar_one_or_none()
    return found or {}


def enter_again(connection: Connection, registration: Registration) -> None:
    """Write a registration in the place of the one that was refused under its id. IntegrityError if that is not refused any more."""
    values: dict[str, Any] = {"state": registration.state, "blocks": registration.blocks, "registered_at": registration.registered_at}
    if registration.card is not None:
        values["folded_holder"] = names.holder_key(registration.blocks)
    there = update(registrations).where(registrations.c.id == registration.id, registrations.c.state == "refused")
    if connection.execute(there.values(**values)).rowcount != 1:
        raise IntegrityError("registered meanwhile", None, Exception(registration.id))


def change_waiting(connection: Connection, registration_id: str, blocks: dict[str, Values]) -> bool:
    """Write what an amendment confirmed of a registration that waits itself; False if it does not wait any more."""
    return connection.execute(_CHANGE_WAITING, {"p_id": registration_id, "p_blocks": blocks}).rowcount == 1


def change_blocks(connection: Connection, registration_id: str, blocks: dict[str, Values]) -> bool:
    """Write what an amendment confirmed; False if the registration is not active any more."""
    return connection.execute(_CHANGE_BLOCKS, {"p_id": registration_id, "p_blocks": blocks}).rowcount == 1


def end_renewed(connection: Connection, registration_id: str) -> bool:
    """R-11: the card of this registration can no longer be used here; False if that was so before."""
    return connection.execute(_END, {"p_id": registration_id}).rowcount == 1


def settle(connection: Connection, registration_id: str, state: Literal["active", "refused"]) -> bool:
    """What became of a registration that waited for its acceptance; False if it does not wait any more."""
    return connection.execute(_SETTLE, {"p_id": registration_id, "p_state": state}).rowcount == 1


def _registration(row: Row[Any]) -> Registration:
    return Registration(
        id=row.id,
        vendor=vendor_of(row),
        state=row.state,
        card=card_of(row) if row.fingerprint is not None else None,
        blocks=row.blocks,
        registered_at=row.registered_at,
    )
