"""Whether a receipt says what was signed, and whether those who signed it could.

Needs nothing but the evidence: no database, no network, no profile of the system.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from ebid_tui.domain import statement, strict_json
from ebid_tui.domain.receipts import kept
from ebid_tui.domain.records import Receipt
from ebid_tui.domain.statement import CardFree, CardFreeAmendment, RenewalStatement, Role, Signed, Statement
from ebid_tui.errors import EbidError
from ebid_tui.server.evidence import statements
from ebid_tui.server.evidence.path_check import PathCheck, kept_of
from ebid_tui.server.evidence.statements import Signer
from ebid_tui.server.store.audit_chain import AuditEntry
from ebid_tui.server.store.proofs import Proof

SKEW = timedelta(days=1)
"""No server's setting lets a statement's time differ by more from its own."""

T = TypeVar("T")

Fault = tuple[str, str]
"""A field, and the name of what is wrong with it: `evidence.…` in the messages."""


@dataclass(slots=True)
class CheckedCounts:
    """What was looked at."""

    rows: int = 0
    receipts: int = 0
    signatures: int = 0
    passwords: int = 0
    """Receipts that nobody signed (R-36)."""
    looked_up: int = 0
    """Certificates shown not to have been revoked."""
    unlooked: int = 0
    """Certificates accepted without: the system or the authority wants it so, or the data was not to be had."""
    unrecorded: int = 0
    """Receipts from before paths were kept: there is a signature, but what the certificate was accepted on is not known."""


def faults(link: AuditEntry, proof: Proof, paths: PathCheck, counts: CheckedCounts) -> Iterator[Fault]:
    """Everything that is wrong with one receipt and its evidence. `link` is the row of the audit log that tells of it."""
    counts.receipts += 1
    if proof.statement is None or proof.received_at is None:
        yield "evidence", "missing"
        return
    try:
        receipt = _read(proof.receipt, Receipt)
    except ValueError:
        yield "receipt", "unreadable"
        return
    yield from _around(link, proof, receipt)
    if proof.proof == "password" and proof.certificate is None:
        counts.passwords += 1
        yield from _unsigned(proof, receipt)
    elif proof.proof == "signature":
        yield from _signed(proof, receipt, paths, counts)
    else:
        yield "proof", "differs"


def _read(text: str | None, kind: type[T]) -> T:
    """ValueError for what programs read differently, and for another type (msgspec's errors are ones)."""
    return strict_json.read((text or "").encode(), kind, whole_numbers=True)


def _around(link: AuditEntry, proof: Proof, receipt: Receipt) -> Iterator[Fault]:
    """The receipt against its row, its evidence's row and the audit log's."""
    signer = receipt.previous or receipt.card
    number = f"number:{receipt.vendor.number}"
    said = {
        "receipt.id": (receipt.id, proof.receipt_id, link.receipt_id),
        "receipt.vendor.system": (receipt.vendor.system, proof.system, link.system),
        "receipt.vendor.number": (receipt.vendor.number, link.subject),
        "receipt.operation": (receipt.operation, link.event),
        "receipt.at": (receipt.at, proof.at, link.at),
        "received_at": (receipt.at, proof.received_at),
        "owner": (proof.owner, receipt.card.fingerprint if receipt.card else number),
        "actor": (link.actor, signer.fingerprint if signer else number),
        "receipt.mail_to": (receipt.mail_to, receipt.blocks.get("card_contact", {}).get("email") or None),
    }
    for field, values in said.items():
        if len(set(values)) > 1:
            yield field, "differs"


def _unsigned(proof: Proof, receipt: Receipt) -> Iterator[Fault]:
    said: CardFree | CardFreeAmendment
    try:
        said = _read(proof.statement, CardFreeAmendment) if receipt.operation == "amendment" else _read(proof.statement, CardFree)
    except ValueError:
        yield "statement", "unreadable"
        return
    yield from _content(said, receipt, statement.payload(said))
    if receipt.card is not None or receipt.previous is not None:
        yield "receipt.card", "differs"


def _signed(proof: Proof, receipt: Receipt, paths: PathCheck, counts: CheckedCounts) -> Iterator[Fault]:
    roles: tuple[Role, ...] = ("current", "new") if receipt.operation == "renewal" else ("card",)
    try:
        signed = _read(proof.statement, Signed)
        signers = statements.verify(signed, roles)
        said = statements.content(signed, RenewalStatement) if receipt.operation == "renewal" else statements.content(signed, Statement)
    except ValueError:
        yield "statement", "unreadable"
        return
    except EbidError:
        yield "statement", "signature"
        return
    counts.signatures += len(signers)
    yield from _content(said, receipt, signed.payload)
    cards = (said.current, said.new) if isinstance(said, RenewalStatement) else (said.card,)
    for card, signer, where in zip(cards, signers, roles, strict=True):
        if (card.fingerprint, card.serial) != (signer.certificate.fingerprint, signer.certificate.serial_decimal):
            yield f"statement.{where}", "differs"
    if cards != ((receipt.previous, receipt.card) if isinstance(said, RenewalStatement) else (receipt.card,)):
        yield "receipt.card", "differs"
    ders = [signer.chain[0] for signer in signers]
    if ders != [der for der in (proof.previous_certificate, proof.certificate) if der is not None]:
        yield "certificate", "differs"
    yield from _accepted(proof, signers, paths, counts)


def _content(said: Statement | RenewalStatement | CardFree | CardFreeAmendment, receipt: Receipt, payload: str) -> Iterator[Fault]:
    """What was confirmed against what the receipt says."""
    vendor = receipt.vendor
    wanted: dict[str, tuple[object, object]] = {
        "operation": (said.operation, receipt.operation),
        "vendor.system": (said.system, vendor.system),
        "vendor.agency": (said.agency, vendor.agency),
        "vendor.category": (said.category, vendor.category),
        "vendor.number": (said.vendor, vendor.number),
        "check": (statement.check_value(payload), receipt.check),
    }
    if not isinstance(said, CardFree) and receipt.operation != "registration":
        wanted["propagate"] = (said.propagate, receipt.propagate)
    for field, (signed, told) in wanted.items():
        if signed != told:
            yield f"receipt.{field}", "differs"
    if isinstance(said, RenewalStatement):
        yield from _holder(said, receipt)
    if not isinstance(said, RenewalStatement):
        confirmed = kept(said.blocks)
        for block in sorted(confirmed.keys() | receipt.blocks.keys()):
            one, other = confirmed.get(block, {}), receipt.blocks.get(block, {})
            for name in sorted(n for n in one.keys() | other.keys() if one.get(n) != other.get(n)):
                yield f"receipt.blocks.{block}.{name}", "differs"
    if said.issued_at.tzinfo is None or abs(said.issued_at - receipt.at) > SKEW:
        yield "statement.issued_at", "differs"


def _holder(said: RenewalStatement, receipt: Receipt) -> Iterator[Fault]:
    """Whose new card the receipt names, against the rows that both cards signed."""
    told = receipt.blocks.get("card_holder", {})
    for row in said.rows:
        block, _, name = row.field.partition(".")
        if block == "card_holder" and row.new != told.get(name, ""):
            yield f"receipt.blocks.{row.field}", "differs"


def _accepted(proof: Proof, signers: tuple[Signer, ...], paths: PathCheck, counts: CheckedCounts) -> Iterator[Fault]:
    """Each signer's certificate at the server's time."""
    if proof.verdicts is None:
        counts.unrecorded += 1
        return
    try:
        verdicts = kept_of(proof.verdicts)
    except ValueError:
        yield "verdicts", "unreadable"
        return
    if len(verdicts) != len(signers):
        yield "verdicts", "differs"
        return
    assert proof.received_at is not None
    for verdict, signer in zip(verdicts, signers, strict=True):
        why = paths.fault(verdict, signer.chain[0], proof.received_at)
        if why is not None:
            yield f"path.{signer.role}", f"path_{why}"
        elif verdict.revocation == "good":
            counts.looked_up += 1
        else:
            counts.unlooked += 1
