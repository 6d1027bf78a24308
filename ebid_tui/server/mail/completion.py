"""The mail that goes out on completion (R-39), written into the outbox with the change itself."""

from __future__ import annotations

from ebid_tui.domain.fields import readable
from ebid_tui.domain.profile.systems import Operation, Profile
from ebid_tui.domain.records import Receipt, Values
from ebid_tui.domain.whereabouts import of_receipt
from ebid_tui.language import SOURCE, speaking
from ebid_tui.messages import t
from ebid_tui.server.settings import JAPAN
from ebid_tui.server.store.accepted_changes import CompletionMail


@speaking(SOURCE)
def completion(profile: Profile, receipt: Receipt) -> tuple[CompletionMail, ...]:
    """R-39: to the card contact's address, with the rows that the system names; nothing where there is no address.

    In Japanese, whoever asked: the company reads it, and it looks the same whichever screen it came from.
    """
    if receipt.mail_to is None:
        return ()
    done = t("server.mail_row", label=t("server.mail_operation"), value=_done(profile, receipt.operation))
    lines = [profile.mail.lead, "", of_receipt(profile, receipt).text(), done]
    lines += [_row(profile, receipt, row) for row in profile.mail.rows]
    lines += ["", t("server.mail_receipt", id=receipt.id), t("server.mail_at", at=receipt.at.astimezone(JAPAN))]
    if receipt.operation == "renewal":
        lines += ["", t("server.mail_old_card")]
    if profile.mail.footer:
        lines += ["", profile.mail.footer]
    return (CompletionMail(receipt.mail_to, profile.mail.subject, "\n".join(lines) + "\n"),)


def _done(profile: Profile, operation: Operation) -> str:
    """What was done, as the menu calls it; as its own page does where the menu does not offer it."""
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
        return {"serial": card.serial, "issuer": card.issuer, "not_after": f"{card.not_after.astimezone(JAPAN):%Y/%m/%d}"}
    values = dict(receipt.blocks.get(block_id, {}))
    for field in profile.every_field(block_id):
        if field.kind == "grades" and field.id in values:
            values[field.id] = readable(field, values[field.id]).replace("\n", "、")
    if block_id == "company" and receipt.company_id:
        values["company_id"] = receipt.company_id
    return values
