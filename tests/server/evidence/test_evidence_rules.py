"""Whether a receipt says what was signed: each of the rules by itself, on evidence made by hand."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from ebid_tui.domain import statement
from ebid_tui.domain.records import Vendor
from ebid_tui.domain.statement import Signed
from ebid_tui.server.evidence.receipt_check import SKEW, CheckedCounts, faults
from ebid_tui.server.store.proofs import KeptVerdict
from tests.clock import NOW
from tests.server.proven import BLOCKS, ONE, OTHER, VERDICT, Changes, proven

SECOND = timedelta(seconds=1)
UNLOOKED = msgspec.structs.replace(VERDICT, revocation="unchecked")


def found(operation: str, why: str | None = None, counts: CheckedCounts | None = None, **changes: Any) -> list[tuple[str, str]]:
    """What is wrong; `why`: what the validation of each path says."""
    asked: list[tuple[KeptVerdict, bytes, object]] = []

    def fault(*of: Any) -> str | None:
        asked.append(of)
        return why

    link, proof = proven(operation, **changes)
    paths: Any = SimpleNamespace(fault=fault)
    told = list(faults(link, proof, paths, counts or CheckedCounts()))
    assert all(at == proof.received_at for _, _, at in asked)
    return told


def differing(*fields: str) -> list[tuple[str, str]]:
    return [(field, "differs") for field in fields]


@pytest.mark.parametrize(
    ("operation", "changes", "counts"),
    [
        ("registration", {}, CheckedCounts(receipts=1, signatures=1, looked_up=1)),
        ("amendment", {"verdicts": [UNLOOKED]}, CheckedCounts(receipts=1, signatures=1, unlooked=1)),
        ("renewal", {"verdicts": [VERDICT, UNLOOKED]}, CheckedCounts(receipts=1, signatures=2, looked_up=1, unlooked=1)),
        ("registration", {"card": False}, CheckedCounts(receipts=1, passwords=1)),
        ("registration", {"proof": {"verdicts": None}}, CheckedCounts(receipts=1, signatures=1, unrecorded=1)),
    ],
)
def test_what_is_right_is_counted(operation: str, changes: Changes, counts: CheckedCounts) -> None:
    looked = CheckedCounts()
    assert found(operation, counts=looked, **changes) == []
    assert looked == counts
    assert found(operation, counts=looked, **changes) == [], "and a second one is added"
    assert looked == CheckedCounts(**{name: 2 * getattr(counts, name) for name in CheckedCounts.__slots__})


@pytest.mark.parametrize("operation", ["registration", "amendment", "renewal"])
@pytest.mark.parametrize(
    ("where", "name", "other", "fields"),
    [
        ("receipt", "id", "ISE-2", ["receipt.id"]),
        ("proof", "receipt_id", "ISE-2", ["receipt.id"]),
        ("link", "receipt_id", "ISE-2", ["receipt.id"]),
        ("proof", "system", "saitama", ["receipt.vendor.system"]),
        ("link", "system", "saitama", ["receipt.vendor.system"]),
        ("link", "subject", "1000000002", ["receipt.vendor.number"]),
        ("link", "event", "cancellation", ["receipt.operation"]),
        ("link", "at", NOW + SECOND, ["receipt.at"]),
        ("proof", "at", NOW + SECOND, ["receipt.at"]),
        ("receipt", "at", NOW + SECOND, ["receipt.at", "received_at"]),
        ("proof", "received_at", NOW + SECOND, ["received_at"]),
        ("proof", "owner", "f" * 64, ["owner"]),
        ("link", "actor", "f" * 64, ["actor"]),
        ("receipt", "mail_to", None, ["receipt.mail_to"]),
        ("said", "agency", "other", ["receipt.vendor.agency"]),
        ("said", "category", "goods", ["receipt.vendor.category"]),
        ("said", "vendor", "1000000002", ["receipt.vendor.number"]),
        ("said", "system", "saitama", ["receipt.vendor.system"]),
        ("receipt", "check", "0" * 16, ["receipt.check"]),
        ("said", "issued_at", NOW - SKEW - SECOND, ["statement.issued_at"]),
        ("said", "issued_at", NOW + SKEW + SECOND, ["statement.issued_at"]),
        ("proof", "statement", "{}", [("statement", "unreadable")]),
        ("proof", "receipt", "{}", [("receipt", "unreadable")]),
        ("proof", "statement", None, [("evidence", "missing")]),
        ("proof", "received_at", None, [("evidence", "missing")]),
        ("proof", "proof", "word", ["proof"]),
        ("proof", "proof", "password", ["proof"]),
        ("proof", "certificate", b"DER", ["certificate"]),
        ("proof", "verdicts", "[]", ["verdicts"]),
        ("proof", "verdicts", "{", [("verdicts", "unreadable")]),
    ],
)
def test_wherever_something_else_stands(operation: str, where: str, name: str, other: object, fields: list[Any]) -> None:
    wanted = [field if isinstance(field, tuple) else (field, "differs") for field in fields]
    changes: dict[str, Any] = {where: {name: other}}
    assert found(operation, **changes) == wanted


@pytest.mark.parametrize("at", [NOW - SKEW, NOW + SKEW])
def test_a_day_is_the_most_that_clocks_may_differ(at: object) -> None:
    assert found("amendment", said={"issued_at": at}) == []


def test_a_time_without_a_zone_is_none() -> None:
    link, proof = proven("registration", card=False)
    said = msgspec.json.decode(proof.statement or "")
    naive = msgspec.json.encode(said | {"issued_at": "2026-01-01T00:00:00"}).decode()
    altered = msgspec.structs.replace(proof, statement=naive)
    assert ("statement", "unreadable") in list(faults(link, altered, SimpleNamespace(), CheckedCounts()))  # type: ignore[arg-type]


def test_a_vendor_of_another_agency() -> None:
    other = Vendor(system="ise", agency="other", category="construction", number="1000000001")
    assert found("renewal", receipt={"vendor": other}) == differing("receipt.vendor.agency")


@pytest.mark.parametrize(
    ("operation", "wrong"), [("registration", []), ("amendment", ["receipt.propagate"]), ("renewal", ["receipt.propagate"])]
)
def test_whether_it_is_copied_was_the_persons_choice_but_for_a_registration(operation: str, wrong: list[str]) -> None:
    assert found(operation, receipt={"propagate": True}) == differing(*wrong)
    assert found(operation, receipt={"propagate": True}, said={"propagate": True}) == []


@pytest.mark.parametrize("card", [True, False])
@pytest.mark.parametrize(
    ("blocks", "wrong"),
    [
        ({"company": {"name": "他社"}}, ["receipt.blocks.company.name"]),
        ({"company": {}}, ["receipt.blocks.company.name"]),
        ({"company": {"name": "試験建設", "fax": "1"}}, ["receipt.blocks.company.fax"]),
        ({"card_holder": {"person": "甲", "company": "乙"}}, ["receipt.blocks.card_holder.company", "receipt.blocks.card_holder.person"]),
    ],
)
def test_every_value_is_what_was_confirmed(card: bool, blocks: Changes, wrong: list[str]) -> None:
    assert found("registration", card=card, receipt={"blocks": BLOCKS | blocks}) == differing(*wrong)
    without = {name: values for name, values in BLOCKS.items() if name != "company"}
    assert found("registration", card=card, receipt={"blocks": without}) == differing("receipt.blocks.company.name")


def test_nobody_has_signed_for_a_card_that_a_password_registered() -> None:
    for receipt in ({"previous": ONE.certificate.record}, {"card": ONE.certificate.record}):
        told = found("registration", card=False, receipt=receipt)
        assert ("receipt.card", "differs") in told
        assert {field for field, _ in told} <= {"receipt.card", "owner", "actor"}
    assert found("registration", card=False, proof={"statement": "{}"}) == [("statement", "unreadable")]
    assert found("registration", card=False, proof={"certificate": ONE.der}) == differing("proof")


def test_what_is_kept_is_read_in_one_way_or_not_at_all() -> None:
    """A member twice in what was signed, and in what lies around it: receipt, signatures, verdicts."""
    _, proof = proven("amendment")
    good = msgspec.json.decode(proof.statement or "", type=Signed)
    payload = statement.b64(b'{"vendor":"1000000002",' + statement.unb64(good.payload)[1:])
    forged = msgspec.json.encode(Signed(payload, (ONE.signature(payload),))).decode()
    assert found("amendment", proof={"statement": forged}) == [("statement", "signature")]
    for field, name, text in (
        ("statement", "statement", f'{{"payload":"",{(proof.statement or "")[1:]}'),
        ("receipt", "receipt", f'{{"id":"ISE-2",{proof.receipt[1:]}'),
        ("verdicts", "verdicts", (proof.verdicts or "").replace('{"path"', '{"path":[],"path"')),
    ):
        assert found("amendment", proof={field: text}) == [(name, "unreadable")]


def test_the_cards_are_those_that_signed() -> None:
    one, other = ONE.certificate.record, OTHER.certificate.record
    assert found("amendment", said={"card": other}) == differing("statement.card", "receipt.card")
    serial = msgspec.structs.replace(one, serial="1")
    assert found("amendment", said={"card": serial}, receipt={"card": serial}) == differing("statement.card")
    expiry = msgspec.structs.replace(one, not_after=NOW)
    assert found("amendment", receipt={"card": expiry}) == differing("receipt.card")
    assert found("amendment", signers=[OTHER]) == differing("statement.card")
    swapped = found("renewal", signers=[OTHER, ONE])
    assert swapped == differing("statement.current", "statement.new")
    assert found("renewal", said={"current": other, "new": one}) == differing("statement.current", "statement.new", "receipt.card")
    assert found("renewal", proof={"previous_certificate": None}) == differing("certificate")
    assert found("amendment", proof={"previous_certificate": OTHER.der}) == differing("certificate")


@pytest.mark.parametrize("operation", ["amendment", "renewal"])
def test_a_signature_that_is_wrong_or_missing_is_none(operation: str) -> None:
    _, proof = proven(operation)
    signed = msgspec.json.decode(proof.statement or "")
    signed["signatures"][-1]["signature"] = signed["signatures"][-1]["signature"][::-1]
    assert found(operation, proof={"statement": msgspec.json.encode(signed).decode()}) == [("statement", "signature")]
    del signed["signatures"][-1]
    assert found(operation, proof={"statement": msgspec.json.encode(signed).decode()}) == [("statement", "signature")]


def test_an_amendments_signatures_are_none_for_a_renewal() -> None:
    _, amendment = proven("amendment")
    assert found("renewal", proof={"statement": amendment.statement}) == [("statement", "signature")]


def test_every_path_is_asked_about_and_what_is_wrong_is_not_counted() -> None:
    counts = CheckedCounts()
    assert found("renewal", "revoked", counts) == [("path.current", "path_revoked"), ("path.new", "path_revoked")]
    assert (counts.looked_up, counts.unlooked, counts.signatures) == (0, 0, 2)
    assert found("amendment", "untrusted") == [("path.card", "path_untrusted")]
