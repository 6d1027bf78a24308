"""F-1 パスワード再設定, and the login it returns to. Reads like the manual's chapter 1.2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ebid_tui.client.interface import Server
from ebid_tui.domain import password_policy
from ebid_tui.domain.fields import Field
from ebid_tui.domain.profile.systems import Password
from ebid_tui.domain.records import PasswordState
from ebid_tui.errors import EbidError, InputError, RuleError, SessionGone
from ebid_tui.flows.place import Place
from ebid_tui.flows.session import persist
from ebid_tui.flows.status import status_report
from ebid_tui.flows.ui import Blocks, Form, FormBlock, Nav, Report, Ui
from ebid_tui.flows.unlocking import Unlock
from ebid_tui.language import joined
from ebid_tui.messages import t


async def change_password(ui: Ui, server: Server, place: Place, unlock: Unlock | None = None) -> Nav:
    """パスワード再設定; success leads to the login screen. Always ends with BACK or CANCEL: there is no receipt."""
    policy = place.profile.password
    assert policy is not None
    notice: RuleError | None = None
    problems: dict[str, str] = {}
    while True:
        values = await ui.fill(_change_form(place, policy, ui.typed("password_change"), problems, notice))
        if isinstance(values, Nav):
            return values
        given = values["password_change"]
        notice = None
        # told here at once; the server decides.
        problems = {f"password_change.{name}": p.message for name, p in password_policy.problems(policy, given).items()}
        if problems:
            continue
        try:
            changed = await _change(ui, server, place, given)
        except RuleError as error:
            notice = None if unlock is not None and await unlock(error, given) else error
        except InputError as error:
            problems = {name: message for name, _, message in error.problems}
        else:
            if isinstance(changed, PasswordState):
                await ui.read(_changed(place, changed))
                return await log_in(ui, server, place, unlock)
            if changed is Nav.CANCEL:
                return changed


async def _change(ui: Ui, server: Server, place: Place, values: Mapping[str, str]) -> PasswordState | Nav:
    async def attempt() -> PasswordState:
        async with ui.busy(t("flow.busy.server")):
            return await server.change_password(place.profile.id, values)

    return await persist(ui, attempt)


async def log_in(ui: Ui, server: Server, place: Place, unlock: Unlock | None = None) -> Nav:
    """ログイン with number and password, which shows 登録状況; an initial password is refused, naming the way (R-03)."""
    try:
        return await _status_by_password(ui, server, place, unlock)
    finally:
        await server.sign_out()


async def _status_by_password(ui: Ui, server: Server, place: Place, unlock: Unlock | None) -> Nav:
    policy = place.profile.password
    assert policy is not None
    notice: EbidError | None = None
    problems: dict[str, str] = {}
    while True:
        values = await ui.fill(_login_form(place, policy, ui.typed("login"), problems, notice))
        if isinstance(values, Nav):
            return values
        notice, problems = None, {}
        given = values["login"]

        async def attempt(given: Mapping[str, str] = given) -> Report:
            async with ui.busy(t("flow.busy.server")):
                await server.login(place.profile.id, place.agency.id, place.category.id, given)
                return status_report(place, await server.status(place.agency.id, place.category.id))

        try:
            report = await persist(ui, attempt, in_session=True)
        except (RuleError, SessionGone) as error:
            notice = None if unlock is not None and await unlock(error, given) else error
        except InputError as error:
            problems = {name: message for name, _, message in error.problems}
        else:
            if isinstance(report, Report):
                await ui.read(report)
                return Nav.BACK
            if report is Nav.CANCEL:
                return report


def _change_form(place: Place, policy: Password, typed: Blocks, problems: Mapping[str, str], notice: RuleError | None) -> Form:
    return Form(
        id="password_change",
        title=policy.title,
        lead=t("flow.password.lead"),
        blocks=(FormBlock("password_change", "", "", policy.fields),),
        values=typed,
        submit=policy.submit,
        back=t("common.back"),
        policy=place.profile.policy,
        problems=problems,
        notice=notice,
        password=policy,
    )


def _login_form(place: Place, policy: Password, typed: Blocks, problems: Mapping[str, str], notice: EbidError | None) -> Form:
    fields: tuple[Field, ...] = tuple(f for f in policy.fields if f.id in (place.profile.search.key, "password"))
    return Form(
        id="login",
        title=t("flow.login.title"),
        lead=t("flow.login.lead", fields=joined(t("common.and"), [f.label for f in fields])),
        blocks=(FormBlock("login", "", "", fields),),
        values=typed,
        submit=t("flow.login.submit"),
        back=t("common.back"),
        policy=place.profile.policy,
        problems=problems,
        notice=notice,
    )


def _changed(place: Place, changed: PasswordState) -> Report:
    """Success; where the system makes one wait until tomorrow, that is said (R-15)."""
    delays: Literal["now", "tomorrow"] = "tomorrow" if place.profile.search.password_change_delays else "now"
    lead = t(f"flow.password.changed_{delays}", at=changed.usable_from)
    return Report("password_changed", t("flow.password.changed_title"), (), lead, t("common.next"))
