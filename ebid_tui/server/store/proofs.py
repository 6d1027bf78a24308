"""Evidence: what proves an accepted change, each authority's data once, and the one value that stands for it in the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Select, Text, bindparam, func, insert, select, type_coerce

from ebid_tui.server.store import deferred_inserts
from ebid_tui.server.store.audit_chain import content_of, digests_of, moment, sha256
from ebid_tui.server.store.schema import audit, evidence, evidence_blobs, receipts
from ebid_tui.server.store.verdicts import CertificateVerdict, Revocation

Kind = Literal["certificate", "crl", "ocsp"]

_add_evidence = deferred_inserts.into(evidence)
_ADD_BLOB = insert(evidence_blobs)
_THERE = select(evidence_blobs.c.sha256).where(evidence_blobs.c.sha256.in_(bindparam("p_wanted", expanding=True)))


class KeptVerdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A verdict as it is kept: its parts by SHA-256."""

    path: tuple[str, ...]
    crls: tuple[str, ...]
    ocsp: tuple[str, ...]
    revocation: Revocation


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The statement as it came, the certificates (DER) it is checked with, and what was found about each signer's.

    Where nothing was signed (R-36) there is only the statement. `verdicts` are in the order of the signatures.
    """

    statement: str
    certificate: bytes | None
    previous_certificate: bytes | None = None
    verdicts: tuple[CertificateVerdict, ...] = ()

    @property
    def proof(self) -> Literal["signature", "password"]:
        return "password" if self.certificate is None else "signature"


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A receipt and its evidence as they stand in the database; JSON as text."""

    receipt_id: str
    registration_id: str
    system: str
    owner: str
    receipt: str
    at: datetime
    proof: str | None
    statement: str | None
    certificate: bytes | None
    previous_certificate: bytes | None
    verdicts: str | None
    received_at: datetime | None

    @property
    def digests(self) -> dict[str, str | None]:
        """The SHA-256 of each field."""
        times = {name: None if at is None else moment(at) for name, at in (("at", self.at), ("received_at", self.received_at))}
        return digests_of({name: getattr(self, name) for name in Proof.__struct_fields__} | times)

    @property
    def content(self) -> str:
        """What stands for it in the audit log."""
        return content_of(self.digests)


PROOFS: Select[Any] = select(
    receipts.c.id,
    receipts.c.registration_id,
    receipts.c.system,
    receipts.c.owner,
    type_coerce(receipts.c.body, Text),
    receipts.c.at,
    *(evidence.c[name] for name in ("proof", "statement", "certificate", "previous_certificate")),
    type_coerce(evidence.c.verdicts, Text),
    evidence.c.received_at,
).select_from(receipts.outerjoin(evidence, evidence.c.receipt_id == receipts.c.id))
"""Every receipt with its evidence, in the order of `Proof`; whatever is not there is NULL."""

_UNTOLD = PROOFS.where(~select(audit.c.id).where(audit.c.receipt_id == receipts.c.id, audit.c.content.is_not(None)).exists()).order_by(
    receipts.c.id
)
_BLOBS = (
    select(evidence_blobs.c.sha256, evidence_blobs.c.der)
    .where(evidence_blobs.c.kind == bindparam("p_kind"))
    .order_by(evidence_blobs.c.sha256)
)


_BLOB_NAMES = select(evidence_blobs.c.sha256).where(evidence_blobs.c.kind == bindparam("p_kind")).order_by(evidence_blobs.c.sha256)
_BLOB = select(evidence_blobs.c.der).where(evidence_blobs.c.sha256 == bindparam("p_name"))


def add(
    connection: Connection, given: Evidence, receipt_id: str, registration_id: str, system: str, owner: str, body: str, at: datetime
) -> str:
    """Keep what proves a receipt; the value that stands for both in the audit log. `body` is the receipt as it was kept."""
    kept = tuple(_kept(verdict) for verdict in given.verdicts)
    _keep_blobs(connection, given.verdicts, kept)
    verdicts = msgspec.json.encode(kept).decode() if kept else None
    row: dict[str, Any] = {"receipt_id": receipt_id, "proof": given.proof, "statement": given.statement, "received_at": at}
    row |= {"certificate": given.certificate, "previous_certificate": given.previous_certificate}
    deferred_inserts.add(connection, _add_evidence, row | {"verdicts": msgspec.Raw(verdicts.encode()) if verdicts else None})
    return Proof(
        receipt_id,
        registration_id,
        system,
        owner,
        body,
        at,
        given.proof,
        given.statement,
        given.certificate,
        given.previous_certificate,
        verdicts,
        at,
    ).content


def untold(connection: Connection) -> Iterator[Proof]:
    """Receipts that the audit log does not know: nobody accepted them."""
    with connection.execute(_UNTOLD, execution_options={"yield_per": 100}) as found:
        for row in found:
            yield Proof(*row)


def blobs(connection: Connection, kind: Kind) -> Iterator[tuple[str, bytes]]:
    """(SHA-256 under which it is kept, DER) of one kind, in that order."""
    with connection.execute(_BLOBS, {"p_kind": kind}, execution_options={"yield_per": 10}) as found:
        for row in found:
            yield row.sha256, row.der


def count(connection: Connection) -> int:
    """How many receipts there are."""
    return connection.execute(select(func.count()).select_from(receipts)).scalar_one()


def blob_names(connection: Connection, kind: Kind) -> Iterator[str]:
    """The SHA-256 of everything of one kind, in that order."""
    with connection.execute(_BLOB_NAMES, {"p_kind": kind}, execution_options={"yield_per": 1000}) as found:
        yield from found.scalars()


def blob(connection: Connection, name: str) -> bytes | None:
    """A certificate, CRL or OCSP response by its SHA-256."""
    found: bytes | None = connection.execute(_BLOB, {"p_name": name}).scalar_one_or_none()
    return found


_REMEMBERED = 512
_digest = lru_cache(_REMEMBERED)(sha256)
"""Of what many statements rest on; a list of revoked certificates may have megabytes."""


def _kept(verdict: CertificateVerdict) -> KeptVerdict:
    path, crls, ocsp = (tuple(map(_digest, parts)) for parts in (verdict.path, verdict.crls, verdict.ocsp))
    return KeptVerdict(path, crls, ocsp, verdict.revocation)


def _keep_blobs(connection: Connection, verdicts: Sequence[CertificateVerdict], kept: Iterable[KeptVerdict]) -> None:
    for verdict, names in zip(verdicts, kept, strict=True):
        # The card's own certificate, which is the path's last, stands with the evidence.
        parts: tuple[tuple[Kind, Iterable[str], Iterable[bytes]], ...] = (
            ("certificate", names.path[:-1], verdict.path[:-1]),
            ("crl", names.crls, verdict.crls),
            ("ocsp", names.ocsp, verdict.ocsp),
        )
        for kind, digests, data in parts:
            for name, der in zip(digests, data, strict=True):
                deferred_inserts.add(connection, _add_missing_blobs, (name, kind, der))


def _add_missing_blobs(connection: Connection, wanted: list[tuple[str, Kind, bytes]]) -> None:
    rows = {name: {"sha256": name, "kind": kind, "der": der} for name, kind, der in wanted}
    for name in connection.execute(_THERE, {"p_wanted": list(rows)}).scalars():
        del rows[name]
    if rows:
        connection.execute(_ADD_BLOB, list(rows.values()))
