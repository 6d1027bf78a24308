"""A made-up municipality that is open for business: its server over HTTP, its roster, its cards, and line mode at the counter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_private_key
from sqlalchemy import Connection

from ebid_tui.card.interface import ReaderState
from ebid_tui.card.worker import CardWorker
from ebid_tui.card_and_server import CardAndServer
from ebid_tui.demo import ca
from ebid_tui.demo.cards import PIN, SLOT_AUTHENTICATION, Wallet
from ebid_tui.demo.key_directory import KeyDirectory
from ebid_tui.demo.virtual_card import SlotKey, VirtualCard
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.domain.desk import PasswordState
from ebid_tui.domain.fields import is_own
from ebid_tui.domain.profile import systems
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Qualification, Values, Vendor
from ebid_tui.plain.run import run_lines
from ebid_tui.server.decisions.passwords import Passwords
from ebid_tui.server.overnight.propagation import PropagationResult, propagate
from ebid_tui.server.store import accounts, schema, vendors
from ebid_tui.server.store.accounts import Account
from ebid_tui.server.store.engine import writing_engine
from ebid_tui.server.store.transactions import direct
from ebid_tui.server.store.vendor_secrets import put_secrets
from tests.clock import STARTED
from tests.server.running_server import CHEAP, Running, running
from tests.server.signing import Authority, Card

COMPANY = "株式会社港町建設"
PERSON = "港　太郎"
NUMBER = "AB77CD88"
PASSWORD = "Minato2026pass"
QUALIFIED: Values = {
    "name": COMPANY,
    "postal_code": "100-0001",
    "address": "港町一丁目２－３",
    "representative": PERSON,
    "title": "代表取締役",
    "phone": "0300000001",
    "fax": "0300000002",
    "department": "本店",
    "grades": "甲,乙",
}
"""What the roster has of the company: more than any one system shows."""
LASTS = timedelta(days=700)
READERS = ("Virtual Reader 00", "Virtual Reader 01")


# ---- cards -----------------------------------------------------------------------------------------------------------


def issued(
    wallet: Wallet, authority: str, name: str, serial: int, company: str = COMPANY, person: str = PERSON, **changes: Any
) -> VirtualCard:
    """A card of one of the demo's authorities, with Japanese names as the core system's cards have them."""
    now = STARTED.replace(microsecond=0)
    values: dict[str, Any] = {
        "serial": serial,
        "subject": (("C", "JP"), ("ST", "Minato"), ("L", "Minatomachi 1-2-3"), ("O", "Minatomachi Kensetsu"), ("CN", "Taro Minato")),
        "japanese": (("C", "JP"), ("O", company), ("CN", person)),
        "not_before": now - timedelta(days=30),
        "not_after": now + LASTS,
    }
    request = ca.CertificateRequest(**(values | changes))
    key, certificate = ca.certified_key(KeyDirectory(wallet.directory), wallet.day, f"town-{name}", authority, request, "P-256")
    return _virtual(load_der_private_key(key, None), certificate, serial)


def of_another_authority(authority: Authority) -> VirtualCard:
    """A card of the same company from an authority that is accepted as well."""
    card: Card = authority.card(COMPANY, PERSON, lifetime=LASTS)
    return _virtual(card.key, card.der, 9)


def _virtual(key: Any, certificate: bytes, serial: int) -> VirtualCard:
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return VirtualCard({SLOT_AUTHENTICATION: SlotKey(key, certificate)}, PIN.encode("ascii"), tries=3, serial=serial)


class Tray:
    """`card.interface.CardTray` with cards of a test's own, at one or two virtual readers."""

    def __init__(self, readers: tuple[VirtualReader, ...], held: Mapping[str, VirtualCard]) -> None:
        self.readers, self.held = readers, held
        self._inside: dict[str, str] = {}

    def cards(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, name) for name in self.held)

    def notes(self) -> tuple[tuple[str, str], ...]:
        return ()

    @property
    def inserted(self) -> tuple[str, ...]:
        return tuple(self._inside[r.name] for r in self.readers if r.name in self._inside)

    def insert(self, name: str, beside: str = "") -> None:
        free = next((r for r in self.readers if r.name != beside), self.readers[0])
        for reader in self.readers:
            if reader is free or reader.name != beside:
                reader.remove()
                self._inside.pop(reader.name, None)
        free.insert(self.held[name])
        self._inside[free.name] = name

    def remove(self) -> None:
        for reader in self.readers:
            reader.remove()
        self._inside.clear()


