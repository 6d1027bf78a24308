"""A receipt with its evidence and its row of the audit log, made by hand: right, or wrong at one place."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ebid_tui.domain import statement
from ebid_tui.domain.records import Receipt, Vendor
from ebid_tui.domain.statement import CardFree, RenewalStatement, Signed, Statement
from ebid_tui.server.evidence import archive
from ebid_tui.server.store.audit_chain import START, AuditEntry, linked
from ebid_tui.server.store.proofs import KeptVerdict, Proof
from tests.clock import NOW
from tests.server.signing import Authority, Card

AUTHORITY = Authority(now=NOW)
ONE, OTHER = (AUTHORITY.card("試験建設", f"個人　{n}郎") for n in "一二")
BLOCKS = {"company": {"name": "試験建設"}, "card_contact": {"email": "a@example.jp"}}
VERDICT = KeptVerdict(path=("a", "b"), crls=(), ocsp=(), revocation="good")
Changes = dict[str, Any]


def proven(
    operation: str,
    *,
    card: bool = True,
    said: Changes | None = None,
    receipt: Changes | None = None,
    proof: Changes | None = None,
    link: Changes | None = None,
    verdicts: Sequence[KeptVerdict] | None = None,
    signers: Sequence[Card] | None = None,
) -> tuple[AuditEntry, Proof]:
    """`said`, `receipt`, `proof` and `link` change members of what would be right; `signers` who signs."""
    renewal = operation == "renewal"
    by = tuple(signers or ((ONE, OTHER) if renewal else (ONE,) if card else ()))
    cards = [one.certificate.record for one in (ONE, OTHER)]
    common: Changes = {"system": "ise", "agency": "ise", "category": "construction", "vendor": "1000000001"}
    common |= {"origin": "https://office.example", "issued_at": NOW}
    content: Statement | RenewalStatement | CardFree
    if renewal:
        content = RenewalStatement(
            **common | {"nonce": "n", "current": cards[0], "new": cards[1], "rows": (), "holder_confirmed": True} | (said or {})
        )
    elif card:
        blocks = BLOCKS | {"card_contact": BLOCKS["card_contact"] | {"email_again": "a@example.jp"}}
        plain = common | {"operation": operation, "nonce": "n", "blocks": blocks, "card": cards[0], "holder_confirmed": True}
        content = Statement(**plain | (said or {}))
    else:
        content = CardFree(**common | {"blocks": BLOCKS} | (said or {}))
    payload = statement.payload(content)
    roles: Any = ("current", "new") if renewal else ("card",)
    signatures = tuple(one.signature(payload, role) for one, role in zip(by, roles, strict=False))
    kept = msgspec.json.encode(Signed(payload, signatures) if by else content).decode()
    newest = cards[1] if renewal else cards[0] if card else None
    told: Changes = {
        "id": "ISE-1", "operation": operation, "vendor": Vendor(system="ise", agency="ise", category="construction", number="1000000001"),
        "blocks": BLOCKS, "card": newest, "previous": cards[0] if renewal else None, "company_id": None, "mail_to": "a@example.jp",
        "check": statement.check_value(payload), "at": NOW,
    }  # fmt: skip
    owner = newest.fingerprint if newest else "number:1000000001"
    row: Changes = {
        "receipt_id": "ISE-1", "registration_id": "r", "system": "ise", "owner": owner,
        "receipt": msgspec.json.encode(Receipt(**told | (receipt or {}))).decode(), "at": NOW,
        "proof": "signature" if card else "password", "statement": kept, "certificate": by[-1].der if by else None,
        "previous_certificate": by[0].der if renewal else None, "received_at": NOW,
        "verdicts": msgspec.json.encode(tuple(verdicts if verdicts is not None else (VERDICT,) * len(by))).decode(),
    }  # fmt: skip
    made = Proof(**row | (proof or {}))
    actor = ONE.fingerprint if card else "number:1000000001"
    audited: Changes = {"at": NOW, "system": "ise", "event": operation, "actor": actor, "subject": "1000000001", "receipt_id": "ISE-1"}
    return AuditEntry(**audited | {"content": made.content} | (link or {})), made


Parts = tuple[str, str, bytes, str]
"""Of an entry: folder, stem, content and ending."""
PLAIN = AuditEntry(NOW, "ise", "noted", "operator:x", "1000000001")


def written(*parts: Parts) -> bytes:
    """A file of these entries."""
    file = io.BytesIO()
    for one in parts:
        archive.write(file, *one)
    archive.finish(file)
    return file.getvalue()


def spoilt(data: bytes, at: int, by: bytes = b"\xff") -> bytes:
    return data[:at] + by + data[at + len(by) :]


def chain(*rows: AuditEntry, first: int = 1, previous: str = START) -> Iterator[tuple[int, AuditEntry, str]]:
    """Rows of an audit log with their numbers and hashes."""
    for number, one in enumerate(rows, first):
        previous = linked(previous, number, one)
        yield number, one, previous
