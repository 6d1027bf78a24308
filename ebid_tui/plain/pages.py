"""What line mode prints: one thing per line, the label before the value, an error before what it is about."""

from __future__ import annotations

from collections.abc import Sequence

from ebid_tui.domain.records import Receipt
from ebid_tui.errors import EbidError
from ebid_tui.flows.ui import Comparison, Section
from ebid_tui.messages import t

SIGNS = {"equal": "= ", "changed": "* ", "notable": "! "}
"""How a row of 電子証明書更新確認 begins: the same on both cards, different, or worth a thought."""


def print_error(error: EbidError) -> None:
    """What happened, what to do, and every likely cause."""
    print(t("plain.error", code=error.code, title=error.title))
    print(t("plain.remedy", remedy=error.remedy))
    for cause in error.causes:
        print(t("plain.cause", cause=cause))


def print_sections(sections: Sequence[Section]) -> None:
    """A row's sign comes first, its note last; a value of several lines repeats its label."""
    for section in sections:
        for line in (section.title, section.remark):
            if line:
                print(line)
        for row in section.rows:
            note = f"（{row.note}）" if row.note else ""
            for part in row.value.splitlines() or [""]:
                print(f"{row.sign}{row.label}: {part}{note}")


def print_comparison(comparison: Comparison) -> None:
    """Each row's two values one after the other, named by whose they are."""
    for row in comparison.rows:
        print(f"{SIGNS[row.verdict]}{row.label}{t(f'plain.row.{row.verdict}')}")
        print(f"　{comparison.current}: {row.current}")
        print(f"　{comparison.new}: {row.new}")
        if row.note:
            print(f"　{row.note}")


def print_warnings(warnings: Sequence[str]) -> None:
    for warning in warnings:
        print(t("plain.warning", text=warning))


def print_receipt(receipt: Receipt) -> None:
    print(t("plain.receipt_id", id=receipt.id))
    print(t("plain.receipt_at", at=receipt.at))
    print(t("plain.receipt_check", check=receipt.check))
