"""The demo's roster: the documents' own test vendors, with their passwords and the cards registered for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from ebid_tui.demo import cards
from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import fields
from ebid_tui.domain.records import Qualification, Registration, Values, Vendor
from ebid_tui.domain.systems import Profile
from ebid_tui.server.passwords import Passwords
from ebid_tui.server.settings import JAPAN
from ebid_tui.server.store import accounts, registrations, vendors
from ebid_tui.server.store.accounts import Account, PasswordState
from ebid_tui.server.store.vendors import Details

REGISTERED_AT = datetime(2025, 4, 1, 10, 0, tzinfo=JAPAN)
GRADES = "A,B,無し,無し"
"""For goods: one a line of 資格の種類, by position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoVendor:
    """A vendor at every `places` (agency, category) of its system. `contact` is what its registered cards have typed."""

    system: str
    number: str
    places: tuple[tuple[str, str], ...]
    trade_name: str
    company: Values
    password: str = field(default="", repr=False)
    password_state: PasswordState = "active"
    login_id: str | None = None
    department: str = ""
    contact: Values = field(default_factory=dict)
    company_id: str | None = None


def _contact(name: str, postal_code: str, address: str, person: str, phone: str, fax: str, email: str) -> Values:
    return {
        "name": name,
        "postal_code": postal_code,
        "address": address,
        "person": person,
        "phone": phone,
        "fax": fax,
        "email": email,
    }


def _company(name: str, postal_code: str, address: str, representative: str, title: str, phone: str, fax: str) -> Values:
    return {
        "name": name,
        "postal_code": postal_code,
        "address": address,
        "representative": representative,
        "title": title,
        "phone": phone,
        "fax": fax,
    }


def _ise_company(name: str, representative: str) -> Values:
    return _company(name, "516-0018", "三重県伊勢市", representative, "代表取締役", "000-0000-001", "000-0000-001")


VENDORS = (
    DemoVendor(
        system="ise",
        number="1000000001",
        places=(("ise", "construction"),),
        trade_name="テスト工事業者０１",
        company=_ise_company("テスト工事業者０１", "個人　十郎"),
        password="Demo-pass1",
    ),
    DemoVendor(
        system="ise",
        number="1000000002",
        places=(("ise", "construction"),),
        trade_name="テスト工事業者０２",
        company=_ise_company("テスト工事業者０２", "テスト　二郎"),
        password="Init-pass1",
        password_state="initial",
    ),
    DemoVendor(
        system="ise",
        number="1000000005",
        places=(("ise", "construction"),),
        trade_name="建設工事００５",
        company=_ise_company("建設工事００５", "テスト　六郎"),
        password="Demo-pass5",
        department="工事部",
        contact=_contact("工事部", "516-0018", "三重県伊勢市", "テスト　六郎", "000-0000-005", "000-0000-005", "test05@example.com"),
    ),
    DemoVendor(
        system="ise",
        number="2000000001",
        places=(("ise", "goods"),),
        trade_name="テスト物品業者０１",
        company=_ise_company("テスト物品業者０１", "物品　一郎"),
        password="Demo-pass1",
    ),
    DemoVendor(
        system="aomori",
        number="990000001",
        places=(("aomori", "construction"), ("aomori", "goods")),
        trade_name="（株）テスト商会０１",
        company=_company(
            "（株）テスト商会０１",
            "123-4567",
            "○○○市××町△丁目１－１－１",
            "テスト　１太郎",
            "代表取締役社長",
            "03-0920-9991",
            "03-0920-9991",
        ),
        password="demo1234",
        login_id="user01",
        department="支店",
        contact=_contact(
            "営業部", "123-4567", "○○○市××町△丁目１－１－１", "テスト　１太郎", "03-0920-9991", "03-0920-9991", "test01@example.com"
        ),
        company_id="9992100000000011",
    ),
    DemoVendor(
        system="nagasaki",
        number="3000000001",
        places=(("nagasaki-pref", "construction"), ("nagasaki-city", "construction")),
        trade_name="長崎テスト建設株式会社",
        company=_company(
            "長崎テスト建設株式会社", "850-8570", "長崎県長崎市尾上町３－１", "長崎　太郎", "代表取締役", "095-000-0001", "095-000-0002"
        ),
        department="工事部",
        contact=_contact(
            "工事部", "850-8570", "長崎県長崎市尾上町３－１", "長崎　太郎", "095-000-0001", "095-000-0002", "nagasaki@example.com"
        ),
    ),
    DemoVendor(
        system="saitama",
        number="4000000001",
        places=(("saitama-pref", "construction"), ("saitama-city", "construction")),
        trade_name="株式会社○○建設",
        company=_company(
            "株式会社○○建設", "330-9301", "埼玉県さいたま市浦和区高砂３－１５－１", "△△　太郎", "支店長", "048-000-0001", "048-000-0002"
        ),
        password="Demo0001",
        department="さいたま支店",
        contact=_contact(
            "さいたま支店",
            "330-9301",
            "埼玉県さいたま市浦和区高砂３－１５－１",
            "△△　太郎",
            "048-000-0001",
            "048-000-0002",
            "saitama@example.com",
        ),
    ),
)


