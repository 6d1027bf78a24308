"""The rows of a receipt (number, time, check value), as screens, line mode and paper show them."""

from __future__ import annotations

from ebid_tui.domain.records import Receipt
from ebid_tui.messages import t


def receipt_rows(receipt: Receipt) -> list[tuple[str, str]]:
    """Number, time (in Japan) and check value of a receipt, and the company's id where the system gives one."""
    from ebid_tui.domain.certificate import JAPAN

    rows = [
        (t("screen.done.receipt"), receipt.id),
        (t("screen.done.at"), f"{receipt.at.astimezone(JAPAN):%Y/%m/%d %H:%M:%S}"),
        (t("screen.done.check"), receipt.check),
    ]
    if receipt.company_id:
        rows.append((t("screen.done.company_id"), receipt.company_id))
    return rows
