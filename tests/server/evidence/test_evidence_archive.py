"""A file of evidence as its entries stand in it, damaged at any place; and the audit log as a chain."""

from __future__ import annotations

import io
import tarfile
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ebid_tui.server.evidence import archive
from ebid_tui.server.evidence.archive import BLOCK, END, ArchiveDamage, ArchiveEntry
from ebid_tui.server.evidence.chain_check import ChainCheck
from ebid_tui.server.store.audit_chain import EMPTY, START, AuditEntry, ChainHead, parsed, sha256
from tests.server.proven import PLAIN, Parts, chain, spoilt, written


def row(text: str) -> AuditEntry:
    return PLAIN._replace(subject=text)


def read(data: bytes) -> list[ArchiveEntry | ArchiveDamage]:
    return list(archive.read(io.BytesIO(data)))


def named(one: ArchiveEntry | ArchiveDamage) -> object:
    return one.content if isinstance(one, ArchiveEntry) else (one.where, one.what, one.offset)


A, B, C = (("certificates", "", text, "der") for text in (b"a" * BLOCK, b"b", b""))


def test_what_is_written_is_read() -> None:
    parts: list[Parts] = [A, ("", "format", b"{}", "json"), ("journal", "00000001", b"x" * 513, "jsonl"), B, C]
    found = read(written(*parts))
    assert [(one.folder, one.stem, one.content, one.intact) for one in found if isinstance(one, ArchiveEntry)] == [
        (*p[:3], True) for p in parts
    ]
    assert [one.name.rsplit(".")[1] for one in found if isinstance(one, ArchiveEntry)] == [p[3] for p in parts]
    assert [one.offset for one in found if isinstance(one, ArchiveEntry)] == [512, 1536, 2560, 4096, 5120]
    assert len(written(*parts)) == 5120 + 1024
    assert not ArchiveEntry("n", "f", "", sha256(b"x"), b"y", 0).intact


def test_anybodys_tar_reads_it_and_makes_files_that_anybody_may_read() -> None:
    with tarfile.open(fileobj=io.BytesIO(WHOLE), mode="r:") as file:
        members = file.getmembers()
        assert [(one.name, one.mode, one.mtime, one.uid, one.uname) for one in members] == [(name, 0o644, 0, 0, "") for name in NAMES]
        assert [opened.read() for one in members if (opened := file.extractfile(one))] == [part[2] for part in (A, B, C)]


WHOLE = written(A, B, C)
NAMES = [f"certificates/{sha256(part[2])}.der" for part in (A, B, C)]
JUNK = b"\xff" * BLOCK


def negative() -> bytes:
    """The header of less than nothing, as only GNU's tar could write it."""
    info = tarfile.TarInfo("x")
    info.size = -BLOCK
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (WHOLE, [A[2], B[2], C[2]]),
        (b"", [("", "end", 0)]),
        (END, []),
        (END[:-1], [("", "end", 0), ("", "end", 1023)]),
        (WHOLE[:-1024], [A[2], B[2], C[2], ("", "end", 2560)]),
        (WHOLE[:-1], [A[2], B[2], C[2], ("", "end", 2560), ("", "end", 3583)]),
        (WHOLE + b"\0", [A[2], B[2], C[2], ("", "end", 2560), ("", "end", 3585)]),
        (WHOLE + WHOLE, [A[2], B[2], C[2], ("", "end", 2560), A[2], B[2], C[2]]),
        (JUNK + WHOLE, [("#1", "header", 0), A[2], B[2], C[2]]),
        (b"a" * BLOCK + WHOLE, [("a" * 100, "header", 0), A[2], B[2], C[2]]),
        (negative() + WHOLE, [("x", "header", 0), A[2], B[2], C[2]]),
        (JUNK * 3 + WHOLE, [("#1", "header", 0), A[2], B[2], C[2]]),
        (WHOLE[:1024] + JUNK + WHOLE[1024:], [A[2], ("#2", "header", 1024), B[2], C[2]]),
        (WHOLE[:-1024] + JUNK + END, [A[2], B[2], C[2], ("#4", "header", 2560)]),
        (JUNK + b"x", [("#1", "header", 0), ("", "end", 513)]),
        (spoilt(WHOLE, 120), [(NAMES[0], "header", 0), B[2], C[2]]),
        (spoilt(WHOLE, 1024, b"\x1f\x7f ~a\0"), [A[2], ("~a", "header", 1024), C[2]]),
        (spoilt(WHOLE, 2047), [A[2], (NAMES[1], "filling", 1537), B[2], C[2]]),
        (spoilt(WHOLE, 1537, b"\1"), [A[2], (NAMES[1], "filling", 1537), B[2], C[2]]),
        (WHOLE[:1500], [A[2], (NAMES[1], "header", 1024), ("", "end", 1500)]),
        (WHOLE[:1536], [A[2], (NAMES[1], "cut", 1024), ("", "end", 1536)]),
        (WHOLE[:2047], [A[2], (NAMES[1], "cut", 1024), ("", "end", 2047)]),
        (WHOLE[:2048], [A[2], B[2], ("", "end", 2048)]),
    ],
)
def test_damage_is_told_at_its_place_and_passed_over(data: bytes, found: list[object]) -> None:
    assert [named(one) for one in read(data)] == found


