"""The demo's roster: each system's vendors in the server's database, and the cards registered for them from the start."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from ebid_tui.demo import cards, days
from ebid_tui.demo.vendors import DemoVendor
from ebid_tui.demo.world import DemoWorld
from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import fields
from ebid_tui.domain.fields import is_own
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Qualification, Registration, Values, Vendor
from ebid_tui.domain.text import names
from ebid_tui.server.decisions.passwords import Passwords
from ebid_tui.server.store import accounts, registrations, vendors
from ebid_tui.server.store.accounts import Account
from ebid_tui.server.store.vendor_secrets import put_secrets
from ebid_tui.server.store.vendors import VendorDetails

_REGISTERED_AT = datetime(2025, 4, 1, 10, 0, tzinfo=days.JAPAN)
GRADES = "A,B,無し,無し"
"""For goods: one a line of 資格の種類, by position; where nothing else is said."""


def seed(
    connection: Connection, worlds: Mapping[str, DemoWorld], profiles: Mapping[str, Profile], passwords: Passwords, wallet: cards.Wallet
) -> None:
    """Write the roster of these systems, and register the cards that the demo has registered from the start."""
    for system, world in worlds.items():
        profile = profiles[system]
        for vendor in world.vendors:
            _enter(connection, profile, vendor, passwords)
            for card in world.cards.values():
                if card.registered and card.vendor == vendor.number:
                    _register(connection, profile, vendor, wallet, card.name)


def _enter(connection: Connection, profile: Profile, vendor: DemoVendor, passwords: Passwords) -> None:
    """Its account, and its qualification at each of its places."""
    secrets = {field.id for field in profile.search.fields if is_own(field.id) and field.secret}
    if vendor.password or secrets & vendor.search.keys():
        hashed = passwords.hash(vendor.password) if vendor.password else None
        state = "locked" if vendor.locked else vendor.password_state
        accounts.add_account(connection, Account(vendor.system, vendor.number, vendor.login_id, hashed, state, 0, None))
        kept = [(vendor.number, name, passwords.hash(value)) for name, value in vendor.search.items() if name in secrets]
        put_secrets(connection, profile.id, kept)
    named = names.with_branch(vendor.trade_name, vendor.branch)
    known = _company(vendor) | {name: value for name, value in vendor.search.items() if name not in secrets}
    for agency, category in vendor.places:
        key = Vendor(system=vendor.system, agency=agency, category=category, number=vendor.number)
        company = ({"grades": GRADES} if _shows_grades(profile, category) else {}) | known
        vendors.add_qualification(connection, Qualification(vendor=key, state=vendor.state, trade_name=named, company=company))


def _company(vendor: DemoVendor) -> Values:
    """企業情報, with the branch behind the company's name and by itself, as an import would have it."""
    if not vendor.branch:
        return vendor.company
    return vendor.company | {"name": names.with_branch(vendor.company["name"], vendor.branch), "branch": vendor.branch}


def _shows_grades(profile: Profile, category: str) -> bool:
    return any(field.kind == "grades" for field in profile.fields("company", "registration", category))


def _register(connection: Connection, profile: Profile, vendor: DemoVendor, wallet: cards.Wallet, name: str) -> None:
    """Register a card at the vendor's first agency, or at every one, in each of its categories there."""
    certificate = certificates.read(cards.certificate(wallet, name))
    registered_at = days.moved(_REGISTERED_AT, wallet.day)
    first_agency = vendor.places[0][0]
    bound: set[str] = set()
    for agency, category in vendor.places:
        if agency != first_agency and not vendor.registered_everywhere:
            continue
        key = Vendor(system=vendor.system, agency=agency, category=category, number=vendor.number)
        realm = profile.category(category).realm
        of_company = {"phone": vendor.company.get("phone", ""), "fax": vendor.company.get("fax", ""), "department": vendor.department}
        blocks = {
            block.id: _settled(profile, block.id, category, vendor, of_company if block.id == "company" else vendor.contact)
            for block in profile.blocks
        }
        registration = Registration(
            id=f"R-{name}-{agency}-{category}".upper() if vendor.registered_everywhere else f"R-{name}-{category}".upper(),
            vendor=key,
            state="active",
            card=certificate.record,
            blocks=blocks | {"company": _company(vendor) | blocks["company"], "card_holder": certificate.card_holder},
            registered_at=registered_at,
        )
        if realm not in bound:
            registrations.add_binding(connection, vendor.system, realm, certificate.fingerprint, vendor.number, registered_at)
            bound.add(realm)
        registrations.add_registration(connection, registration, realm)
        shared = VendorDetails(blocks["company"], blocks.get("representative_contact", {}), vendor.company_id)
        vendors.keep_details(connection, key, shared, registered_at)


def _settled(profile: Profile, block: str, category: str, vendor: DemoVendor, values: Values) -> Values:
    """What was typed, as a form would have taken it (one of the look-alike dashes, for example): of this block, or of any."""
    shown = {f.id: f for f in profile.fields(block, "registration", category) if f.input and f.kind != "email_again"}
    typed = {name: vendor.contact.get(f"{block}.{name}", values.get(name, "")) for name in shown}
    return {name: fields.settle(shown[name], value).value for name, value in typed.items() if value}
