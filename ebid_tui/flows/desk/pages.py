"""A vendor's page: qualification, contacts, cards with expiry, the password's state, mails, history, applications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ebid_tui.domain import statement
from ebid_tui.domain.certificate import JAPAN
from ebid_tui.domain.codes import CodeExplanation
from ebid_tui.domain.desk import DeskCard, DeskMail, DeskRequest, DeskVendor, Event
from ebid_tui.domain.fields import readable
from ebid_tui.domain.lost_passwords import expires_on
from ebid_tui.domain.records import CardCertificate, Qualification, Values
from ebid_tui.flows.desk.session import DeskContext
from ebid_tui.flows.desk.ui import PagePosition, VendorAction, VendorPage, VendorPagePart
from ebid_tui.flows.ui import Report, Row, Section
from ebid_tui.messages import has, t

SENDABLE = ("sent", "failed", "uncertain")
"""Mails that can be sent again: what waits goes out by itself."""

FINGERPRINT = 64
"""Hex digits of the SHA-256 by which the audit log calls a card."""


def vendor_page(at: DeskContext, seen: DeskVendor, place: PagePosition) -> VendorPage:
    """All that is on record, in seven parts, and what can be done."""
    vendor = seen.qualification.vendor
    sections = {
        "qualification": _qualification(at, seen),
        "contacts": _contacts(at, seen),
        "cards": tuple(_card(at, number, card) for number, card in enumerate(seen.cards, start=1)) or _none("cards"),
        "password": _password(at, seen),
        "mails": tuple(_mail(mail) for mail in seen.mails) or _none("mails"),
        "history": _history(at, seen.history) if seen.history else _none("history"),
        "requests": tuple(_request(request) for request in seen.requests) or _none("requests"),
    }
    parts = tuple(VendorPagePart(name, t(f"desk.part.{name}"), said) for name, said in sections.items())
    title = t("desk.vendor.title", number=vendor.number, name=seen.qualification.trade_name)
    return VendorPage(title, at.place_name(vendor), parts, actions(seen), place)


def actions(seen: DeskVendor) -> tuple[VendorAction, ...]:
    """What can be done for this vendor now."""
    found = []
    if seen.password is not None:
        found.append(VendorAction.RESET)
        if seen.password.state == "locked":
            found.append(VendorAction.UNLOCK)
    if any(mail.state in SENDABLE for mail in seen.mails):
        found.append(VendorAction.RESEND)
    if any(card.state == "active" and card.card is not None for card in seen.cards):
        found.append(VendorAction.CANCEL_CARD)
    if seen.elsewhere:
        found.append(VendorAction.ELSEWHERE)
    return (*found, VendorAction.REFRESH)


def code_report(code: CodeExplanation) -> Report:
    """A code: what it means, its causes, the remedy, and what to tell the caller."""
    sections = (
        Section(t("desk.codes.tell"), (Row("", code.tell),)),
        Section(t("desk.codes.meaning"), (Row(code.code, code.meaning),)),
        Section(t("desk.codes.causes"), tuple(Row(f"{number}.", cause) for number, cause in enumerate(code.causes, start=1))),
        Section(t("desk.codes.remedy"), (Row("", code.remedy),)),
    )
    return Report("code", t("desk.codes.title", code=code.code), sections, "", t("common.back"))


def request_rows(request: DeskRequest) -> tuple[Row, ...]:
    """An application with what became of it."""
    rows = [
        Row(t("desk.request.kind"), t(f"desk.kind.{request.kind}")),
        Row(t("desk.request.application"), request.application),
        Row(t("desk.request.state"), t(f"desk.stage.{request.state}"), "!" if request.state in ("waiting", "approved") else ""),
        Row(t("desk.request.asked"), who_when(request.asked_by, request.asked_at)),
    ]
    for name, by, at_time in (("decided", request.decided_by, request.decided_at), ("done", request.done_by, request.done_at)):
        if by and at_time:
            rows.append(Row(t(f"desk.request.{name}"), who_when(by, at_time)))
    return tuple(rows)


def who_when(name: str, moment: datetime) -> str:
    return f"{when(moment)} {name}"


def when(moment: datetime) -> str:
    """Date and time in Japan."""
    return f"{moment.astimezone(JAPAN):%Y/%m/%d %H:%M}"


def day(moment: datetime) -> str:
    return f"{moment.astimezone(JAPAN):%Y/%m/%d}"


def days_left(moment: datetime) -> int:
    return (moment.astimezone(JAPAN).date() - statement.now().astimezone(JAPAN).date()).days


def serial(card: CardCertificate) -> str:
    """Decimal and hex, as callers read either from their screens."""
    return t("desk.serial", decimal=card.serial, hex=f"{int(card.serial):x}")


def _none(part: str) -> tuple[Section, ...]:
    return (Section(t(f"desk.part.{part}"), (), t("desk.none")),)


def _qualification(at: DeskContext, seen: DeskVendor) -> tuple[Section, ...]:
    first = seen.qualification
    rows = [_state(first), Row(t("desk.trade_name"), first.trade_name)]
    if seen.company_id:
        rows.append(Row(t("desk.company_id"), seen.company_id))
    rows += _values(at, "company", first.company, first.vendor.category, leave_out=("company_id", "vendor_no", "branch"))
    found = [Section(t("desk.part.qualification"), tuple(rows))]
    if seen.elsewhere:
        others = tuple(Row(at.place_name(q.vendor), f"{t(f'flow.status.{q.state}')} {q.trade_name}") for q in seen.elsewhere)
        found.append(Section(t("desk.elsewhere"), others))
    return tuple(found)


def _state(qualification: Qualification) -> Row:
    return Row(t("flow.status.state"), t(f"flow.status.{qualification.state}"), "" if qualification.state == "approved" else "!")


def _contacts(at: DeskContext, seen: DeskVendor) -> tuple[Section, ...]:
    titles = {block.id: block.title for block in at.profile.blocks}
    category = seen.qualification.vendor.category
    found = [Section(titles["representative_contact"], _values(at, "representative_contact", seen.representative_contact, category))]
    for number, card in enumerate(seen.cards, start=1):
        if card.state == "active":
            title = t("desk.card_contact", block=titles["card_contact"] or titles["card_holder"], number=number)
            found.append(Section(title, _values(at, "card_contact", card.contact, category)))
    return tuple(found)


def _values(at: DeskContext, block: str, values: Values, category: str, leave_out: Sequence[str] = ()) -> tuple[Row, ...]:
    """A block's values under the labels of this system's documents; what no field shows stands under its own name."""
    shown: Mapping[str, object] = {f.id: f for f in at.profile.fields(block, "amendment", category)}
    rows = [
        Row(field.label, readable(field, values.get(field.id, "")))
        for field in at.profile.fields(block, "amendment", category)
        if field.kind != "email_again" and field.id not in leave_out
    ]
    return (*rows, *(Row(name, value) for name, value in values.items() if name not in shown and value and name not in leave_out))


def _card(at: DeskContext, number: int, card: DeskCard) -> Section:
    labels, texts = at.profile.labels("card_holder"), at.profile.card
    title = t("desk.card", number=number, state=t(f"flow.status.card_{card.state}"))
    registered = Row(t("desk.registered"), when(card.registered_at))
    if card.card is None:
        return Section(title, (Row(t("desk.card_free"), card.contact.get("person", "")), registered))
    left = days_left(card.card.not_after)
    until = t("flow.status.ended" if left < 0 else "flow.status.days", date=day(card.card.not_after), days=left)
    warn = card.state == "active" and left <= at.profile.rules.expiry_warning_days
    return Section(
        title,
        (
            Row(labels["company"], card.company),
            Row(labels["person"], card.person),
            Row(texts.serial_label, serial(card.card)),
            Row(texts.issuer_label, card.card.issuer),
            Row(texts.not_after_label, until, "!" if warn else ""),
            registered,
        ),
    )


def _password(at: DeskContext, seen: DeskVendor) -> tuple[Section, ...]:
    password = seen.password
    if password is None:
        return _none("password")
    counts = password.state == "initial" and at.profile.notified_password_counts
    state = "initial_counts" if counts else password.state
    rows = [
        Row(t("desk.password.state"), t(f"desk.password.{state}"), "" if counts or state == "active" else "!"),
        Row(t("desk.password.wrong"), t("desk.password.times", count=password.wrong), "!" if password.wrong else ""),
    ]
    if password.changed_on:
        rows.append(Row(t("desk.password.changed"), f"{password.changed_on:%Y/%m/%d}"))
    if until := expires_on(at.profile, password.changed_on):
        over = until < statement.now().astimezone(JAPAN).date()
        said = t("password.expired_on" if over else "password.expires_on", until=until)
        rows.append(Row(t("password.expired_row"), said, "!" if over else ""))
    return (Section(t("desk.part.password"), tuple(rows)),)


def _mail(mail: DeskMail) -> Section:
    rows = [
        Row(t("desk.mail.state"), t(f"desk.mail.{mail.state}"), "" if mail.state in ("sent", "waiting", "sending") else "!"),
        Row(t("desk.mail.to"), mail.recipient),
        Row(t("desk.mail.receipt"), mail.receipt_id),
        Row(t("desk.mail.attempts"), t("desk.password.times", count=mail.attempts)),
    ]
    if mail.finished_at:
        rows.append(Row(t("desk.mail.finished"), when(mail.finished_at)))
    if mail.reason:
        rows.append(Row(t("desk.mail.reason"), mail.reason))
    return Section(t("desk.mail.title", at=when(mail.created_at), subject=mail.subject), tuple(rows))


def _history(at: DeskContext, events: Sequence[Event]) -> tuple[Section, ...]:
    return (Section(t("desk.part.history"), tuple(_event(at, event) for event in events)),)


def _event(at: DeskContext, event: Event) -> Row:
    """`desk_view:inquiry` as a sentence; what has none stands as it is."""
    what, _, why = event.event.partition(":")
    said = t(f"desk.event.{what}") if has(f"desk.event.{what}") else what
    reason = t(f"desk.reason.{why}") if has(f"desk.reason.{why}") else t(f"desk.kind.{why}") if has(f"desk.kind.{why}") else why
    agency = "" if at.profile.single_agency else next((a.name for a in at.profile.agencies if a.id == event.agency), "")
    shown = (said, f"({reason})" if reason else "", _actor(event.actor), agency, event.receipt_id or "")
    return Row(when(event.at), " ".join(part for part in shown if part))


def _actor(actor: str) -> str:
    """An operator by name, an application by number, a vendor by how it signed in."""
    kind, colon, name = actor.partition(":")
    if colon and kind in ("operator", "application"):
        return t(f"desk.actor.{kind}", name=name)
    if colon:
        return t("desk.actor.number")
    return t("desk.actor.card") if len(actor) == FINGERPRINT else actor


def _request(request: DeskRequest) -> Section:
    return Section(t("desk.request.title", application=request.application), request_rows(request))
