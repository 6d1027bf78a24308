"""What types cannot say of a profile: each contradiction by itself, everything that is found of it, and what is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ebid_tui.domain.profile.checks import contradictions
from ebid_tui.domain.profile.systems import Password, Profile, load

MINATO = load(Path(__file__).parents[1] / "profiles" / "minato.toml")


def changed(part: Any, path: str, **changes: Any) -> Any:
    """The part with these changes at `search.fields.user_id`: names of members, of dictionaries' keys, ids and fields of a list."""
    first, _, rest = path.partition(".")
    if not path:
        return replace(part, **changes)
    if isinstance(part, tuple):
        assert any(one.id == first for one in part)
        return tuple(changed(one, rest, **changes) if one.id == first else one for one in part)
    if isinstance(part, dict):
        return part | {first: changed(part[first], rest, **changes)}
    return replace(part, **{first: changed(getattr(part, first), rest, **changes)})


def without(path: str, *ids: str) -> Profile:
    """The profile without those of a list."""
    where, _, name = path.rpartition(".")
    part: Any = MINATO
    for step in where.split(".") if where else ():
        part = next(one for one in part if one.id == step) if isinstance(part, tuple) else getattr(part, step)
    kept = tuple(one for one in getattr(part, name) if one.id not in ids)
    found: Profile = changed(MINATO, where, **{name: kept})
    return found


def keys(profile: Profile) -> list[str]:
    return [key for key, _ in contradictions(profile)]


def test_a_sound_profile_has_none() -> None:
    assert list(contradictions(MINATO)) == []


