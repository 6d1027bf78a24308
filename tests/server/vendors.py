"""A database with vendors at several agencies of the made-up system, and what the server writes when they do something."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Table, select

from ebid_tui.domain.profile.systems import Profile, load
from ebid_tui.domain.records import CardCertificate, Qualification, QualificationState, Receipt, Registration, Vendor
from ebid_tui.server.overnight.propagation import PropagationResult, propagate
from ebid_tui.server.store import accepted_changes, registrations, schema
from ebid_tui.server.store.accepted_changes import AcceptedChange, Repeat
from ebid_tui.server.store.engine import writing_engine
from ebid_tui.server.store.proofs import Evidence
from ebid_tui.server.store.transactions import direct
from ebid_tui.server.store.vendors import VendorDetails, add_qualification, keep_details
from tests.server import databases

PROFILES = Path(__file__).resolve().parents[1] / "domain" / "profiles"
SYSTEM, CATEGORY, REALM = "minato", "works", "works"
AGENCIES = ("town", "water", "port")
DAY = datetime(2025, 4, 1, 1, 0, tzinfo=UTC)
NIGHT = DAY + timedelta(hours=16)


def card(name: str) -> CardCertificate:
    """A card's record; only its fingerprint matters here."""
    return CardCertificate(
        fingerprint=hashlib.sha256(name.encode()).hexdigest(),
        serial="683",
        issuer="O=TEST CA,C=JP",
        not_after=datetime(2028, 2, 29, tzinfo=UTC),
    )


def blocks(contact: str, **company: str) -> dict[str, dict[str, str]]:
    """The blocks of a registration; `contact` is who can be told by."""
    section = {"name": "工事部", "postal_code": "516-0018", "address": "港町一丁目", "person": contact, "phone": "000-0000-001"}
    section |= {"fax": "000-0000-002", "email": "someone@example.com"}
    return {
        "company": {"name": "港町建設株式会社", "phone": "000-0000-003", "department": "工事部"} | company,
        "representative_contact": section,
        "card_holder": {"company": "港町建設株式会社", "person": contact},
        "card_contact": section,
    }


