"""What every voice says of a receipt, and what of a form stands in it."""

from __future__ import annotations

from collections.abc import Mapping

from ebid_tui.domain.records import Receipt, Values
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


def kept(blocks: Mapping[str, Values]) -> dict[str, Values]:
    """Blocks as they are kept: the mail address typed again says nothing more."""
    return {block_id: {name: value for name, value in values.items() if name != "email_again"} for block_id, values in blocks.items()}
