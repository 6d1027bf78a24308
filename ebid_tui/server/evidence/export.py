"""Evidence out of the database, into a file that can be verified without it (`archive`, `verification`)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

import msgspec
from sqlalchemy import Connection, func, select

from ebid_tui.messages import t
from ebid_tui.server.evidence import archive, records
from ebid_tui.server.store import audit, proofs
from ebid_tui.server.store.audit_chain import AuditEntry, ChainHead
from ebid_tui.server.store.proofs import PROOFS, Proof
from ebid_tui.server.store.schema import evidence_blobs, receipts

BATCH = 100
SEGMENT = 2 * 1024 * 1024
"""Bytes of lines, after which the next entry begins."""

Row = tuple[int, AuditEntry, str, Proof | None]
"""A row of the audit log with its number, its hash, and the receipt and evidence that were written with it."""


def journal(connection: Connection) -> Iterator[Row]:
    """The whole audit log."""
    rows = audit.rows(connection, BATCH)
    while batch := list(islice(rows, BATCH)):
        wanted = [link.receipt_id for _, link, _ in batch if link.content is not None]
        those = (Proof(*row) for row in connection.execute(PROOFS.where(receipts.c.id.in_(wanted))))
        found: dict[str | None, Proof] = {proof.receipt_id: proof for proof in those}
        for number, link, value in batch:
            yield number, link, value, found.get(link.receipt_id) if link.content is not None else None


def export(connection: Connection, file: BinaryIO) -> ChainHead:
    """Write everything as it is now; the audit log's head. `connection` must see one state of the database until the end."""
    head = audit.head(connection)
    counts = {row.kind: row.n for row in connection.execute(_COUNTS)}
    entries = {folder: counts.get(kind, 0) for folder, kind in records.BLOBS.items()}
    made = records.ExportHeader(records.FORMAT, records.VERSION, records.LogEnd(head.number, head.hash), entries)
    archive.write(file, "", "format", msgspec.json.encode(made) + b"\n", "json")
    archive.write(file, "", "README", t("evidence.readme").encode(), "txt")
    for folder, kind in records.BLOBS.items():
        for _, der in proofs.blobs(connection, kind):
            archive.write(file, folder, "", der, "der")
    _segments(file, records.JOURNAL, (records.line(*row) for row in journal(connection)))
    untold = (msgspec.json.encode(records.proof_line(proof)) + b"\n" for proof in proofs.untold(connection))
    _segments(file, records.UNTOLD, untold)
    archive.finish(file)
    return head


def _segments(file: BinaryIO, folder: str, lines: Iterator[bytes]) -> None:
    number, size, segment = 0, 0, list[bytes]()

    def flush() -> None:
        nonlocal number, size
        number += 1
        archive.write(file, folder, f"{number:08d}", b"".join(segment), "jsonl")
        segment.clear()
        size = 0

    for line in lines:
        segment.append(line)
        size += len(line)
        if size >= SEGMENT:
            flush()
    if segment:
        flush()


_COUNTS = select(evidence_blobs.c.kind, func.count().label("n")).group_by(evidence_blobs.c.kind)
