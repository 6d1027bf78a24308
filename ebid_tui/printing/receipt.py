"""What 印刷 puts on paper, from the end of a flow."""

from __future__ import annotations

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.receipts import receipt_rows
from ebid_tui.flows.ui import Done
from ebid_tui.messages import t
from ebid_tui.printing.paper import Paper, PaperRow, PaperSection


def receipt_paper(done: Done, profile: Profile) -> Paper:
    """R-20: 利用者情報 with the receipt's number, time and check value; the QR code holds number and check value."""
    return Paper(
        title=done.page_title,
        subtitle=f"{profile.name} {profile.title}",
        where=done.where.text(),
        sections=tuple(
            PaperSection(
                section.title,
                tuple(PaperRow(row.label, row.value or t("screen.missing"), row.sign, row.note) for row in section.rows),
                section.remark,
            )
            for section in done.page
        ),
        receipt=tuple(receipt_rows(done.receipt)),
        code=f"{done.receipt.id} {done.receipt.check}",
        note=done.page_note,
    )
