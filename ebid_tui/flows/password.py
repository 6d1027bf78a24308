"""F-1 パスワード再設定, and the login it returns to. Reads like the manual's chapter 1.2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ebid_tui.client.interface import Server
from ebid_tui.domain import password_policy
from ebid_tui.domain.fields import Field
from ebid_tui.domain.profile.systems import Password
from ebid_tui.domain.records import PasswordState, Status
from ebid_tui.errors import EbidError, InputError
from ebid_tui.flows.filling import Problems, accepted
from ebid_tui.flows.place import Place
from ebid_tui.flows.session import at_the_server, persist
from ebid_tui.flows.status import status_report
from ebid_tui.flows.ui import Blocks, Form, FormBlock, Report, Ui
from ebid_tui.flows.unlocking import Unlock
from ebid_tui.language import joined
from ebid_tui.messages import t


async def change_password(ui: Ui, server: Server, place: Place, unlock: Unlock | None = None) -> None:
    """パスワード再設定; success leads to the login screen. There is no receipt."""
    policy = place.profile.password
    assert policy is not None

    def form(problems: Problems, notice: EbidError | None) -> Form:
        return _change_form(place, policy, ui.typed("password_change"), problems, notice)

    async def change(given: Mapping[str, str]) -> PasswordState:
        # told here at once; the server decides.
        if problems := password_policy.problems(policy, given):
            raise InputError([(f"password_change.{name}", p.code, p.message) for name, p in problems.items()])
        return await persist(ui, lambda: at_the_server(ui, server.change_password(place.profile.id, given)))

    changed = await accepted(ui, form, change, unlock)
    await ui.read(_changed(place, changed))
    await log_in(ui, server, place, unlock)


async def log_in(ui: Ui, server: Server, place: Place, unlock: Unlock | None = None) -> None:
    """ログイン with number and password, which shows 登録状況; an initial password is refused, naming the way (R-03)."""
    policy = place.profile.password
    assert policy is not None

    def form(problems: Problems, notice: EbidError | None) -> Form:
        return _login_form(place, policy, ui.typed("login"), problems, notice)

    async def look(given: Mapping[str, str]) -> Report:
        async def status() -> Status:
            await server.login(place.profile.id, place.agency.id, place.category.id, given)
            return await server.status(place.agency.id, place.category.id)

        return status_report(place, await persist(ui, lambda: at_the_server(ui, status()), in_session=True))

    try:
        await ui.read(await accepted(ui, form, look, unlock))
    finally:
        await server.sign_out()


def _change_form(place: Place, policy: Password, typed: Blocks, problems: Mapping[str, str], notice: EbidError | None) -> Form:
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
    lead = joined("\n", [t(f"flow.password.changed_{delays}", at=changed.usable_from), t("notice.keep_password")])
    return Report("password_changed", t("flow.password.changed_title"), (), lead, t("common.next"))
