"""Whether a certificate was to be accepted when the server accepted it: its path, with the revocation data that was kept.

The same validation as the server's (`pki.path`), with nothing fetched. An anchor is trusted because whoever verifies says so;
where nobody does, those that the evidence brings along are taken, and that is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ebid_tui.domain import strict_json
from ebid_tui.domain.profile.trust import TrustRules
from ebid_tui.server.store.audit_chain import sha256
from ebid_tui.server.store.proofs import KeptVerdict

if TYPE_CHECKING:
    from asn1crypto import crl

Blob = Callable[[str], bytes | None]
"""A certificate, CRL or OCSP response by its SHA-256."""
PARSED = 8
"""Lists that are kept as they were read."""


class PathCheck:
    """Validates paths against `trusted` anchors (DER), or those of the evidence itself (None)."""

    def __init__(self, blob: Blob, trusted: Sequence[bytes] | None) -> None:
        self._blob = blob
        self._trusted = None if trusted is None else {sha256(der) for der in trusted}
        self._runner = asyncio.Runner()
        self.used: set[str] = set()
        """What was asked for: everything that is kept has to be wanted by something."""

    def close(self) -> None:
        self._runner.close()

    def fault(self, verdict: KeptVerdict, certificate: bytes, at: datetime) -> str | None:
        """Why this certificate was not to be accepted at this time: a name of `evidence.path_…`; None if it was.

        `certificate` is the card's, DER; the path's last.
        """
        if len(verdict.path) < 2 or verdict.path[-1] != sha256(certificate):
            return "other"
        self.used.update(verdict.path[:-1], verdict.crls, verdict.ocsp)
        between = [self._read(name) for name in verdict.path[:-1]]
        lists, answers = [self._read(name) for name in verdict.crls], [self._read(name) for name in verdict.ocsp]
        if any(part is None for part in (*between, *lists, *answers)):
            return "missing"
        if self._trusted is not None and verdict.path[0] not in self._trusted:
            return "untrusted"
        return self._validated(verdict, [der for der in (*between, certificate) if der is not None], lists, answers, at)

    def _read(self, name: str) -> bytes | None:
        found = self._blob(name)
        return found if found is not None and _hash(found) == name else None

    def _validated(self, verdict: KeptVerdict, path: list[bytes], lists: list[Any], answers: list[Any], at: datetime) -> str | None:
        from asn1crypto import ocsp, x509

        from ebid_tui.server.pki.path import NoPath, validate

        try:
            anchor, *between, leaf = [x509.Certificate.load(der, strict=True) for der in path]
            looked_up = verdict.revocation == "good"
            data = ([_list(der) for der in lists], [ocsp.OCSPResponse.load(der) for der in answers]) if looked_up else None
            self._runner.run(validate(leaf, between, (anchor,), TrustRules(), at, data))
        except NoPath as error:
            return (
                "revoked" if error.why in ("revoked", "revoked_authority") else "undetermined" if error.why == "undetermined" else "broken"
            )
        except (ValueError, TypeError, KeyError):
            return "broken"
        return None


@lru_cache(maxsize=PARSED)
def _list(der: bytes) -> crl.CertificateList:
    """ValueError for what is no list."""
    from ebid_tui.server.pki.answers import BadAnswer, crl_of

    try:
        return crl_of(der)
    except BadAnswer as error:
        raise ValueError(str(error)) from error


_hash = lru_cache(maxsize=256)(sha256)


def kept_of(text: str) -> tuple[KeptVerdict, ...]:
    """The verdicts as they stand in the database. ValueError for anything else."""
    return strict_json.read(text.encode(), tuple[KeptVerdict, ...], whole_numbers=True)
