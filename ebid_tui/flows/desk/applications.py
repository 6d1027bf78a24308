"""What a vendor's written application asks for (R-33): reset, unlock, cancel a card; a mail sent again; what waits for approval."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Literal, assert_never

import msgspec

from ebid_tui.domain.desk import DeskRequest, DeskVendor, RequestKind
from ebid_tui.domain.fields import Field
from ebid_tui.domain.lost_passwords import after_reset
from ebid_tui.domain.records import CardCertificate, Vendor
from ebid_tui.errors import EbidError, InputError
from ebid_tui.flows.desk import pages
from ebid_tui.flows.desk.session import DeskContext, carried_out
from ebid_tui.flows.desk.ui import InitialPassword, RequestAction
from ebid_tui.flows.leaving import LeftFlow, answered
from ebid_tui.flows.ui import Blocks, Confirm, Form, FormBlock, Option, Question, Report, Review, Row, Section, Trouble
from ebid_tui.language import joined
from ebid_tui.messages import t

Decision = Literal[RequestAction.APPROVE, RequestAction.REFUSE, RequestAction.COMPLETE]

LONGEST = 40
"""Characters of an application's number."""


async def apply(at: DeskContext, seen: DeskVendor, kind: RequestKind) -> None:
    """Enter an application, look at it once more, have it carried out (or put before a second operator)."""
    card = await _which_card(at, seen) if kind == "cancel_card" else None
    typed: Blocks = {}
    problems: dict[str, str] = {}
    notice: EbidError | None = None
    while True:
        values = answered(await at.ui.fill(_form(at, seen, kind, card, typed, problems, notice)))
        typed, problems, notice = values, {}, None
        if card is not None and values["application"]["confirmation"] != card.certificate.serial[-CONFIRMED:]:
            problems = {"application.confirmation": t("desk.cancel.differs")}
            continue
        try:
            answered(await at.ui.review(_review(at, seen, kind, card, values["application"]["application"])))
        except LeftFlow:
            continue
        about = seen.qualification.vendor, kind, values["application"]["application"], card.id if card is not None else None
        try:
            made = await carried_out(at, partial(at.desk.ask, *about))
        except InputError as error:
            problems = {f"application.{name.rpartition('.')[2]}": message for name, _, message in error.problems}
            continue
        except EbidError as error:
            notice = error
            continue
        return await show_outcome(at, made, seen.qualification.trade_name)


CONFIRMED = 4
"""So many last digits of its serial number are typed to cancel a card."""


async def show_outcome(at: DeskContext, made: DeskRequest, trade_name: str = "") -> None:
    """What became of an application; a new initial password, once."""
    if made.password:
        rows = (
            (t("desk.request.vendor"), " ".join(part for part in (made.vendor.number, trade_name) if part)),
            (t("desk.request.application"), made.application),
        )
        lead = t("password.reset_lead", then=after_reset(at.profile))
        await at.ui.initial_password(InitialPassword(t("desk.initial.title"), lead, rows, t("desk.initial.label"), made.password, made.id))
        return
    lead = t(f"desk.told.{made.state}")
    await at.ui.read(Report("desk_told", t("desk.told.title"), (Section("", pages.request_rows(made)),), lead, t("common.close")))


async def resend(at: DeskContext, seen: DeskVendor) -> None:
    """Choose a mail and send it again."""
    sendable = [mail for mail in seen.mails if mail.state in pages.SENDABLE]
    options = tuple(
        Option(
            str(mail.id),
            t("desk.mail.title", at=pages.when(mail.created_at), subject=mail.subject),
            t("desk.resend.to", to=mail.recipient, state=t(f"desk.mail.{mail.state}")),
        )
        for mail in sendable
    )
    chosen = answered(await at.ui.choose(Question("desk_mail", t("desk.resend.title"), options, t("desk.resend.lead"))))
    mail = next(mail for mail in sendable if str(mail.id) == chosen)
    question = Confirm(
        "desk_resend",
        t("desk.resend.title"),
        t("desk.resend.question"),
        yes=t("desk.resend.yes"),
        no=t("desk.resend.no"),
        details=(t("desk.resend.to", to=mail.recipient, state=t(f"desk.mail.{mail.state}")),),
    )
    if not await at.ui.confirm(question):
        return
    try:
        await carried_out(at, lambda: at.desk.resend(mail.id))
    except EbidError as error:
        await at.ui.trouble(Trouble(error, ("back",)))


