"""Several readers with a card each: which of them is meant is asked, never guessed."""

from __future__ import annotations

from collections.abc import Collection

from ebid_tui.card.interface import Cards
from ebid_tui.domain import certificate as certificates
from ebid_tui.domain.certificate import Certificate
from ebid_tui.errors import CertificateUnreadable
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Nav, Option, Question, Ui
from ebid_tui.messages import t


async def reader_with_the_card(ui: Ui, cards: Cards, place: Place, beside: str, *, current: bool) -> str | Nav | None:
    """The reader whose card is meant; None where there is nothing to ask: at most one card that could be it.

    `beside`: the reader of the flow's other card. `current`: it is the card that a renewal replaces; the one that ends first is
    proposed. No PIN command goes to any card but the counters of accepted ones.
    """
    return await reader_among(ui, cards, place.profile.pin_dialog.busy, place.profile.trusted, beside, current=current)


async def reader_among(ui: Ui, cards: Cards, busy: str, trusted: Collection[str], beside: str, *, current: bool) -> str | Nav | None:
    """The same where there is no place yet."""
    if sum(reader.present and reader.name != beside for reader in cards.readers()) < 2:
        return None
    async with ui.busy(busy):
        looks = await cards.inspect(trusted)
    found: list[tuple[str, Certificate]] = []
    for name, look in looks:
        if look is not None and look.accepted and look.certificates and name != beside:
            try:
                found.append((name, certificates.read(look.certificates[0])))
            except CertificateUnreadable:
                continue
    if len(found) < 2:
        return found[0][0] if found else None
    proposed = min(found, key=lambda one: one[1].not_after)[0] if current else found[0][0]
    lead = t("flow.which_card.new" if beside else "flow.which_card.current" if current else "flow.which_card.lead", count=len(found))
    options = tuple(Option(name, _label(certificate), t("flow.which_card.reader", reader=name)) for name, certificate in found)
    answer = await ui.choose(Question("which_card", t("flow.which_card.title"), options, lead, preset=proposed))
    return Nav.CANCEL if isinstance(answer, Nav) else answer


def _label(certificate: Certificate) -> str:
    missing = t("common.missing")
    return t(
        "flow.which_card.card",
        company=certificate.company or missing,
        person=certificate.holder or missing,
        until=certificate.not_after_text,
    )
