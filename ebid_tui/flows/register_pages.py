"""What each step of 登録 shows: forms, questions, the confirmation, the print; built from the profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ebid_tui.domain import rules, statement, waiting
from ebid_tui.domain.certificate import JAPAN, Certificate
from ebid_tui.domain.fields import Field, readable
from ebid_tui.domain.profile.systems import Category, Operation
from ebid_tui.domain.records import CardCertificate, Found, Qualification, Receipt
from ebid_tui.domain.serial_numbers import shown_serial
from ebid_tui.domain.text.names import NameComparison
from ebid_tui.domain.whereabouts import of_receipt
from ebid_tui.errors import EbidError
from ebid_tui.flows import notices
from ebid_tui.flows.place import Place
from ebid_tui.flows.propagating import said_on_the_receipt
from ebid_tui.flows.ui import Blocks, Confirm, Done, Fill, Form, FormBlock, Review, Row, Section
from ebid_tui.language import joined
from ebid_tui.messages import t

COMPANY_AS_CONTACT = {
    "name": "department",
    "postal_code": "postal_code",
    "address": "address",
    "person": "representative",
    "phone": "phone",
    "fax": "fax",
}
"""The fields of 代表窓口情報 that may be the company's own. The mail address is always typed (R-12)."""


def search_form(
    place: Place,
    typed: Blocks,
    problems: Mapping[str, str],
    notice: EbidError | None,
    fills: tuple[Fill, ...] = (),
    warnings: Sequence[str] = (),
) -> Form:
    """資格審査情報検索, as this agency asks it; `warnings` follow what it is for."""
    search = place.profile.search
    agency = joined(": ", (place.profile.agency_title, place.agency.name)) if search.show_agency else ""
    lead = joined("\n", [part for part in (agency, search.lead, place.agency.search_note, *warnings) if part])
    return Form(
        id="search",
        title=search.title,
        lead=lead,
        blocks=(FormBlock("search", "", "", place.profile.search_fields(place.agency.id)),),
        values=typed,
        submit=search.submit,
        back=search.back,
        policy=place.profile.policy_in(place.category.id),
        problems=problems,
        notice=notice,
        fills=fills,
    )


def registration_form(
    place: Place, found: Found, card_holder: Mapping[str, str] | None, typed: Blocks, problems: Mapping[str, str]
) -> Form:
    """利用者登録: what the qualification, the card and earlier cards know, under what was typed already.

    Without a card (R-36) `card_holder` is None, and its block is not there.
    """
    profile = place.profile
    later_read_only = found.later_card and profile.rules.representative_contact_of_later_cards == "read_only"
    known: Blocks = {
        "company": dict(found.qualification.company),
        "representative_contact": dict(found.representative_contact),
        "card_holder": dict(card_holder or {}),
    }
    if "email" in known["representative_contact"]:
        known["representative_contact"].setdefault("email_again", known["representative_contact"]["email"])
    blocks = tuple(
        FormBlock(
            id=block.id,
            title=block_title(place, block.id, with_card=card_holder is not None),
            remark=block.remark,
            fields=profile.fields(block.id, "registration", place.category.id),
            read_only=later_read_only and block.id in ("company", "representative_contact"),
        )
        for block in profile.blocks
        if block.id != "card_holder" or card_holder is not None
    )
    values = {b.id: start(b, known.get(b.id, {}), typed.get(b.id, {})) for b in blocks}
    return Form(
        id="registration",
        title=profile.registration_form.title,
        lead=joined("\n", _form_leads(place, found, later_read_only, card=card_holder is not None)),
        blocks=blocks,
        values=values,
        submit=profile.registration_form.submit,
        back=profile.registration_form.back,
        policy=profile.policy_in(place.category.id),
        problems=problems,
        copy=("representative_contact", "card_contact"),
        fills=_fills(found),
    )


def _fills(found: Found) -> tuple[Fill, ...]:
    company = Fill("company", "representative_contact", COMPANY_AS_CONTACT)
    if not found.card_contact:
        return (company,)
    return company, Fill("last_card", "card_contact", {name: name for name in found.card_contact}, found.card_contact)


