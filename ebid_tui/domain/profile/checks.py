"""What types cannot say of a profile: ids that must exist, limits that contradict, times that are no times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from ebid_tui.domain.fields import Field, Source, is_own
from ebid_tui.domain.issuers import known_issuers
from ebid_tui.domain.profile.acceptance import acceptance_faults
from ebid_tui.domain.profile.field_checks import known_fields
from ebid_tui.domain.profile.password_checks import password_faults, secret_faults
from ebid_tui.domain.profile.questions import question_faults
from ebid_tui.domain.profile.rows import row_faults, unique
from ebid_tui.domain.profile.terms import term_faults
from ebid_tui.domain.profile.texts import Fault, text_faults
from ebid_tui.domain.profile.trust import trust_faults

if TYPE_CHECKING:
    from ebid_tui.domain.profile.parts import ClosedWindow
    from ebid_tui.domain.profile.systems import Profile

ID = re.compile(r"[a-z][a-z0-9_-]*")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]")
DAY = re.compile(r"([0-9]{4}-)?[0-9]{2}-[0-9]{2}")
LEAP_YEAR = "2024-"
"""What a day without a year is read in: 02-29 may stand there."""

BLOCK_FIELDS: dict[str, frozenset[str]] = {
    "company": frozenset("company_id vendor_no name postal_code address representative title phone fax grades department".split()),
    "representative_contact": frozenset("name postal_code address person phone fax email email_again".split()),
    "card_contact": frozenset("name postal_code address person phone fax email email_again".split()),
    "card_holder": frozenset("company company_address person address".split()),
}
"""The blocks and field ids that records, screens and statements know (the vocabulary's table).

Where a block has something to type, a file may add fields of its own (`x-…`).
"""

SOURCES: Mapping[str, frozenset[Source]] = {
    "company": frozenset({"typed", "qualification"}),
    "representative_contact": frozenset({"typed"}),
    "card_contact": frozenset({"typed"}),
    "card_holder": frozenset({"card"}),
}
"""Where a block's values can come from; `company.company_id` comes from the system, `company.vendor_no` is never typed."""

SEARCH_FIELDS = frozenset("vendor_no trade_name user_id password".split())


def contradictions(profile: Profile) -> Iterator[Fault]:
    """Every contradiction in a profile whose types are right, as (key, reason)."""
    yield from _ids(profile)
    yield from _hours(profile)
    yield from _search(profile)
    yield from _blocks(profile)
    yield from password_faults(profile)
    yield from row_faults(profile)
    yield from acceptance_faults(profile)
    yield from _menu(profile)
    yield from _settings(profile)
    yield from trust_faults(profile.trust)
    yield from term_faults(profile)
    yield from question_faults(profile)
    yield from text_faults(profile)


def _ids(profile: Profile) -> Iterator[Fault]:
    if not ID.fullmatch(profile.id):
        yield "id", "lower-case letters, digits, - and _ only"
    for key, items in (("agencies", profile.agencies), ("categories", profile.categories), ("blocks", profile.blocks)):
        if not items:
            yield key, "at least one is needed"
        yield from unique(key, (item.id for item in items))
    for key, choices in (("agencies", profile.agencies), ("categories", profile.categories)):
        for choice in choices:
            if not ID.fullmatch(choice.id):
                yield f"{key}.{choice.id}", "lower-case letters, digits, - and _ only"
            if not choice.name.strip():
                yield f"{key}.{choice.id}.name", "cannot be empty"
        yield from unique(f"{key}.name", (choice.name for choice in choices))
    yield from unique("contacts", (contact.id for contact in profile.contacts))
    categories = {c.id for c in profile.categories}
    for contact in profile.contacts:
        for wanted in contact.categories:
            if wanted not in categories:
                yield f"contacts.{contact.id}.categories", f"no category {wanted!r}"
    agencies = {a.id for a in profile.agencies}
    for category in profile.categories:
        for wanted in category.agencies:
            if wanted not in agencies:
                yield f"categories.{category.id}.agencies", f"no agency {wanted!r}"
    for agency in profile.agencies:
        if not profile.categories_of(agency.id):
            yield f"agencies.{agency.id}", "has no category"
    if not profile.trusted:
        yield "trusted", "at least one certification authority is needed"
    accepted = {issuer.id for issuer in known_issuers().issuers if issuer.kind != "refused"}
    for authority in profile.trusted:
        if authority not in accepted:
            yield "trusted", f"no accepted authority {authority!r} in issuers.toml; known: " + " ".join(sorted(accepted))


def _hours(profile: Profile) -> Iterator[Fault]:
    for key, value in (("hours.open", profile.hours.open), ("hours.close", profile.hours.close)):
        if not TIME.fullmatch(value):
            yield key, f"{value!r} is not HH:MM"
    if TIME.fullmatch(profile.hours.open) and TIME.fullmatch(profile.hours.close) and profile.hours.open >= profile.hours.close:
        yield "hours.close", "must be after hours.open"
    if not profile.hours.weekdays or any(day not in range(7) for day in profile.hours.weekdays):
        yield "hours.weekdays", "0 (Monday) to 6 (Sunday), at least one"
    days = [("hours.closed_days", d) for d in profile.hours.closed_days]
    days += [(f"agencies.{a.id}.closed_days", d) for a in profile.agencies for d in a.closed_days]
    for key, day in days:
        if not _is_day(day):
            yield key, f"{day!r} is not YYYY-MM-DD or MM-DD"
    yield from _windows("hours.closed", profile.hours.closed)
    for agency in profile.agencies:
        yield from _windows(f"agencies.{agency.id}.closed", agency.closed)


def _windows(key: str, windows: Iterable[ClosedWindow]) -> Iterator[Fault]:
    for window in windows:
        wrong = [said for said in (window.start, window.end) if not _is_moment(said)]
        for said in wrong:
            yield key, f"{said!r} is not YYYY-MM-DDTHH:MM"
        if not wrong and window.start >= window.end:
            yield key, "a window must end after its start"


def _is_moment(text: str) -> bool:
    return bool(MOMENT.fullmatch(text)) and _is_day(text[:10])


def _is_day(text: str) -> bool:
    if not DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text if len(text) == 10 else LEAP_YEAR + text)
    except ValueError:
        return False
    return True