@dataclass
class Office:
    """A database, and a time that goes on with everything done."""

    url: str
    profile: Profile
    at: datetime = DAY
    serial: int = 0
    engine: Engine = field(init=False, repr=False)
    ids: dict[str, str] = field(default_factory=dict)
    """The registrations made here, by card name and agency."""

    def __post_init__(self) -> None:
        self.engine = writing_engine(self.url)

    @contextmanager
    def database(self) -> Iterator[Connection]:
        """What was compiled stays."""
        with self.engine.begin() as connection:
            yield connection
        databases.release(self.engine)

    def rows(self, table: Table, *columns: str) -> list[tuple[Any, ...]]:
        """A table's rows, sorted."""
        with self.database() as connection:
            chosen = connection.execute(select(*(table.c[c] for c in columns) if columns else table.c))
            return sorted((tuple(row) for row in chosen), key=repr)

    def qualify(self, number: str, *agencies: str, state: QualificationState = "approved", category: str = CATEGORY) -> None:
        with self.database() as connection:
            for agency in agencies or AGENCIES:
                vendor = Vendor(system=SYSTEM, agency=agency, category=category, number=number)
                add_qualification(connection, Qualification(vendor=vendor, state=state, trade_name="港町建設株式会社", company={}))

    def register(self, number: str, agency: str, name: str, contact: str = "港　一郎", *, category: str = CATEGORY) -> Receipt:
        """登録 of a card at one agency, which is always copied."""
        with self.database() as connection:
            vendor, new_id, now = Vendor(system=SYSTEM, agency=agency, category=category, number=number), self._id("R"), self._tick()
            held = card(name)
            if registrations.owner(connection, SYSTEM, REALM, held.fingerprint) is None:
                registrations.add_binding(connection, SYSTEM, REALM, held.fingerprint, number, now)
            content = blocks(contact)
            registrations.add_registration(
                connection,
                Registration(id=new_id, vendor=vendor, state="active", card=held, blocks=content, registered_at=now),
                REALM,
            )
            self.ids[f"{name}@{agency}"] = new_id
            return self._enter(connection, "registration", vendor, new_id, content, held, None, True, now)

    def amend(self, number: str, agency: str, name: str, contact: str, *, propagate: bool) -> Receipt:
        """変更 of what a card has registered at one agency."""
        with self.database() as connection:
            vendor, now = Vendor(system=SYSTEM, agency=agency, category=CATEGORY, number=number), self._tick()
            registration_id, content = self._active(connection, vendor, name), blocks(contact)
            assert registrations.change_blocks(connection, registration_id, content)
            return self._enter(connection, "amendment", vendor, registration_id, content, card(name), None, propagate, now)

    def renew(self, number: str, agency: str, name: str, new_name: str, *, propagate: bool) -> Receipt:
        """ICカード更新 at one agency."""
        with self.database() as connection:
            vendor, new_id, now = Vendor(system=SYSTEM, agency=agency, category=CATEGORY, number=number), self._id("R"), self._tick()
            old_id = self._active(connection, vendor, name)
            old = connection.execute(select(schema.registrations.c.blocks).where(schema.registrations.c.id == old_id)).scalar_one()
            content = old | {"card_holder": {"company": "港町建設株式会社", "person": new_name}}
            assert registrations.end_renewed(connection, old_id)
            if registrations.owner(connection, SYSTEM, REALM, card(new_name).fingerprint) is None:
                registrations.add_binding(connection, SYSTEM, REALM, card(new_name).fingerprint, number, now)
            registrations.add_registration(
                connection,
                Registration(id=new_id, vendor=vendor, state="active", card=card(new_name), blocks=content, registered_at=now),
                REALM,
            )
            return self._enter(connection, "renewal", vendor, new_id, content, card(new_name), card(name), propagate, now)

    def night(self, **options: Any) -> PropagationResult:
        """One run of the propagation."""
        engine = writing_engine(self.url)  # its own: several nights may be at work
        try:
            return propagate(direct(engine), {SYSTEM: self.profile}, lambda: NIGHT, **options)
        finally:
            engine.dispose()

    def cards(self, agency: str) -> dict[str, tuple[str, str]]:
        """What is registered at an agency: by the card holder's name, the state and the contact."""
        with self.database() as connection:
            found = connection.execute(select(schema.registrations).where(schema.registrations.c.agency == agency))
            return {row.blocks["card_holder"]["person"]: (row.state, row.blocks["card_contact"]["person"]) for row in found}

    def _active(self, connection: Connection, vendor: Vendor, name: str) -> str:
        r = schema.registrations.c
        wanted = select(r.id).where(r.fingerprint == card(name).fingerprint, r.agency == vendor.agency, r.state == "active")
        found: str = connection.execute(wanted).scalar_one()
        return found

    def _enter(
        self,
        connection: Connection,
        operation: Literal["registration", "amendment", "renewal"],
        vendor: Vendor,
        registration_id: str,
        content: dict[str, dict[str, str]],
        held: CardCertificate | None,
        previous: CardCertificate | None,
        propagate: bool,
        now: datetime,
    ) -> Receipt:
        typed = {f.id for f in self.profile.fields("company", "registration", vendor.category) if f.input}
        company = {name: value for name, value in content["company"].items() if name in typed}
        if operation != "renewal":
            details = VendorDetails(company, content["representative_contact"], f"{int(vendor.number):016d}")
            keep_details(connection, vendor, details, now)
        given = Receipt(
            id=self._id("MINATO"),
            operation=operation,
            vendor=vendor,
            blocks=content,
            card=held,
            previous=previous,
            propagate=propagate,
            company_id=f"{int(vendor.number):016d}",
            mail_to=content["card_contact"]["email"],
            check="0" * 16,
            at=now,
        )
        owner = held.fingerprint if held else f"number:{vendor.number}"
        mails = (accepted_changes.CompletionMail("someone@example.com", "利用者登録のお知らせ", "受付番号: " + given.id + "\n"),)
        proof, repeat = Evidence(statement="{}", certificate=b"DER"), Repeat(owner, f"key-{given.id}", "0")
        accepted_changes.add_entry(
            connection,
            AcceptedChange(registration_id=registration_id, receipt=given, owner=owner, evidence=proof, mails=mails, repeat=repeat),
        )
        return given

    def _id(self, prefix: str) -> str:
        self.serial += 1
        return f"{prefix}-{self.serial:08d}"

    def _tick(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def office(directory: Path) -> Office:
    """An empty database of the made-up system."""
    return Office(databases.ready(directory), load(PROFILES / f"{SYSTEM}.toml"))


def numbers(count: int) -> Sequence[str]:
    return [f"{n:08d}" for n in range(1, count + 1)]


def many(directory: Path, count: int, agencies: Sequence[str] = AGENCIES) -> Office:
    """So many vendors with one registration each that nothing has happened to since, at the first of these agencies."""
    directory.mkdir()
    place = office(directory)
    content = blocks("港　一郎")
    where = {"system": SYSTEM, "category": "works"}
    rows: dict[str, list[dict[str, object]]] = {table: [] for table in ("q", "b", "r", "e", "d", "p")}
    for number in numbers(count):
        held, whose = card(number), where | {"number": number}
        for agency in agencies:
            rows["q"].append(whose | {"agency": agency, "state": "approved", "trade_name": "", "folded_name": "", "company": {}})
        of_card = {"serial": held.serial, "issuer": held.issuer, "not_after": held.not_after, "fingerprint": held.fingerprint}
        rows["b"].append({"system": SYSTEM, "realm": "works", "fingerprint": held.fingerprint, "number": number, "created_at": DAY})
        here = whose | {"agency": agencies[0]}
        rows["r"].append(
            here | of_card | {"id": f"R-{number}", "realm": "works", "state": "active", "blocks": content, "registered_at": DAY}
        )
        receipt = {
            "id": f"X-{number}",
            "registration_id": f"R-{number}",
            "system": SYSTEM,
            "owner": held.fingerprint,
            "body": {},
            "at": DAY,
        }
        rows["e"].append(receipt)
        shared = {"company": content["company"], "representative_contact": content["representative_contact"]}
        rows["d"].append(here | shared | {"company_id": None, "updated_at": DAY})
        rows["p"].append(here | {"operation": "registration", "receipt_id": f"X-{number}", "state": "waiting", "created_at": DAY})
    tables = (
        schema.qualifications,
        schema.card_bindings,
        schema.registrations,
        schema.receipts,
        schema.vendor_details,
        schema.propagations,
    )
    with place.database() as connection:
        for table, values in zip(tables, rows.values(), strict=True):
            connection.execute(table.insert(), values)
        connection.exec_driver_sql("ANALYZE")  # an office's database has been looked at by PostgreSQL itself meanwhile
    return place
