"""What ICカード更新 leaves: 処理完了 and its print say whose card it is, and name the old card and the new one."""

from __future__ import annotations

import msgspec

from ebid_tui.domain.certificate import JAPAN
from ebid_tui.domain.records import CardCertificate, Receipt
from ebid_tui.domain.serial_numbers import shown_serial
from ebid_tui.flows import register_pages
from ebid_tui.flows.place import Place
from ebid_tui.flows.propagating import said_on_the_receipt
from ebid_tui.flows.ui import Done, Row, Section
from ebid_tui.messages import t


def done(place: Place, receipt: Receipt) -> Done:
    """処理完了 of a renewal, and the page that can be printed (R-20)."""
    whose = _whose(place, receipt)
    cards = tuple(Row(title, _in_a_row(place, card)) for card, title in _cards(receipt))
    printed = (Section("", (*whose, *said_on_the_receipt(place, receipt))), *_card_sections(place, receipt), *_contact(place, receipt))
    page = register_pages.done(place, receipt, tuple(map(register_pages.on_paper, printed)))
    return msgspec.structs.replace(page, summary=(*whose, *cards))


def _whose(place: Place, receipt: Receipt) -> tuple[Row, ...]:
    """Number, company, and whose card is the new one."""
    company, holder = receipt.blocks.get("company", {}), receipt.blocks.get("card_holder", {})
    missing = t("common.missing")
    number = () if place.profile.number_secret else (Row(place.profile.number_label, receipt.vendor.number),)
    return (
        *number,
        Row(place.profile.labels("company")["name"], company.get("name") or missing),
        Row(place.profile.labels("card_holder")["person"], holder.get("person") or missing),
    )


def _cards(receipt: Receipt) -> tuple[tuple[CardCertificate, str], ...]:
    both = ((receipt.previous, t("flow.renewal.old")), (receipt.card, t("flow.renewal.new")))
    return tuple((card, title) for card, title in both if card is not None)


def _card_sections(place: Place, receipt: Receipt) -> tuple[Section, ...]:
    setting = place.profile.card.renewal_serial
    return tuple(register_pages.card_section(place, card, title, setting) for card, title in _cards(receipt))


def _in_a_row(place: Place, card: CardCertificate) -> str:
    serial = shown_serial(card, place.profile.card.renewal_serial)
    return t("flow.renewal.until", serial=serial, until=f"{card.not_after.astimezone(JAPAN):%Y/%m/%d}")


def _contact(place: Place, receipt: Receipt) -> tuple[Section, ...]:
    """The card's own contact, which goes over to the new card."""
    contact = receipt.blocks.get("card_contact")
    return register_pages.sections(place, "renewal", {"card_contact": contact}, ("card_contact",)) if contact else ()
