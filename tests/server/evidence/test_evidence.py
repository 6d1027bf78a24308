"""Evidence: what is kept with every accepted change, exported, and verified at another place; every altered byte is named."""

from __future__ import annotations

import asyncio
import io
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, insert, select, text, update

from ebid_tui.demo import cards
from ebid_tui.demo.cards import Wallet
from ebid_tui.domain.records import Receipt
from ebid_tui.messages import t
from ebid_tui.server.admin.command_line import main
from ebid_tui.server.evidence import archive, records
from ebid_tui.server.evidence.archive import ArchiveEntry
from ebid_tui.server.evidence.path_check import PathCheck
from ebid_tui.server.evidence.records import AuditLine
from ebid_tui.server.evidence.verification import verify_file
from ebid_tui.server.settings import RevocationSettings
from ebid_tui.server.store import schema
from ebid_tui.server.store.audit_chain import sha256
from ebid_tui.server.store.proofs import KeptVerdict
from tests.patience import long
from tests.server import databases
from tests.server.api.test_card_free import content, searched
from tests.server.api.test_card_free_amendments import amendment
from tests.server.holder import Holder
from tests.server.pki.local_ca import HOST, LocalCa, web
from tests.server.postgres import Cluster
from tests.server.running_server import NAME_1, Bidder, Running, running
from tests.server.signing import Card

Capture = pytest.CaptureFixture[str]
REVOCATION = RevocationSettings(hosts=(HOST,), seconds=20.0)


@dataclass
class Town:
    """A server where everything was done once: registered by CRL and by OCSP, amended, renewed, registered without a card."""

    server: Running
    ca: LocalCa
    receipts: dict[str, Receipt]
    trust: Path

    @property
    def url(self) -> str:
        return self.server.settings.database

    def export(self, file: Path) -> bytes:
        assert main(["export-evidence", "--database", self.url, "--output", str(file)]) == 0
        return file.read_bytes()


validated, verdicts = PathCheck._validated, dict[tuple[object, ...], str | None]()


def once(paths: PathCheck, verdict: KeptVerdict, path: list[bytes], lists: list[bytes], answers: list[bytes], at: datetime) -> str | None:
    key = (msgspec.json.encode(verdict), *(tuple(ders) for ders in (path, lists, answers)), at)
    if key not in verdicts:
        verdicts[key] = validated(paths, verdict, path, lists, answers, at)
    return verdicts[key]


