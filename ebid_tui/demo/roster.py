"""The demo's roster: its vendors in the server's database, and the cards registered for them from the start."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from ebid_tui.demo import cards, days
from ebid_tui.demo.vendors import VENDORS, DemoVendor
from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import fields
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Qualification, Registration, Values, Vendor
from ebid_tui.domain.text import names
from ebid_tui.server.decisions.passwords import Passwords
from ebid_tui.server.store import accounts, registrations, vendors
from ebid_tui.server.store.accounts import Account
from ebid_tui.server.store.vendors import VendorDetails

_REGISTERED_AT = datetime(2025, 4, 1, 10, 0, tzinfo=days.JAPAN)
GRADES = "A,B,無し,無し"
"""For goods: one a line of 資格の種類, by position."""


def seed(connection: Connection, profiles: dict[str, Profile], passwords: Passwords, wallet: cards.Wallet) -> None:
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
            company = _company(vendor) | ({"grades": GRADES} if _shows_grades(profiles[vendor.system], category) else {})
            vendors.add_qualification(
                connection,
                Qualification(
                    vendor=key, state="approved", trade_name=names.with_branch(vendor.trade_name, vendor.branch), company=company
                ),
            )
    for card in cards.DEMO_CARDS.values():
        for vendor in VENDORS:
            if card.registered and vendor.number == card.vendor and vendor.system in card.systems and vendor.system in profiles:
                _register(connection, profiles[vendor.system], vendor, wallet, card.name)


def _company(vendor: DemoVendor) -> Values:
    """企業情報, with the branch behind the company's name and by itself, as an import would have it."""
    if not vendor.branch:
        return vendor.company
    return vendor.company | {"name": names.with_branch(vendor.company["name"], vendor.branch), "branch": vendor.branch}


def _shows_grades(profile: Profile, category: str) -> bool:
    return any(field.kind == "grades" for field in profile.fields("company", "registration", category))


def _register(connection: Connection, profile: Profile, vendor: DemoVendor, wallet: cards.Wallet, name: str) -> None:
    """Register a card at the vendor's first agency, in each of its categories there."""
    certificate = certificates.read(cards.certificate(wallet, name))
    registered_at = days.moved(_REGISTERED_AT, wallet.day)
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
                "company": _company(vendor) | typed,
                "representative_contact": contact,
                "card_holder": certificate.card_holder,
                "card_contact": contact,
            },
            registered_at=registered_at,
        )
        registrations.add_binding(connection, vendor.system, realm, certificate.fingerprint, vendor.number, registered_at)
        registrations.add_registration(connection, registration, realm)
        vendors.keep_details(connection, key, VendorDetails(typed, contact, vendor.company_id), registered_at)


def _settled(profile: Profile, block: str, category: str, values: Values) -> Values:
    """Values as a form would have taken them: one of the look-alike dashes, for example."""
    shown = {f.id: f for f in profile.fields(block, "registration", category)}
    return {name: fields.settle(shown[name], value).value for name, value in values.items()}
