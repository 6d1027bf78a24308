"""What is written beside every accepted change, and who finds it again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ebid_tui.domain.records import Receipt
from ebid_tui.server.store import accepted_changes, audit, deferred_inserts, proofs, schema
from ebid_tui.server.store.accepted_changes import AcceptedChange, CompletionMail, Repeat
from ebid_tui.server.store.audit_chain import AuditEntry, sha256
from ebid_tui.server.store.proofs import Evidence, Proof
from ebid_tui.server.store.schema import evidence, evidence_blobs, idempotency, mail_outbox, propagations, receipts, registrations
from ebid_tui.server.store.verdicts import CertificateVerdict
from tests.clock import NOW
from tests.server.filling import REGISTRATION, THIS, VENDOR, put, rows

MAILS = (CompletionMail("a@example.com", "題", "本文"), CompletionMail("b@example.com", "題2", "本文2"))
WHO = ("ise", "card")


def receipt(identity: str = "X-1", *, propagate: bool = False) -> Receipt:
    return Receipt(
        id=identity, operation="amendment", vendor=THIS, blocks={"company": {"name": "伊勢"}}, card=None, propagate=propagate,
        company_id=None, mail_to=None, check="0" * 16, at=NOW,
    )  # fmt: skip


def entry(
    identity: str = "X-1", owner: str = "card", key: str = "key", *, propagate: bool = False, proof: Evidence | None = None
) -> AcceptedChange:
    given = proof or Evidence(statement="{}", certificate=None)
    made = Repeat("old card", key, f"hash of {identity}")
    return AcceptedChange(
        registration_id="R-1", receipt=receipt(identity, propagate=propagate), owner=owner, evidence=given, mails=MAILS, repeat=made
    )


@pytest.fixture
def registered(connection: Connection) -> Connection:
    put(connection, registrations, REGISTRATION)
    return connection


def written(connection: Connection, *given: AcceptedChange) -> list[AuditEntry]:
    """Writes them; the audit rows that the commit would chain."""
    for one in given:
        accepted_changes.add_entry(connection, one)
    deferred_inserts.settle(connection)
    return list(connection.info[audit._PENDING])


def test_everything_is_written(registered: Connection) -> None:
    (link,) = written(registered, entry())
    content = Proof("X-1", "R-1", *WHO, _body(registered), NOW, "password", "{}", None, None, None, NOW).content
    assert link == AuditEntry(NOW, "ise", "amendment", "old card", THIS.number, "X-1", content=content)
    assert rows(registered, receipts, "id", "registration_id", "system", "owner", "at") == [("X-1", "R-1", *WHO, NOW)]
    assert rows(registered, idempotency, "system", "owner", "key", "body_hash", "receipt_id") == [
        ("ise", "old card", "key", "hash of X-1", "X-1")
    ]
    assert rows(registered, mail_outbox, "receipt_id", "recipient", "subject", "body", "state", "created_at", "attempts") == [
        ("X-1", mail.recipient, mail.subject, mail.body, "waiting", NOW, 0) for mail in MAILS
    ]
    assert rows(registered, evidence, "receipt_id", "proof", "statement", "received_at", "verdicts") == [
        ("X-1", "password", "{}", NOW, None)
    ]
    assert rows(registered, propagations, "id") == []


def _body(connection: Connection) -> str:
    (text,) = connection.exec_driver_sql("SELECT body FROM receipts").scalars()
    return str(text)


def test_r_16_what_is_to_be_copied_waits_for_the_night(registered: Connection) -> None:
    written(registered, entry(propagate=True))
    kept = rows(registered, propagations, *VENDOR, "operation", "receipt_id", "state", "created_at")
    assert kept == [(*VENDOR.values(), "amendment", "X-1", "waiting", NOW)]


def test_a_receipt_is_shown_to_whom_it_belongs(registered: Connection) -> None:
    written(registered, entry(), entry("X-2", "other", "key2"))
    assert accepted_changes.receipt(registered, "X-1", *WHO) == receipt()
    assert accepted_changes.receipt(registered, "X-2", "ise", "other") == receipt("X-2")
    for asked in (("X-1", "aomori", "card"), ("X-1", "ise", "other"), ("X-9", *WHO)):
        assert accepted_changes.receipt(registered, *asked) is None


def test_what_came_under_a_key_before(registered: Connection) -> None:
    written(registered, entry(), entry("X-2", "card", "key2"))
    assert accepted_changes.earlier(registered, "ise", "old card", "key") == ("hash of X-1", receipt())
    assert accepted_changes.earlier(registered, "ise", "old card", "key2") == ("hash of X-2", receipt("X-2"))
    for asked in (("aomori", "old card", "key"), ("ise", "card", "key"), ("ise", "old card", "key3")):
        assert accepted_changes.earlier(registered, *asked) is None


def test_a_key_is_used_once(registered: Connection) -> None:
    with pytest.raises(IntegrityError), registered.begin_nested():
        written(registered, entry(), entry("X-2"))


def test_who_did_what_without_a_receipt(connection: Connection) -> None:
    accepted_changes.add_audit(connection, "ise", "unlocked", "operator:desk", "1", NOW, "port")
    assert connection.info[audit._PENDING] == [AuditEntry(NOW, "ise", "unlocked", "operator:desk", "1", None, "port")]


# ---- evidence --------------------------------------------------------------------------------------------------------

VERDICT = CertificateVerdict((b"anchor", b"between", b"card"), (b"list",), (b"answer",), "good", NOW + timedelta(1))
SIGNED = Evidence(statement='{"a": 1}', certificate=b"card", previous_certificate=b"old", verdicts=(VERDICT, VERDICT))


def test_each_authoritys_data_is_kept_once_and_the_cards_own_with_its_evidence(registered: Connection) -> None:
    (first, second) = written(registered, entry(proof=SIGNED), entry("X-2", key="2", proof=SIGNED))
    assert rows(registered, evidence_blobs, "kind", "der") == [
        ("certificate", b"anchor"), ("certificate", b"between"), ("crl", b"list"), ("ocsp", b"answer"),
    ]  # fmt: skip
    written(registered, entry("X-3", key="3", proof=SIGNED))
    name = sha256(b"list")
    assert proofs.blob(registered, name) == b"list"
    assert proofs.blob(registered, "unknown") is None
    assert list(proofs.blobs(registered, "crl")) == [(name, b"list")]
    both = {sha256(der): der for der in (b"anchor", b"between")}
    assert list(proofs.blobs(registered, "certificate")) == sorted(both.items())
    assert list(proofs.blob_names(registered, "certificate")) == sorted(both)
    assert proofs.count(registered) == 3
    parts = {"path": [sha256(der) for der in VERDICT.path], "crls": [name], "ocsp": [sha256(b"answer")], "revocation": "good"}
    kept = rows(registered, evidence, "proof", "statement", "certificate", "previous_certificate", "verdicts")
    assert kept == [("signature", '{"a": 1}', b"card", b"old", [parts, parts])] * 3
    assert first.content != second.content


def test_a_receipt_that_the_log_does_not_know_is_found(registered: Connection) -> None:
    """What stands for it in the log is what is read back, and a row without it proves nothing."""
    links = written(registered, entry(proof=SIGNED), entry("X-2", key="2", proof=SIGNED), entry("X-3", key="3"))
    assert [proof.receipt_id for proof in proofs.untold(registered)] == ["X-1", "X-2", "X-3"]
    assert [proof.content for proof in proofs.untold(registered)] == [link.content for link in links]
    fixed = {"system": "ise", "event": "amendment", "actor": "card", "subject": "1", "at": NOW, "hash": ""}
    put(
        registered,
        schema.audit,
        fixed | {"id": 1, "receipt_id": "X-2", "content": links[1].content},
        fixed | {"id": 2, "receipt_id": "X-3"},
    )
    assert [proof.receipt_id for proof in proofs.untold(registered)] == ["X-1", "X-3"]


def test_evidence_that_was_taken_away_is_seen(registered: Connection) -> None:
    (link,) = written(registered, entry(proof=SIGNED))
    registered.execute(evidence.delete())
    (found,) = proofs.untold(registered)
    assert (found.statement, found.certificate, found.verdicts, found.received_at) == (None, None, None, None)
    assert found.digests["received_at"] is None
    assert found.digests["at"] is not None
    assert found.content != link.content


def test_where_nobody_signed_it_was_a_password() -> None:
    assert (Evidence(statement="", certificate=None).proof, SIGNED.proof) == ("password", "signature")