CHANGED: list[tuple[str, dict[str, Any], list[str]]] = [
    # ids
    ("", {"id": "Minato"}, ["id"]),
    ("categories.services", {"agencies": ("town", "elsewhere")}, ["categories.services.agencies"]),
    ("categories.goods", {"name": "　"}, ["categories.goods.name"] * 2),
    ("categories.goods", {"id": "Goods"}, ["categories.Goods", "blocks.company.fields.grades.categories"]),
    # hours
    ("hours", {"open": "17:15"}, ["hours.close"]),
    ("hours", {"open": "17:14"}, []),
    ("hours", {"open": "00:00", "close": "23:59"}, []),
    ("hours", {"open": "24:00", "close": "29:59"}, ["hours.open", "hours.close"]),
    ("hours", {"close": "17:60"}, ["hours.close"]),
    ("hours", {"weekdays": (-1, 6)}, ["hours.weekdays"]),
    ("hours", {"weekdays": (0, 6)}, []),
    ("hours", {"closed_days": ("2026-02-29", "13-01", "2028-02-29", "02-29")}, ["hours.closed_days"] * 2),
    # the search
    ("search", {"key": "vendor_no"}, ["search.key", "password.fields"]),
    ("search.fields.trade_name", {"source": "qualification"}, ["search.fields.trade_name"]),
    ("search.fields.trade_name", {"operations": ("registration", "renewal")}, ["search.fields.trade_name"]),
    ("search.fields.trade_name", {"required": False, "mark": "任意"}, []),
    ("search.fields.user_id", {"required": False, "mark": "任意"}, ["search.fields.user_id.required"]),
    ("search.fields.user_id", {"exact": 7}, ["password.fields.user_id"]),
    ("search.fields.user_id", {"chars": "half_digits"}, ["password.fields.user_id"]),
    ("search.fields.user_id", {"exact": 0, "max": 8}, ["password.fields.user_id"]),
    ("search.fields.user_id", {"secret": True}, ["password.fields.user_id.secret"]),
    ("search.fields.trade_name", {"secret": True}, ["search.fields.trade_name.secret"]),
    ("search.fields.trade_name", {"id": "x-owner", "kind": "text"}, ["agencies.water.search"]),
    ("search.fields.trade_name", {"id": "x-owner", "kind": "text", "secret": True}, ["agencies.water.search"]),
    ("search.fields.trade_name", {"id": "x-Owner", "kind": "text"}, ["search.fields.x-Owner", "agencies.water.search"]),
    # the password
    ("password", {"title": ""}, ["password.title"]),
    ("password", {"elsewhere": "別のシステム"}, ["password.elsewhere"]),
    ("password", {"elsewhere": "別のシステム", "changed": None}, ["password.elsewhere"]),
    ("password", {"changed": "elsewhere"}, ["password.elsewhere", "password.fields", "menu.entries"]),
    ("password", {"changed": "elsewhere", "elsewhere": "別のシステム", "fields": ()}, ["menu.entries"]),
    ("password", {"changed": "nowhere"}, ["password.initial", "password.fields", "menu.entries"]),
    (
        "password",
        {"changed": "nowhere", "elsewhere": "別", "fields": ()},
        ["password.initial", "password.elsewhere", "menu.entries"],
    ),
    ("password", {"initial": "use_as_is"}, ["password.initial"]),
    ("password", {"counts": "at_once"}, ["password.counts"]),
    ("password", {"expires_days": -1}, ["password.expires_days"]),
    ("password", {"fields": ()}, ["password.fields"]),
    (
        "password",
        {"elsewhere": "別", "fields": (), "initial": None, "changed": None},
        ["search.notified_password", "menu.entries"],
    ),
    ("search", {"notified_password": "in_force"}, ["password.initial"]),
    ("password", {"min_length": 32}, []),
    ("password", {"min_length": 33}, ["password.min_length"] * 2),
    ("password", {"min_length": 1}, []),
    ("password", {"min_length": 0}, ["password.min_length"] * 2),
    ("password", {"symbols": True}, ["password.fields.new_password.chars", "password.fields.new_password_again.chars"]),
    ("password.fields.new_password", {"chars": "half_digits"}, ["password.fields.new_password.chars"]),
    ("password.fields.new_password", {"chars": "half_alnum_symbols"}, []),
    ("password.fields.password", {"chars": "half_digits"}, []),
    ("password.fields.password", {"required": False, "mark": "任意"}, ["password.fields.password"]),
    ("password.fields.password", {"operations": ("registration",)}, ["password.fields.password"]),
    ("password.fields.password", {"source": "system"}, ["password.fields.password", "password.fields.password"]),
    # blocks
    ("blocks.company.fields.phone", {"operations": ("registration",)}, ["blocks.company.fields.phone.operations"]),
    ("blocks.company.fields.phone", {"operations": ("registration", "amendment")}, []),
    ("blocks.company.fields.phone", {"source": "qualification"}, []),
    ("blocks.company.fields.phone", {"source": "system"}, ["blocks.company.fields.phone.source"]),
    ("blocks.company.fields.name", {"operations": ("renewal",)}, []),
    ("field_sets.reception.name", {"source": "qualification"}, ["blocks.representative_contact.fields.name.source"]),
    ("blocks.card_contact.fields.email", {"required": False, "mark": "任意"}, ["blocks.card_contact.fields.email"]),
    ("blocks.card_contact.fields.email", {"categories": ("works",)}, ["blocks.card_contact.fields.email"]),
    ("blocks.card_contact.fields.email_again", {"max": 79}, ["blocks.card_contact.fields.email_again"]),
    ("blocks.card_contact.fields.email_again", {"max": 81}, []),
    ("blocks.card_holder.fields.company", {"categories": ("works",)}, ["blocks.card_holder.fields.company"]),
    ("blocks.card_holder.fields.person", {"operations": ("registration", "amendment")}, ["blocks.card_holder.fields.person"]),
    # settings
    ("rules", {"expiry_warning_days": -1}, ["rules.expiry_warning_days"]),
    ("rules", {"expiry_warning_days": 0}, []),
    ("mail", {"before_end": [30, 0]}, ["mail.before_end"]),
    ("mail", {"before_end": [30, 60, 30]}, ["mail.before_end"]),
    ("mail", {"before_end": []}, []),
    ("menu", {"items": ()}, ["menu.items"]),
    ("menu", {"entries": ()}, ["menu.entries"]),
]


@pytest.mark.parametrize(("path", "changes", "found"), CHANGED)
def test_what_is_found_where_one_thing_is_otherwise(path: str, changes: dict[str, Any], found: list[str]) -> None:
    assert keys(changed(MINATO, path, **changes)) == found


