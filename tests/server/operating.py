"""An office with operators and vendors at two agencies of one system, and a person at the desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pyotp
from sqlalchemy import Connection, insert, update

from ebid_tui.client.desk import DeskServer
from ebid_tui.client.http_request import ServerAddress
from ebid_tui.domain.acceptance import AcceptanceRecord
from ebid_tui.domain.desk import OperatorSignedIn, Role
from ebid_tui.domain.records import CardCertificate, Qualification, Receipt, Registration, Vendor
from ebid_tui.server.decisions.passwords import Passwords
from ebid_tui.server.operators import secret_keys
from ebid_tui.server.settings import Limits, PasswordCost, Rate
from ebid_tui.server.store import acceptances, accounts, operators, registrations, schema, vendors
from ebid_tui.server.store.accounts import Account
from ebid_tui.server.store.operators import Operator
from tests.server.running_server import CHEAP, ORIGIN, Running

KEY = bytes(range(32))
LIMITS = Limits(
    sign_ins=Rate(6, timedelta(seconds=10)), wrong_passwords=Rate(3, timedelta(seconds=20)), account=Rate(8, timedelta(seconds=3))
)
SYSTEM, HERE, THERE, CATEGORY = "saitama", "saitama-city", "kawagoe", "construction"
PASSWORD = "Desk-password-1"
SECRETS = {name: pyotp.random_base32() for name in ("desk", "second", "boss", "everywhere", "there", "stopped")}
DAY = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
DAYS_LEFT = 20
"""Until the vendors' cards end."""

VENDOR_HERE = Vendor(system=SYSTEM, agency=HERE, category=CATEGORY, number="4100000001")
VENDOR_THERE = Vendor(system=SYSTEM, agency=THERE, category=CATEGORY, number="4200000001")
NAMES = {VENDOR_HERE: "株式会社山田建設", VENDOR_THERE: "山田川越工業株式会社"}


def people(server: Running) -> None:
    """Enter them: operators with their agencies, vendors with a password, a card and mails each."""
    passwords = Passwords(PasswordCost(time=CHEAP.time, memory_kib=CHEAP.memory_kib))
    hashed, vendor_hash = passwords.hash(PASSWORD), passwords.hash("Vendor01")
    passwords.stop()
    who: dict[str, tuple[Role, tuple[str, ...] | None]] = {
        "desk": ("desk", (HERE,)),
        "second": ("desk", (HERE,)),
        "boss": ("supervisor", (HERE,)),
        "everywhere": ("supervisor", None),
        "there": ("supervisor", (THERE,)),
        "stopped": ("desk", (HERE,)),
    }
    with server.database(writing=True) as connection:
        for name, (role, agencies) in who.items():
            sealed = secret_keys.encrypted((KEY,), SECRETS[name], SYSTEM, name)
            new = Operator(
                system=SYSTEM,
                login_id=name,
                role=role,
                agencies=agencies,
                password_hash=hashed,
                totp_secret=sealed,
                fingerprint=None,
                state="disabled" if name == "stopped" else "active",
                created_at=DAY,
            )
            operators.add(connection, new)
        for number, vendor in enumerate((VENDOR_HERE, VENDOR_THERE)):
            accounts.add_account(connection, Account(SYSTEM, vendor.number, None, vendor_hash, "active", 0, None))
            qualification = Qualification(vendor=vendor, state="approved", trade_name=NAMES[vendor], company={"name": NAMES[vendor]})
            vendors.add_qualification(connection, qualification)
            held = CardCertificate(
                fingerprint=f"{number}" * 64,
                serial=str(0xABC1 + number),
                issuer="O=TEST CA,C=JP",
                not_after=server.settings.now() + timedelta(days=DAYS_LEFT),
            )
            blocks = {
                "card_holder": {"company": NAMES[vendor], "person": "川越　三郎"},
                "card_contact": {"person": "窓口　花子", "email": "card@example.com"},
            }
            registration = Registration(id=f"R-{vendor.agency}", vendor=vendor, state="active", card=held, blocks=blocks, registered_at=DAY)
            registrations.add_registration(connection, registration, CATEGORY)
            receipt = {"id": f"X-{vendor.agency}", "registration_id": f"R-{vendor.agency}", "system": SYSTEM, "owner": held.fingerprint}
            connection.execute(insert(schema.receipts), receipt | {"body": {}, "at": DAY})
            for state in ("sent", "failed", "uncertain", "waiting"):
                mail = {"receipt_id": f"X-{vendor.agency}", "recipient": "card@example.com", "subject": "登録", "body": "本文"}
                connection.execute(insert(schema.mail_outbox), mail | {"state": state, "created_at": DAY, "attempts": 3})


