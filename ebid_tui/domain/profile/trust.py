"""What a system asks of the certificates on its bidders' cards, beside the authorities it trusts (R-09, R-34)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from ebid_tui.domain.profile.texts import Fault

RevocationRule = Literal["require", "record", "off"]

OID = re.compile(r"(?:[01](?:\.(?:0|[1-3]?[0-9]))|2\.(?:0|[1-9][0-9]*))(?:\.(?:0|[1-9][0-9]*))+")
ANY_POLICY = "2.5.29.32.0"


class TrustRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a card's certification path is judged (RFC 5280, section 6.1.1). The anchors are `trusted`'s."""

    revocation: RevocationRule = "require"
    """What is done where an authority's revocation data cannot be had: refuse; accept and record that; not even ask."""
    policies: tuple[str, ...] = ()
    """Certificate policies (OIDs), one of which the path must be valid for; empty means any."""
    explicit_policy: bool = False
    """The path must be valid for some policy; goes without saying where `policies` names some."""
    policy_mapping: bool = True
    """Whether an authority on the path may declare another's policy equal to its own."""
    any_policy: bool = True
    """Whether anyPolicy in a certificate stands for each of them."""
    extended_key_usages: tuple[str, ...] = ()
    """Extended key usages (OIDs), one of which will do for a card, beside clientAuth, emailProtection and anyExtendedKeyUsage."""


def trust_faults(rules: TrustRules) -> Iterator[Fault]:
    """Every fault of a profile's `[trust]`."""
    for key, oids in (("policies", rules.policies), ("extended_key_usages", rules.extended_key_usages)):
        for oid in dict.fromkeys(oids):
            if not OID.fullmatch(oid):
                yield f"trust.{key}", f"{oid!r} is no OID: numbers with dots, as 1.2.392.200119.1"
            elif oid == ANY_POLICY and key == "policies":
                yield "trust.policies", f"{oid!r} is anyPolicy: leave the key out, or set explicit_policy"
            if oids.count(oid) > 1:
                yield f"trust.{key}", f"{oid!r} appears {oids.count(oid)} times"