@pytest.mark.parametrize(
    ("path", "ids", "found"),
    [
        ("password.fields", ("new_password_again",), ["password.fields"]),
        ("password.fields", ("user_id",), ["password.fields"]),
        ("blocks.card_contact.fields", ("email_again",), []),
        ("blocks.card_contact.fields", ("email",), ["blocks.card_contact.fields", "blocks.card_contact.fields.email_again"]),
        ("blocks.card_holder.fields", ("person",), ["blocks.card_holder.fields.person"]),
        ("menu.entries", ("password",), []),
        ("menu.entries", ("registration",), ["menu.entries"]),
    ],
)
def test_what_is_found_where_something_is_missing(path: str, ids: tuple[str, ...], found: list[str]) -> None:
    assert [key for key in keys(without(path, *ids)) if not key.startswith(("mail", "renewal"))] == found


def test_of_a_system_with_nothing_in_it() -> None:
    found = keys(replace(MINATO, agencies=(), categories=(), trusted=()))
    assert {"agencies", "categories", "trusted"} <= set(found)
    assert "blocks" not in found


def test_agencies_without_a_category_are_named_in_their_order() -> None:
    only = replace(MINATO.categories[2], agencies=("town",))
    assert [key for key in keys(replace(MINATO, categories=(only,))) if key.startswith("agencies")] == ["agencies.water", "agencies.port"]


def test_the_mail_is_typed_twice_in_its_order() -> None:
    email, again = MINATO.block("card_contact").fields
    turned = changed(MINATO, "blocks.card_contact", fields=(again, email))
    assert keys(turned) == ["blocks.card_contact.fields.email_again"]


def test_a_block_for_which_no_mail_is_sent_needs_none() -> None:
    extra = MINATO.block("card_contact").fields
    assert keys(changed(MINATO, "blocks.representative_contact", fields=extra)) == []
    assert keys(changed(MINATO, "blocks.representative_contact", fields=extra[1:])) == ["blocks.representative_contact.fields.email_again"]
    optional = replace(extra[0], required=False, mark="任意")
    assert keys(changed(MINATO, "blocks.representative_contact", fields=(optional, extra[1]))) == []


def test_r_36_without_a_card_needs_a_password_at_one_of_its_agencies() -> None:
    goods = MINATO.categories[1]
    assert keys(changed(MINATO, "categories.goods", agencies=("water",))) == ["categories.goods.card_free"]
    assert keys(changed(MINATO, "categories.goods", agencies=("water", "port"))) == []
    assert keys(changed(MINATO, "categories.goods", agencies=("water",), card_free=False)) == []
    assert goods.card_free


def test_each_agency_asks_by_its_own_rules() -> None:
    water = MINATO.agencies[1]
    again = replace(water, search=(*water.search, replace(water.search[0], field="user_id", ask="required")))
    assert keys(changed(MINATO, "agencies.water", search=again.search)) == []
    for ask in ("optional", "absent"):
        overrides = (replace(water.search[0], field="user_id", ask=ask),)
        assert keys(changed(MINATO, "agencies.water", search=overrides)) == ["agencies.water.search"]
    assert keys(changed(MINATO, "agencies.water", search=(replace(water.search[0], field="fax"),))) == ["agencies.water.search"]


def test_m1_a_password_that_could_never_be_in_force_is_a_fault() -> None:
    entries = without("menu.entries", "password").menu
    for password in (None, Password(elsewhere="別のシステム")):
        profile = changed(replace(MINATO, password=password, menu=entries), "search", notified_password="automatic")
        assert list(contradictions(profile)) == []
        assert profile.notified_password_counts, "nothing here could change it"
        ((key, reason),) = contradictions(changed(profile, "search", notified_password="change_first"))
        assert key == "search.notified_password"
        assert "none could ever be in force" in reason
    counts: dict[Any, bool] = {"automatic": False, "change_first": False, "in_force": True}
    old = changed(MINATO, "password", initial=None, changed=None, counts=None)
    assert {key: changed(old, "search", notified_password=key).notified_password_counts for key in counts} == counts
