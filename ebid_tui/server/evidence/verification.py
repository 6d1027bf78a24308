"""Verifies evidence: an exported file anywhere, without database or network, or a database as it stands.

Everything that is wrong is named: which entry, which row of the audit log, which receipt, which field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import BinaryIO, TypeVar

import msgspec
from sqlalchemy import Connection

from ebid_tui.domain import strict_json
from ebid_tui.messages import t
from ebid_tui.server.evidence import archive, records
from ebid_tui.server.evidence.archive import ArchiveDamage, ArchiveEntry
from ebid_tui.server.evidence.chain_check import ChainCheck, rows
from ebid_tui.server.evidence.export import Row, journal
from ebid_tui.server.evidence.path_check import PathCheck
from ebid_tui.server.evidence.receipt_check import CheckedCounts, faults
from ebid_tui.server.evidence.records import AuditLine, ProofLine
from ebid_tui.server.store import audit, proofs
from ebid_tui.server.store.audit_chain import EMPTY, ChainHead, sha256

T = TypeVar("T")

Tell = Callable[[str], None]
"""Where each fault goes, as a line for people."""


@dataclass(slots=True)
class VerificationResult:
    """What came out."""

    head: ChainHead = EMPTY
    counts: CheckedCounts = field(default_factory=CheckedCounts)
    faults: int = 0


class _Verification:
    """Rows one after the other, whatever they come from."""

    def __init__(self, tell: Tell, paths: PathCheck, kept: tuple[ChainHead, ...]) -> None:
        self.done = VerificationResult()
        self.paths = paths
        self._tell = tell
        self._chain = ChainCheck(kept)

    def fault(self, where: str, what: str, name: str = "") -> None:
        self.done.faults += 1
        reason = t(f"evidence.{what}")
        self._tell(t("evidence.fault_field", where=where, field=name, reason=reason) if name else f"{where}: {reason}")

    def row(self, row: Row, where: str = "") -> None:
        """The next row of the audit log."""
        number, link, value, proof = row
        place = f"{where}{t('evidence.row', number=number)}"
        self.done.counts.rows += 1
        for first, what, last in self._chain.feed(number, link, value):
            self._chain_fault(where, first, what, last)
        if link.content is None:
            if proof is not None:
                self.fault(place, "unexpected")
            return
        place += t("evidence.of_receipt", receipt=link.receipt_id or "-")
        if proof is None:
            self.fault(place, "missing")
            return
        if proof.content != link.content:
            self.fault(place, "content")
        for name, what in faults(link, proof, self.paths, self.done.counts):
            self.fault(place, what, name)

    def end(self, head: ChainHead) -> VerificationResult:
        for first, what, last in self._chain.end(head):
            self._chain_fault("", first, what, last)
        self.done.head = self._chain.head
        return self.done

    def _chain_fault(self, where: str, first: int, what: str, last: int) -> None:
        self.fault(where + rows(first, last), f"row_{what}")


def verify_database(connection: Connection, trusted: Sequence[bytes] | None, kept: tuple[ChainHead, ...], tell: Tell) -> VerificationResult:
    """The evidence in a database. `trusted` anchors (DER), or None: those it brings along; `kept` are heads from elsewhere."""
    with closing(PathCheck(lambda name: proofs.blob(connection, name), trusted)) as paths:
        made = _Verification(tell, paths, kept)
        for kind in records.BLOBS.values():
            for name, der in proofs.blobs(connection, kind):
                if sha256(der) != name:
                    made.fault(f"evidence_blobs {name}", "blob")
        for row in journal(connection):
            made.row(row)
        for proof in proofs.untold(connection):
            made.fault(t("evidence.receipt", receipt=proof.receipt_id), "untold")
        for kind in records.BLOBS.values():
            for name in proofs.blob_names(connection, kind):
                if name not in paths.used:
                    made.fault(f"evidence_blobs {name}", "unused")
        return made.end(audit.head(connection))


def verify_file(file: BinaryIO, trusted: Sequence[bytes] | None, kept: tuple[ChainHead, ...], tell: Tell) -> VerificationResult:
    """An exported file, which must be one that can be read at any place."""
    return _FileVerification(file, trusted, kept, tell).run()


class _FileVerification:
    def __init__(self, file: BinaryIO, trusted: Sequence[bytes] | None, kept: tuple[ChainHead, ...], tell: Tell) -> None:
        self._file = file
        self._where: dict[str, tuple[int, int]] = {}
        """Of each certificate, list and response: offset and size."""
        self._paths = PathCheck(self._der, trusted)
        self._made = _Verification(tell, self._paths, kept)
        self._format: records.ExportHeader | None = None
        self._found = dict.fromkeys(records.BLOBS, 0)
        self._last: tuple[int, str, str] = (-1, "", "")
        self._segments = {records.JOURNAL: 0, records.UNTOLD: 0}

    def run(self) -> VerificationResult:
        with closing(self._paths):
            for found in archive.read(self._file):
                if isinstance(found, ArchiveDamage):
                    where = t("evidence.at" if found.where else "evidence.offset", where=found.where, offset=found.offset)
                    self._made.fault(where, f"archive_{found.what}")
                else:
                    self._entry(found)
            return self._end()

    def _entry(self, entry: ArchiveEntry) -> None:
        self._in_order(entry)
        if not entry.intact:
            self._made.fault(entry.name, "entry")
        if entry.folder in records.BLOBS:
            self._found[entry.folder] += 1
            # Under its true name: under any other it must not be found.
            self._where[sha256(entry.content)] = (entry.offset, len(entry.content))
        elif entry.folder == records.JOURNAL:
            for number, text in enumerate(_lines(entry.content), 1):
                self._row(entry.name, number, text)
        elif entry.folder == records.UNTOLD:
            for text in _lines(entry.content):
                self._untold(entry.name, text)
        elif entry.stem == "format":
            self._read_format(entry)

    def _in_order(self, entry: ArchiveEntry) -> None:
        """Entries stand in one order, none twice."""
        if entry.folder not in records.FOLDERS or not _known(entry):
            self._made.fault(entry.name, "foreign")
            return
        folder = records.FOLDERS.index(entry.folder)
        place = (folder, {"format": "0", "README": "1"}[entry.stem] if not entry.folder else entry.stem, entry.sha256)
        same_folder = folder == self._last[0]
        if place[:2] == self._last[:2] and (entry.folder not in records.BLOBS or place == self._last):
            self._made.fault(entry.name, "entry_twice")
        elif place < self._last:
            self._made.fault(entry.name, "entry_order")
        elif entry.folder in self._segments and int(entry.stem) != (int(self._last[1]) if same_folder else 0) + 1:
            self._made.fault(entry.name, "entry_gap")
        self._last = max(place, self._last)

    def _row(self, name: str, number: int, text: bytes) -> None:
        where = t("evidence.line", entry=name, line=number)
        if (line := self._read(where, text, AuditLine)) is None:
            return
        if msgspec.json.encode(line) != text:
            self._made.fault(where, "broken_line")
        if line.evidence is not None:
            self._digests(f"{where}{t('evidence.row', number=line.number)}", line.evidence)
        self._made.row((line.number, line.link, line.hash, line.evidence), where)

    def _digests(self, where: str, proof: ProofLine) -> None:
        """Each field that is not what its digest says."""
        digests, told = proof.digests, proof.told
        for name in sorted(n for n in digests.keys() | told.keys() if digests.get(n) != told.get(n)):
            self._made.fault(where + t("evidence.of_receipt", receipt=proof.receipt_id), "field", name)

    def _untold(self, name: str, text: bytes) -> None:
        if (proof := self._read(name, text, ProofLine)) is not None:
            self._made.fault(t("evidence.receipt", receipt=proof.receipt_id), "untold")

    def _read_format(self, entry: ArchiveEntry) -> None:
        if (found := self._read(entry.name, entry.content, records.ExportHeader)) is not None:
            self._format = found
            if (found.format, found.version) != (records.FORMAT, records.VERSION):
                self._made.fault(entry.name, "format")

    def _read(self, where: str, text: bytes, kind: type[T]) -> T | None:
        """None for what is none of this kind, which is told."""
        try:
            return strict_json.read(text, kind, whole_numbers=True)
        except ValueError:
            self._made.fault(where, "broken_line")
            return None

    def _der(self, name: str) -> bytes | None:
        if name not in self._where:
            return None
        offset, size = self._where[name]
        back = self._file.tell()
        self._file.seek(offset)
        content = self._file.read(size)
        self._file.seek(back)
        return content

    def _end(self) -> VerificationResult:
        for name in sorted(self._where.keys() - self._paths.used):
            self._made.fault(name, "unused")
        if self._format is None:
            self._made.fault("format", "no_format")
            return self._made.end(ChainHead(0, "")) if self._made.done.counts.rows else self._made.done
        for folder, number in self._found.items():
            if self._format.entries.get(folder) != number:
                self._made.fault(folder, "entry_count")
        return self._made.end(ChainHead(self._format.head.number, self._format.head.hash))


def _known(entry: ArchiveEntry) -> bool:
    """Whether an entry of this folder may have such a name."""
    if not entry.folder:
        return (entry.stem, entry.name[-5:]) in (("format", ".json"),) or (entry.stem, entry.name[-4:]) == ("README", ".txt")
    if entry.folder in records.BLOBS:
        return not entry.stem and entry.name.endswith(".der")
    return len(entry.stem) == 8 and entry.stem.isdigit() and entry.name.endswith(".jsonl")


def _lines(content: bytes) -> list[bytes]:
    """A last line without its line feed is told as a line that cannot be read."""
    *whole, rest = content.split(b"\n")
    return [*whole, rest + b"\n"] if rest else whole
