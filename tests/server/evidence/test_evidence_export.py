"""What goes into an exported file's entries, and in which portions it is read and written."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.server.evidence import archive, export
from ebid_tui.server.store.audit_chain import AuditEntry
from tests.clock import NOW

LINES = st.lists(st.binary(min_size=1, max_size=30).map(lambda text: text.replace(b"\n", b" ") + b"\n"), max_size=30)


def entries(lines: list[bytes], segment: int) -> list[archive.ArchiveEntry]:
    file = io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "SEGMENT", segment)
        export._segments(file, "journal", iter(lines))
    archive.finish(file)
    found = list(archive.read(file))
    assert all(isinstance(entry, archive.ArchiveEntry) for entry in found)
    return found  # type: ignore[return-value]


@given(lines=LINES, segment=st.integers(1, 60))
def test_lines_stand_in_entries_that_end_when_they_are_full(lines: list[bytes], segment: int) -> None:
    found = entries(lines, segment)
    assert b"".join(entry.content for entry in found) == b"".join(lines)
    assert [(entry.folder, entry.stem) for entry in found] == [("journal", f"{n:08d}") for n in range(1, len(found) + 1)]
    for entry in found[:-1]:
        assert len(entry.content) >= segment
    for entry in found:
        before = entry.content.rfind(b"\n", 0, -1) + 1
        assert before < segment, "full before its last line"


class ReceiptsDatabase:
    """Answers which receipts it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def execute(self, statement: Any) -> list[Any]:
        (wanted,) = statement.compile().params.values()
        self.asked.append(sorted(wanted))
        return [(id_, "r", "ise", "1", "{}", NOW, None, None, None, None, None, None) for id_ in wanted]


def test_a_receipt_stands_with_the_row_that_was_written_with_it_and_with_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def link(receipt: str | None, content: str | None) -> AuditEntry:
        return AuditEntry(NOW, "ise", "registration", "a", "s", receipt, None, content)

    rows = [
        (1, link("A", "c"), "h1"),
        (2, link("A", None), "h2"),  # a mail about it
        (3, link(None, None), "h3"),
        (4, link("B", "c"), "h4"),
        (5, link("A", None), "h5"),
    ]
    monkeypatch.setattr(export, "BATCH", 3)
    monkeypatch.setattr("ebid_tui.server.evidence.export.audit.rows", lambda connection, batch: iter(rows))
    database: Any = ReceiptsDatabase()
    found = list(export.journal(database))
    assert [(number, link, value) for number, link, value, _ in found] == rows
    assert [proof and proof.receipt_id for *_, proof in found] == ["A", None, None, "B", None]
    assert database.asked == [["A"], ["B"]]