# ---- the municipality ------------------------------------------------------------------------------------------------


@dataclass
class Ran:
    """How a visit in line mode ended, and all it said."""

    code: int
    out: str
    err: str

    @property
    def receipt(self) -> str:
        last = self.out.splitlines()[-1] if self.out else ""
        return last.removeprefix("receipt: ") if last.startswith("receipt: ") else ""

    def told(self, *texts: str) -> bool:
        return all(text in self.out for text in texts)


@dataclass
class Town:
    """One system's server with its roster; `cards` are the cards in town."""

    profile: Profile
    server: Running
    cards: dict[str, VirtualCard]
    number_of_readers: int = 1
    _scripts: int = field(default=0, repr=False)

    def parts(self) -> CardAndServer:
        """What the program is made of at this counter; `begin` and `close` as everywhere."""
        readers = tuple(VirtualReader(name) for name in READERS[: self.number_of_readers])
        worker = CardWorker(*readers)
        return CardAndServer(worker, self.server.client(), worker.start, worker.stop, Tray(readers, self.cards))

    def run(self, script: str, capsys: Any) -> Ran:
        """A visit in line mode, answered by a script: `ebid-tui plain --script FILE`."""
        self._scripts += 1
        file = Path(self.server.socket).parent / f"script{self._scripts}"
        file.write_text(script, encoding="utf-8")
        capsys.readouterr()
        code = run_lines(self.profile, self.parts(), str(file), None)
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        assert PASSWORD not in said.out + said.err
        assert f"pin: {PIN}" not in said.out + said.err
        return Ran(code, said.out, said.err)

    def night(self) -> PropagationResult:
        """反映, as `admin propagate` does it."""
        engine = writing_engine(self.server.settings.database)
        try:
            return propagate(direct(engine), {self.profile.id: self.profile}, self.server.settings.now)
        finally:
            engine.dispose()

    def mails(self) -> list[str]:
        """What waits in the outbox, oldest first: receiver, subject and text."""
        with self.server.database() as connection:
            rows = connection.execute(schema.mail_outbox.select().order_by(schema.mail_outbox.c.id)).mappings()
            return ["\n".join((row["recipient"], row["subject"], row["body"])) for row in rows]

    def qualify(self, number: str, *, password: str = "", state: PasswordState = "active", trade_name: str = COMPANY) -> None:
        """Enter a vendor into the roster, at every agency and category there is."""
        with self.server.database(writing=True) as connection:
            enter(connection, self.profile, number, password, state, trade_name)


def enter(connection: Connection, profile: Profile, number: str, password: str, state: PasswordState, trade_name: str) -> None:
    """A vendor of the roster, everywhere in its system, with its password if it has one."""
    own = [field for field in profile.search.fields if is_own(field.id)]
    for agency in profile.agencies:
        for category in profile.categories_of(agency.id):
            vendor = Vendor(system=profile.id, agency=agency.id, category=category.id, number=number)
            company = QUALIFIED | {"name": trade_name} | {f.id: "港町役場"[: f.limit] for f in own if not f.secret}
            vendors.add_qualification(connection, Qualification(vendor=vendor, state="approved", trade_name=trade_name, company=company))
    if password:
        passwords = Passwords(CHEAP)
        accounts.add_account(connection, Account(profile.id, number, None, passwords.hash(password), state, 0, None))
        put_secrets(connection, profile.id, [(number, field.id, passwords.hash(password)) for field in own if field.secret])
        passwords.stop()


@contextmanager
def town(directory: Path, wallet: Wallet, file: Path, authority: Authority, **changes: Any) -> Iterator[Town]:
    """A system's file, served. `directory` is short enough for a socket; `changes` are the server's settings.

    The roster has one vendor, NUMBER of COMPANY, and the cards `first`, `second` and `third` in its name.
    """
    profile = systems.profile_of(file.stem, file.parent)
    served = {"systems": (profile.id,), "system_directories": (file.parent,)}
    held = {name: issued(wallet, "test-ca", name, serial) for serial, name in enumerate(("first", "second", "third"), start=700)}
    with running(directory, wallet, authority.der, **(served | changes)) as server:
        made = Town(profile, server, held)
        made.qualify(NUMBER, password=PASSWORD)
        server.remember()
        yield made


def no_card(readers: tuple[ReaderState, ...]) -> bool:
    return not any(reader.present for reader in readers)
