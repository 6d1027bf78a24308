"""R-25: cards that end soon as a list and as a CSV file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from ebid_tui.domain.desk import Expiring
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import CardCertificate, Registration, Vendor
from ebid_tui.errors import EbidError
from ebid_tui.flows.desk.expiring import in_csv, write_file
from ebid_tui.flows.desk.session import DeskContext, DeskState
from ebid_tui.server.store import registrations
from tests.desk.counter import Counter, counter
from tests.server.operating import CATEGORY, DAY, SYSTEM, VENDOR_HERE, audit
from tests.server.running_server import Running

AT = DeskContext(cast(Any, None), cast(Any, None), cast(Any, None), profile_of(SYSTEM), DeskState())


def enter(office: Running, count: int) -> None:
    """So many cards more, one ending each day from tomorrow on."""
    with office.database(writing=True) as connection:
        for number in range(count):
            ends = office.settings.now() + timedelta(days=1 + number / 10)
            card = CardCertificate(fingerprint=f"f{number:063x}", serial=str(5000 + number), issuer="O=TEST CA,C=JP", not_after=ends)
            blocks = {"card_holder": {"person": f"期限　{number}"}, "card_contact": {"email": f"c{number}@example.com"}}
            made = Registration(id=f"R-x{number}", vendor=VENDOR_HERE, state="active", card=card, blocks=blocks, registered_at=DAY)
            registrations.add_registration(connection, made, CATEGORY)


async def listed(s: Counter, days: str = "60") -> str:
    await s.sign_in()
    await s.press("f6")
    await s.until("何日以内")
    await s.press("ctrl+u")
    await s.type(days)
    await s.press("enter")
    return await s.until(f"{days}日以内に期限が来るカード")


async def test_the_first_to_end_comes_first_and_opens_its_vendor(office: Running) -> None:
    async with counter(office) as s:
        shown = await listed(s)
        assert "1件" in shown
        assert "株式会社山田建設" in shown
        await s.press("enter")
        await s.until("【資格】", "4100000001")
        await s.press("escape")
        await s.until("業者検索")
    assert ("desk_view:expiry", "operator:desk", VENDOR_HERE.number, VENDOR_HERE.agency) in audit(office)


async def test_a_span_that_cannot_be_is_told(office: Running) -> None:
    async with counter(office) as s:
        await s.sign_in()
        await s.press("f6")
        await s.until("何日以内")
        await s.press("ctrl+u")
        await s.type("0")
        await s.press("enter")
        await s.until("1から3660まで")
        await s.press("ctrl+u")
        await s.type("3")
        await s.press("enter")
        await s.until("3日以内に期限が来るカードはありません")


@pytest.mark.parametrize(("choice", "encoding"), [("1", "utf-8-sig"), ("2", "cp932")])
async def test_all_pages_go_into_the_file(office: Running, tmp_path: Path, choice: str, encoding: str) -> None:
    enter(office, 230)
    file = tmp_path / "list.csv"
    async with counter(office) as s:
        shown = await listed(s)
        assert "件" in shown
        await s.press("f6")
        await s.until("文字コード")
        await s.press(choice)
        await s.until("ファイル名", "expiring-60.csv")
        await s.press("ctrl+u")
        await s.type(str(file))
        await s.press("enter")
        await s.until("保存しました", "231")
        await s.press("escape")
        await s.until("60日以内に期限が来るカード")
    assert file.stat().st_mode & 0o777 == 0o600
    rows = list(csv.DictReader(io.StringIO(file.read_bytes().decode(encoding))))
    assert len(rows) == 231
    assert [row["有効期限"] for row in rows] == sorted(row["有効期限"] for row in rows)
    first = rows[0]
    assert (first["調達機関"], first["番号"], first["商号又は名称"]) == ("さいたま市", "4100000001", "株式会社山田建設")
    assert (first["取得者氏名"], first["シリアル番号"], first["メールアドレス"]) == ("期限　0", "5000", "c0@example.com")


async def test_a_file_that_is_there_is_written_over_only_by_who_says_so(office: Running, tmp_path: Path) -> None:
    (file := tmp_path / "there.csv").write_text("kept")
    async with counter(office) as s:
        await listed(s)
        await s.press("c")
        await s.until("文字コード")
        await s.press("1")
        await s.until("ファイル名")
        await s.press("ctrl+u")
        await s.type(str(file))
        await s.press("enter")
        await s.until("同じ名前のファイルがあります")
        await s.press("enter")  # the careful answer: another name
        await s.until(f"[{str(file)[:20]}")
        assert file.read_text() == "kept"
        await s.press("f10")
        await s.until("同じ名前のファイルがあります")
        await s.press("down", "enter")
        await s.until("保存しました")
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")


def card(name: str = "株式会社", holder: str = "", email: str = "a@example.com") -> Expiring:
    return Expiring(
        vendor=Vendor(system=SYSTEM, agency="nowhere", category="gone", number="1"),
        trade_name=name,
        registration_id="R",
        card=CardCertificate(fingerprint="0" * 64, serial="1", issuer="O=CA", not_after=datetime(2030, 1, 1, tzinfo=UTC)),
        holder=holder,
        email=email,
    )


def test_a_character_that_cp932_lacks_is_named_and_none_is_dropped() -> None:
    with pytest.raises(EbidError, match="E-CSV-CHARACTER") as refused:
        in_csv(AT, [card("𠮷野家")], "cp932")
    assert "𠮷" in refused.value.title
    assert "U+20BB7" in refused.value.title
    assert "𠮷野家" in in_csv(AT, [card("𠮷野家")], "utf-8-sig").decode("utf-8-sig")


def test_the_six_pairs_are_written_as_windows_knows_them() -> None:
    assert "海～山－商会" in in_csv(AT, [card("海〜山−商会")], "cp932").decode("cp932")


@pytest.mark.parametrize("cell", ["=1+1", "+81", "-1", "@x", "'=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    text = in_csv(AT, [card(holder=cell)], "utf-8-sig").decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(text)))["取得者氏名"] == "'" + cell


def test_a_place_that_the_systems_file_no_longer_has_stands_by_its_id() -> None:
    assert "nowhere,gone" in in_csv(AT, [card()], "utf-8-sig").decode("utf-8-sig")


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(EbidError, match="E-FILE"):
        write_file(str(tmp_path / "no" / "x.csv"), b"x", False)
    with pytest.raises(EbidError, match="E-FILE"):
        write_file("a\0b", b"x", False)
    (tmp_path / "x.csv").write_text("kept")
    with pytest.raises(FileExistsError):
        write_file(str(tmp_path / "x.csv"), b"x", False)
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]
