"""パスワード再設定 (F-1): a new password for who knows the old one."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy import Connection

from ebid_tui.domain import password_policy
from ebid_tui.domain.lost_passwords import changing_service, way_to_change
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import PasswordState
from ebid_tui.errors import InputError, RuleError, ServerError
from ebid_tui.server.api.bounds import Id, Typed
from ebid_tui.server.api.limits import limited
from ebid_tui.server.api.problems import refuses
from ebid_tui.server.decisions import opening, proving
from ebid_tui.server.decisions.limits import Caller
from ebid_tui.server.services import Services
from ebid_tui.server.settings import JAPAN
from ebid_tui.server.store import accepted_changes, accounts, sign_ins, vendors
from ebid_tui.server.store.accounts import Account

BLOCK: Final = "password_change"


class PasswordRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was typed into パスワード再設定, by field id."""

    system: Id
    values: Typed

    def __repr__(self) -> str:
        return f"PasswordRequest({self.system!r})"


def usable_from(services: Services, profile: Profile, changed_on: date | None) -> datetime:
    """R-15: from when registration accepts a password that was changed on this day."""
    now = services.settings.japan_now().replace(microsecond=0)
    if not profile.password_change_delays or changed_on != now.date():
        return now
    return datetime.combine(now.date() + timedelta(days=1), time(), JAPAN)


@post("/passwords", status_code=200, guards=[limited], responses=refuses(400, 404, 413, 422, 423, 429))
async def change_password(
    services: NamedDependency[Services], caller: NamedDependency[Caller], data: JSONBody[PasswordRequest]
) -> PasswordState:
    """Change a password, the initial one too (R-03). E-ELSEWHERE where another system does that; R-04, R-22, R-28, R-33."""
    profile = services.profile(data.system)
    policy = profile.password
    if policy is None or not profile.password_changed_here:
        raise ServerError("password", code="E-ELSEWHERE", service=changing_service(profile)).telling(remedy=way_to_change(profile))
    asked = proving.checked(profile, BLOCK, policy.fields, data.values)
    problems = password_policy.problems(policy, data.values)
    if problems:
        raise InputError([(f"{BLOCK}.{name}", p.code, p.message) for name, p in problems.items()])
    opening.refuse_all_closed(services.settings, profile)
    hashed = await services.passwords.hashed(data.values["new_password"])
    now = services.settings.japan_now()
    repeated: list[bool] = []

    async def changed_already(account: Account) -> bool:
        """Just this was done today: the reply was lost and the same is asked again, now with a wrong old password.

        Checked in any case: how long it takes tells nobody which numbers there are (R-33).
        """
        today = account.state == "active" and account.changed_on == now.date()
        repeated.append(await services.passwords.right(account.password_hash if today else None, data.values["new_password"]))
        return repeated[-1]

    def decide(connection: Connection, account: Account) -> PasswordState:
        known = vendors.trade_names(connection, profile.id, asked.number)
        if not any(asked.names(*name) for name in known):
            raise RuleError("R-28")
        if not any(repeated):
            accounts.set_password(connection, account, hashed, now.date())
            sign_ins.end_sessions_of(connection, profile.id, asked.number)
            accepted_changes.add_audit(connection, profile.id, BLOCK, sign_ins.number_owner(asked.number), asked.number, now)
        return PasswordState(usable_from=usable_from(services, profile, now.date()))

    return await proving.proven(services, caller, asked, decide, also=changed_already)
