"""An exported file as a whole: what belongs into it, in which order, and what is told of everything else."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import pytest

from ebid_tui.messages import t
from ebid_tui.server.evidence import archive, records
from ebid_tui.server.evidence.archive import ArchiveEntry
from ebid_tui.server.evidence.verification import VerificationResult, verify_file
from ebid_tui.server.store.audit_chain import EMPTY, START, AuditEntry, sha256
from ebid_tui.server.store.proofs import KeptVerdict, Proof
from tests.server.proven import AUTHORITY, ONE, PLAIN, Parts, chain, proven, spoilt, written

PATH = KeptVerdict(path=(sha256(AUTHORITY.der), sha256(ONE.der)), crls=(), ocsp=(), revocation="unchecked")


def lines(*made: tuple[AuditEntry, Proof | None]) -> list[bytes]:
    return [records.line(n, link, value, proof) for (n, link, value), (_, proof) in zip(chain(*(m[0] for m in made)), made, strict=True)]


ROW = proven("amendment", verdicts=[PATH])
NOTED: tuple[AuditEntry, None] = (PLAIN, None)
LINES = lines(NOTED, ROW, NOTED)
CERTIFICATE: Parts = ("certificates", "", AUTHORITY.der, "der")


def journal(*content: bytes, number: int = 1, folder: str = "journal") -> Parts:
    return folder, f"{number:08d}", b"".join(content), "jsonl"


def head_of(*content: bytes) -> records.LogEnd:
    if not content:
        return records.LogEnd(0, START)
    last = msgspec.json.decode(content[-1])
    return records.LogEnd(last["number"], last["hash"])


def format_of(*content: bytes, **changes: Any) -> Parts:
    members: dict[str, Any] = {"format": records.FORMAT, "version": 1, "head": head_of(*content)}
    members["entries"] = {"certificates": 1, "crls": 0, "ocsp": 0}
    return "", "format", msgspec.json.encode(records.ExportHeader(**members | changes)) + b"\n", "json"


README: Parts = ("", "README", b"read me", "txt")


def verified(*parts: Parts, **options: Any) -> tuple[VerificationResult, list[str]]:
    told: list[str] = []
    done = verify_file(io.BytesIO(written(*parts)), options.get("trusted"), options.get("kept", ()), told.append)
    assert done.faults == len(told)
    return done, told


def of(parts: Parts) -> str:
    file = io.BytesIO()
    archive.write(file, *parts)
    (entry, _) = archive.read(io.BytesIO(file.getvalue()))
    assert isinstance(entry, ArchiveEntry)
    return entry.name


def test_a_file_in_which_nothing_is_wrong() -> None:
    done, told = verified(format_of(*LINES), README, CERTIFICATE, journal(*LINES[:1]), journal(*LINES[1:], number=2))
    assert told == []
    assert (done.head.number, done.counts.rows, done.counts.receipts, done.counts.unlooked) == (3, 3, 1, 1)
    assert str(done.head) == f"3:{head_of(*LINES).hash}"
    assert verified(format_of(*LINES), CERTIFICATE, journal(*LINES), trusted=[AUTHORITY.der])[1] == []
    empty = verified(format_of(entries={"certificates": 0, "crls": 0, "ocsp": 0}))
    assert (empty[1], empty[0].head) == ([], EMPTY)


GOOD = [format_of(*LINES), README, CERTIFICATE, journal(*LINES)]
CRL: Parts = ("crls", "", b"list", "der")
FOREIGN: list[Parts] = [
    ("elsewhere", "", b"x", "der"), ("certificates", "x", AUTHORITY.der, "der"), ("certificates", "", AUTHORITY.der, "txt"),
    ("", "other", b"x", "json"), ("", "format", b"x", "txt"), ("", "README", b"x", "json"),
    ("journal", "1", b"", "jsonl"), ("journal", "0000000x", b"", "jsonl"), ("journal", "00000002", b"", "txt"),
    ("journal", "000000002", b"", "jsonl"),
]  # fmt: skip


@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda parts: f"{parts[0]}/{parts[1]}.{parts[3]}")
def test_what_does_not_belong_there_is_named(foreign: Parts) -> None:
    assert f"{of(foreign)}: {t('evidence.foreign')}" in verified(*GOOD, foreign)[1]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([README, format_of(*LINES), *GOOD[2:]], [(GOOD[0], "entry_order")]),
        ([*GOOD[:2], README, *GOOD[2:]], [(README, "entry_twice")]),
        ([GOOD[0], *GOOD], [(GOOD[0], "entry_twice")]),
        ([*GOOD, journal(number=2), journal(number=2)], [(journal(number=2), "entry_twice")]),
        ([*GOOD[:3], journal(number=2), journal(*LINES, number=3)], [(journal(number=2), "entry_gap")]),
        ([*GOOD[:3], journal(*LINES), journal(number=3)], [(journal(number=3), "entry_gap")]),
        ([*GOOD, journal(number=2, folder="untold")], [(journal(number=2, folder="untold"), "entry_gap")]),
        ([*GOOD, journal(number=2), journal(folder="untold"), journal(number=2, folder="untold")], []),
        ([GOOD[0], *GOOD[2:]], []),
    ],
)
def test_entries_stand_in_one_order(parts: list[Parts], told: list[tuple[Parts, str]]) -> None:
    assert verified(*parts)[1] == [f"{of(part)}: {t(f'evidence.{what}')}" for part, what in told]


def test_a_certificate_twice_or_in_another_order_or_too_many() -> None:
    second: Parts = ("certificates", "", b"0", "der")
    early, late = sorted((CERTIFICATE, second), key=of)
    counted = format_of(*LINES, entries={"certificates": 2, "crls": 0, "ocsp": 0})
    unused = f"{sha256(b'0')}: {t('evidence.unused')}"
    assert verified(counted, early, late, GOOD[3])[1] == [unused]
    assert verified(counted, late, early, GOOD[3])[1] == [f"{of(early)}: {t('evidence.entry_order')}", unused]
    assert verified(counted, CERTIFICATE, CERTIFICATE, GOOD[3])[1] == [f"{of(CERTIFICATE)}: {t('evidence.entry_twice')}"]
    assert f"{of(CERTIFICATE)}: {t('evidence.entry_order')}" in verified(*GOOD[:2], GOOD[3], CERTIFICATE)[1]
    told = verified(*GOOD[:3], CRL, GOOD[3])[1]
    assert told == [f"{sha256(b'list')}: {t('evidence.unused')}", f"crls: {t('evidence.entry_count')}"]


def test_the_format_is_this_one() -> None:
    for changes in ({"format": "other"}, {"version": 2}):
        assert verified(format_of(*LINES, **changes), *GOOD[1:])[1] == [f"{of(format_of(*LINES, **changes))}: {t('evidence.format')}"]
    broken: Parts = ("", "format", b"{", "json")
    missing = f"format: {t('evidence.no_format')}"
    head = f"{t('evidence.row', number=3)}: {t('evidence.row_head')}"
    assert verified(broken, *GOOD[1:])[1] == [f"{of(broken)}: {t('evidence.broken_line')}", missing, head]
    assert verified(*GOOD[1:])[1] == [missing, head]
    assert verified(README)[1] == [missing]


def test_each_line_is_written_in_one_way() -> None:
    name = of(journal(*LINES))
    told = verified(*GOOD[:3], journal(LINES[0], LINES[1].replace(b":", b": ", 1), LINES[2]))[1]
    assert len(told) == 1
    assert told[0].endswith(f"{t('evidence.line', entry='', line=2).partition(' ')[2]}: {t('evidence.broken_line')}")
    assert name not in told[0]
    told = verified(*GOOD[:3], journal(LINES[0], LINES[1], LINES[2][:-1]))[1]
    assert [line.rpartition(": ")[2] for line in told] == [t("evidence.broken_line")]
    told = verified(*GOOD[:3], journal(LINES[0], b"{}\n", LINES[2]))[1]
    assert [line.rpartition(": ")[2] for line in told][:2] == [t("evidence.broken_line"), t("evidence.row_removed")]


def test_content_under_another_name_is_not_found_under_it() -> None:
    good = written(*GOOD)
    at = good.index(AUTHORITY.der)
    told: list[str] = []
    verify_file(io.BytesIO(spoilt(good, at + 50)), None, (), told.append)
    assert told[0] == f"{of(CERTIFICATE)}: {t('evidence.entry')}"
    assert any(t("evidence.path_missing") in line for line in told)
    assert told[-1].endswith(t("evidence.unused"))


def rows(*made: tuple[AuditEntry, Proof | None]) -> list[str]:
    """What is told of a file with these rows, after its entry's name."""
    content = lines(*made)
    used = int(any(proof is not None and proof.verdicts and sha256(AUTHORITY.der) in proof.verdicts for _, proof in made))
    parts = [format_of(*content, entries={"certificates": used, "crls": 0, "ocsp": 0}), *[CERTIFICATE] * used, journal(*content)]
    return [line.partition(".jsonl")[2] or line for line in verified(*parts)[1]]


