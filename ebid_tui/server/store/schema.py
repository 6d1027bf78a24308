"""The tables. Every statement on them is SQLAlchemy Core that more than one database understands.

`REVISION` is the newest migration in `migrations/versions`: a fresh database is made from these tables directly and
marked with it, an older one is brought up by Alembic.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from ebid_tui.server.store.columns import CleanedText, CleanedValues, Fingerprint, JsonText, Owner, UtcDateTime

REVISION = "0013"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

VENDOR = ("system", "agency", "category", "number")
"""The columns that name a vendor, in the order of `domain.records.Vendor`."""


def vendor_columns() -> list[Column[str]]:
    """For a table that has one row, or several, a vendor."""
    return [Column(name, String(64), nullable=False) for name in VENDOR]


challenges = Table(
    "challenges",
    metadata,
    Column("nonce", String(64), primary_key=True),
    Column("system", String(64), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("used_at", UtcDateTime),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("system", String(64), nullable=False),
    Column("origin", Text, nullable=False),
    # card, password (status only), card_free or operator; the latter three need no card.
    Column("kind", String(16), nullable=False, server_default="card"),
    Column("fingerprint", Fingerprint),
    Column("certificate", LargeBinary),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    # The vendor that a search proved; only for this one may the session register.
    Column("agency", String(64)),
    Column("category", String(64)),
    Column("number", String(64)),
    # Of an operator's session: whose.
    Column("operator", String(40)),
)

accounts = Table(
    "accounts",
    metadata,
    # One row a number that was ever tried, known or not, so that a lock tells nobody which numbers exist.
    Column("system", String(64), nullable=False),
    Column("number", String(64), nullable=False),
    Column("login_id", String(64)),
    Column("password_hash", Text),
    Column("password_state", String(16), nullable=False),
    Column("wrong", Integer, nullable=False, default=0),
    Column("changed_on", Date),
    # While it is locked: what it was before.
    Column("unlocked_state", String(16)),
    # Tries that were taken on and are being checked, and when the last one was.
    Column("checking", Integer, nullable=False, default=0, server_default="0"),
    Column("checking_at", UtcDateTime),
    PrimaryKeyConstraint("system", "number"),
)

vendor_secrets = Table(
    "vendor_secrets",
    metadata,
    # What a search asks as a secret beside number and password: argon2id, never the value.
    Column("system", String(64), nullable=False),
    Column("number", String(64), nullable=False),
    Column("field", String(64), nullable=False),
    Column("hash", Text, nullable=False),
    PrimaryKeyConstraint("system", "number", "field"),
)

qualifications = Table(
    "qualifications",
    metadata,
    *vendor_columns(),
    Column("state", String(16), nullable=False),
    Column("trade_name", CleanedText, nullable=False),
    # `domain.text.names.search_key` of the name: what the desk's search looks at (`search_index.py` keeps an index of its bigrams).
    Column("folded_name", Text, nullable=False),
    Column("company", CleanedValues, nullable=False),
    # By itself only for the index: SQLite gives rows without an integer of their own other numbers when it cleans up.
    Column("id", Integer, primary_key=True, autoincrement=True),
    UniqueConstraint(*VENDOR),
    Index("ix_qualifications_vendor", "system", "category", "number"),
)

qualification_changes = Table(
    "qualification_changes",
    metadata,
    # What an import of the roster changed of a qualification, by field: [before, after]. What a registration was made with before
    # is out of date since. `pending`: the row is under review, and the values before stay valid until it is approved.
    Column("id", Integer, primary_key=True, autoincrement=True),
    *vendor_columns(),
    Column("at", UtcDateTime, nullable=False),
    Column("fields", JsonText, nullable=False),
    Column("pending", Boolean, nullable=False),
    Index("ix_qualification_changes_vendor", *VENDOR),
)

vendor_details = Table(
    "vendor_details",
    metadata,
    # What a vendor's cards share: the typed part of 企業情報, 代表窓口情報, 企業ID. Written by its newest registration.
    *vendor_columns(),
    Column("company", CleanedValues, nullable=False),
    Column("representative_contact", CleanedValues, nullable=False),
    Column("company_id", String(32)),
    Column("updated_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint(*VENDOR),
    UniqueConstraint("system", "agency", "category", "company_id"),
)

card_bindings = Table(
    "card_bindings",
    metadata,
    # a card belongs to one vendor within one category realm of one system, for good.
    Column("system", String(64), nullable=False),
    Column("realm", String(64), nullable=False),
    Column("fingerprint", Fingerprint, nullable=False),
    Column("number", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("system", "realm", "fingerprint"),
)

registrations = Table(
    "registrations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("system", String(64), nullable=False),
    Column("agency", String(64), nullable=False),
    Column("category", String(64), nullable=False),
    Column("realm", String(64), nullable=False),
    Column("number", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    # All four are NULL for a registration without a card, of which a vendor has one at most.
    Column("fingerprint", Fingerprint),
    Column("serial", Text),
    Column("issuer", CleanedText),
    Column("not_after", UtcDateTime),
    Column("blocks", CleanedValues, nullable=False),
    Column("registered_at", UtcDateTime, nullable=False),
    # `domain.text.names.search_key` of company and person on the card.
    Column("folded_holder", Text),
    UniqueConstraint("system", "agency", "category", "fingerprint"),
    Index("ix_registrations_vendor", *VENDOR),
    Index("ix_registrations_card", "system", "fingerprint"),
    Index("ix_registrations_serial", "system", "serial"),
    Index("ix_registrations_expiry", "system", "agency", "not_after"),
)
Index(
    "uq_registrations_card_free",
    *(registrations.c[name] for name in VENDOR),
    unique=True,
    sqlite_where=text("fingerprint IS NULL"),
    postgresql_where=text("fingerprint IS NULL"),
)

propagations = Table(
    "propagations",
    metadata,
    # What is to be copied to the vendor's other agencies overnight: the receipt says what was done, and when.
    Column("id", Integer, primary_key=True, autoincrement=True),
    *vendor_columns(),
    Column("operation", String(16), nullable=False),
    Column("receipt_id", ForeignKey("receipts.id"), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Index("ix_propagations_waiting", "state", "id"),
    Index("ix_propagations_vendor", "system", "category", "number"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("id", String(96), primary_key=True),
    Column("registration_id", ForeignKey("registrations.id"), nullable=False, index=True),
    Column("system", String(64), nullable=False),
    # Who may see it: the fingerprint of the card that is registered by it, or `number:…` without a card.
    Column("owner", Owner, nullable=False),
    Column("body", JsonText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

evidence = Table(
    "evidence",
    metadata,
    # The statement as it came and the certificates it is checked with: what anyone can verify later. A renewal has the
    # replaced card's certificate beside the new one's. Without a card nothing is signed: `proof` is then `password`.
    Column("receipt_id", ForeignKey("receipts.id"), primary_key=True),
    Column("proof", String(16), nullable=False, server_default="signature"),
    Column("statement", Text, nullable=False),
    Column("certificate", LargeBinary),
    Column("previous_certificate", LargeBinary),
    # What was found about each signer's certificate, in the order of the signatures: an array of {path, crls, ocsp, revocation}.
    # Path (anchor first), CRLs and OCSP responses by SHA-256, in `evidence_blobs`. NULL where nobody signed, or before revision 0005.
    Column("verdicts", JsonText),
    Column("received_at", UtcDateTime, nullable=False),
)

evidence_blobs = Table(
    "evidence_blobs",
    metadata,
    # Authorities' certificates, CRLs and OCSP responses (DER), each once. A card's own certificate is with its evidence.
    Column("sha256", Fingerprint, primary_key=True),
    # certificate, crl, ocsp
    Column("kind", String(16), nullable=False),
    Column("der", LargeBinary, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("system", String(64), nullable=False),
    Column("event", String(32), nullable=False),
    Column("actor", Owner, nullable=False),
    Column("subject", String(64), nullable=False),
    Column("receipt_id", ForeignKey("receipts.id")),
    # Where it happened, if not at the receipt's own agency: a copy.
    Column("agency", String(64)),
    # SHA-256 of the receipt and evidence written with it (`audit_chain.content_of`).
    Column("content", Fingerprint),
    # `audit_chain`: holds the row before, whose id is one less. Rows are written by `store.audit` only.
    Column("hash", Fingerprint, nullable=False),
    Index("ix_audit_subject", "system", "subject"),
)

audit_head = Table(
    "audit_head",
    metadata,
    # One row: the last one of the audit log.
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("hash", Fingerprint, nullable=False),
)

mail_outbox = Table(
    "mail_outbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("receipt_id", ForeignKey("receipts.id"), nullable=False, index=True),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    # waiting, sending, sent, failed; uncertain: handed over by a process that did not live to see the answer.
    Column("state", String(16), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, default=0, server_default="0"),
    Column("next_attempt_at", UtcDateTime),
    # Who is sending it, and until when that is believed.
    Column("claim", String(32)),
    Column("lease_until", UtcDateTime),
    Column("finished_at", UtcDateTime),
    # In codes (`recipient 550 5.1.1`): never an address.
    Column("reason", String(64)),
)

reminders = Table(
    "reminders",
    metadata,
    # which mails a card's contact has been written before its end: the threshold, in days. One a card, wherever it is registered.
    Column("system", String(64), nullable=False),
    Column("fingerprint", Fingerprint, nullable=False),
    Column("days", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("system", "fingerprint", "days"),
)

jobs = Table(
    "jobs",
    metadata,
    # What `serve` does at set times: who does it now, and for which time it was done last.
    Column("name", String(32), primary_key=True),
    Column("holder", String(32)),
    Column("held_until", UtcDateTime),
    Column("done_for", UtcDateTime),
)

revocation_data = Table(
    "revocation_data",
    metadata,
    # What the authorities said last of who is revoked, for every process: a CRL by its address, an OCSP response by
    # address, issuer and serial number. `body` stays when a later try fails; it is good until `next_update`.
    Column("key", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),
    # Empty for a list that was brought in as a file.
    Column("url", Text, nullable=False),
    # The certificate that was asked about (its path names the address), and its issuer.
    Column("certificate", LargeBinary, nullable=False),
    Column("issuer", LargeBinary, nullable=False),
    Column("body", LargeBinary),
    Column("digest", String(64)),
    Column("this_update", UtcDateTime),
    Column("next_update", UtcDateTime, index=True),
    Column("tried_at", UtcDateTime, nullable=False),
    Column("failure", String(64)),
    # Whether it is fetched again before it ends: lists, and what is said of authorities.
    Column("ahead", Boolean, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    # A key belongs to who used it (a card's fingerprint, or `number:…`); the same key and body give the same receipt for ever.
    Column("system", String(64), nullable=False),
    Column("owner", Owner, nullable=False),
    Column("key", String(128), nullable=False),
    Column("body_hash", String(64), nullable=False),
    Column("receipt_id", ForeignKey("receipts.id"), nullable=False),
    PrimaryKeyConstraint("system", "owner", "key"),
)
