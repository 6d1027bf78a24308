"""What types cannot say of a profile: ids that must exist, limits that contradict, times that are no times."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ebid_tui.domain.fields import Field, definition_fault

if TYPE_CHECKING:
    from ebid_tui.domain.systems import Profile

ID = re.compile(r"[a-z][a-z0-9_-]*")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
DAY = re.compile(r"(\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")

BLOCK_FIELDS: dict[str, frozenset[str]] = {
    "company": frozenset(
        "company_id vendor_no name postal_code address representative title phone fax grades department".split()
    ),
    "representative_contact": frozenset("name postal_code address person phone fax email email_again".split()),
    "card_contact": frozenset("name postal_code address person phone fax email email_again".split()),
    "card_holder": frozenset("company company_address person address".split()),
}
"""The blocks and field ids that records, screens and statements know (the vocabulary's table)."""

SEARCH_FIELDS = frozenset("vendor_no trade_name user_id password".split())
PASSWORD_FIELDS = frozenset("vendor_no trade_name password new_password new_password_again".split())
CARD_FIELDS = frozenset("serial issuer not_after".split())

Fault = tuple[str, str]
"""Key and reason."""


def contradictions(profile: Profile) -> Iterator[Fault]:
    """Every contradiction in a profile whose types are right, as (key, reason)."""
    yield from _ids(profile)
    yield from _hours(profile)
    yield from _search(profile)
    yield from _blocks(profile)
    yield from _rows(profile)
    yield from _menu(profile)


def _unique(key: str, ids: Iterable[str]) -> Iterator[Fault]:
    for wanted, times in Counter(ids).items():
        if times > 1:
            yield key, f"{wanted!r} appears {times} times"


def _ids(profile: Profile) -> Iterator[Fault]:
    if not ID.fullmatch(profile.id):
        yield "id", "lower-case letters, digits, - and _ only"
    for key, items in (("agencies", profile.agencies), ("categories", profile.categories), ("blocks", profile.blocks)):
        if not items:
            yield key, "at least one is needed"
        yield from _unique(key, (item.id for item in items))
    agencies = {a.id for a in profile.agencies}
    for category in profile.categories:
        for agency in category.agencies:
            if agency not in agencies:
                yield f"categories.{category.id}.agencies", f"no agency {agency!r}"
    for agency_id in agencies:
        if not profile.categories_of(agency_id):
            yield f"agencies.{agency_id}", "has no category"
    if not profile.trusted:
        yield "trusted", "at least one certification authority is needed"


def _hours(profile: Profile) -> Iterator[Fault]:
    for key, value in (("hours.open", profile.hours.open), ("hours.close", profile.hours.close)):
        if not TIME.fullmatch(value):
            yield key, f"{value!r} is not HH:MM"
    if profile.hours.open >= profile.hours.close:
        yield "hours.close", "must be after hours.open"
    if not profile.hours.weekdays or any(day not in range(7) for day in profile.hours.weekdays):
        yield "hours.weekdays", "0 (Monday) to 6 (Sunday), at least one"
    days = [("hours.closed_days", d) for d in profile.hours.closed_days]
    days += [(f"agencies.{a.id}.closed_days", d) for a in profile.agencies for d in a.closed_days]
    for key, day in days:
        if not DAY.fullmatch(day):
            yield key, f"{day!r} is not YYYY-MM-DD or MM-DD"


def _known(key: str, fields: Iterable[Field], known: frozenset[str], categories: set[str]) -> Iterator[Fault]:
    listed = tuple(fields)
    yield from _unique(key, (f.id for f in listed))
    for field in listed:
        if field.id not in known:
            yield f"{key}.{field.id}", "no such field; known: " + " ".join(sorted(known))
        fault = definition_fault(field)
        if fault:
            yield f"{key}.{field.id}", fault
        for category in field.categories:
            if category not in categories:
                yield f"{key}.{field.id}.categories", f"no category {category!r}"


def _search(profile: Profile) -> Iterator[Fault]:
    categories = {c.id for c in profile.categories}
    yield from _known("search.fields", profile.search.fields, SEARCH_FIELDS, categories)
    ids = {f.id for f in profile.search.fields}
    if profile.search.key not in ids:
        yield "search.key", f"the search has no field {profile.search.key!r}"
    for agency in profile.agencies:
        for override in agency.search:
            if override.field not in ids:
                yield f"agencies.{agency.id}.search", f"the search has no field {override.field!r}"
            if override.field == profile.search.key and override.ask != "required":
                yield f"agencies.{agency.id}.search", "the key of the search cannot be left out"
    if profile.password is not None:
        yield from _known("password.fields", profile.password.fields, PASSWORD_FIELDS, categories)


def _blocks(profile: Profile) -> Iterator[Fault]:
    categories = {c.id for c in profile.categories}
    for needed in ("company", "representative_contact", "card_contact"):
        if needed not in {b.id for b in profile.blocks}:
            yield "blocks", f"block {needed!r} is missing"
    for block in profile.blocks:
        known = BLOCK_FIELDS.get(block.id)
        if known is None:
            yield f"blocks.{block.id}", "no such block; known: " + " ".join(sorted(BLOCK_FIELDS))
            continue
        if block.use and block.use not in profile.field_sets:
            yield f"blocks.{block.id}.use", f"no field set {block.use!r}"
        fields = block.fields + profile.field_sets.get(block.use, ())
        yield from _known(f"blocks.{block.id}.fields", fields, known, categories)
        ids = {f.id for f in fields}
        if "email_again" in ids and "email" not in ids:
            yield f"blocks.{block.id}.fields.email_again", "needs a field email to equal"
    for name in profile.field_sets:
        if name not in {b.use for b in profile.blocks}:
            yield f"field_sets.{name}", "no block uses it"


def _rows(profile: Profile) -> Iterator[Fault]:
    known = {f"{b.id}.{f.id}" for b in profile.blocks for f in b.fields + profile.field_sets.get(b.use, ())}
    known |= {f"card_certificate.{f}" for f in CARD_FIELDS}
    for row in profile.renewal.rows:
        if row not in known:
            yield "renewal.rows", f"no field {row!r}"
    for row in profile.mail.rows:
        if row not in known | {"agency", "company.company_id"}:
            yield "mail.rows", f"no field {row!r}"
    blocks = {b.id for b in profile.blocks}
    for key, wanted in (("print.registration", profile.print.registration), ("print.amendment", profile.print.amendment)):
        for block_id in wanted:
            if block_id not in blocks:
                yield key, f"no block {block_id!r}"


def _menu(profile: Profile) -> Iterator[Fault]:
    yield from _unique("menu.items", (i.id for i in profile.menu.items))
    yield from _unique("menu.entries", (e.id for e in profile.menu.entries))
    if "registration" not in {e.id for e in profile.menu.entries}:
        yield "menu.entries", "the entry 'registration' is missing"
    if not profile.menu.items:
        yield "menu.items", "at least one is needed"
    if any(e.id == "password" for e in profile.menu.entries) and profile.password is None:
        yield "menu.entries", "password is offered, but there is no table [password]"
