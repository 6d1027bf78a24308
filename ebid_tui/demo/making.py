"""A demo made from nothing but a system's settings: vendors of each kind in each category, and their cards.

The same profile gives the same demo, in whichever process: the server makes its roster of it, the program its cards.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import msgspec

from ebid_tui.demo import days
from ebid_tui.demo.authorities import authority_of
from ebid_tui.demo.cards import DemoCard
from ebid_tui.demo.values import of_digits, secret, valid
from ebid_tui.demo.vendors import DemoVendor
from ebid_tui.demo.world import ANYWHERE, DemoWorld, last_second
from ebid_tui.domain.fields import Field, is_own
from ebid_tui.domain.profile.demo import DemoCardState
from ebid_tui.domain.records import Values
from ebid_tui.domain.text.classes import convert

if TYPE_CHECKING:
    from ebid_tui.domain.profile.systems import Category, Profile

KEYS = 5
"""The cards share so many keys in each of their two slots."""
MOST = 4
"""Categories with vendors of every kind; further ones have the first two kinds only."""
FIRST_SERIAL = 1001
BORDERS: dict[DemoCardState, tuple[int, int]] = {"soon": (-1000, 20), "expired": (-1500, -600), "next": (-10, 1500), "new": (-10, 1500)}
"""Days before and after the demo's day between which a card is valid."""
USUAL = (-400, 700)


class _Kind(msgspec.Struct, frozen=True):
    """A vendor that is there to show something, with its cards."""

    cards: tuple[DemoCardState, ...]
    state: str = "approved"
    initial: bool = False
    locked: bool = False


KINDS = (
    _Kind(("new",)),
    _Kind(("current", "next", "second", "soon", "expired")),
    _Kind(("initial",), initial=True),
    _Kind(("new",), locked=True),
    _Kind(("new",), state="lapsed"),
    _Kind(("new",), state="under_review"),
)


def made(profile: Profile) -> DemoWorld:
    """The demo of a system whose file names none."""
    numbers, serials = count(1), count(FIRST_SERIAL)
    vendors: list[DemoVendor] = []
    cards: list[DemoCard] = []
    for at, category in enumerate(profile.categories):
        for kind in KINDS if at < MOST else KINDS[:2]:
            if _shows_nothing(profile, category, kind):
                continue
            vendor = _vendor(profile, category, kind, next(numbers))
            vendors.append(vendor)
            cards += (_card(profile, category, vendor, state, next(serials)) for state in kind.cards)
    cards += _of_nobody(profile, vendors[0], serials)
    return DemoWorld(vendors=tuple(vendors), cards={card.name: card for card in (*cards, *ANYWHERE)})


def _shows_nothing(profile: Profile, category: Category, kind: _Kind) -> bool:
    """Whether there is no such vendor in this system: without a password none is locked, and none has to be changed first."""
    places = [agency.id for agency in profile.agencies if category in profile.categories_of(agency.id)]
    searched = any(profile.password_searched(agency) for agency in places)
    return (kind.locked and not searched) or (kind.initial and (not searched or profile.notified_password_counts))


def _vendor(profile: Profile, category: Category, kind: _Kind, number: int) -> DemoVendor:
    key = next(field for field in profile.search.fields if field.id == profile.search.key)
    asked = {field.id: field for field in profile.search.fields}
    name = _name(asked.get("trade_name"), number)
    login = asked.get("user_id") if profile.search.key != "user_id" else None
    return DemoVendor(
        system=profile.id,
        number=valid(key, number),
        places=tuple((a.id, category.id) for a in profile.agencies if category in profile.categories_of(a.id)),
        trade_name=name,
        company=_company(profile, category, name, number),
        password=secret(asked["password"], number) if "password" in asked else "",
        password_state="initial" if kind.initial else "active",
        login_id=valid(login, number) if login else None,
        contact=_typed(profile, category, number),
        company_id=of_digits(number, 16) if profile.rules.company_id else None,
        state=kind.state,  # type: ignore[arg-type]
        locked=kind.locked,
        search={field.id: valid(field, number) for field in profile.search.fields if is_own(field.id)},
        registered_everywhere=True,
    )


