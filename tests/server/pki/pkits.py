"""NIST's Public Key Interoperability Test Suite, run on the server's own path validation: `make pkits` writes the result into docs/pki.md.

The certificates and lists come with `cryptography_vectors`. What is expected is in the name of the card's certificate
(Valid…, Invalid…), or here, for the tests that are run with several settings (PKITS, sections 4.8 to 4.12). As a directory
would, everything with a fitting name is handed over; which of it makes a path is for the validation to find out.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import cryptography_vectors
from asn1crypto import crl, x509

from ebid_tui.domain.profile.trust import TrustRules
from ebid_tui.server.pki.path import NoPath, validate
from tests.server.pki import limbo

DATA = Path(cryptography_vectors.__file__).parent / "x509" / "PKITS_data"
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "pki.md"
BEGIN, END = "<!-- pkits: written by make pkits -->", "<!-- pkits: end -->"
NOW = datetime(2020, 1, 1, tzinfo=UTC)
"""The suite's certificates of 2011 are good until 2030."""

P1, P2, P3, P6 = (f"2.16.840.1.101.3.2.1.48.{n}" for n in (1, 2, 3, 6))
Settings = Mapping[str, object]
EXPLICIT, NO_MAPPING, NO_ANY = {"explicit_policy": True}, {"policy_mapping": False}, {"any_policy": False}

SEVERAL: dict[str, list[tuple[bool, Settings]]] = {
    "ValidCertificatePathTest1EE": [
        (True, EXPLICIT),
        (True, {"policies": (P1,)}),
        (False, {"policies": (P2,)}),
        (True, {"policies": (P1, P2)}),
    ],
    "AllCertificatesNoPoliciesTest2EE": [(True, {}), (False, EXPLICIT)],
    "DifferentPoliciesTest3EE": [(True, {}), (False, EXPLICIT), (False, {"policies": (P1, P2)})],
    "DifferentPoliciesTest4EE": [(False, {})],
    "DifferentPoliciesTest5EE": [(False, {})],
    "OverlappingPoliciesTest6EE": [(True, {}), (True, {"policies": (P1,)}), (False, {"policies": (P2,)})],
    "DifferentPoliciesTest7EE": [(False, {})],
    "DifferentPoliciesTest8EE": [(False, {})],
    "DifferentPoliciesTest9EE": [(False, {})],
    "AllCertificatesSamePoliciesTest10EE": [(True, {}), (True, {"policies": (P1,)}), (True, {"policies": (P2,)})],
    "AllCertificatesanyPolicyTest11EE": [(True, {}), (True, {"policies": (P1,)})],
    "DifferentPoliciesTest12EE": [(False, {})],
    "AllCertificatesSamePoliciesTest13EE": [(True, {"policies": (P1,)}), (True, {"policies": (P2,)}), (True, {"policies": (P3,)})],
    "AnyPolicyTest14EE": [(True, {"policies": (P1,)}), (False, {"policies": (P2,)})],
    "UserNoticeQualifierTest18EE": [(True, {"policies": (P1,)}), (True, {"policies": (P2,)})],
    "ValidPolicyMappingTest1EE": [(True, {"policies": (P1,)}), (False, {"policies": (P2,)}), (False, NO_MAPPING)],
    "InvalidPolicyMappingTest2EE": [(False, {}), (False, NO_MAPPING)],
    "ValidPolicyMappingTest3EE": [(False, {"policies": (P1,)}), (True, {"policies": (P2,)})],
    "ValidPolicyMappingTest5EE": [(True, {"policies": (P1,)}), (False, {"policies": (P6,)})],
    "ValidPolicyMappingTest6EE": [(True, {"policies": (P1,)}), (False, {"policies": (P6,)})],
    "ValidPolicyMappingTest12EE": [(True, {"policies": (P1,)}), (True, {"policies": (P2,)})],
    "inhibitAnyPolicyTest3EE": [(True, {}), (False, NO_ANY)],
}
"""By the card's certificate: whether it is valid under each of several settings."""

SECTIONS = {
    "signature": "ValidCertificatePath|CASignature|EESignature|DSA",
    "validity": "notBefore|notAfter",
    "names": "NameChaining|NamesChaining|NameUIDs|RFC3280|Rollover|UTF8String",
    "revocation": "CRL|Revoked|SerialNumber|istributionPoint|onlyContains|onlySomeReasons|cRLIssuer",
    "self-issued": "BasicSelfIssued",
    "basic constraints": "asicConstraints|pathLen|cAFalse",
    "key usage": "keyUsage",
    "policies": "olic|Qualifier",
    "name constraints": "nameConstraints",
    "extensions": "CertificateExtension",
}

Verdict = Literal["right", "wrongly refused", "wrongly accepted"]


