"""How one row of the audit log holds the one before it, and how it holds the evidence of what it tells. No database here.

A row's hash is SHA-256 over the 64 hex digits of the previous row's hash (of the first row: 64 zeros), a line feed, and the
row as JSON: an array of number, time (UTC, microseconds), system, event, actor, subject, receipt id, agency and content.
Numbers run 1, 2, 3 without a gap, so that a missing row is seen. `content` is the SHA-256 of the receipt and evidence that
were written with the row (`content_of`), null where there are none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

START = "0" * 64
"""What the first row holds in place of a hash."""


class AuditEntry(NamedTuple):
    """One row of the audit log, without number and hash."""

    at: datetime
    system: str
    event: str
    actor: str
    subject: str
    receipt_id: str | None = None
    agency: str | None = None
    content: str | None = None


class ChainHead(NamedTuple):
    """The last row: its number (0 where there is none) and its hash."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


EMPTY = ChainHead(0, START)
_JSON = msgspec.json.Encoder()


def sha256(data: bytes) -> str:
    """Hex digits, as everywhere here."""
    return hashlib.sha256(data).hexdigest()


def moment(at: datetime) -> str:
    """A time as it is hashed: the same whatever database it comes from."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def chained(previous: str, rows: Sequence[tuple[int, str, str, str, str, str, str | None, str | None, str | None]]) -> list[str]:
    """The hashes of rows that follow each other: number, `moment` of the time, and the members of `AuditEntry` after it."""
    hashes: list[str] = []
    # A line feed inside a value is written as two other characters.
    for row in _JSON.encode_lines(rows).split(b"\n")[:-1]:
        previous = hashlib.sha256(b"%s\n%s" % (previous.encode(), row)).hexdigest()
        hashes.append(previous)
    return hashes


def linked(previous: str, number: int, row: AuditEntry) -> str:
    """A row's hash."""
    return chained(previous, [(number, moment(row.at), *row[1:])])[0]


def digests_of(fields: Mapping[str, str | bytes | None]) -> dict[str, str | None]:
    """The SHA-256 of each field of a receipt and its evidence, text as UTF-8; null for what is not there."""
    return {name: None if value is None else sha256(value.encode() if isinstance(value, str) else value) for name, value in fields.items()}


def content_of(digests: Mapping[str, str | None]) -> str:
    """The one value that stands for a receipt and its evidence in the audit log: SHA-256 of the digests as JSON, sorted by name."""
    return sha256(msgspec.json.encode(dict(sorted(digests.items()))))


def parsed(text: str) -> ChainHead:
    """A head as `ChainHead.__str__` writes it. ValueError for anything else."""
    number, _, value = text.strip().partition(":")
    if not number.isascii() or not number.isdigit() or len(value) != 64 or set(value) - set("0123456789abcdef"):
        raise ValueError("not a head")
    return ChainHead(int(number), value)
