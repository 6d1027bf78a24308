"""The tables of a profile that say what a page shows: form, confirmation, the card's rows, renewal, print, mail."""

from __future__ import annotations

from typing import Literal

import msgspec

from ebid_tui.domain.profile.acceptance import PrintNote


class FormPage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Titles and buttons of the form page for one operation."""

    title: str
    lead: str = ""
    submit: str = "入力内容確認"
    back: str = "戻る"


class Confirmation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """登録内容確認 / 変更内容確認."""

    title: str
    question: str
    company_check: str = ""
    submit: str
    back: str = "戻る"
    company_remark: str = ""
    done_title: str = "処理完了"
    done: str
    print: str = "印刷"


class CardRows(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """ICカード情報 and how a serial number is shown."""

    title: str
    serial_label: str
    issuer_label: str
    not_after_label: str
    serial: Literal["decimal", "decimal_and_hex"]
    renewal_serial: Literal["decimal", "decimal_and_hex"] = "decimal_and_hex"


class Renewal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """電子証明書更新確認 and the dialogs before it."""

    title: str
    current: str
    new: str
    current_dialog: str
    new_dialog: str
    rows: tuple[str, ...]
    """Field ids, in order: `company.name`, `card_holder.person`, `card_certificate.serial` …"""
    question: str
    company_check: str = ""
    submit: str = "更新"
    back: str = "戻る"
    done: str
    different_ca: Literal["stop", "ask"]
    different_company: Literal["stop", "ask"]
    new_pin: Literal["always", "if_different"] = "always"


class PropagationRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """R-16: the row of 変更内容確認 and 電子証明書更新確認 by which the other agencies are chosen too, where `rules.propagation` is set."""

    agency: str = "選択されている調達機関名"
    """What the agency at hand is called there."""
    label: str = "他の調達機関にも変更を自動反映する"
    preset: Literal["yes", "no"] = "no"


class PrintPage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """印刷: which blocks the page 利用者情報 has, by operation."""

    title: str = "利用者情報"
    registration: tuple[str, ...]
    amendment: tuple[str, ...] = ()
    company_id: bool = False
    """Whether the page starts with 企業ID."""
    note: str = ""
    """A note on every page."""
    notes: tuple[PrintNote, ...] = ()
    """Further notes, by operation and state."""


class Mail(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The mail that goes out on completion (R-39); rows are `agency` or `block.field` (`company.company_id`)."""

    subject: str
    lead: str
    rows: tuple[str, ...]
    labels: dict[str, str] = {}
    """What a row is called where the mail calls it something else than the form."""
    footer: str = ""
    before_end: tuple[int, ...] = (90, 60, 30)
    """R-45: so many days before a card ends its contact is told, once each; none for a system that tells nobody."""
