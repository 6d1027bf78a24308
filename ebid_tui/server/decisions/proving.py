"""Who knows a number's password: checked, counted (R-33), and refused in words that tell nobody which numbers there are."""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeVar

import msgspec
from sqlalchemy import Connection

from ebid_tui.domain import fields, rules
from ebid_tui.domain.fields import Field, FieldPolicy, is_own
from ebid_tui.domain.lost_passwords import changing_service, expires_on, way_of_expired, way_of_initial
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Found, Values, Vendor
from ebid_tui.domain.text import names
from ebid_tui.domain.text.names import NameComparison
from ebid_tui.errors import EbidError, InputError, RuleError
from ebid_tui.messages import t
from ebid_tui.server.decisions.limits import Caller
from ebid_tui.server.decisions.password_attempts import PasswordAttempt
from ebid_tui.server.services import Services
from ebid_tui.server.store import accounts, vendors
from ebid_tui.server.store.accounts import Account
from ebid_tui.server.store.vendor_secrets import secrets_of
from ebid_tui.server.store.vendors import VendorRecord

T = TypeVar("T")

Block = Literal["search", "login", "password_change"]
"""The form that was filled in, by the id of its block."""


@dataclass(frozen=True, slots=True)
class TypedProof:
    """What was typed to prove a number, in fields that were found right."""

    profile: Profile
    fields: tuple[Field, ...]
    values: Values
    policy: FieldPolicy = field(default_factory=FieldPolicy)
    block: Block = "search"
    """What it is for: the search, a login or a change of the password."""

    def __repr__(self) -> str:
        return f"Asked({self.profile.id!r})"

    @property
    def number(self) -> str:
        return self.values[self.profile.search.key]

    @property
    def password(self) -> str | None:
        """The password to check; None where the system has none, or an agency leaves it open and none was typed."""
        return next((self.values["password"] for f in self.fields if f.id == "password" and self.values.get(f.id)), None)

    @property
    def secrets(self) -> Values:
        """What else of it is secret, by field id: checked and counted as the password is."""
        return {f.id: self.values[f.id] for f in self.fields if f.secret and is_own(f.id) and self.values.get(f.id)}

    @property
    def number_secret(self) -> bool:
        """Whether the number is the secret: one that nobody has is a wrong one."""
        return self.profile.number_secret

    def matches(self, company: Values) -> bool:
        """Whether the other fields of the search's own are as the list has them; what may be left open and was counts as right."""
        own = (f for f in self.fields if is_own(f.id) and not f.secret)
        return all(_alike(f, self.values[f.id], company.get(f.id, "")) for f in own if self.values.get(f.id))

    def names(self, trade_name: str, branch: str) -> bool:
        """Whether the name that was typed is this one, without its branch or with it (R-13); also where the system, or its agency,
        lets one do without."""
        typed = self.values.get("trade_name", "")
        return not typed or names.compare_company(trade_name, branch, typed) is NameComparison.SAME

    @property
    def login_id(self) -> str:
        """A user ID beside the number; empty where none was typed, or where it is the number itself."""
        return self.values.get("user_id", "") if self.profile.search.key != "user_id" else ""


def checked(profile: Profile, block: Block, wanted: Iterable[Field], values: Values, policy: FieldPolicy | None = None) -> TypedProof:
    """Raises InputError for anything that cannot be asked with; the fields are named `block.field`."""
    asked, policy = tuple(wanted), policy or profile.policy
    unknown = sorted(set(values) - {f.id for f in asked})
    if unknown:
        raise InputError([(f"{block}.{name}", "E-INPUT", t("server.no_field")) for name in unknown])
    problems = fields.block_problems(asked, values, policy)
    if problems:
        raise InputError([(f"{block}.{name}", p.code, p.message) for name, p in problems.items()])
    return TypedProof(profile, asked, values, policy, block)


def checked_search(profile: Profile, agency: str, category: str, values: Values) -> TypedProof:
    """The same for 資格審査情報検索, as this agency asks it."""
    if agency not in {a.id for a in profile.agencies}:
        raise InputError([("search.agency", "R-28", t("server.no_agency"))])
    if category not in {c.id for c in profile.categories_of(agency)}:
        raise InputError([("search.category", "R-28", t("server.no_category"))])
    return checked(profile, "search", profile.search_fields(agency), values, profile.policy_in(category))


async def proven(
    services: Services,
    caller: Caller,
    asked: TypedProof,
    decide: Callable[[Connection, Account], T],
    refused: Callable[[Connection], None] = lambda _: None,
    also: Callable[[Account], Awaitable[bool]] | None = None,
) -> T:
    """What `decide` says, in the transaction that counts the password. A refusal is counted and kept as well; `refused` is run then.

    `also` is asked what else counts as right. Raises what `decide` raises, RuleError R-33 for a locked number and R-28 with every
    likely cause; ServerError E-TOO-MANY and E-BUSY before anything was checked or counted.
    """
    profile, number, guarded = asked.profile, asked.number, asked.password is not None or asked.number_secret or bool(asked.secrets)
    attempt = PasswordAttempt(services, caller, profile.id, number, profile, refused)
    right = True
    if not guarded:
        account = await services.store.read(lambda connection: accounts.account(connection, profile.id, number))
    else:
        account = await attempt.begin()
        try:
            right = await _right(services, asked, account)
            right = (also is not None and await also(account)) or right
        except EbidError:
            await services.store.write(attempt.forget)
            raise

    def write(connection: Connection) -> T | RuleError:
        # Decided on the account as it is now: tries that were checked side by side are counted one by one.
        try:
            if guarded:
                attempt.settle(connection, account, right and _held(connection, asked))
            return decide(connection, account)
        except RuleError as error:
            refused(connection)
            return error

    outcome = await services.store.write(write)
    if isinstance(outcome, RuleError):
        raise _with_causes(asked, outcome, services.settings.wrong_passwords - account.wrong - 1) if outcome.code == "R-28" else outcome
    return outcome


