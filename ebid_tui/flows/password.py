"""F-1 パスワード再設定, and the login it returns to. Reads like the manual's chapter 1.2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ebid_tui.client.interface import Server
from ebid_tui.domain import password_policy
from ebid_tui.domain.fields import Field
from ebid_tui.domain.lost_passwords import way_back
from ebid_tui.domain.profile.systems import Password
from ebid_tui.domain.records import PasswordState, Status
from ebid_tui.errors import EbidError, InputError
from ebid_tui.flows.filling import Problems, accepted
from ebid_tui.flows.leaving import LeftFlow
from ebid_tui.flows.mending import Action, FormMending, Mend
from ebid_tui.flows.place import Place
from ebid_tui.flows.session import at_the_server, persist
from ebid_tui.flows.status import shown
from ebid_tui.flows.ui import Blocks, Form, FormBlock, Report, Ui
from ebid_tui.language import joined
from ebid_tui.messages import t


async def change_password(ui: Ui, server: Server, place: Place, unlock: Mend | None = None) -> None:
    """パスワード再設定; success leads to the login screen. There is no receipt."""
    await _changed_password(ui, server, place, ui.typed("password_change"), unlock)
    await log_in(ui, server, place, unlock)


def change_here(ui: Ui, server: Server, place: Place) -> Mend:
    """R-03: in the middle of a form, with what was typed there; the new password is what stands in that form then."""

    async def change(_: EbidError, typed: Mapping[str, str]) -> Mapping[str, str] | None:
        policy = place.profile.password
        names = {field.id for field in policy.fields} if policy else set()
        known = {"password_change": {name: value for name, value in typed.items() if name in names}}
        try:
            return {"password": await _changed_password(ui, server, place, known, None)}
        except LeftFlow:
            return None

    return change


async def _changed_password(ui: Ui, server: Server, place: Place, known: Blocks, unlock: Mend | None) -> str:
    """The new password, which is in force. The form starts with what is `known`."""
    policy = place.profile.password
    assert policy is not None
    start = known

    def form(problems: Problems, notice: EbidError | None) -> Form:
        return _change_form(place, policy, start, problems, notice)

    async def change(given: Mapping[str, str]) -> tuple[PasswordState, str]:
        nonlocal start
        start = {"password_change": dict(given)}
        # told here at once; the server decides.
        if problems := password_policy.problems(policy, given):
            raise InputError([(f"password_change.{name}", p.code, p.message) for name, p in problems.items()])
        return await persist(ui, lambda: at_the_server(ui, server.change_password(place.profile.id, given))), given["new_password"]

    changed, password = await accepted(ui, form, change, FormMending(ui, None, place, actions=_unlocking(unlock)))
    await ui.read(_changed(place, changed))
    return password


def _unlocking(unlock: Mend | None) -> dict[Action, Mend]:
    return {"unlock": unlock} if unlock is not None else {}


async def log_in(ui: Ui, server: Server, place: Place, unlock: Mend | None = None) -> None:
    """ログイン with number and password, which shows 登録状況; an initial password is refused, and can be changed there (R-03)."""
    policy = place.profile.password
    assert policy is not None

    def form(problems: Problems, notice: EbidError | None) -> Form:
        return _login_form(place, policy, ui.typed("login"), problems, notice)

    async def look(given: Mapping[str, str]) -> Status:
        async def status() -> Status:
            await server.login(place.profile.id, place.agency.id, place.category.id, given)
            return await server.status(place.agency.id, place.category.id)

        return await persist(ui, lambda: at_the_server(ui, status()), in_session=True)

    try:
        actions = {"password": change_here(ui, server, place), **_unlocking(unlock)}
        await shown(ui, place, await accepted(ui, form, look, FormMending(ui, "login", place, actions=actions)))
    finally:
        await server.sign_out()


def _change_form(place: Place, policy: Password, typed: Blocks, problems: Mapping[str, str], notice: EbidError | None) -> Form:
    return Form(
        id="password_change",
        title=policy.title,
        lead=t(f"password.lead_{'as_is' if place.profile.notified_password_counts else 'must_change'}", way=way_back(place.profile)),
        blocks=(FormBlock("password_change", "", "", policy.fields),),
        values=typed,
        submit=policy.submit,
        back=t("common.back"),
        lost="typed",
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
        lost="typed",
        policy=place.profile.policy,
        problems=problems,
        notice=notice,
    )


def _changed(place: Place, changed: PasswordState) -> Report:
    """Success; where the system makes one wait until tomorrow, that is said (R-15)."""
    delays: Literal["now", "tomorrow"] = "tomorrow" if place.profile.password_change_delays else "now"
    lead = joined("\n", [t(f"flow.password.changed_{delays}", at=changed.usable_from), t("notice.keep_password")])
    return Report("password_changed", t("flow.password.changed_title"), (), lead, t("common.next"))
