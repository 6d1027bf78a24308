"""初期パスワード通知書: what the desk hands to a vendor after a reset. It goes to a printer and never into a file."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ebid_tui.domain.lost_passwords import changing_service
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.messages import t
from ebid_tui.printing.printers import Printer, PrintJob
from ebid_tui.printing.targets import PrintTargets


async def send_slip(outlet: PrintTargets, printer: Printer, number: str, rows: Sequence[tuple[str, str]]) -> PrintJob:
    """Make the page and queue it; the queue's title has the application's number alone. Raises PrintError."""
    profile = outlet.profile
    page = await asyncio.to_thread(_pdf, f"{profile.name} {profile.title}", number, tuple(rows), _note(profile))
    return await outlet.cups.send(printer.name, f"ebid-tui {number}", page)


def _note(profile: Profile) -> str:
    """What the vendor does with it."""
    if profile.notified_password_counts:
        return t("desk.initial.slip_note_counts")
    if service := changing_service(profile):
        return t("password.slip_must_change_elsewhere", service=service)
    return t("desk.initial.slip_note")


def _pdf(subtitle: str, number: str, rows: tuple[tuple[str, str], ...], note: str) -> bytes:
    from ebid_tui.printing.paper import Paper, PaperRow, PaperSection, pdf  # the PDF library: 150 ms

    section = PaperSection("", tuple(PaperRow(label, value) for label, value in rows))
    receipt = ((t("desk.request.number"), number),)
    return pdf(Paper(t("desk.initial.slip"), subtitle, (section,), receipt, number, note))
