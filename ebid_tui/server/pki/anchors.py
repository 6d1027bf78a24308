"""When an anchor counts, and what it may vouch for (RFC 5280, sections 4.2.1.10 and 6.1.1; RFC 5937).

RFC 5280 leaves to whoever validates what an anchor is beside a name and a key. Here its certificate counts as well: its period, that
it is an authority's, the names it may speak for, and how many authorities may follow below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from asn1crypto import x509
    from pyhanko_certvalidator.authority import CertTrustAnchor
    from pyhanko_certvalidator.name_trees import PKIXSubtrees

Fault = Literal["unreadable", "expired", "not_yet", "no_ca", "not_understood", "constraints"]
MOST_SUBTREES = 256
"""Name constraints of one anchor: every name of a card is compared with each."""

INCOMPARABLE = frozenset({"other_name", "x400_address", "edi_party_name", "registered_id"})
"""Kinds of names that the validator cannot compare (asn1crypto's words)."""


@dataclass(frozen=True, slots=True)
class UnusedAnchor:
    """An anchor that does not count, as it is told to whoever keeps the server."""

    authority: str
    fingerprint: str
    """SHA-256, lower-case hex."""
    fault: Fault


def faults(anchor: x509.Certificate, now: datetime) -> Iterator[Fault]:
    """Why an anchor does not count now, one after the other; none if it does. From its first second to its last, without tolerance."""
    from pyhanko_certvalidator.validate import SUPPORTED_EXTENSIONS

    try:
        if anchor.not_valid_after < now:
            yield "expired"
        if anchor.not_valid_before > now:
            yield "not_yet"
        if not anchor.ca or "key_cert_sign" not in _usages(anchor) or not len(anchor.subject.chosen):
            yield "no_ca"
        if anchor.critical_extensions - SUPPORTED_EXTENSIONS:
            yield "not_understood"
    except Exception:  # noqa: BLE001 - asn1crypto says of few errors which it raises
        yield "unreadable"
        return
    try:
        count = sum(len(of_kind) for trees in _subtrees(anchor).values() for of_kind in trees.values())
    except Exception:  # noqa: BLE001 - the same
        yield "constraints"
        return
    if count > MOST_SUBTREES:
        yield "constraints"


def fault(anchor: x509.Certificate, now: datetime) -> Fault | None:
    """The first of them."""
    return next(faults(anchor, now), None)


def _usages(anchor: x509.Certificate) -> Iterable[str]:
    """What its key is for; a certificate that does not say may certify."""
    usage = anchor.key_usage_value
    return ("key_cert_sign",) if usage is None else usage.native


def usable(anchors: Iterable[x509.Certificate], now: datetime) -> tuple[CertTrustAnchor, ...]:
    """Those that count now, with what their certificates ask, as the validator takes them.

    Of several with one name and one key (an authority that was renewed) it takes the first: the one that asks for least.
    """
    counting = [anchor for anchor in anchors if not fault(anchor, now)]
    return tuple(map(_qualified, sorted(counting, key=_asks)))


def constrained(anchor: x509.Certificate) -> bool:
    """Whether it restrains names. Raises what asn1crypto raises for an extension that cannot be read."""
    return anchor.name_constraints_value is not None


def unused(files: Mapping[str, Sequence[bytes]], now: datetime) -> Iterator[UnusedAnchor]:
    """Every certificate of the authorities' files (DER) that does not count now."""
    from asn1crypto import x509

    for authority, ders in files.items():
        for der in ders:
            found = x509.Certificate.load(der)
            why = fault(found, now)
            if why:
                yield UnusedAnchor(authority, found.sha256.hex(), why)


def _asks(anchor: x509.Certificate) -> tuple[bool, bool]:
    return constrained(anchor), anchor.max_path_length is not None


def _subtrees(anchor: x509.Certificate) -> dict[str, PKIXSubtrees]:
    """The names that it may vouch for (`permitted_subtrees`) and may not (`excluded_subtrees`), by kind of name.

    Raises ValueError for what the validator cannot apply: a minimum or maximum, which nobody may write (section 4.2.1.10), and kinds of
    names that it cannot compare.
    """
    from asn1crypto import x509
    from pyhanko_certvalidator.name_trees import process_general_subtrees

    found: dict[str, PKIXSubtrees] = {}
    for kind in ("permitted_subtrees", "excluded_subtrees") if constrained(anchor) else ():
        trees = anchor.name_constraints_value[kind]
        if not isinstance(trees, x509.GeneralSubtrees):
            continue
        if any(tree["minimum"].native or tree["maximum"].native is not None for tree in trees):
            raise ValueError("minimum or maximum")
        if any(tree["base"].name in INCOMPARABLE for tree in trees):
            raise ValueError("kind of name")
        found[kind] = process_general_subtrees(trees)
    return found


def _qualified(anchor: x509.Certificate) -> CertTrustAnchor:
    from pyhanko_certvalidator import PKIXValidationParams
    from pyhanko_certvalidator.authority import CertTrustAnchor, TrustQualifiers

    trees = _subtrees(anchor)
    parameters = None
    if trees:
        parameters = PKIXValidationParams(
            initial_permitted_subtrees=trees.get("permitted_subtrees"), initial_excluded_subtrees=trees.get("excluded_subtrees")
        )
    longest = anchor.max_path_length
    # The library counts attribute authorities beside certification authorities, and wants both numbers or none.
    return CertTrustAnchor(anchor, TrustQualifiers(standard_parameters=parameters, max_path_length=longest, max_aa_path_length=longest))