def test_a_name_that_says_nothing_of_its_content_is_none() -> None:
    file = io.BytesIO()
    file.write(archive._header("certificates/x.der", 3) + b"abc".ljust(BLOCK, b"\0") + END)
    assert [named(one) for one in read(file.getvalue())] == [("certificates/x.der", "name", 0)]


def test_what_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST", 513)
    large: Parts = ("crls", "", b"x" * 514, "der")
    assert [named(one) for one in read(written(("crls", "", b"x" * 513, "der"), B))] == [b"x" * 513, b"b"]
    assert [named(one) for one in read(written(large, B))] == [(f"crls/{sha256(large[2])}.der", "cut", 0), b"b"]


# --- the chain


ROWS = list(chain(*(row(str(n)) for n in range(1, 7))))
HEADS = [EMPTY, *(ChainHead(number, value) for number, _, value in ROWS)]


def fed(
    rows: list[tuple[int, AuditEntry, str]], head: ChainHead | None = None, kept: tuple[ChainHead, ...] = ()
) -> list[tuple[int, str, int]]:
    made = ChainCheck(kept)
    told = [fault for one in rows for fault in made.feed(*one)]
    return told + list(made.end(head or made.head))


def altered(place: int, **changes: Any) -> list[tuple[int, AuditEntry, str]]:
    """With one row's content altered, or its hash."""
    number, link, value = ROWS[place - 1]
    one = (number, link._replace(**{k: v for k, v in changes.items() if k != "hash"}), changes.get("hash", value))
    return [*ROWS[: place - 1], one, *ROWS[place:]]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], []),
        (ROWS, []),
        (altered(3, subject="x"), [(3, "altered", 3)]),
        (altered(3, hash="0" * 64), [(3, "altered", 3)]),
        (altered(6, hash="0" * 64), [(6, "altered", 6)]),
        (altered(3, hash="0" * 64)[:3] + altered(4, hash="1" * 64)[3:], [(n, "altered", n) for n in (3, 4, 5)]),
        (altered(3, subject="x")[:4] + altered(5, subject="x")[4:], [(3, "altered", 3), (5, "altered", 5)]),
        ([*ROWS[:2], *ROWS[3:]], [(3, "removed", 3)]),
        (ROWS[3:], [(1, "removed", 3)]),
        ([*ROWS[:2], *ROWS[4:]], [(3, "removed", 4)]),
        ([*ROWS[:2], altered(4, subject="x")[3], *ROWS[4:]], [(3, "removed", 3)]),
        ([*ROWS[:3], *ROWS[2:]], [(3, "repeated", 3)]),
        ([*ROWS[:4], ROWS[0], *ROWS[4:]], [(1, "repeated", 1)]),
        ([(0, *ROWS[0][1:]), *ROWS], [(0, "repeated", 0)]),
        (altered(2, at=datetime.min.replace(tzinfo=timezone(timedelta(hours=9)))), [(2, "altered", 2)]),
        (altered(2, hash="\ud800"), [(2, "altered", 2), (3, "altered", 3)]),
    ],
)
def test_the_log_is_a_chain(rows: list[tuple[int, AuditEntry, str]], told: list[object]) -> None:
    assert fed(rows) == told


@pytest.mark.parametrize("length", range(7))
@pytest.mark.parametrize("head", range(7))
def test_the_head_is_the_last_row(length: int, head: int) -> None:
    cut = [(length + 1, "cut", head)] if head > length else [(length, "head", length)] if head < length else []
    assert fed(ROWS[:length], HEADS[head]) == cut


def test_a_head_that_was_kept_elsewhere() -> None:
    other = list(chain(*(row(str(-n)) for n in range(1, 7))))
    assert fed(ROWS, kept=(HEADS[2], HEADS[6])) == []
    assert fed(other, kept=(HEADS[2], HEADS[4])) == [(2, "head", 2), (4, "head", 4)]
    assert fed(ROWS[:3], kept=(HEADS[5], HEADS[4])) == [(4, "cut", 4)]
    assert fed(ROWS[:3], HEADS[6], kept=(HEADS[5],)) == [(4, "cut", 5)]
    assert fed(ROWS, ChainHead(6, START)) == [(6, "head", 6)]


@pytest.mark.parametrize(
    "text", ["", "1", ":", "-1:" + START, "１:" + START, "1:" + "g" * 64, "1:" + "0" * 63, "1:" + "A" * 64, "x:" + START]
)
def test_what_is_no_head(text: str) -> None:
    with pytest.raises(ValueError, match="head"):
        parsed(text)
    assert parsed(f" 12:{'a' * 64}\n") == ChainHead(12, "a" * 64)
