"""x509-limbo's tests that apply to a card's certificate, run on what server and client themselves call: `make pkits` writes the result.

x509-limbo (C2SP, Apache-2.0) describes each test of its suite in words: a chain, and whether it is valid. Its file of certificates is
not used here; the chains are made anew from the descriptions (`limbo_cases.py`), under the same ids, with a card's usage instead of a
web server's.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509

from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import rules
from ebid_tui.domain.profile.trust import TrustRules
from ebid_tui.errors import CertificateUnreadable, RuleError
from ebid_tui.server.pki.path import NoPath, validate
from tests.clock import NOW

BEGIN, END = "<!-- limbo: written by make pkits -->", "<!-- limbo: end -->"
OTHERWISE = {
    "rfc5280::aki": "what an authority has to write; how a path is found does not rest on it, the signature decides",
    "rfc5280::ski": "what an authority has to write; how a path is found does not rest on it, the signature decides",
    "rfc5280::root-non-critical-basic-constraints": "what an authority has to write; that it is one is said all the same",
    "rfc5280::leaf-ku-keycertsign": "nothing below a card is accepted: its basicConstraints say that it is no authority",
    "smime::ku::ee-key-cert-sign": "nothing below a card is accepted: its basicConstraints say that it is no authority",
    "rfc5280::ee-critical-aia-invalid": "what an authority has to write; the extension is understood, so it may be critical",
    "rfc5280::san::noncritical-with-empty-subject": "what an authority has to write; a card without a name has its serial number",
    "rfc5280::serial::serial-number-too-long": "up to 32 bytes are taken, for a few authorities have taken more than 20",
    "rfc5280::pc::ica-noncritical-pc": "what an authority has to write; the constraint is applied all the same",
    "rfc5280::nc::permitted-dns-match-noncritical": "what an authority has to write; the constraint is applied all the same",
    "rfc5280::nc::not-allowed-in-ee": "a card's own constraint asks for nothing, for nothing below a card is accepted",
    "rfc5280::nc::nc-permits-invalid": "host names and mail addresses on a card are used for nothing",
    "smime::eku": "RFC 5280 gives no meaning to extendedKeyUsage in an authority's certificate",
    "rfc5280::no-keyusage": "a card has to say that it signs",
    "smime::ku::key-management-only": "a card has to say that it signs",
    "rfc5280::nc::permitted-ip": "addresses are not compared; a card that has one is refused where they are constrained",
    "rfc5280::nc::nc-forbids-othername-noop": "a constraint on names of another kind is refused, whether a card has one or not",
    "rfc5280::validity::notafter-fractional": "a card ends with its last second, to the instant (R-09)",
}
"""Why a chain is judged otherwise than limbo has it, by the beginning of its id."""


@dataclass(frozen=True, slots=True)
class Chain:
    """One test: what is trusted, what the card brings along, the card, and whether limbo has it as valid."""

    id: str
    valid: bool
    anchors: Sequence[x509.Certificate]
    between: Sequence[x509.Certificate]
    card: x509.Certificate
    at: datetime = NOW


@dataclass(frozen=True, slots=True)
class Result:
    """What was made of it; `why` is the reason of a refusal."""

    chain: Chain
    why: str

    @property
    def verdict(self) -> str:
        if (not self.why) == self.chain.valid:
            return "right"
        return "accepted" if not self.why else "refused"

    @property
    def explained(self) -> str:
        found = [reason for beginning, reason in OTHERWISE.items() if self.chain.id.startswith(beginning)]
        return found[0] if found else ""


def judged(chain: Chain) -> Result:
    """As a card is judged: by itself, then by its path. Raises whatever is neither a verdict nor a refusal."""
    try:
        card = certificates.read(chain.card.dump())
        rules.refuse_expired(card.not_after, chain.at)
        rules.refuse_unusable(card, chain.at)
        asyncio.run(validate(chain.card, chain.between, chain.anchors, TrustRules(), chain.at, None))
    except CertificateUnreadable as error:
        return Result(chain, f"unreadable: {error.detail}")
    except RuleError as error:
        return Result(chain, f"{error.code} {error.detail}")
    except NoPath as error:
        return Result(chain, error.why)
    return Result(chain, "")


def run() -> list[Result]:
    """All of them, by id."""
    from tests.server.pki import limbo_cases, limbo_names

    logging.getLogger("pyhanko_certvalidator").setLevel(logging.ERROR)
    found = [judged(chain) for chain in (*limbo_cases.chains(), *limbo_names.constraints())]
    return sorted(found, key=lambda result: result.chain.id)


def table(results: Sequence[Result]) -> str:
    """The result, as it stands in the document."""
    kinds = sorted({_kind(result.chain.id) for result in results})
    counted = Counter((_kind(result.chain.id), result.verdict) for result in results)
    columns = ("right", "refused", "accepted")
    lines = ["| tests of | as limbo has it | valid there, refused here | invalid there, accepted here |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| `{kind}` | " + " | ".join(str(counted[kind, column]) for column in columns) + " |" for kind in kinds]
    totals = [sum(result.verdict == column for result in results) for column in columns]
    lines.append("| **all** | " + " | ".join(f"**{n}**" for n in totals) + " |")
    for column, title in (("refused", "Valid there, refused here:"), ("accepted", "Invalid there, accepted here:")):
        lines += ["", title, ""]
        lines += [f"- `{r.chain.id}`: {r.explained}" for r in results if r.verdict == column]
    lines += ["", "The chains: " + ", ".join(f"`{result.chain.id}`" for result in results) + "."]
    return "\n".join(lines)


def _kind(identity: str) -> str:
    return identity.rpartition("::")[0]