def waits_at(connection: Connection, agency: str) -> Receipt:
    """An amendment of the vendor's card at one agency that waits for its approval, under the receipt that is there."""
    vendor = VENDOR_HERE if agency == HERE else VENDOR_THERE
    held = registrations.cards_of(connection, vendor)[0]
    given = Receipt(
        id=f"X-{agency}", operation="amendment", vendor=vendor, blocks=held.blocks | {"card_contact": {"person": "受付　次郎"}},
        card=held.card, company_id=None, mail_to="card@example.com", check="0" * 16, at=DAY, state="waiting",
    )  # fmt: skip
    connection.execute(update(schema.receipts).where(schema.receipts.c.id == given.id).values(body=msgspec.to_builtins(given)))
    waits = AcceptanceRecord(
        receipt_id=given.id, vendor=vendor, operation="amendment", waits_for="approval", registration_id=held.id,
        blocks=given.blocks, since=DAY,
    )  # fmt: skip
    acceptances.add(connection, waits)
    return given


@dataclass
class Clerk:
    """An operator at the desk."""

    server: Running
    name: str = "desk"
    client: DeskServer = field(init=False)
    used: int = 0

    def __post_init__(self) -> None:
        self.client = DeskServer(ServerAddress(ORIGIN, ORIGIN, self.server.socket, (ORIGIN,)))

    def code(self) -> str:
        """The next code that was not used yet. It counts for half a minute at least, and so does the one after it."""
        self.used = max(self._step(), self.used + 1)
        return pyotp.TOTP(SECRETS[self.name]).generate_otp(self.used)

    def wait_for_a_code(self) -> None:
        """Let time pass until the next code counts."""
        too_early = self.used - self._step()
        if too_early > 0:
            self.server.ahead += timedelta(seconds=30 * too_early)

    def _step(self) -> int:
        return int(self.server.settings.now().timestamp()) // 30

    async def sign_in(self, **changes: str) -> OperatorSignedIn:
        given = {"system": SYSTEM, "login_id": self.name, "password": PASSWORD, "code": self.code()}
        return await self.client.sign_in(**(given | changes))

    def http(self, token: str, method: str, path: str, **options: Any) -> httpx.Response:
        """Bare HTTP with this token, as the desk's program would send it."""
        headers = {"Authorization": f"Bearer {token}", "Origin": ORIGIN} | options.pop("headers", {})
        with self.server.http() as http:
            return http.request(method, f"/v1{path}", headers=headers, **options)


async def signed_in(server: Running, name: str = "desk", used: int = 0) -> Clerk:
    """An operator who is signed in, with a code after that of the step `used`."""
    clerk = Clerk(server, name)
    clerk.used = used
    clerk.wait_for_a_code()
    await clerk.sign_in()
    return clerk


def audit(server: Running) -> list[tuple[str, str, str, str | None]]:
    """(event, actor, subject, agency) of every row, in order."""
    a = schema.audit.c
    with server.database() as connection:
        rows = connection.execute(schema.audit.select().order_by(a.id))
        return [(row.event, row.actor, row.subject, row.agency) for row in rows]


def tells_the_days_left(shown: str) -> bool:
    """Midnight may have come after the card was made."""
    return f"あと{DAYS_LEFT}日" in shown or f"あと{DAYS_LEFT - 1}日" in shown