@pytest.fixture(autouse=True)
def every_path_is_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The very same certificates and lists at the same time: most of what verifying costs, and it depends on nothing else."""
    monkeypatch.setattr(PathCheck, "_validated", once)


async def done_once(server: Running, ca: LocalCa, card: Callable[[str], Card]) -> dict[str, Receipt]:
    return {
        "crl": await Bidder(server, ca.card(company=NAME_1)).register("key-by-a-list", holder_confirmed=True),
        "ocsp": await Bidder(server, ca.card(company=NAME_1, crl=False, ocsp=True)).register("key-by-ocsp", holder_confirmed=True),
        "amendment": await Holder(server, card("ise-current")).amend(),
        "renewal": await Holder(server, card("ise-current")).renew(card("ise-next")),
        "card-free": await (await searched(server)).register_card_free(content(), "key-of-a-test"),
        "card-free amendment": await (await searched(server)).amend_card_free(amendment(), "key-of-a-change"),
    }


@pytest.fixture(scope="session")
def only_towns(card: Callable[[str], Card], card_directory: Wallet, postgresql: Callable[[], Cluster]) -> Iterator[Callable[[str], Town]]:
    """The town of this test run on each kind of database, with one authority."""
    with ExitStack() as stack:

        @cache
        def authority() -> LocalCa:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ebid-")))
            return LocalCa(directory, stack.enter_context(web()))

        def build(_kind: str) -> Town:
            ca, directory = authority(), Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ebid-")))
            anchors = {name: (der,) for name, der in cards.trust_anchors(card_directory).items()} | {"aosign": ca.anchors}
            (trust := directory / "trust").mkdir()
            for name, ders in anchors.items():
                for number, der in enumerate(ders):
                    (trust / f"{name}-{number}.der").write_bytes(der)
            settings = {"anchors": anchors, "revocation": REVOCATION}
            server = stack.enter_context(running(databases.keep(directory), card_directory, ca.root.der, **settings))
            receipts = asyncio.run(done_once(server, ca, card))
            server.remember()
            return Town(server, ca, receipts, trust)

        yield cache(build)


@pytest.fixture
def town(database_kind: str, only_towns: Callable[[str], Town]) -> Iterator[Town]:
    """With everything done, and nothing altered yet."""
    made = only_towns(database_kind)
    yield made
    made.server.restore()


def verified(data: bytes, trusted: list[bytes] | None = None) -> list[str]:
    """What is told of a file."""
    told: list[str] = []
    done = verify_file(io.BytesIO(data), trusted, (), told.append)
    assert done.faults == len(told)
    return told


def entries(data: bytes) -> list[ArchiveEntry]:
    found = list(archive.read(io.BytesIO(data)))
    assert all(isinstance(one, ArchiveEntry) for one in found)
    return found  # type: ignore[return-value]


def written(found: list[ArchiveEntry]) -> bytes:
    """A file of these entries, whose names say what is in them."""
    file = io.BytesIO()
    for entry in found:
        archive.write(file, entry.folder, entry.stem, entry.content, entry.name.rsplit(".", 1)[1])
    archive.finish(file)
    return file.getvalue()


def test_everything_is_exported_and_verified(town: Town, tmp_path: Path, capsys: Capture) -> None:
    data = town.export(tmp_path / "evidence.tar")
    head = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(r"\d+:[0-9a-f]{64}", head)
    assert main(["audit-head", "--database", town.url]) == 0
    assert capsys.readouterr().out == f"{head}\n"
    assert verified(data) == []
    # Another machine has the file, this program, and its own list of authorities.
    file = str(tmp_path / "evidence.tar")
    assert main(["verify-evidence", file, "--trust", str(town.trust), "--head", head]) == 0
    told = capsys.readouterr().out
    assert "受付 6件（署名 5、パスワード 2）" in told
    assert "失効していないことを確かめた 2件、確かめずに受け付けた 3件" in told
    assert f"信頼の起点: {town.trust} の認証局" in told
    assert main(["verify-evidence", "--database", town.url]) == 0
    assert "証跡にある認証局" in capsys.readouterr().out
    assert main(["verify-audit", "--database", town.url, "--head", head]) == 0


def test_the_same_database_gives_the_same_file(town: Town, tmp_path: Path) -> None:
    assert town.export(tmp_path / "one.tar") == town.export(tmp_path / "two.tar")


def test_the_file_is_a_tar_that_others_read(town: Town, tmp_path: Path) -> None:
    town.export(tmp_path / "evidence.tar")
    (out := tmp_path / "out").mkdir()
    subprocess.run([shutil.which("tar") or "tar", "-xf", tmp_path / "evidence.tar", "-C", out], check=True, timeout=long())
    files = [path for path in out.rglob("*") if path.is_file()]
    assert {path.parent.name for path in files} == {"out", "certificates", "crls", "ocsp", "journal"}
    for path in files:
        assert sha256(path.read_bytes()) in path.name
    assert "verify-evidence" in next(out.glob("README-*")).read_text()
    lines = [msgspec.json.decode(line, type=AuditLine) for line in next((out / "journal").iterdir()).read_bytes().splitlines()]
    assert [line.evidence.receipt_id for line in lines if line.evidence] == [one.id for one in town.receipts.values()]
    # The statement as it came: whoever knows RFC 7515 verifies it without us.
    assert all(msgspec.json.decode(line.evidence.statement) for line in lines if line.evidence and line.evidence.statement)


def test_a_list_is_kept_once(town: Town) -> None:
    asyncio.run(Bidder(town.server, town.ca.card(company=NAME_1)).register("key-by-the-same-list", holder_confirmed=True))
    with town.server.database() as connection:
        kinds = connection.execute(select(schema.evidence_blobs.c.kind)).scalars().all()
        verdicts = connection.execute(select(schema.evidence.c.verdicts).where(schema.evidence.c.proof == "signature")).scalars().all()
    # Of the issuing authority and of the root, and three certificates of authorities: root, issuing one, the demo's.
    assert sorted(kinds) == ["certificate"] * 3 + ["crl"] * 2 + ["ocsp"]
    assert [one[0]["revocation"] for one in verdicts].count("good") == 3


def test_an_authority_that_is_not_trusted(town: Town, tmp_path: Path) -> None:
    data = town.export(tmp_path / "evidence.tar")
    told = verified(data, [])
    assert len(told) == 5
    assert all("指定された認証局につながりません" in line for line in told)
    assert f"（受付 {town.receipts['crl'].id}）: path.card: " in told[0]


# ---- altered ---------------------------------------------------------------------------------------------------------


def test_every_flipped_byte_is_found(town: Town, tmp_path: Path) -> None:
    data = town.export(tmp_path / "evidence.tar")
    places = random.Random(5)
    positions: dict[int, str] = {}
    for entry in entries(data):
        header = range(entry.offset - archive.BLOCK, entry.offset)
        filled = -(-len(entry.content) // archive.BLOCK) * archive.BLOCK
        for where in (header, range(entry.offset, entry.offset + filled)):
            positions |= dict.fromkeys(places.sample(where, min(12, len(where))), entry.name)
    positions |= dict.fromkeys(range(len(data) - 2 * archive.BLOCK, len(data), 97), "")
    for position, name in positions.items():
        altered = bytearray(data)
        altered[position] ^= 1 << places.randrange(8)
        told = verified(bytes(altered))
        assert told, f"{position} in {name}"
        if told[0].endswith(t("evidence.archive_header")) or not name:
            # The name itself may be what was altered: then the place is told.
            assert re.search(r"\d+バイト目", told[0]), told
        else:
            assert any(name in line for line in told), (position, name, told)


@pytest.mark.parametrize(
    "name", ["statement", "receipt", "certificate", "previous_certificate", "verdicts", "received_at", "owner", "registration_id"]
)
def test_an_altered_field_is_named(town: Town, tmp_path: Path, name: str) -> None:
    """By someone who makes the file's own names fit again."""
    found = entries(town.export(tmp_path / "evidence.tar"))
    journal = next(entry for entry in found if entry.folder == "journal")
    lines = journal.content.splitlines(keepends=True)
    number, line = next((n, msgspec.json.decode(text)) for n, text in enumerate(lines) if b'"event":"renewal"' in text)
    kept = line["evidence"]
    kept[name] = {"received_at": "2001-01-01T00:00:00Z", "certificate": kept["previous_certificate"]}.get(name, kept["certificate"])
    lines[number] = msgspec.json.encode(line) + b"\n"
    told = verified(written([e if e is not journal else replaced(e, b"".join(lines)) for e in found]))
    assert any(f"（受付 {kept['receipt_id']}）: {name}: 書き換えられています" in fault for fault in told), told
    # And if the digest is made to fit, too, the audit log knows better.
    line["evidence"]["digests"][name] = "0" * 64
    lines[number] = msgspec.json.encode(line) + b"\n"
    assert verified(written([e if e is not journal else replaced(e, b"".join(lines)) for e in found]))


