"""The demo's certification authorities, with the issuer names that the documents print. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from ebid_tui.domain.profile.systems import Profile

Attributes = tuple[tuple[str, str], ...]
"""A name, in the order of the certificate: country first."""


@dataclass(frozen=True, slots=True)
class DemoAuthority:
    """A demo authority. `accepted` False: its cards are refused everywhere (R-34), it is no trust anchor."""

    id: str
    name: Attributes
    accepted: bool = True


AUTHORITIES: Mapping[str, DemoAuthority] = {
    authority.id: authority
    for authority in (
        DemoAuthority("test-ca", (("C", "JP"), ("O", "TEST CA"), ("OU", "TEST CA"))),
        DemoAuthority("bidca4", (("C", "JP"), ("ST", "Kanagawa"), ("O", "pki4"), ("OU", "bidca4"))),
        DemoAuthority("test-ca2", (("C", "JP"), ("O", "TEST CA2"), ("OU", "TEST CA2"))),
        DemoAuthority("organization-ca-u8", (("C", "JP"), ("O", "LGPKI"), ("OU", "Organization CA U8"))),
        DemoAuthority("other-ca", (("C", "JP"), ("O", "OTHER CA"), ("OU", "OTHER CA")), accepted=False),
    )
}
"""By the id that `issuers.toml` and the systems' `trusted` use."""


USUAL = "test-ca"
"""Signs the cards of a system that trusts none of these."""


def authority_of(profile: Profile) -> str:
    """The demo authority that signs a system's cards."""
    return next((name for name in profile.trusted if name in AUTHORITIES), USUAL)


def practised(profile: Profile) -> Profile:
    """The system as its demo has it: some demo authority is trusted, where the system's own are real ones."""
    signs = authority_of(profile)
    return profile if signs in profile.trusted else msgspec.structs.replace(profile, trusted=(*profile.trusted, signs))
