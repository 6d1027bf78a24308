"""The trusted authorities: which certificates are anchors, and which stand between an anchor and the cards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ebid_tui.domain.issuers import known_issuers

if TYPE_CHECKING:
    from asn1crypto import x509


@dataclass(frozen=True, slots=True)
class Authorities:
    """What one system trusts."""

    anchors: tuple[x509.Certificate, ...]
    between: tuple[x509.Certificate, ...]
    silent: frozenset[bytes] = field(repr=False)
    """SHA-256 of the anchors of authorities that publish no revocation data: the demo's."""


def authorities(trusted: Iterable[str], files: Mapping[str, Sequence[bytes]]) -> Authorities:
    """The authorities with these ids, from the certificates (DER) of each.

    A certificate whose issuer stands in the same file is not trusted by itself: it is one of the path, and can be revoked.
    """
    from asn1crypto import x509

    demo = {issuer.id for issuer in known_issuers().issuers if issuer.kind == "demo"}
    anchors: list[x509.Certificate] = []
    between: list[x509.Certificate] = []
    silent: set[bytes] = set()
    for authority in trusted:
        found = [x509.Certificate.load(der) for der in files.get(authority, ())]
        subjects = {certificate.subject.hashable for certificate in found}
        for certificate in found:
            itself = certificate.issuer.hashable == certificate.subject.hashable
            if not itself and certificate.issuer.hashable in subjects:
                between.append(certificate)
                continue
            anchors.append(certificate)
            if authority in demo:
                silent.add(certificate.sha256)
    return Authorities(tuple(anchors), tuple(between), frozenset(silent))
