"""What a file may not say of passwords: above all nothing by which none could ever be in force (R-03)."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_letters, digits, punctuation
from typing import TYPE_CHECKING

from ebid_tui.domain.fields import Field, is_own
from ebid_tui.domain.profile.field_checks import known_fields
from ebid_tui.domain.profile.texts import Fault
from ebid_tui.domain.text.classes import characters

if TYPE_CHECKING:
    from ebid_tui.domain.profile.systems import Profile

PASSWORD_FIELDS = frozenset("vendor_no user_id trade_name password new_password new_password_again".split())
OLD_INITIAL = {"change_first": "must_change", "in_force": "use_as_is"}


def password_faults(profile: Profile) -> Iterator[Fault]:
    """Every fault of `[password]`, and of what `[search]` says of passwords."""
    password = profile.password
    said = password is not None and password.initial is not None
    if profile.search.notified_password == "change_first" and not said and not profile.password_changed_here:
        yield "search.notified_password", "nothing here changes a password ([password] has no fields), so that none could ever be in force"
    if password is None:
        return
    yield from _said_twice(profile)
    if password.initial == "must_change" and profile.password_changed == "nowhere":
        yield "password.initial", "a notified password would have to be changed, and nothing changes one: none could ever be in force"
    if password.expires_days < 0:
        yield "password.expires_days", "cannot be negative; 0: for ever"
    if password.card_sign_in and not any(profile.password_searched(agency.id) for agency in profile.searches):
        yield "password.card_sign_in", "the search asks no password, for which a card could stand in"
    yield from _where(profile)
    if password.elsewhere or not password.fields:
        return
    yield from known_fields("password.fields", password.fields, PASSWORD_FIELDS, set())
    if not password.title:
        yield "password.title", "cannot be empty"
    yield from _fields(profile)


def secret_faults(profile: Profile) -> Iterator[Fault]:
    """What is secret is typed into the search alone, and shown nowhere."""
    key = profile.search.key
    for field in profile.search.fields:
        if field.secret and field.id not in (key, "password") and not is_own(field.id):
            yield f"search.fields.{field.id}.secret", f"only {key!r}, the password and fields of one's own (x-…) can be secret"
    for block in profile.blocks:
        for field in profile.every_field(block.id):
            if field.secret and field.kind != "password":
                yield f"blocks.{block.id}.fields.{field.id}.secret", "only a field of the search can be secret"
            if field.id == "vendor_no" and profile.number_secret:
                yield f"blocks.{block.id}.fields.{field.id}", "would show the number, which is secret"
    for field in profile.password.fields if profile.password is not None else ():
        if field.id == key and field.secret != profile.number_secret:
            yield f"password.fields.{field.id}.secret", "secret here and in the search, or nowhere"
        elif field.secret and field.id != key and field.kind != "password":
            yield f"password.fields.{field.id}.secret", "only the number and passwords can be secret"


def _said_twice(profile: Profile) -> Iterator[Fault]:
    """The same in its old form and in its new one, and not the same."""
    password, search = profile.password, profile.search
    assert password is not None
    before = OLD_INITIAL.get(search.notified_password)
    if password.initial and before not in (None, password.initial):
        yield "password.initial", f"{password.initial!r} contradicts search.notified_password, {search.notified_password!r}"
    if password.counts == "at_once" and search.password_change_delays:
        yield "password.counts", "'at_once' contradicts search.password_change_delays"


def _where(profile: Profile) -> Iterator[Fault]:
    """Who changes it: what that needs is there, and nothing that contradicts it."""
    password = profile.password
    assert password is not None
    match password.changed:
        case None:
            if bool(password.elsewhere) == bool(password.fields):
                reason = 'either the name of another system, or fields to change it here (or changed = "nowhere")'
                yield "password.elsewhere", reason
        case "here":
            if not password.fields:
                yield "password.fields", "changed here: fields are needed"
            if password.elsewhere:
                yield "password.elsewhere", "changed here, and not in another system"
        case "elsewhere":
            if not password.elsewhere.strip():
                yield "password.elsewhere", "the name of the system where it is changed is needed"
            if password.fields:
                yield "password.fields", "changed in another system, and not by fields here"
        case "nowhere":
            if password.elsewhere:
                yield "password.elsewhere", "changed nowhere, and not in another system"
            if password.fields:
                yield "password.fields", "changed nowhere, and not by fields here"


def _fields(profile: Profile) -> Iterator[Fault]:
    """What the form takes, where one changes it here."""
    password = profile.password
    assert password is not None
    ids = {f.id for f in password.fields}
    for needed in (profile.search.key, "password", "new_password", "new_password_again"):
        if needed not in ids:
            yield "password.fields", f"field {needed!r} is missing"
    searched, changed = (next((f for f in every if f.id == profile.search.key), None) for every in (profile.search.fields, password.fields))
    if (
        searched
        and changed
        and (searched.chars, searched.exact, searched.max, searched.pad, searched.pattern)
        != (
            changed.chars,
            changed.exact,
            changed.max,
            changed.pad,
            changed.pattern,
        )
    ):
        yield f"password.fields.{changed.id}", "takes other numbers than the search, which has the same ones"
    for field in password.fields:
        if not field.input or not field.required or field.categories or len(field.operations) != 3:
            yield f"password.fields.{field.id}", "typed and required, in every category; operations do not count here"
        if field.id.startswith("new_password"):
            yield from _new_password(profile, field)


def _new_password(profile: Profile, field: Field) -> Iterator[Fault]:
    """R-04: a password that the policy asks for must be one that the field takes."""
    assert profile.password is not None
    policy, key = profile.password, f"password.fields.{field.id}"
    if policy.min_length > field.limit or policy.min_length < 1:
        yield "password.min_length", f"{policy.min_length} does not fit {field.id}, which takes {field.limit}"
    asked = (policy.letters, "letters", ascii_letters), (policy.digits, "digits", digits), (policy.symbols, "symbols", punctuation)
    for wanted, part, fitting in asked:
        if wanted and not characters(field.chars).intersection(fitting):
            yield f"{key}.chars", f"the policy asks for {part}, the field takes none"