def _name(field: Field | None, number: int) -> str:
    """A company's name that the search takes."""
    whole = f"デモ商会{convert(f'{number:02}', 'full_width')}株式会社"
    if field is not None and field.chars != "full_width":
        return valid(field, number)
    limit = field.limit if field is not None else len(whole)
    return whole if limit >= len(whole) and not (field and field.exact) else whole[:limit]


def _person(number: int) -> str:
    return f"見本　{'一二三四五六七八九'[number % 9]}郎"


def _company(profile: Profile, category: Category, name: str, number: int) -> Values:
    """企業情報 as the agency's list has it."""
    known = {
        "name": name,
        "postal_code": "100-0001",
        "address": "東京都千代田区千代田１－１",
        "representative": _person(number),
        "title": "代表取締役",
        "phone": f"03-0000-{number:04}",
        "fax": f"03-0000-{number + 5000:04}",
        "department": "本店",
    }
    shown = profile.fields("company", "registration", category.id)
    grades = {f.id: valid(f, number) for f in profile.every_field("company") if f.kind == "grades"}
    return known | grades | {f.id: valid(f, number) for f in shown if f.source == "qualification" and is_own(f.id)}


def _typed(profile: Profile, category: Category, number: int) -> Values:
    """What every form of the registered cards had in it, whichever block asks it."""
    found: Values = {}
    for block in profile.blocks:
        for field in profile.fields(block.id, "registration", category.id):
            if field.input and field.kind != "email_again":
                found.setdefault(f"{block.id}.{field.id}", valid(field, number))
    return found


def _card(profile: Profile, category: Category, vendor: DemoVendor, state: DemoCardState, serial: int) -> DemoCard:
    begins, ends = BORDERS.get(state, USUAL)
    about = (category.name,) if len(profile.categories) > 1 else ()
    return DemoCard(
        name=f"{profile.id}-{state}-{serial}",
        systems=(profile.id,),
        state=state,
        authority=authority_of(profile),
        serial=serial,
        vendor=vendor.number,
        company=vendor.trade_name,
        holder=vendor.company["representative"],
        company_romaji="Demo Shokai",
        holder_romaji="Demo Mihon",
        address=("Tokyo-To", "Chiyoda-ku Chiyoda"),
        key_entry=f"shared-{serial % KEYS}",
        not_before=datetime.combine(days.DOCUMENTED + timedelta(days=begins), datetime.min.time(), days.JAPAN),
        not_after=last_second(days.DOCUMENTED + timedelta(days=ends)),
        of=(profile.name, vendor.trade_name, *about, *_said_of(vendor)),
    )


def _said_of(vendor: DemoVendor) -> tuple[str, ...]:
    """What the list of cards warns of: why its vendor cannot register as others do."""
    from ebid_tui.messages import t

    if vendor.locked:
        return (t("demo.state.locked"),)
    return () if vendor.state == "approved" else (t(f"demo.state.{vendor.state}"),)


def _of_nobody(profile: Profile, vendor: DemoVendor, serials: Iterator[int]) -> list[DemoCard]:
    """A card that is blocked, and one of a company that the list does not have."""
    category = profile.category(vendor.places[0][1])
    blocked = _card(profile, category, vendor, "blocked", next(serials))
    stranger = _card(profile, category, vendor, "stranger", next(serials))
    theirs = {
        "name": f"{profile.id}-stranger",
        "vendor": "",
        "company": "他社デモ株式会社",
        "holder": "他社　太郎",
        "of": (profile.name, "他社デモ株式会社"),
    }
    return [
        msgspec.structs.replace(blocked, name=f"{profile.id}-blocked", tries_left=0),
        msgspec.structs.replace(stranger, **theirs),
    ]
