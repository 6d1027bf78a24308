"""資格審査情報検索: finds a vendor's qualification by its number and name, and its password where the system has one."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy import Connection

from ebid_tui.domain import fields, names, rules
from ebid_tui.domain.fields import Field
from ebid_tui.domain.names import Comparison
from ebid_tui.domain.records import Found, Values, Vendor
from ebid_tui.domain.systems import Profile
from ebid_tui.errors import InputError, RuleError
from ebid_tui.messages import t
from ebid_tui.server.access import SESSION
from ebid_tui.server.problems import refuses
from ebid_tui.server.services import Services
from ebid_tui.server.store import accounts, sign_ins, vendors
from ebid_tui.server.store.accounts import Account
from ebid_tui.server.store.sign_ins import Session
from ebid_tui.server.store.vendors import Known


class SearchRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was typed into the search, by field id."""

    agency: str
    category: str
    values: Values

    def __repr__(self) -> str:
        return f"SearchRequest({self.agency!r}, {self.category!r})"


@post("/qualifications/search", status_code=200, responses=refuses(400, 401, 404, 413, 422, 423), security=SESSION)
async def search(services: NamedDependency[Services], session: NamedDependency[Session], data: JSONBody[SearchRequest]) -> Found:
    """Find a qualification; the session remembers whose it is.

    R-28 when nothing was found, with every likely cause and the same answer whether number, name or password is wrong.
    R-33 when the number is locked, whether it exists or not. R-03, R-15 and R-35 only to who knows the password.
    """
    profile = services.profile(session.system)
    asked = _checked(profile, data)
    vendor = Vendor(system=profile.id, agency=data.agency, category=data.category, number=data.values[profile.search.key])
    account, known = await services.store.read(
        lambda connection: (accounts.account(connection, vendor.system, vendor.number), vendors.known(connection, vendor))
    )
    password = _typed_password(asked, data.values)
    right = password is None or (
        await services.passwords.right(account.password_hash, password) and _same_login(profile, account, data.values)
    )

    def write(connection: Connection) -> Found | RuleError:
        # Decided on the account as it is now: tries that were checked side by side are counted one by one.
        try:
            if password is not None:
                _count(connection, services, profile, vendor, right)
            found = _found(services, profile, known, account, data.values, password is not None)
        except RuleError as error:
            sign_ins.prove(connection, session.token_hash, None)
            return error
        sign_ins.prove(connection, session.token_hash, vendor)
        return found

    outcome = await services.store.write(write)
    if isinstance(outcome, RuleError):
        raise _not_found(profile, asked, services.settings.wrong_passwords) if outcome.code == "R-28" else outcome
    return outcome


def _count(connection: Connection, services: Services, profile: Profile, vendor: Vendor, right: bool) -> None:
    """R-33: count a wrong password, forget the wrong ones after a right one. Raises RuleError R-33 and R-28."""
    current = accounts.account(connection, vendor.system, vendor.number)
    if right and current.state != "locked":
        accounts.forget_wrong(connection, current)
        return
    if not right:
        current = accounts.count_wrong(connection, vendor.system, vendor.number, services.settings.wrong_passwords)
    if current.state == "locked":
        raise RuleError("R-33", contact=profile.contact.name)
    raise RuleError("R-28")


def _checked(profile: Profile, data: SearchRequest) -> tuple[Field, ...]:
    """The fields this agency asks. Raises InputError for anything that cannot be searched with."""
    if data.agency not in {a.id for a in profile.agencies}:
        raise InputError([("search.agency", "R-28", t("server.no_agency"))])
    if data.category not in {c.id for c in profile.categories_of(data.agency)}:
        raise InputError([("search.category", "R-28", t("server.no_category"))])
    asked = profile.search_fields(data.agency)
    unknown = sorted(set(data.values) - {f.id for f in asked})
    if unknown:
        raise InputError([(f"search.{name}", "E-INPUT", t("server.no_field")) for name in unknown])
    problems = fields.block_problems(asked, data.values, profile.policy)
    if problems:
        raise InputError([(f"search.{name}", p.code, p.message) for name, p in problems.items()])
    return asked


def _typed_password(asked: Iterable[Field], values: Values) -> str | None:
    """The password to check; None where the system has none, or an agency leaves it open and none was typed."""
    return next((values[f.id] for f in asked if f.secret and values.get(f.id)), None)


def _same_login(profile: Profile, account: Account, values: Values) -> bool:
    """A user ID beside the number must be the account's."""
    typed = values.get("user_id", "") if profile.search.key != "user_id" else ""
    return not typed or typed == account.login_id


def _found(services: Services, profile: Profile, known: Known | None, account: Account, values: Values, with_password: bool) -> Found:
    """What the rules say once the password was right. Raises RuleError R-03, R-15, R-28, R-35."""
    if with_password and account.state == "initial":
        raise RuleError("R-03", service=profile.information_service)
    if known is None or names.compare(known.qualification.trade_name, values.get("trade_name")) is not Comparison.SAME:
        raise RuleError("R-28")
    if with_password and profile.search.password_change_delays and account.changed_on == services.settings.japan_now().date():
        raise RuleError("R-15")
    rules.refuse_lapsed(known.qualification, profile.contact.name)
    qualification = msgspec.structs.replace(known.qualification, company=known.company)
    return Found(
        qualification=qualification,
        representative_contact=known.details.representative_contact,
        later_card=known.later_card,
    )


def _not_found(profile: Profile, asked: tuple[Field, ...], tries: int) -> RuleError:
    """R-28, with every likely cause of a search with these fields."""
    kinds = {f.kind for f in asked}
    causes = [t("server.cause_number", label=next(f.label for f in asked if f.id == profile.search.key))]
    if "name" in kinds:
        causes.append(t("server.cause_name" if profile.rules.abbreviated_name == "refuse" else "server.cause_name_as_registered"))
    if "password" in kinds:
        causes += [t("server.cause_password"), t("server.cause_lock", n=tries)]
    causes.append(t("server.cause_category" if profile.single_agency else "server.cause_agency"))
    causes.append(t("server.cause_width"))
    return RuleError("R-28", causes=causes)