def test_a_row_has_its_evidence_and_no_other() -> None:
    link, proof = ROW
    of_receipt = t("evidence.of_receipt", receipt="ISE-1")
    where = t("evidence.line", entry="", line=1) + t("evidence.row", number=1)
    assert rows((link, None)) == [f"{where}{of_receipt}: {t('evidence.missing')}"]
    nameless = t("evidence.of_receipt", receipt="-")
    assert rows((link._replace(receipt_id=None), None)) == [f"{where}{nameless}: {t('evidence.missing')}"]
    assert f"{where}: {t('evidence.unexpected')}" in rows((link._replace(content=None), proof))
    assert rows((link._replace(content="0" * 64), proof)) == [f"{where}{of_receipt}: {t('evidence.content')}"]
    other = t("evidence.fault_field", where=where + of_receipt, field="actor", reason=t("evidence.differs"))
    assert rows((link._replace(actor="x"), proof)) == [other]


def test_what_the_log_does_not_tell_of_is_named() -> None:
    untold = journal(msgspec.json.encode(records.proof_line(ROW[1])) + b"\n", folder="untold")
    assert verified(*GOOD, untold)[1] == [f"{t('evidence.receipt', receipt='ISE-1')}: {t('evidence.untold')}"]
    broken = journal(b"{}\n", folder="untold")
    assert verified(*GOOD, broken)[1] == [f"{of(broken)}: {t('evidence.broken_line')}"]


def test_a_digest_that_is_not_its_fields_is_named() -> None:
    line = msgspec.json.decode(LINES[1])
    for name, digests in (("owner", {"owner": "0" * 64}), ("more", {"more": None}), ("more", {"more": "0" * 64})):
        kept = line["evidence"] | {"digests": line["evidence"]["digests"] | digests}
        told = verified(*GOOD[:3], journal(LINES[0], msgspec.json.encode(line | {"evidence": kept}) + b"\n", LINES[2]))[1]
        if digests == {"more": None}:
            assert told == [], "nothing is nothing"
        else:
            assert len(told) == 1
            assert f": {name}: {t('evidence.field')}" in told[0]
            assert t("evidence.row", number=2) + t("evidence.of_receipt", receipt="ISE-1") in told[0]