@dataclass(frozen=True, slots=True)
class Case:
    """One test: a certificate, settings, and what is right."""

    name: str
    valid: bool
    settings: Settings

    @property
    def section(self) -> str:
        if "Policy" in self.name or "Policies" in self.name:
            return "policies"
        if "BasicSelfIssued" in self.name:
            return "self-issued"
        if "keyUsage" in self.name:
            return "key usage"
        return next((name for name, pattern in SECTIONS.items() if re.search(pattern, self.name)), "other")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was made of a test; `why` is the reason of a refusal."""

    case: Case
    accepted: bool
    why: str

    @property
    def verdict(self) -> Verdict:
        if self.accepted == self.case.valid:
            return "right"
        return "wrongly accepted" if self.accepted else "wrongly refused"


class Directory:
    """Every certificate and list of the suite, by name."""

    def __init__(self) -> None:
        self.certificates = {path.stem: x509.Certificate.load(path.read_bytes()) for path in (DATA / "certs").glob("*.crt")}
        self.lists = [crl.CertificateList.load(path.read_bytes()) for path in sorted((DATA / "crls").glob("*.crl"))]
        self.anchor = self.certificates["TrustAnchorRootCertificate"]
        self._by_subject: dict[str, list[x509.Certificate]] = {}
        for name, certificate in sorted(self.certificates.items()):
            if not name.endswith("EE"):
                self._by_subject.setdefault(certificate.subject.hashable, []).append(certificate)

    def around(self, leaf: x509.Certificate) -> tuple[list[x509.Certificate], list[crl.CertificateList]]:
        """What a directory has under the names of everybody who may have to do with a certificate."""
        names: set[str] = set()
        wanted = [leaf.issuer.hashable]
        for point in leaf.crl_distribution_points_value or ():
            wanted += [name.chosen.hashable for name in point["crl_issuer"] or () if name.name == "directory_name"]
        while wanted:
            name = wanted.pop()
            if name not in names:
                names.add(name)
                wanted += [certificate.issuer.hashable for certificate in self._by_subject.get(name, ())]
        found = [c for name in sorted(names) for c in self._by_subject.get(name, ()) if c.sha256 != self.anchor.sha256]
        return found, [entry for entry in self.lists if entry.issuer.hashable in names]


def cases(directory: Directory) -> Iterator[Case]:
    """Every test of the suite that has a card's certificate."""
    for name in sorted(directory.certificates):
        if name.endswith("EE"):
            for valid, settings in SEVERAL.get(name, [(not name.startswith("Invalid"), {})]):
                yield Case(name, valid, settings)


def run() -> list[Outcome]:
    """Run all of them."""
    directory = Directory()
    # The validator warns of what it refuses.
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.ERROR)
    return [_run(directory, case) for case in cases(directory)]


def _run(directory: Directory, case: Case) -> Outcome:
    leaf = directory.certificates[case.name]
    between, lists = directory.around(leaf)
    rules = TrustRules(**case.settings)  # type: ignore[arg-type]
    try:
        asyncio.run(validate(leaf, between, (directory.anchor,), rules, NOW, (lists, ())))
    except NoPath as error:
        return Outcome(case, False, str(error))
    return Outcome(case, True, "")


def table(outcomes: list[Outcome]) -> str:
    """The result, as it stands in the document."""
    counted = Counter((outcome.case.section, outcome.verdict) for outcome in outcomes)
    columns: tuple[Verdict, ...] = ("right", "wrongly refused", "wrongly accepted")
    lines = ["| tests of | right | wrongly refused | wrongly accepted |", "| --- | ---: | ---: | ---: |"]
    for section in [*SECTIONS, "other"]:
        numbers = [counted[section, column] for column in columns]
        if any(numbers):
            lines.append(f"| {section} | " + " | ".join(map(str, numbers)) + " |")
    totals = [sum(outcome.verdict == column for outcome in outcomes) for column in columns]
    lines.append("| **all** | " + " | ".join(f"**{n}**" for n in totals) + " |")
    wrong = [outcome for outcome in outcomes if outcome.verdict != "right"]
    lines += ["", "Not as the suite has it:", ""] if wrong else []
    lines += [f"- `{o.case.name}` {o.verdict}: {o.why.partition('. Reason')[0]}" for o in wrong]
    return "\n".join(lines)


def written(document: str, made: str, begin: str = BEGIN, end: str = END) -> str:
    """The document with the table in its place."""
    before, _, rest = document.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{made}\n{end}{after}"


def main() -> int:
    """Write both tables; 1 if anything was wrongly accepted, or is judged otherwise than x509-limbo has it without a reason."""
    outcomes, results = run(), limbo.run()
    document = written(DOCUMENT.read_text("utf-8"), table(outcomes))
    DOCUMENT.write_text(written(document, limbo.table(results), limbo.BEGIN, limbo.END), "utf-8")
    print(table(outcomes), limbo.table(results), sep="\n\n")
    unexplained = [result for result in results if result.verdict != "right" and not result.explained]
    return int(bool(unexplained) or any(outcome.verdict == "wrongly accepted" for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
