"""Whether a system accepts a card's certificate now, and the verdict that says what this rests on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ebid_tui.domain import der as der_reader
from ebid_tui.domain import rules
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.errors import EbidError, RuleError, ServerError
from ebid_tui.messages import t
from ebid_tui.server.pki.anchors import fault, unused
from ebid_tui.server.pki.authorities import Authorities, authorities
from ebid_tui.server.pki.known_paths import KnownPaths
from ebid_tui.server.pki.path import HASHES, NoPath, Why, validate
from ebid_tui.server.pki.reading import refusing
from ebid_tui.server.pki.revocation import PathData, Revocations
from ebid_tui.server.settings import RevocationSettings
from ebid_tui.server.store import accepted_changes
from ebid_tui.server.store.verdicts import CertificateVerdict
from ebid_tui.server.store.writer import Store

if TYPE_CHECKING:
    from asn1crypto import x509

VERDICTS = 10_000
"""The most verdicts kept at a time."""
NOT_TRUSTED: Mapping[Why, str] = {
    "weak": "weak",
    "policy": "policy",
    "names": "names",
    "revoked_authority": "revoked_authority",
    "unknown": "unknown",
}
"""R-34: what the person is told of the card; everything else is an authority that is not accepted."""
AUDITED = "revocation-unavailable"
"""The audit log's event where a card was accepted without revocation data: by whom, and which serial number."""

log = logging.getLogger("ebid_tui.server.pki")


@dataclass(frozen=True, slots=True)
class _Kept:
    verdict: CertificateVerdict
    digests: dict[str, str] = field(default_factory=dict)
    """Of the revocation data that it rests on, by source."""