async def one_request(at: DeskContext, request: DeskRequest) -> Vendor | None:
    """One application of the list: approve, refuse, carry out, or open its vendor (the answer then)."""
    me = at.who
    options = []
    if request.state == "waiting":
        why = "" if me.role == "supervisor" else t("desk.decide.role")
        why = why or (t("desk.decide.own") if request.asked_by == me.login_id else "")
        options = [_option(action, why) for action in (RequestAction.APPROVE, RequestAction.REFUSE)]
    elif request.state == "approved":
        options = [_option(RequestAction.COMPLETE)]
    options.append(Option(RequestAction.VENDOR, t("desk.decide.vendor")))
    rows = " / ".join(row.value for row in pages.request_rows(request)[:2])
    lead = t("desk.decide.lead", place=at.place_name(request.vendor), number=request.vendor.number, what=rows, by=request.asked_by)
    question = Question("desk_request", t("desk.request.title", application=request.application), tuple(options), lead)
    action = RequestAction(answered(await at.ui.choose(question)))
    if action is RequestAction.VENDOR:
        return request.vendor
    if not await at.ui.confirm(_sure(action, lead)):
        return None
    try:
        made = await carried_out(at, partial(_decided, at, request.id, action))
    except EbidError as error:
        await at.ui.trouble(Trouble(error, ("back",)))
    else:
        await show_outcome(at, made)
    return None


async def _decided(at: DeskContext, request: str, action: Decision) -> DeskRequest:
    match action:
        case RequestAction.COMPLETE:
            return await at.desk.complete(request)
        case RequestAction.APPROVE | RequestAction.REFUSE:
            return await at.desk.decide(request, action is RequestAction.APPROVE)
        case other:
            assert_never(other)


def _option(action: Decision, unavailable: str = "") -> Option:
    return Option(action, t(f"desk.decide.{action}"), t(f"desk.decide.{action}_means"), unavailable=unavailable)


def _sure(action: Decision, lead: str) -> Confirm:
    return Confirm(
        "desk_sure", t(f"desk.decide.{action}"), t(f"desk.decide.{action}_sure"), yes=t(f"desk.decide.{action}"), no=t("desk.resend.no"),
        details=(lead,),
    )  # fmt: skip


class _Card(msgspec.Struct, frozen=True):
    """A card that can be cancelled, by its registration."""

    id: str
    certificate: CardCertificate
    company: str
    whose: str


async def _which_card(at: DeskContext, seen: DeskVendor) -> _Card:
    labels = at.profile.labels("card_holder")
    cards = [
        _Card(card.registration_id, card.card, card.company, card.person or card.company)
        for card in seen.cards
        if card.card is not None and card.state == "active"
    ]
    options = tuple(
        Option(
            card.id,
            t("desk.cancel.card", person=card.whose, until=pages.day(card.certificate.not_after)),
            f"{labels['company']}: {card.company}  {at.profile.card.serial_label}: {pages.serial(card.certificate)}",
        )
        for card in cards
    )
    chosen = answered(await at.ui.choose(Question("desk_card", t("desk.cancel.title"), options, t("desk.cancel.lead"))))
    return next(card for card in cards if card.id == chosen)


def _form(
    at: DeskContext,
    seen: DeskVendor,
    kind: RequestKind,
    card: _Card | None,
    typed: Blocks,
    problems: Mapping[str, str],
    notice: EbidError | None,
) -> Form:
    """The application's number; for a card also the last digits of its serial number."""
    fields = [
        Field(
            id="application",
            label=t("desk.request.application"),
            chars="half_alnum_symbols",
            max=LONGEST,
            mark="",
            note=t("desk.apply.note", longest=LONGEST),
            help=t("desk.apply.help"),
        )
    ]
    lead = t("desk.apply.lead", number=seen.qualification.vendor.number, name=seen.qualification.trade_name)
    if card is not None:
        lead = joined("\n", (lead, t("desk.cancel.warning", person=card.whose, serial=pages.serial(card.certificate))))
        count = min(CONFIRMED, len(card.certificate.serial))
        label = t("desk.cancel.confirmation", count=count)
        fields.append(Field(id="confirmation", label=label, chars="half_digits", exact=count, mark="", note=t("desk.cancel.decimal")))
    return Form(
        id="application",
        title=t(f"desk.kind.{kind}"),
        lead=lead,
        blocks=(FormBlock("application", "", "", tuple(fields)),),
        values=typed,
        submit=t("common.next"),
        back=t("common.back"),
        policy=at.profile.policy,
        problems=problems,
        notice=notice,
    )


def _review(at: DeskContext, seen: DeskVendor, kind: RequestKind, card: _Card | None, application: str) -> Review:
    vendor = seen.qualification.vendor
    rows = [
        Row(t("desk.request.kind"), t(f"desk.kind.{kind}"), "!"),
        Row(t("desk.request.application"), application),
        Row(t("desk.request.vendor"), f"{vendor.number} {seen.qualification.trade_name}"),
        Row(t("desk.request.place"), at.place_name(vendor)),
        Row(t("desk.request.operator"), at.who.login_id),
    ]
    if card is not None:
        rows.insert(1, Row(at.profile.card.serial_label, pages.serial(card.certificate)))
    return Review(
        id="desk_review",
        title=t("desk.apply.review"),
        sections=(Section("", tuple(rows)),),
        warnings=(t(f"desk.apply.{kind}"), t("desk.recorded")),
        question=t("desk.apply.question"),
        submit=t("desk.apply.submit"),
        back=t("common.back"),
    )
