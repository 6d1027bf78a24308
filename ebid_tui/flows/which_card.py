"""Several cards are in, or not everything could be looked at: which card is meant is asked, by whose it is, never guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256

from ebid_tui.card.interface import CardLook, Cards, CardSession, Survey
from ebid_tui.domain import certificate as certificates
from ebid_tui.domain.certificate import Certificate
from ebid_tui.errors import CardChanged, CertificateUnreadable, NoCard, SeveralCards
from ebid_tui.flows.leaving import answered
from ebid_tui.flows.ui import Option, Question, Ui
from ebid_tui.flows.which_certificate import open_card
from ebid_tui.language import joined
from ebid_tui.messages import t


async def choose_card(
    ui: Ui,
    cards: Cards,
    busy: str,
    trusted: Collection[str],
    *,
    beside: str = "",
    current: bool = False,
    now: datetime | None = None,
) -> CardSession:
    """A session with the card that is meant: the only one there is, or the one that was chosen by whose it is. Raises as `Cards.open`.

    `beside`: the reader of the flow's other card. `current`: it is the card that a renewal replaces; the one that ends first is
    proposed. No PIN command goes to any card but the counters of accepted ones.
    """
    try:
        return await open_card(ui, cards, busy, beside=beside, trusted=trusted, now=now)
    except SeveralCards:
        async with ui.busy(busy):
            survey = await cards.survey(trusted)
    look = await _meant(ui, survey, beside, current)
    session = await open_card(ui, cards, busy, look.reader, trusted=trusted, now=now)
    if session.fingerprint not in map(_fingerprint, look.certificates):
        await session.close()
        raise CardChanged  # since it was looked at
    return session


async def _meant(ui: Ui, survey: Survey, beside: str, current: bool) -> CardLook:
    """The card that is meant; where none would do, the first, whose own refusal is then told. Raises NoCard."""
    looks = [look for name, look in survey.looks if look is not None and name != beside]
    found: dict[str, tuple[CardLook, Certificate]] = {}
    for look in looks:
        if look.accepted and look.certificates:
            try:
                found.setdefault(_fingerprint(look.certificates[0]), (look, certificates.read(look.certificates[0])))
            except CertificateUnreadable:
                continue
    if not found:
        if rest := looks or [look for _, look in survey.looks if look is not None]:
            return rest[0]
        raise NoCard
    if len(found) == 1 and not survey.silent:
        return next(look for look, _ in found.values())
    question = _question([certificate for _, certificate in found.values()], found, survey.silent, beside, current)
    return found[answered(await ui.choose(question))][0]


def _question(
    given: Collection[Certificate], found: dict[str, tuple[CardLook, Certificate]], silent: Collection[str], beside: str, current: bool
) -> Question:
    proposed = min(found, key=lambda one: found[one][1].not_after) if current else next(iter(found))
    asked = "flow.which_card.new" if beside else "flow.which_card.current" if current else "flow.which_card.lead"
    lead = t(asked, count=len(found)) if len(found) > 1 else t("flow.which_card.one")
    if silent:
        lead = joined("\n", (lead, t("flow.which_card.silent", names=t("flow.which_card.comma").join(silent))))
    told = Counter(name for certificate in given for name in names_of(certificate))
    options = tuple(
        Option(
            fingerprint,
            _label(certificate),
            t("flow.which_card.reader", reader=look.reader, serial=_serial(certificate)),
            names=tuple(name for name in names_of(certificate) if told[name] == 1),
        )
        for fingerprint, (look, certificate) in found.items()
    )
    preset = proposed if len(found) > 1 else ""  # the only one is not taken as said, either
    return Question("which_card", t("flow.which_card.title"), options, lead, preset=preset, by_name=True)


def names_of(certificate: Certificate) -> tuple[str, ...]:
    """What a script may call a card: serial number (decimal, hexadecimal), fingerprint, company, holder."""
    names = (certificate.serial_decimal, certificate.serial_hex, certificate.fingerprint, certificate.company, certificate.holder)
    return tuple(dict.fromkeys(name for name in names if name))


def _serial(certificate: Certificate) -> str:
    return t("flow.serial.both", decimal=certificate.serial_decimal, hex=certificate.serial_hex)


def _fingerprint(der: bytes) -> str:
    return sha256(der).hexdigest()


def _label(certificate: Certificate) -> str:
    missing = t("common.missing")
    return t(
        "flow.which_card.card",
        company=certificate.company or missing,
        person=certificate.holder or missing,
        until=certificate.not_after_text,
    )