def start(block: FormBlock, known: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """What a block's fields start with: what is known, under what was typed already."""
    values = {f.id: known.get(f.id, "") for f in block.fields}
    if not block.read_only:
        values.update({f.id: typed[f.id] for f in block.fields if f.input and f.id in typed})
    return values


def _form_leads(place: Place, found: Found, read_only: bool, *, card: bool) -> list[str]:
    leads = [t("flow.form.later_card") if found.later_card else place.profile.registration_form.lead]
    if read_only:
        leads.append(t("flow.form.read_only"))
    return [*leads, *notices.on_form(place, found, card=card)]


def known_search(place: Place, vendor: Qualification) -> Blocks:
    """資格審査情報検索 of a vendor that is known already; its password is not."""
    return {"search": {place.profile.search.key: vendor.vendor.number, "trade_name": vendor.company_name}}


def next_category(category: Category) -> Confirm:
    """R-41: the other category, where the vendor is qualified for it as well."""
    return Confirm(
        id="next_category",
        title=t("notice.next_category.title"),
        question=t("notice.next_category.question", name=category.name),
        yes=t("notice.next_category.yes"),
        no=t("notice.next_category.no"),
        preset="no",
    )


def confirmed_blocks(form: Form, typed: Blocks) -> Blocks:
    """Every value the confirmation shows, which is what gets signed: typed ones and shown ones."""
    return {b.id: {f.id: (form.values if b.read_only or not f.input else typed)[b.id].get(f.id, "") for f in b.fields} for b in form.blocks}


def registration_review(
    place: Place, shown: Blocks, certificate: Certificate | None, holder_confirmed: bool, vendor: Qualification | None = None
) -> Review:
    """登録内容確認: for whom (R-40), all blocks and ICカード情報; the address the mail goes to is pointed out (R-12)."""
    confirmation = place.profile.confirmation
    warnings = notices.on_waiting(place, "registration")
    warnings += [confirmation.company_check] if confirmation.company_check and certificate else []
    if vendor is not None and certificate is not None:
        warnings += notices.on_confirmation(place, vendor)
    warnings.append(t("flow.review.mail", mail=shown["card_contact"]["email"]))
    if certificate is not None:
        warnings += ends_soon(place, certificate)
    if holder_confirmed:
        warnings.append(t("flow.review.holder_unknown" if certificate and _only_unknown(shown, certificate) else "flow.review.holder"))
    if place.profile.rules.propagation:
        warnings.append(t("flow.review.propagated"))
    blocks = tuple(b.id for b in place.profile.blocks if b.id in shown)
    card = (card_section(place, certificate.record, note=t("notice.serial")),) if certificate else ()
    whose = (notices.vendor_section(place, vendor),) if vendor is not None else ()
    return Review(
        id="review",
        title=confirmation.title,
        sections=(*whose, *sections(place, "registration", shown, blocks), *card),
        warnings=tuple(warnings),
        question=confirmation.question,
        submit=confirmation.submit,
        back=confirmation.back,
    )


def _only_unknown(shown: Blocks, certificate: Certificate) -> bool:
    """Whether the names could not be compared, and none is known to differ."""
    check = rules.compare_holder(shown.get("company", {}), certificate.card_holder)
    found = {check.company, check.person}
    return NameComparison.INCOMPARABLE in found and NameComparison.DIFFERS not in found


def ends_soon(place: Place, certificate: Certificate) -> list[str]:
    """R-25, R-45: the warnings, if the certificate ends within the system's days."""
    days = certificate.days_left(statement.now())
    soon = days <= place.profile.rules.expiry_warning_days
    return [t("flow.review.ends_soon", days=days), *notices.on_ending_card(place)] if soon else []


def block_title(place: Place, block_id: str, *, with_card: bool) -> str:
    """A block's title. One without belongs to the block before it, and bears its title where there is no card to tell of (R-36)."""
    title = ""
    for block in place.profile.blocks:
        title = block.title or title
        if block.id == block_id:
            return block.title if with_card else title
    return title


def sections(
    place: Place, operation: Operation, values: Blocks, block_ids: tuple[str, ...], before: Blocks | None = None
) -> tuple[Section, ...]:
    """Blocks as rows. With `before`, rows that changed bear a sign and what stood there."""
    profile = place.profile
    made = []
    for block_id in block_ids:
        block = profile.block(block_id)
        fields = profile.fields(block_id, operation, place.category.id)
        old = None if before is None else before.get(block_id, {})
        rows = tuple(_row(block_id, f, values.get(block_id, {}), old) for f in fields if f.kind != "email_again")
        made.append(Section(block_title(place, block_id, with_card="card_holder" in values), rows, block.remark))
    return tuple(made)


def _row(block_id: str, field: Field, values: Mapping[str, str], before: Mapping[str, str] | None) -> Row:
    value = shown_value(field, values.get(field.id, ""))
    if before is not None and differs(field, before, values):
        return Row(field.label, value, "*", t("flow.amend.before", value=shown_value(field, before.get(field.id, ""))))
    if before is None and block_id == "card_contact" and field.kind == "email":
        return Row(field.label, value, "!", t("flow.review.mail_note"))
    return Row(field.label, value)


def differs(field: Field, before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Whether 変更 changes this field. One that is only shown, and that the registration does not have, was not changed."""
    value = after.get(field.id, "")
    return field.kind != "email_again" and value != before.get(field.id, "" if field.input else value)


def shown_value(field: Field, value: str) -> str:
    """A value as it is read: a missing one is called so."""
    return readable(field, value) or t("common.missing")


def card_section(place: Place, card: CardCertificate, title: str = "", serial: str = "", note: str = "") -> Section:
    """ICカード情報; the serial number as this system shows it at this step (`serial`: the setting, if not the usual one).

    `note` stands beside it: that it is not the card's number (R-43).
    """
    texts = place.profile.card
    return Section(
        title or texts.title,
        (
            Row(texts.serial_label, shown_serial(card, serial or texts.serial), note=note),
            Row(texts.issuer_label, card.issuer),
            Row(texts.not_after_label, f"{card.not_after.astimezone(JAPAN):%Y/%m/%d}"),
        ),
    )


def done(place: Place, receipt: Receipt, page: tuple[Section, ...] | None = None) -> Done:
    """処理完了 and the page 利用者情報 that can be printed (R-20); `page` is what it has instead of the usual blocks."""
    profile = place.profile
    confirmation = profile.amendment_confirmation if receipt.operation == "amendment" else profile.confirmation
    message = profile.renewal.done if receipt.operation == "renewal" else confirmation.done
    waits = waiting.said_of(profile, receipt)
    if waits:
        message = joined("\n", waits)
    return Done(
        id="done",
        title=t("acceptance.title") if waits else confirmation.done_title,
        message=message,
        receipt=receipt,
        page_title=profile.print.title,
        page=_printed(place, receipt) if page is None else page,
        page_note="\n".join([*waits, *profile.print_notes(receipt.operation, "waiting" if waits else "accepted")]),
        print=confirmation.print,
        mail_to=receipt.mail_to,
        where=of_receipt(profile, receipt),
        notices=tuple(notices.on_done(place, receipt)),
    )


def _printed(place: Place, receipt: Receipt) -> tuple[Section, ...]:
    profile = place.profile
    wanted = profile.print.amendment if receipt.operation == "amendment" else profile.print.registration
    page = sections(place, receipt.operation, receipt.blocks, tuple(b for b in wanted if b in receipt.blocks))
    company = next((s for s in page if s.rows), None)
    label = profile.labels("company").get("company_id", "")
    printed = company is not None and any(row.label == label for row in company.rows)
    if profile.print.company_id and receipt.company_id and not printed:
        page = (Section("", (Row(label, receipt.company_id),)), *page)
    if said := said_on_the_receipt(place, receipt):
        page = (*page, Section("", said))
    return tuple(on_paper(section) for section in page)


def on_paper(section: Section) -> Section:
    """Without what is said to somebody who fills in or checks a page: no remark, no sign, no note."""
    return Section(section.title, tuple(Row(row.label, row.value) for row in section.rows))
