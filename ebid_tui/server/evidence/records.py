"""The lines of exported evidence: one row of the audit log each, with the receipt and evidence that were written with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from ebid_tui.server.store.audit_chain import AuditEntry
from ebid_tui.server.store.proofs import Kind, Proof

FORMAT, VERSION = "ebid-evidence", 1
CERTIFICATES, CRLS, OCSP, JOURNAL, UNTOLD = "certificates", "crls", "ocsp", "journal", "untold"
BLOBS: Mapping[str, Kind] = {CERTIFICATES: "certificate", CRLS: "crl", OCSP: "ocsp"}
"""Folders and what is kept in them, in their order."""
FOLDERS = ("", *BLOBS, JOURNAL, UNTOLD)
"""The order of the entries. In the first are two: `format` and `README`."""


class LogEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last row of the audit log."""

    number: int
    hash: str


class ExportHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first entry: what this file is, and how much is in it."""

    format: str
    version: int
    head: LogEnd
    entries: dict[str, int]
    """Of each folder of certificates, CRLs and OCSP responses."""


class ProofLine(Proof, frozen=True, forbid_unknown_fields=True):
    """A receipt and its evidence. `receipt`, `statement` and `verdicts` are the texts that were kept, certificates base64."""

    told: dict[str, str | None] = msgspec.field(name="digests")
    """The SHA-256 of the fields; their own stands in the audit log as `content`."""


class AuditLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the audit log."""

    number: int
    at: datetime
    system: str
    event: str
    actor: str
    subject: str
    receipt_id: str | None
    agency: str | None
    content: str | None
    hash: str
    evidence: ProofLine | None

    @property
    def link(self) -> AuditEntry:
        return AuditEntry(self.at, self.system, self.event, self.actor, self.subject, self.receipt_id, self.agency, self.content)


def line(number: int, link: AuditEntry, value: str, proof: Proof | None) -> bytes:
    """A line of the journal, with its line feed."""
    members = link._asdict()
    content = members.pop("content")
    made = AuditLine(number=number, **members, content=content, hash=value, evidence=None if proof is None else proof_line(proof))
    return msgspec.json.encode(made) + b"\n"


def proof_line(proof: Proof) -> ProofLine:
    """With the digests of its fields."""
    return ProofLine(**msgspec.structs.asdict(proof), told=proof.digests)
