"""From the PC/SC daemon's socket to the certificate: one needs the other, so they are looked at in this order. Never a PIN."""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

from ebid_tui.card.interface import RefusedKind
from ebid_tui.doctor import pcsc_socket
from ebid_tui.doctor.finding import Finding, failure, ok, skipped, warning
from ebid_tui.doctor.probing import ProbeContext
from ebid_tui.domain import rules
from ebid_tui.domain.certificate import Certificate, read
from ebid_tui.domain.issuers import known_issuers
from ebid_tui.errors import CardError, CertificateUnreadable, NoReader, ProfileError, RuleError

if TYPE_CHECKING:
    from ebid_tui.card.interface import CardLook

IDS = (
    "ssh.reader",
    "ssh.socket",
    "pcsc.service",
    "pcsc.library",
    "pcsc.version",
    "reader.present",
    "card.present",
    "card.kind",
    "card.tries",
    "card.certificate",
    "card.authority",
    "card.expiry",
)
LIBRARY = "libpcsclite.so.1"
ANSWER_SECONDS = 2.5
WARN_DAYS = 60
"""R-25, where no profile says otherwise."""

_MISMATCH, _DENIED = "8010001E", "8010006A"
"""pcsc-lite's SCARD_E_SERVICE_STOPPED (another protocol) and SCARD_W_SECURITY_VIOLATION (polkit said no)."""


def look(context: ProbeContext) -> Iterator[Finding]:
    yield pcsc_socket.whose_reader(context.environment)
    yield pcsc_socket.private(context.environment)
    daemon = pcsc_socket.ask(context.environment)
    library = _library()
    yield library
    readable = daemon.protocol is not None and library.status == "ok"
    if not readable:
        yield daemon.finding
        if not context.settings.pkcs11_modules:
            return  # tokens without a reader may still be there
    try:
        looks = asyncio.run(asyncio.wait_for(_inspect(context), ANSWER_SECONDS))
    except NoReader as error:
        if daemon.protocol is not None:
            yield from _refused(daemon, error.detail)
        return
    except CardError as error:
        yield daemon.finding
        yield failure("reader.present", "error", code=error.code)
        return
    except TimeoutError:
        yield daemon.finding
        yield failure("reader.present", "silent")
        return
    except ProfileError:
        # Of the authorities' table beside further profiles; `settings.profile` says which.
        yield daemon.finding
        return
    yield daemon.finding
    if readable and daemon.protocol is not None:
        yield ok("pcsc.version", version="{}.{}".format(*daemon.protocol))
    yield from _readers(looks, context)


def _library() -> Finding:
    try:
        ctypes.CDLL(LIBRARY)
    except OSError:
        return failure("pcsc.library", "missing")
    from importlib.util import find_spec

    return ok("pcsc.library") if find_spec("smartcard") else failure("pcsc.library", "no_binding")


def _refused(daemon: pcsc_socket.DaemonFinding, code: str) -> Iterator[Finding]:
    """The daemon answered the bare question and not the library's."""
    assert daemon.protocol is not None
    version = "{}.{}".format(*daemon.protocol)
    if code == _MISMATCH:
        yield daemon.finding
        yield failure("pcsc.version", "mismatch", version=version)
    elif code == _DENIED:
        yield failure("pcsc.service", "polkit")
        yield ok("pcsc.version", version=version)
    else:
        yield failure("pcsc.service", "error", code=code if len(code) == 8 else "E-NO-PCSCD")


async def _inspect(context: ProbeContext) -> Sequence[tuple[str, CardLook | None]]:
    from ebid_tui.card_and_server import real_parts

    cards = real_parts(context.settings).cards
    cards.start()
    try:
        return await cards.inspect(context.profile.trusted if context.profile else ())
    finally:
        cards.stop()


def _readers(looks: Sequence[tuple[str, CardLook | None]], context: ProbeContext) -> Iterator[Finding]:
    if not looks:
        yield failure("reader.present", "none")
        return
    yield ok("reader.present", count=len(looks))
    inside = [look for _, look in looks if look is not None]
    if not inside:
        yield warning("card.present", "none")
        return
    chosen = next((look for look in inside if look.accepted), inside[0])
    if chosen.kind in ("mute", "busy"):
        yield failure("card.present", chosen.kind)
        return
    yield ok("card.present", count=len(inside))
    yield from card(chosen, context, datetime.now(UTC))


def card(chosen: CardLook, context: ProbeContext, now: datetime) -> Iterator[Finding]:
    """Everything about one card: its kind, tries, and the best of its certificates."""
    if not chosen.accepted:
        # A reason about kind or authority; the certificate may still tell which.
        reason = chosen.kind if chosen.kind in get_args(RefusedKind) else "refused"
        yield failure("card.kind", reason, code=chosen.reason)
    else:
        yield ok("card.kind", kind=chosen.kind)
    yield _tries(chosen.tries_left)
    certificates: list[Certificate] = []
    for der in chosen.certificates:
        try:
            certificates.append(read(der))
        except CertificateUnreadable:
            continue
    if not certificates:
        yield failure("card.certificate", "unreadable" if chosen.certificates else "none")
        return
    best = min(certificates, key=lambda c: (c.algorithm is None, not c.may_sign, c.expired(now), -c.not_after.timestamp()))
    yield _quality(best, context)
    yield _authority(best, context)
    yield _expiry(best, now, context.profile.rules.expiry_warning_days if context.profile else WARN_DAYS)


def _tries(left: int | None) -> Finding:
    match left:
        case None:
            return ok("card.tries", "unknown")
        case 0:
            return failure("card.tries", "blocked")
        case 1:
            return warning("card.tries", "last")
        case _:
            return ok("card.tries", n=left)


def _quality(certificate: Certificate, context: ProbeContext) -> Finding:
    if certificate.algorithm is None:
        return failure("card.certificate", "weak_key", key=certificate.key)
    if certificate.signature_hash in ("md5", "sha1"):
        return failure("card.certificate", "weak_hash", hash=certificate.signature_hash)
    if not certificate.may_sign:
        return failure("card.certificate", "not_for_signing")
    try:
        rules.refuse_other_usage(certificate, context.profile.trust.extended_key_usages if context.profile else ())
    except RuleError:
        return failure("card.certificate", "other_usage")
    return ok("card.certificate", key=certificate.key)


def _authority(certificate: Certificate, context: ProbeContext) -> Finding:
    found = known_issuers().find(certificate.issuer)
    if found is None:
        return failure("card.authority", "unknown")
    if context.profile is None:
        return skipped("card.authority", "no_system", name=found.name)
    trusted = found.id in context.profile.trusted
    return ok("card.authority", name=found.name) if trusted else failure("card.authority", "not_trusted", name=found.name)


def _expiry(certificate: Certificate, now: datetime, warn_days: int) -> Finding:
    days = certificate.days_left(now)
    if now < certificate.not_before:
        return failure("card.expiry", "not_yet")
    if certificate.expired(now):
        return failure("card.expiry", "expired", days=-days)
    return warning("card.expiry", "soon", days=days) if days <= warn_days else ok("card.expiry", days=days)
