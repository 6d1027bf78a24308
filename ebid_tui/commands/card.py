"""`ebid-tui card`: the readers, and the cards in them with what their certificates say. Never asks a PIN, never spends a try."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ebid_tui.errors import CardError, CertificateUnreadable, EbidError, NoReader
from ebid_tui.messages import t
from ebid_tui.process.output import exit_code_after_output, say, speaks_utf8

if TYPE_CHECKING:
    from ebid_tui.card.interface import CardLook, Cards
    from ebid_tui.settings import Settings

USABLE, NOT_LOOKED, NO_CARD, NOT_USABLE = 0, 1, 3, 4
"""Exit codes; 2 is a wrong option's. NOT_LOOKED: the readers could not be asked (no pcscd), or a setting is wrong."""

Looks = Sequence[tuple[str, "CardLook | None"]]
"""Every reader by its name; None for an empty one."""


def main(options: argparse.Namespace, settings: Settings) -> int:
    """Look into every reader and say what is there; the exit code tells whether a usable card is among it."""
    from ebid_tui.card_and_server import real_parts

    trusted: tuple[str, ...] = ()
    if settings.system:
        from ebid_tui.domain.profile.systems import profile_of

        trusted = profile_of(settings.system, *settings.profile_directories).trusted
    try:
        _refuse_hanging()
        looks = asyncio.run(_look(real_parts(settings).cards, trusted))
    except CardError as error:
        print("\n".join(_told(error)), file=sys.stderr)
        if options.json:
            say("[]")
        return exit_code_after_output(NOT_LOOKED, told=True)
    now = datetime.now().astimezone()
    say(as_json(looks, now, ascii_only=not speaks_utf8()) if options.json else "\n".join(lines(looks, now)))
    return exit_code_after_output(exit_code(looks, now), told=True)


def _refuse_hanging() -> None:
    """A readers' service that takes connections and never answers would hold this up for half a minute. Raises NoReader."""
    from ebid_tui.doctor import pcsc_socket

    finding = pcsc_socket.ask(os.environ).finding
    if finding.reason == "silent":
        error = NoReader("silent", code="E-NO-PCSCD")
        error.told = {"title": f"{finding.title}: {finding.detail}", "remedy": finding.remedy}
        raise error


async def _look(cards: Cards, trusted: Collection[str]) -> Looks:
    cards.start()
    try:
        return await cards.inspect(trusted)
    finally:
        cards.stop()


def exit_code(looks: Looks, now: datetime) -> int:
    """USABLE, NO_CARD or NOT_USABLE."""
    inside = [look for _, look in looks if look is not None]
    if not inside:
        return NO_CARD
    return USABLE if any(usable(look, now) for look in inside) else NOT_USABLE


def usable(look: CardLook, now: datetime) -> bool:
    """Accepted, not blocked, and with a certificate that is valid today."""
    if not look.accepted or look.tries_left == 0:
        return False
    return any(entry["days_left"] is not None and entry["valid"] for entry in (_certificate(der, now) for der in look.certificates))


def as_json(looks: Looks, now: datetime, *, ascii_only: bool = False) -> str:
    """The list of readers; every key is always there, null where there is nothing to say (docs/doctor.md)."""
    return json.dumps([_reader(name, look, now) for name, look in looks], ensure_ascii=ascii_only, indent=2)


def _reader(name: str, look: CardLook | None, now: datetime) -> dict[str, Any]:
    if look is None:
        return {"reader": name, "card": None}
    certificates = [_certificate(der, now) for der in look.certificates]
    for entry in certificates:
        del entry["valid"]
    card = {"kind": look.kind, "accepted": look.accepted, "reason": look.reason, "tries_left": look.tries_left}
    return {"reader": name, "card": card | {"certificates": certificates}}


def _certificate(der: bytes, now: datetime) -> dict[str, Any]:
    """What a certificate says, under the keys of the JSON, and whether it is `valid` now; all None for an unreadable one."""
    from hashlib import sha256

    from ebid_tui.domain.certificate import JAPAN, read

    keys = ("serial", "serial_hex", "issuer", "subject", "not_after", "days_left", "company", "holder", "address", "fingerprint", "valid")
    try:
        certificate = read(der)
    except CertificateUnreadable:
        return dict.fromkeys(keys) | {"fingerprint": sha256(der).hexdigest(), "valid": False}
    return {
        "serial": certificate.serial_decimal,
        "serial_hex": certificate.serial_hex,
        "issuer": certificate.issuer or None,
        "subject": certificate.subject or None,
        "not_after": certificate.not_after.astimezone(JAPAN).isoformat(),
        "days_left": certificate.days_left(now),
        "company": certificate.company or None,
        "holder": certificate.holder or None,
        "address": certificate.holder_address or None,
        "fingerprint": certificate.fingerprint,
        "valid": certificate.not_before <= now and not certificate.expired(now),
    }


# ---- for people ------------------------------------------------------------------------------------------------------


def lines(looks: Looks, now: datetime) -> Iterator[str]:
    """One thing a line, the label before the value, an empty line between readers."""
    if not looks:
        yield from _told(EbidError(code="E-NO-READER"))
    for index, (name, look) in enumerate(looks):
        if index:
            yield ""
        yield _line("reader", name)
        if look is None:
            yield _line("card", t("card_command.none"))
            continue
        yield from _card(look, now)


def _card(look: CardLook, now: datetime) -> Iterator[str]:
    kind = t(f"card_command.kind_{look.kind}")
    yield _line("card", kind)
    yield _line("accepted", t("card_command.yes" if look.accepted else "card_command.no"))
    if look.reason:
        yield from _told(EbidError(code=look.reason, what=kind))
    if look.tries_left == 0:
        yield from _told(EbidError(code="R-07"))
    elif look.tries_left is not None:
        yield _line("tries_left", t("card_command.tries", n=look.tries_left))
    elif look.accepted:
        yield _line("tries_left", t("card_command.unknown"))
    for number, der in enumerate(look.certificates, start=1):
        yield _line("certificate", str(number))
        yield from _certificate_lines(_certificate(der, now))


def _certificate_lines(entry: dict[str, Any]) -> Iterator[str]:
    if entry["serial"] is None:
        yield from _told(EbidError(code="E-CERT"))
        return
    yield _line("serial", t("card_command.serial_both", decimal=entry["serial"], hexadecimal=entry["serial_hex"]))
    for part in ("issuer", "subject", "company", "holder", "address"):
        yield _line(part, entry[part] or t("card_command.missing"))
    last, days = entry["not_after"][:10].replace("-", "/"), entry["days_left"]
    validity = "days_left" if entry["valid"] else "expired" if days < 0 else "not_yet"
    yield _line("not_after", t(f"card_command.{validity}", date=last, days=abs(days)))
    yield _line("fingerprint", entry["fingerprint"])


def _line(label: str, value: str) -> str:
    from ebid_tui.domain.text.cleaning import shown

    return t("card_command.line", label=t(f"card_command.{label}"), value=shown(value))


def _told(error: EbidError) -> Iterator[str]:
    yield t("plain.error", title=error.title)
    yield t("plain.remedy", remedy=error.remedy)
    yield t("plain.code", code=error.code)
