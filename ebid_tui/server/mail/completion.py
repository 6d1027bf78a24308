"""The mail that goes out on completion (R-39), written into the outbox with the change itself."""

from __future__ import annotations

from ebid_tui.domain import waiting
from ebid_tui.domain.contacts import SAID
from ebid_tui.domain.fields import readable
from ebid_tui.domain.profile.systems import Contact, Operation, Profile
from ebid_tui.domain.records import CardCertificate, Receipt, Values
from ebid_tui.domain.serial_numbers import shown_serial
from ebid_tui.domain.whereabouts import of_receipt
from ebid_tui.messages import t
from ebid_tui.server.mail.own_words import in_own_words
from ebid_tui.server.settings import JAPAN
from ebid_tui.server.store.accepted_changes import CompletionMail


@in_own_words
def completion(profile: Profile, receipt: Receipt) -> tuple[CompletionMail, ...]:
    """R-39: to the card contact's address, with the rows that the system names; nothing where there is no address.

    In Japanese, whoever asked: the company reads it, and it looks the same whichever screen it came from.
    """
    if receipt.mail_to is None:
        return ()
    waits = waiting.said_of(profile, receipt)
    subject, lead = _words_of_waiting(profile, receipt.operation) if waits else _words(profile, receipt.operation)
    lines = [lead, "", *about(profile, receipt)]
    if waits:
        lines += ["", *waits]
    if receipt.operation == "renewal" and not waits:
        lines += ["", t("server.mail_old_card")]
    if receipt.propagate and not waits:
        lines += ["", t("server.mail_propagated")]
    lines += last_lines(profile)
    return (CompletionMail(receipt.mail_to, subject, "\n".join(lines) + "\n"),)


def about(profile: Profile, receipt: Receipt) -> list[str]:
    """Whose it is, what was done, the rows that the system names, number and time."""
    done = t("server.mail_row", label=t("server.mail_operation"), value=menu_label(profile, receipt.operation))
    lines = [of_receipt(profile, receipt).text(), done]
    lines += [_row(profile, receipt, row) for row in profile.mail.rows]
    lines += _whose(profile, receipt)
    return [*lines, "", t("server.mail_receipt", id=receipt.id), t("server.mail_at", at=receipt.at.astimezone(JAPAN))]


def what_of(profile: Profile, operation: Operation) -> str:
    """An operation as a sentence calls it."""
    return profile.amendment_form.title if operation == "amendment" else menu_label(profile, operation)


def _words_of_waiting(profile: Profile, operation: Operation) -> tuple[str, str]:
    what = what_of(profile, operation)
    return t("acceptance.subject", what=what), t("acceptance.lead", what=what)


def _words(profile: Profile, operation: Operation) -> tuple[str, str]:
    """Subject and first line: the system's own for 登録, and for the others by what they are called."""
    if operation == "registration":
        return profile.mail.subject, profile.mail.lead
    what = what_of(profile, operation)
    return t("server.mail_subject", what=what), t("server.mail_lead", what=what)


def _whose(profile: Profile, receipt: Receipt) -> list[str]:
    """Where and whose it is, so that two mails of one day are told apart; of a renewal both cards."""
    lines = [line(profile.category_title, profile.category(receipt.vendor.category).name)]
    if f"company.{profile.search.key}" not in profile.mail.rows and not profile.number_secret:
        lines.append(line(profile.number_label, receipt.vendor.number))
    if receipt.previous is not None and receipt.card is not None:
        lines += [
            line(t("flow.renewal.old"), _card(profile, receipt.previous)),
            line(t("flow.renewal.new"), _card(profile, receipt.card)),
        ]
    return lines


def _card(profile: Profile, card: CardCertificate) -> str:
    serial = line(profile.card.serial_label, shown_serial(card, profile.card.renewal_serial))
    return t("flow.renewal.until", serial=serial, until=f"{card.not_after.astimezone(JAPAN):%Y/%m/%d}")


def last_lines(profile: Profile) -> list[str]:
    """How every mail of a system ends."""
    return [*(["", profile.mail.footer] if profile.mail.footer else []), "", *_helpdesk(profile.helpdesk)]


def _helpdesk(helpdesk: Contact) -> list[str]:
    """Whom to ask, as far as the system's file says it."""
    lines = [line(t("server.mail_contact"), helpdesk.name)]
    for name in SAID:
        if value := getattr(helpdesk, name):
            lines.append(line(t(f"server.mail_contact_{name}"), value))
    return lines


def line(label: str, value: str) -> str:
    """One row of a mail."""
    return t("server.mail_row", label=label, value=value)


def menu_label(profile: Profile, operation: Operation) -> str:
    """An operation as the menu calls it; as its own page does where the menu does not offer it."""
    pages = {"registration": profile.registration_form.title, "amendment": profile.amendment_form.title, "renewal": profile.renewal.title}
    return next((item.label for item in profile.menu.items if item.id == operation), pages[operation])


def _row(profile: Profile, receipt: Receipt, row: str) -> str:
    if row == "agency":
        label, value = profile.agency_title, profile.agency(receipt.vendor.agency).name
    else:
        block_id, _, field_id = row.partition(".")
        label, value = profile.labels(block_id)[field_id], _values(profile, receipt, block_id).get(field_id, "")
    return t("server.mail_row", label=profile.mail.labels.get(row, label), value=value or t("server.mail_missing"))


def _values(profile: Profile, receipt: Receipt, block_id: str) -> Values:
    if block_id == "card_certificate":
        card = receipt.card
        if card is None:
            return {}
        serial = shown_serial(card, profile.card.serial)
        return {"serial": serial, "issuer": card.issuer, "not_after": f"{card.not_after.astimezone(JAPAN):%Y/%m/%d}"}
    values = dict(receipt.blocks.get(block_id, {}))
    for field in profile.every_field(block_id):
        if field.kind == "grades" and field.id in values:
            values[field.id] = readable(field, values[field.id]).replace("\n", "、")
    if block_id == "company" and receipt.company_id:
        values["company_id"] = receipt.company_id
    return values