class Trust:
    """The trusted authorities by id, and what was found about certificates seen before.

    A verdict is the same for every process that has the same anchors, so keeping it is no state. It is kept until the
    first certificate, CRL or OCSP response that it rests on ends, or until a newer one of these is there.
    """

    def __init__(self, files: Mapping[str, Sequence[bytes]], store: Store, settings: RevocationSettings) -> None:
        self._files = files
        self._store = store
        self._settings = settings
        self._revocations = Revocations(store, settings)
        self._authorities: dict[tuple[str, ...], Authorities] = {}
        self._known_paths: dict[str, KnownPaths] = {}
        self._verdicts: dict[tuple[str, str], _Kept] = {}
        # It warns, with a trace, of what is refused; names of certificates' holders belong into no log.
        logging.getLogger("pyhanko_certvalidator").setLevel(logging.ERROR)
        # One: reading a list is work in pure Python, and what is read is shared.
        self._validating = ThreadPoolExecutor(1, thread_name_prefix="validate")

    def stop(self) -> None:
        """Nothing is waited for."""
        self._revocations.stop()
        self._validating.shutdown(wait=False, cancel_futures=True)

    def tell(self, now: datetime) -> None:
        """Which certificates of the authorities' files do not count, for whoever reads the log of the start."""
        for one in unused(self._files, now):
            log.warning("anchor not used authority=%s reason=%s sha256=%s", one.authority, one.fault, one.fingerprint)

    def stranded(self, profile: Profile, now: datetime) -> bool:
        """Whether the system has anchors, and none of them counts now: every card would be refused."""
        anchors = self._trusted(profile).anchors
        return bool(anchors) and all(fault(anchor, now) for anchor in anchors)

    async def accept(self, profile: Profile, certificate: Certificate, chain: Sequence[bytes], now: datetime) -> CertificateVerdict:
        """What was found, if this system accepts the certificate now.

        `chain` is DER, the card's first. Raises RuleError R-23 (My Number and corporate cards), R-09 (expired, revoked),
        R-34 (anything else that is no accepted card), ServerError E-REVOCATION (revocation data is required, and not to be had).
        """
        rules.refuse_kind(certificate.issuer)
        rules.refuse_expired(certificate.not_after, now)
        if certificate.algorithm is None or certificate.signature_hash not in HASHES:
            raise _refused("weak")
        if not certificate.may_sign:
            raise _refused("no_signing")
        rules.refuse_other_usage(certificate, profile.trust.extended_key_usages)
        if certificate.not_before > now:
            raise _refused("not_yet")
        known = (profile.id, certificate.fingerprint)
        kept = self._verdicts.get(known)
        if kept is not None and kept.verdict.valid_until > now and (not kept.digests or await self._revocations.unchanged(kept.digests)):
            return kept.verdict
        try:
            made = await self._decided(profile, certificate, chain, now)
        except NoPath as error:
            self._verdicts.pop(known, None)  # not to come back with a clock that is set back
            log.info("refused system=%s reason=%s", profile.id, error if error.why == "undetermined" else error.why)
            raise _as_refusal(error, profile) from error
        if len(self._verdicts) >= VERDICTS:
            self._verdicts.clear()
        self._verdicts[known] = made
        return made.verdict

    async def _decided(self, profile: Profile, certificate: Certificate, chain: Sequence[bytes], now: datetime) -> _Kept:
        """Raises NoPath."""
        trusted = self._trusted(profile)
        der, path, ends = await self._path(profile, trusted, chain, now)
        if _nothing_to_look_up(profile, path[0], trusted):
            return _Kept(CertificateVerdict(der, (), (), "unchecked", ends))
        # Only now, that an authority we trust is known to have named the addresses, is anybody asked.
        known = await self._revocations.look(path, (*trusted.anchors, *trusted.between), now)
        if not known.missing:
            try:
                await self._in_thread(path, trusted, profile, known, now)
            except NoPath as error:
                if error.why != "undetermined":
                    raise
                known.missing.append("not accepted")
        if not known.missing:
            return _Kept(CertificateVerdict(der, *known.bodies, "good", known.until(ends)), known.digests)
        if profile.trust.revocation == "require":
            raise NoPath("undetermined", "; ".join(known.missing))
        return await self._recorded(profile, certificate, der, known, now, ends)

    async def _path(
        self, profile: Profile, trusted: Authorities, chain: Sequence[bytes], now: datetime
    ) -> tuple[tuple[bytes, ...], tuple[x509.Certificate, ...], datetime]:
        """The path as DER and as it was read, anchor first, and the first end of a certificate on it. Raises NoPath."""
        from asn1crypto import x509

        if profile.id not in self._known_paths:
            self._known_paths[profile.id] = KnownPaths(trusted.anchors, profile.trust)
        ways = self._known_paths[profile.id]
        along = ways.along(chain[0], now) if len(chain) == 1 else None
        with refusing(lambda kind: NoPath("untrusted", kind)):
            for der in chain[1:]:
                der_reader.refuse_excess(der)  # of the card's own it is known
            leaf, *others = [x509.Certificate.load(der, strict=True) for der in chain]
            if along is not None:
                return along.der, (*along.way.path, leaf), along.ends
            path = await validate(leaf, (*others, *trusted.between), trusted.anchors, profile.trust, now, None)
            ways.learn(path)
            return tuple(member.dump() for member in path), path, min(member.not_valid_after for member in path)

    async def _recorded(
        self, profile: Profile, certificate: Certificate, path: tuple[bytes, ...], known: PathData, now: datetime, ends: datetime
    ) -> _Kept:
        """Accepted although not everything could be looked up: audited, and asked again soon."""
        log.warning("revocation unavailable system=%s: %s", profile.id, "; ".join(known.missing))
        system, fingerprint, serial = profile.id, certificate.fingerprint, certificate.serial_decimal[:64]
        await self._store.write(lambda connection: accepted_changes.add_audit(connection, system, AUDITED, fingerprint, serial, now))
        until = min(known.until(ends), now + self._settings.retry)
        return _Kept(CertificateVerdict(path, *known.bodies, "unavailable", until), known.digests)

    async def _in_thread(
        self, path: Sequence[x509.Certificate], trusted: Authorities, profile: Profile, known: PathData, now: datetime
    ) -> None:
        """The same path again, now with what the authorities said: beside the event loop, for a long list takes its time."""
        *between, leaf = path[1:]
        data = (tuple(known.crls.values()), tuple(known.ocsps.values()))
        further = (*between, *trusted.between)

        def run() -> None:
            asyncio.run(validate(leaf, further, (path[0],), profile.trust, now, data))

        await asyncio.get_running_loop().run_in_executor(self._validating, run)

    def _trusted(self, profile: Profile) -> Authorities:
        if profile.trusted not in self._authorities:
            self._authorities[profile.trusted] = authorities(profile.trusted, self._files)
        return self._authorities[profile.trusted]


def _nothing_to_look_up(profile: Profile, anchor: x509.Certificate, trusted: Authorities) -> bool:
    return profile.trust.revocation == "off" or anchor.sha256 in trusted.silent


def _as_refusal(error: NoPath, profile: Profile) -> EbidError:
    if error.why == "revoked":
        return RuleError("R-09", "revoked").telling(title=t("server.card_revoked"), remedy=t("server.card_revoked_remedy"))
    if error.why == "undetermined":
        return ServerError("revocation", code="E-REVOCATION", contact=profile.helpdesk.name)
    return _refused(NOT_TRUSTED.get(error.why, "untrusted"))


def _refused(why: str) -> RuleError:
    return RuleError("R-34", why, what=t(f"server.card_{why}"))