def replaced(entry: ArchiveEntry, content: bytes) -> ArchiveEntry:
    return ArchiveEntry(entry.name, entry.folder, entry.stem, sha256(content), content, entry.offset)


def test_entries_removed_added_repeated_and_in_another_order(town: Town, tmp_path: Path) -> None:
    found = entries(town.export(tmp_path / "evidence.tar"))
    assert written(found) == (tmp_path / "evidence.tar").read_bytes()
    for number, entry in enumerate(found):
        without = verified(written(found[:number] + found[number + 1 :]))
        assert (without != []) == (entry.stem != "README"), entry.name
        twice = verified(written([*found[: number + 1], *found[number:]]))
        assert any(entry.name in line for line in twice), twice
    for number in range(len(found) - 1):
        swapped = [*found]
        swapped[number], swapped[number + 1] = found[number + 1], found[number]
        assert any("順番" in line or "ここにもう一度" in line for line in verified(written(swapped)))
    stranger = ArchiveEntry("", "crls", "", sha256(b"x"), b"x", 0)
    foreign = ArchiveEntry("x-.json", "elsewhere", "", sha256(b"x"), b"x", 0)
    for added in (stranger, foreign):
        named = ArchiveEntry(f"{added.folder}/{added.sha256}.der", added.folder, "", added.sha256, b"x", 0)
        assert any(named.sha256 in line for line in verified(written(sorted([*found, named], key=order))))