async def _right(services: Services, asked: TypedProof, account: Account) -> bool:
    """Whether everything secret is right. All of it is checked in any case: how long that takes tells nothing."""
    right, wanted = True, asked.secrets
    if asked.password is not None:
        known = await services.passwords.right(account.password_hash, asked.password)
        right = known and asked.login_id in ("", account.login_id)
    if wanted:
        kept = await services.store.read(lambda connection: secrets_of(connection, asked.profile.id, [asked.number]))
        for name, value in wanted.items():
            right = await services.passwords.right(kept.get(asked.number, {}).get(name), value) and right
    return right


def _held(connection: Connection, asked: TypedProof) -> bool:
    """A number that is a secret is right where somebody has it."""
    return not asked.number_secret or bool(vendors.trade_names(connection, asked.profile.id, asked.number))


def _alike(field: Field, typed: str, kept: str) -> bool:
    """Spaces, width and case tell nobody apart, nor do the hyphens of a telephone number."""
    one, other = ("".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in (typed, kept))
    if field.kind == "phone":
        one, other = ("".join(c for c in text if c.isdigit()) for text in (one, other))
    return one == other


def refuse_initial(asked: TypedProof, account: Account) -> None:
    """R-03: an initial password opens nothing, unless the system's file says that it counts; the way to change it is named."""
    profile = asked.profile
    if not profile.notified_password_counts and asked.password is not None and account.state == "initial":
        raise RuleError("R-03", service=changing_service(profile)).telling(remedy=way_of_initial(profile))


def refuse_expired(asked: TypedProof, account: Account, today: date) -> None:
    """E-PASSWORD-EXPIRED for a password that was changed too long before this day in Japan; where to change it is named."""
    until = expires_on(asked.profile, account.changed_on)
    if asked.password is not None and until is not None and until < today:
        raise RuleError("E-PASSWORD-EXPIRED").telling(remedy=way_of_expired(asked.profile))


def qualified(connection: Connection, services: Services, asked: TypedProof, account: Account, vendor: Vendor) -> Found:
    """What a search finds once the password was right. Raises RuleError R-03, R-15, R-28, R-35, E-PASSWORD-EXPIRED."""
    profile = asked.profile
    today = services.settings.japan_now().date()
    refuse_initial(asked, account)
    refuse_expired(asked, account, today)
    known = vendors.known(connection, vendor)
    company = known.qualification.company if known is not None else {}
    if known is None or not asked.names(known.qualification.trade_name, company.get("branch", "")) or not asked.matches(company):
        raise RuleError("R-28")
    if asked.password is not None and profile.password_change_delays and account.changed_on == today:
        raise RuleError("R-15")
    return _found(connection, profile, vendor, known)


def found_there(connection: Connection, profile: Profile, vendor: Vendor) -> Found:
    """What is found of a vendor that something else than a search has proven. Raises RuleError R-28, R-35."""
    known = vendors.known(connection, vendor)
    if known is None:
        raise RuleError("R-28")
    return _found(connection, profile, vendor, known)


def _found(connection: Connection, profile: Profile, vendor: Vendor, known: VendorRecord) -> Found:
    rules.refuse_lapsed(known.qualification, profile.contact.name)
    return Found(
        qualification=known.newest,
        representative_contact=known.details.representative_contact,
        later_card=known.later_card,
        card_contact=vendors.card_contact(connection, vendor),
        further_categories=tuple(c.id for c in profile.categories_of(vendor.agency) if _open_there(connection, vendor, c.id)),
    )


def _open_there(connection: Connection, vendor: Vendor, category: str) -> bool:
    """R-41: whether the same number may register a first card in this other category as well."""
    if category == vendor.category:
        return False
    known = vendors.known(connection, msgspec.structs.replace(vendor, category=category))
    return known is not None and known.qualification.state != "lapsed" and not known.later_card


def _with_causes(asked: TypedProof, refusal: RuleError, left: int) -> RuleError:
    """R-28 in the words of what was asked, with every likely cause of these fields.

    Where a password was among them, the tries left are told (R-33): of every number, whether there is one or not, and where the
    password was right (and only the name wrong) as `left`, those that a wrong one had left. So this answer tells nobody which it was.
    """
    profile, kinds = asked.profile, {f.kind for f in asked.fields}
    causes = [t("server.cause_number", label=next(f.label for f in asked.fields if f.id == profile.search.key))]
    if "name" in kinds:
        causes.append(t("server.cause_name" if profile.rules.abbreviated_name == "refuse" else "server.cause_name_as_registered"))
        causes += [t("server.cause_no_branch")] if asked.policy.refused_branches else []
    if "password" in kinds:
        causes.append(t("server.cause_password"))
        causes += [t("server.cause_same_day")] if profile.password_change_delays else []
    causes += [t("password.cause_field", label=f.label) for f in asked.fields if is_own(f.id)]
    if asked.block != "password_change":
        causes.append(t("server.cause_category" if profile.single_agency else "server.cause_agency"))
    causes.append(t("server.cause_width"))
    tries = None if asked.password is None and not asked.secrets else refusal.values.get("tries_left", max(left, 1))
    told = RuleError("R-28", causes=causes, tries_left=tries)
    if asked.block == "search":
        return told
    return told.telling(title=t(f"server.refused_{asked.block}"), remedy=t(f"server.refused_{asked.block}_remedy"))