def _search(profile: Profile) -> Iterator[Fault]:
    categories = {c.id for c in profile.categories}
    own = {f.id for f in profile.search.fields if is_own(f.id)}
    yield from known_fields("search.fields", profile.search.fields, SEARCH_FIELDS | own, categories)
    yield from secret_faults(profile)
    ids = {f.id for f in profile.search.fields}
    if profile.search.key not in ids:
        yield "search.key", f"the search has no field {profile.search.key!r}"
    for field in profile.search.fields:
        if not field.input or field.categories or len(field.operations) != 3:
            yield f"search.fields.{field.id}", "a search field is typed, in every category; operations do not count here"
        if field.id == profile.search.key and not field.required:
            yield f"search.fields.{field.id}.required", "the key of the search cannot be left out"
        if field.id == profile.search.key and field.pattern:
            yield f"search.fields.{field.id}.pattern", "the number of a vendor has no pattern: the list decides"
    for agency in profile.agencies:
        yield from unique(f"agencies.{agency.id}.search", (override.field for override in agency.search))
        for override in agency.search:
            if override.field not in ids:
                yield f"agencies.{agency.id}.search", f"the search has no field {override.field!r}"
            if override.field == profile.search.key and override.ask != "required":
                yield f"agencies.{agency.id}.search", "the key of the search cannot be left out"


