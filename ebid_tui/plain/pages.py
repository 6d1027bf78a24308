"""What line mode prints: one thing per line, the label before the value, an error before what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ebid_tui.domain.records import Receipt
from ebid_tui.errors import EbidError
from ebid_tui.flows.comparing import CardComparison, ChoiceRow
from ebid_tui.flows.ui import Done, Option, PinRequest, Section
from ebid_tui.language import gloss
from ebid_tui.messages import t

SIGNS = {"equal": "= ", "changed": "* ", "notable": "! "}
"""How a row of 電子証明書更新確認 begins: the same on both cards, different, or worth a thought."""


def print_error(error: EbidError, about: str = "") -> None:
    """What happened, what to do, and every likely cause; apart from them the code (for the helpdesk). `about` is what was asked for."""
    print(t("plain.error", title=error.title_about(about)))
    print(t("plain.remedy", remedy=error.remedy))
    for cause in error.causes:
        print(t("plain.cause", cause=cause))
    print(t("plain.code", code=error.code))


def print_options(options: Iterable[tuple[int, Option]]) -> None:
    """Each with its number; below it what it is for, and when not to use it."""
    for number, option in options:
        why = t("plain.unavailable", why=option.unavailable) if option.unavailable else ""
        print(f"{number} {option.label}{why}")
        if option.explanation:
            print(f"　{option.explanation}")
        if option.caution:
            print(f"　{t('plain.caution', text=option.caution)}")


def print_pin_request(request: PinRequest) -> None:
    """Whose card it is, and how many tries it has left (R-07), before its PIN is typed."""
    if request.problem is not None:
        print_error(request.problem)
        for said in request.lost:
            print(said)
    for label, value in request.card:
        print(f"{label}: {value}")
    if request.chosen:
        print(request.lead)
    else:
        unknown = t("plain.tries_low" if request.tries_low else "plain.tries_unknown")
        print(unknown if request.tries_left is None else t("plain.tries", tries=request.tries_left))


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


def print_comparison(comparison: CardComparison) -> None:
    """Each row's two values one after the other, named by whose they are."""
    for row in comparison.rows:
        print(f"{SIGNS[row.verdict]}{row.label}{t(f'plain.row.{row.verdict}')}")
        print(f"　{comparison.current}: {row.current}")
        print(f"　{comparison.new}: {row.new}")
        if row.note:
            print(f"　{row.note}")


def print_choice(choice: ChoiceRow) -> None:
    """The row that may be chosen, what it starts from, and what either answer means."""
    print(choice.about)
    print(choice.label)
    print(f"1 yes {choice.yes}")
    print(f"2 no {choice.no}")


def print_warnings(warnings: Sequence[str]) -> None:
    for warning in warnings:
        print(t("plain.warning", text=warning))


def print_done(done: Done) -> None:
    """処理完了, and where the mail goes."""
    print(done.message)
    print_receipt(done.receipt)
    for row in done.summary:
        print(f"{row.label}: {row.value or t('common.missing')}")
    if done.mail_to:
        print(t("plain.mail_to", mail=done.mail_to))
    print(t("screen.done.print"))
    for notice in done.notices:
        print(notice)


def print_receipt_page(done: Done) -> None:
    """利用者情報, as it is on paper (R-20)."""
    print()
    print(done.page_title)
    if done.where:
        print(done.where.text(gloss))
    print_sections(done.page)
    if done.page_note:
        print(done.page_note)
    print_receipt(done.receipt)


def print_receipt(receipt: Receipt) -> None:
    print(t("plain.receipt_id", id=receipt.id))
    print(t("plain.receipt_at", at=receipt.at))
    print(t("plain.receipt_check", check=receipt.check))