def order(entry: ArchiveEntry) -> tuple[int, str, str]:
    folders = ["", "certificates", "crls", "ocsp", "elsewhere", "journal"]
    return folders.index(entry.folder), "" if entry.stem == "format" else entry.stem, entry.sha256


def test_what_cannot_be_read_beside_the_journal_is_named(town: Town, tmp_path: Path) -> None:
    content = b"no receipt\n"
    name = f"{records.UNTOLD}/00000001-{sha256(content)}.jsonl"
    added = ArchiveEntry(name, records.UNTOLD, "00000001", sha256(content), content, 0)
    found = entries(town.export(tmp_path / "evidence.tar"))
    assert verified(written([*found, added])) == [f"{added.name}: {t('evidence.broken_line')}"]


def test_rows_that_are_missing_are_named_from_the_first_to_the_last(town: Town, tmp_path: Path) -> None:
    found = entries(town.export(tmp_path / "evidence.tar"))
    journal = next(entry for entry in found if entry.folder == "journal")
    lines = journal.content.splitlines(keepends=True)
    for last, named in ((2, "監査記録 2: "), (4, "監査記録 2～4: ")):
        left = b"".join([lines[0], *lines[last:]])
        told = verified(written([e if e is not journal else replaced(e, left) for e in found]))
        assert any(line.endswith(named + t("evidence.row_removed")) for line in told), told


@pytest.mark.parametrize("end", [0, 1, 512, 1024, 5000])
def test_a_file_that_was_cut(town: Town, tmp_path: Path, end: int) -> None:
    data = town.export(tmp_path / "evidence.tar")
    assert verified(data[:end])
    assert verified(data[:-1])
    assert verified(data + b"\0")
    assert verified(data + data)


def test_the_journal_cut_short_is_found_by_the_head(town: Town, tmp_path: Path, capsys: Capture) -> None:
    """Whoever can alter everything can make a shorter log that holds: only a head kept elsewhere tells."""
    found = entries(town.export(tmp_path / "evidence.tar"))
    head = capsys.readouterr().out.splitlines()[-1]
    journal = next(entry for entry in found if entry.folder == "journal")
    lines = journal.content.splitlines(keepends=True)[:-1]
    last = msgspec.json.decode(lines[-1], type=AuditLine)
    told = msgspec.json.decode(found[0].content)
    told["head"] = {"number": last.number, "hash": last.hash}
    shorter = [replaced(found[0], msgspec.json.encode(told) + b"\n"), *found[1:-1], replaced(journal, b"".join(lines))]
    (tmp_path / "shorter.tar").write_bytes(written(shorter))
    capsys.readouterr()
    assert main(["verify-evidence", str(tmp_path / "shorter.tar")]) == 0
    assert main(["verify-evidence", str(tmp_path / "shorter.tar"), "--head", head]) == 1
    assert f"監査記録 {last.number + 1}: 末尾の記録がありません" in capsys.readouterr().err


