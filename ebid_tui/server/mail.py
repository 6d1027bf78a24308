"""The mail that goes out on completion (R-39), written into the outbox with the change itself."""

from __future__ import annotations

from ebid_tui.domain.records import Receipt
from ebid_tui.domain.systems import Profile
from ebid_tui.messages import t
from ebid_tui.server.settings import JAPAN
from ebid_tui.server.store.entries import Mail


def completion(profile: Profile, receipt: Receipt) -> tuple[Mail, ...]:
    """To the card contact's address, with the rows that the system names; nothing where there is no address."""
    if receipt.mail_to is None:
        return ()
    done = next(item.label for item in profile.menu.items if item.id == receipt.operation)
    lines = [profile.mail.lead, "", t("server.mail_row", label=t("server.mail_operation"), value=done)]
    lines += [_row(profile, receipt, row) for row in profile.mail.rows]
    lines += ["", t("server.mail_receipt", id=receipt.id), t("server.mail_at", at=receipt.at.astimezone(JAPAN))]
    if receipt.operation == "renewal":
        lines += ["", t("server.mail_old_card")]
    if profile.mail.footer:
        lines += ["", profile.mail.footer]
    return (Mail(receipt.mail_to, profile.mail.subject, "\n".join(lines) + "\n"),)


def _row(profile: Profile, receipt: Receipt, row: str) -> str:
    if row == "agency":
        label, value = profile.agency_title, profile.agency(receipt.vendor.agency).name
    else:
        block_id, _, field_id = row.partition(".")
        label = next((f.label for f in profile.fields(block_id, "amendment", receipt.vendor.category) if f.id == field_id), "")
        value = receipt.blocks.get(block_id, {}).get(field_id, "")
    if row == "company.company_id":
        label, value = label or t("server.mail_company_id"), receipt.company_id or ""
    label = profile.mail.labels.get(row, label)
    return t("server.mail_row", label=label, value=value or t("server.mail_missing"))
