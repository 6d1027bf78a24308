"""Several certificates on one card, of which more than one would do: which of them is meant is asked, never guessed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from ebid_tui.card.interface import Cards, CardSession
from ebid_tui.domain import certificate as certificates
from ebid_tui.domain.certificate import Certificate
from ebid_tui.errors import SeveralCertificates
from ebid_tui.flows.leaving import answered
from ebid_tui.flows.ui import Option, Question, Ui
from ebid_tui.messages import t


async def open_card(
    ui: Ui,
    cards: Cards,
    busy: str,
    reader: str | None = None,
    *,
    beside: str = "",
    fingerprint: str = "",
    trusted: Collection[str] = (),
    now: datetime | None = None,
) -> CardSession:
    """`Cards.open`, with the person's answer where it wants one (prompt `certificate`). Raises what it raises, without that."""
    try:
        async with ui.busy(busy):
            return await cards.open(reader, beside=beside, fingerprint=fingerprint, trusted=trusted, now=now)
    except SeveralCertificates as several:
        candidates = {c.fingerprint: c for c in map(certificates.read, several.certificates)}
    options = tuple(_option(fingerprint, c) for fingerprint, c in candidates.items())
    question = Question("certificate", t("flow.certificate.title"), options, t("flow.certificate.lead", count=len(options)))
    answer = answered(await ui.choose(question))
    async with ui.busy(busy):
        return await cards.open(reader, beside=beside, fingerprint=answer)


def _option(fingerprint: str, certificate: Certificate) -> Option:
    """Whose it is, and by what else two of one holder can be told apart."""
    missing = t("common.missing")
    holder = t("flow.certificate.holder", company=certificate.company or missing, person=certificate.holder or missing)
    serial = t("flow.serial.both", decimal=certificate.serial_decimal, hex=certificate.serial_hex)
    until = certificate.not_after_text
    return Option(fingerprint, holder, t("flow.certificate.which", issuer=certificate.issuer, serial=serial, until=until))