def _blocks(profile: Profile) -> Iterator[Fault]:
    categories = {c.id for c in profile.categories}
    for needed in BLOCK_FIELDS:
        if needed not in {b.id for b in profile.blocks}:
            yield "blocks", f"block {needed!r} is missing"
    for block in profile.blocks:
        known = BLOCK_FIELDS.get(block.id)
        if known is None:
            yield f"blocks.{block.id}", "no such block; known: " + " ".join(sorted(BLOCK_FIELDS))
            continue
        if block.use and block.use not in profile.field_sets:
            yield f"blocks.{block.id}.use", f"no field set {block.use!r}"
        fields = profile.every_field(block.id)
        key = f"blocks.{block.id}.fields"
        own = {f.id for f in fields if is_own(f.id)} if "typed" in SOURCES[block.id] else set()
        yield from known_fields(key, fields, known | own, categories)
        yield from _sources(key, block.id, fields)
        yield from _mail_fields(key, block.id, {f.id: f for f in fields})
    for name in profile.field_sets:
        if name not in {b.use for b in profile.blocks}:
            yield f"field_sets.{name}", "no block uses it"
    yield from _holder(profile)


def _sources(key: str, block_id: str, fields: Iterable[Field]) -> Iterator[Fault]:
    for field in fields:
        allowed: frozenset[Source] = SOURCES[block_id]
        if field.id == "company_id":
            allowed = frozenset({"system"})
        elif field.id == "vendor_no":
            allowed = frozenset({"qualification"})
        if field.source not in allowed:
            yield f"{key}.{field.id}.source", f"{field.source!r} is not possible here; only " + " ".join(sorted(allowed))
        if field.input and not {"registration", "amendment"} <= set(field.operations):
            yield f"{key}.{field.id}.operations", "what is typed at registration is shown at amendment, and the reverse"


def _mail_fields(key: str, block_id: str, fields: Mapping[str, Field]) -> Iterator[Fault]:
    """R-12, R-39: where the mail on completion goes, and what must be typed twice."""
    mail, again = fields.get("email"), fields.get("email_again")
    if mail is None:
        if block_id == "card_contact":
            yield f"{key}", "field 'email' is missing: the mail on completion goes there"
        if again is not None:
            yield f"{key}.email_again", "needs a field email to equal"
        return
    if block_id == "card_contact" and (not mail.required or mail.categories):
        yield f"{key}.email", "required, in every category: the mail on completion goes there"
    if again is not None:
        order = list(fields)
        if order.index("email_again") < order.index("email"):
            yield f"{key}.email_again", "comes after email, which it must equal"
        if 0 < again.limit < mail.limit:
            yield f"{key}.email_again", "takes less than email, which it must equal"


def _holder(profile: Profile) -> Iterator[Fault]:
    """R-06: whose card it is has to be shown, beside what the roster says, in every flow."""
    if "card_holder" not in {block.id for block in profile.blocks}:
        return
    shown = {f.id: f for f in profile.every_field("card_holder")}
    for needed in ("company", "person"):
        field = shown.get(needed)
        if field is None or field.categories or len(field.operations) != 3:
            yield f"blocks.card_holder.fields.{needed}", "needed in every flow and category: it says whose card it is"


def _menu(profile: Profile) -> Iterator[Fault]:
    yield from unique("menu.items", (i.id for i in profile.menu.items))
    yield from unique("menu.entries", (e.id for e in profile.menu.entries))
    if "registration" not in {e.id for e in profile.menu.entries}:
        yield "menu.entries", "the entry 'registration' is missing"
    if not profile.menu.items:
        yield "menu.items", "at least one is needed"
    if any(e.id == "password" for e in profile.menu.entries) and not profile.password_changed_here:
        yield "menu.entries", "password is offered, but [password] has no fields"


def _settings(profile: Profile) -> Iterator[Fault]:
    if profile.rules.expiry_warning_days < 0:
        yield "rules.expiry_warning_days", "cannot be negative"
    if any(days < 1 for days in profile.mail.before_end) or len(set(profile.mail.before_end)) < len(profile.mail.before_end):
        yield "mail.before_end", "days before a card's end: at least 1, and each once"
    for category in profile.categories:
        if category.card_free and not any(
            profile.password_searched(a.id) for a in profile.agencies if category in profile.categories_of(a.id)
        ):
            yield f"categories.{category.id}.card_free", "the search asks no password, by which one could register without a card"