def seed(connection: Connection, profiles: dict[str, Profile], passwords: Passwords, card_directory: Path) -> None:
    """Write the roster of these systems, and register the cards that the demo has registered from the start."""
    for vendor in VENDORS:
        if vendor.system not in profiles:
            continue
        if vendor.password:
            hashed = passwords.hash(vendor.password)
            account = Account(vendor.system, vendor.number, vendor.login_id, hashed, vendor.password_state, 0, None)
            accounts.add_account(connection, account)
        for agency, category in vendor.places:
            key = Vendor(system=vendor.system, agency=agency, category=category, number=vendor.number)
            company = vendor.company | ({"grades": GRADES} if _shows_grades(profiles[vendor.system], category) else {})
            vendors.add_qualification(
                connection, Qualification(vendor=key, state="approved", trade_name=vendor.trade_name, company=company)
            )
    for card in cards.DEMO_CARDS.values():
        for vendor in VENDORS:
            if card.registered and vendor.number == card.vendor and vendor.system in card.systems and vendor.system in profiles:
                _register(connection, profiles[vendor.system], vendor, card.name, cards.certificate(card_directory, card.name))


def _shows_grades(profile: Profile, category: str) -> bool:
    return any(field.kind == "grades" for field in profile.fields("company", "registration", category))


def _register(connection: Connection, profile: Profile, vendor: DemoVendor, name: str, der: bytes) -> None:
    """Register a card at the vendor's first agency, in each of its categories there."""
    certificate = certificates.read(der)
    first_agency = vendor.places[0][0]
    for agency, category in vendor.places:
        if agency != first_agency:
            continue
        key = Vendor(system=vendor.system, agency=agency, category=category, number=vendor.number)
        realm = profile.category(category).realm
        typed = {"phone": vendor.company["phone"], "fax": vendor.company["fax"], "department": vendor.department}
        typed = _settled(profile, "company", category, typed)
        contact = _settled(profile, "representative_contact", category, vendor.contact)
        registration = Registration(
            id=f"R-{name}-{category}".upper(),
            vendor=key,
            state="active",
            card=certificate.record,
            blocks={
                "company": vendor.company | typed,
                "representative_contact": contact,
                "card_holder": certificate.card_holder,
                "card_contact": contact,
            },
            registered_at=REGISTERED_AT,
        )
        registrations.add_binding(connection, vendor.system, realm, certificate.fingerprint, vendor.number, REGISTERED_AT)
        registrations.add_registration(connection, registration, realm)
        vendors.keep_details(connection, key, Details(typed, contact, vendor.company_id), REGISTERED_AT)


def _settled(profile: Profile, block: str, category: str, values: Values) -> Values:
    """Values as a form would have taken them: one of the look-alike dashes, for example."""
    shown = {f.id: f for f in profile.fields(block, "registration", category)}
    return {name: fields.settle(shown[name], value).value for name, value in values.items()}