def test_other_files_are_no_evidence(tmp_path: Path, capsys: Capture) -> None:
    for name, data in (("empty", b""), ("text", b"hello" * 1000), ("zero", bytes(10240)), ("gzip", b"\x1f\x8b" + bytes(600))):
        (tmp_path / name).write_bytes(data)
        assert main(["verify-evidence", str(tmp_path / name)]) == 1, name
    assert main(["verify-evidence", str(tmp_path / "none")]) == 1
    assert main(["verify-evidence", str(tmp_path)]) == 1
    assert "E-FILE" in capsys.readouterr().err
    assert main(["verify-evidence"]) == 2
    assert main(["export-evidence", "--database", "sqlite:////nowhere/x.db", "--output", str(tmp_path / "new")]) == 1
    assert not (tmp_path / "new").exists()


# ---- a database that somebody wrote to -------------------------------------------------------------------------------


def test_a_database_that_was_altered(town: Town, capsys: Capture) -> None:
    e, r, b = schema.evidence, schema.receipts, schema.evidence_blobs
    chosen = town.receipts["crl"].id
    other = town.receipts["ocsp"].id
    with town.server.database() as connection:
        statement = connection.execute(select(e.c.statement).where(e.c.receipt_id == chosen)).scalar_one()
        body = connection.execute(text("SELECT body FROM receipts WHERE id = :id"), {"id": chosen}).scalar_one()
        crl = connection.execute(select(b.c.der).where(b.c.kind == "crl").limit(1)).scalar_one()
    blob = bytearray(crl)
    blob[-3] ^= 1
    cases: list[tuple[Any, str]] = [
        (update(e).where(e.c.receipt_id == chosen).values(statement=statement.replace('"signature":"', '"signature":"A')), "statement"),
        (text("UPDATE receipts SET body = :b WHERE id = :i").bindparams(b=body.replace("三重県", "三軍県"), i=chosen), "receipt.blocks."),
        (update(e).where(e.c.receipt_id == chosen).values(received_at=town.receipts["crl"].at + timedelta(seconds=1)), "received_at"),
        (update(e).where(e.c.receipt_id == chosen).values(certificate=b"DER"), "certificate"),
        (update(r).where(r.c.id == chosen).values(owner="somebody"), "owner"),
        (delete(e).where(e.c.receipt_id == chosen), "消されています"),
        (update(b).where(b.c.der == crl).values(der=bytes(blob)), "evidence_blobs"),
        (insert(b).values(sha256=sha256(b"x"), kind="crl", der=b"x"), "使われていません"),
        (update(e).where(e.c.receipt_id == chosen).values(verdicts=None), "書き換えられています"),
    ]
    for statement_, named in cases:
        before = town.server.contents()
        with town.server.database(writing=True) as connection:
            connection.execute(statement_)
        assert main(["verify-evidence", "--database", town.url]) == 1, named
        err = capsys.readouterr().err
        assert named in err, err
        assert other not in err or "evidence_blobs" in err, err
        put_back(town.server, before)
    assert main(["verify-evidence", "--database", town.url]) == 0


def put_back(server: Running, before: dict[str, list[object]]) -> None:
    """The tables that a case has altered."""
    with server.database(writing=True) as connection:
        for table in (schema.evidence, schema.evidence_blobs, schema.audit, schema.audit_head):
            connection.execute(table.delete())
            names = [column.name for column in table.columns]
            if before[table.name]:
                connection.execute(table.insert(), [dict(zip(names, row, strict=True)) for row in before[table.name]])  # type: ignore[call-overload]
        for row in before["receipts"]:
            values = dict(zip([c.name for c in schema.receipts.columns], row, strict=True))  # type: ignore[call-overload]
            connection.execute(update(schema.receipts).where(schema.receipts.c.id == values["id"]).values(**values))


def test_a_receipt_that_nobody_signed_for(town: Town, capsys: Capture) -> None:
    with town.server.database(writing=True) as connection:
        row = connection.execute(select(schema.receipts).limit(1)).mappings().one()
        connection.execute(insert(schema.receipts).values(**{**row, "id": "ISE-FORGED"}))
    assert main(["verify-evidence", "--database", town.url]) == 1
    assert "受付 ISE-FORGED: 監査記録にない受付です" in capsys.readouterr().err
