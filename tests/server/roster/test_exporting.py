"""Registrations for the core system: every value in its column, in order, in every encoding that has it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection

from ebid_tui.domain.profile.systems import load
from ebid_tui.language import speak
from ebid_tui.server.roster.exporting import Shape, export
from ebid_tui.server.roster.reading import Encoding, RefusedRow
from ebid_tui.server.store.engine import writing_engine
from ebid_tui.server.store.schema import metadata, qualifications, registrations
from tests.clock import NOW
from tests.server.filling import QUALIFICATION, REGISTRATION, neighbours, put

MINATO = load(Path(__file__).resolve().parents[2] / "domain" / "profiles" / "minato.toml")
WHERE = {"system": "minato", "agency": "town", "category": "works", "number": "ABCD0001"}
BLOCKS: dict[str, Any] = {
    "company": {"company_id": "7", "name": "港町建設", "phone": "0000000001", "grades": "甲,", "fax": ""},
    "representative_contact": {"name": "窓口"},
    "card_holder": {"company": "港町建設株式会社", "person": "港　一郎"},
    "card_contact": {"email": "a@example.com", "email_again": "a@example.com"},
}
ROW: dict[str, Any] = REGISTRATION | WHERE | {"blocks": BLOCKS}
HEADER = [
    "登録ID", "団体", "区分", "番号", "名称", "登録の状態", "登録日時", "シリアル番号", "発行者", "有効期限",
    "会社.会社番号", "会社.会社名",
    "会社.会社所在地", "会社.代表者", "会社.電話", "会社.FAX", "会社.等級", "受付窓口.窓口", "受付窓口.郵便番号", "受付窓口.所在地",
    "カードと担当者.カードの会社名", "カードと担当者.カードの名義人", "ICカード利用部署情報.メール",
    "ICカード利用部署情報.部署", "ICカード利用部署情報.担当者", "支店名",
]  # fmt: skip
VALUES = [
    "R-1", "town", "works", "ABCD0001", "伊勢建設", "active", "2026-11-21T18:20:00+09:00", "683", "O=CA,C=JP", "2026-11-21T18:20:00+09:00",
    "7", "港町建設", "", "", "0000000001", "", "物品　甲\n役務　なし", "窓口", "", "",
    "港町建設株式会社", "港　一郎", "a@example.com", "", "", "本町支店",
]  # fmt: skip


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = writing_engine(f"sqlite:///{tmp_path / 'ebid.db'}")
    with engine.connect() as made:
        metadata.create_all(made)
        yield made
    engine.dispose()


def exported(connection: Connection, shape: Shape = "csv", encoding: Encoding = "utf-8") -> tuple[str, list[int | RefusedRow]]:
    file = io.BytesIO()
    told = list(export(connection, MINATO, file, shape, encoding))
    return file.getvalue().decode(encoding), told


def test_every_value_stands_in_its_column(connection: Connection) -> None:
    put(connection, registrations, ROW, ROW | {"id": "R-2", "system": "ise"})
    others = neighbours(QUALIFICATION | WHERE | {"trade_name": "別"}, system="ise", agency="port", category="goods", number="2")
    branch = {"company": QUALIFICATION["company"] | {"branch": "本町支店"}}
    put(connection, qualifications, QUALIFICATION | WHERE | branch, *others)
    speak("en")  # another system reads it: the header is the same in every language
    text, told = exported(connection)
    assert told == [1, 2]
    assert list(csv.reader(io.StringIO(text))) == [HEADER, VALUES]
    assert text.endswith("\r\n")
    assert text.count("\r\n") == 2
    text, told = exported(connection, "jsonl")
    assert told == [1]
    (line,) = text.splitlines()
    found = msgspec.json.decode(line)
    assert list(found.values()) == [value for value in VALUES if value]
    assert {name: found[name] for name in ("id", "card.serial", "company.grades", "card_contact.email", "registered_at")} == {
        "id": "R-1", "card.serial": "683", "company.grades": "物品　甲\n役務　なし", "card_contact.email": "a@example.com",
        "registered_at": VALUES[6],
    }  # fmt: skip


def test_r_36_without_a_card_or_a_qualification(connection: Connection) -> None:
    put(connection, registrations, ROW | {"fingerprint": None, "serial": None, "issuer": None, "not_after": None, "blocks": {}})
    text, told = exported(connection)
    assert told == [1, 2]
    _, row = csv.reader(io.StringIO(text))
    kept = {"id": "R-1", "agency": "town", "category": "works", "number": "ABCD0001", "state": "active", "registered_at": VALUES[6]}
    assert [value for value in row if value] == [*kept.values(), "物品　なし\n役務　なし"]
    assert msgspec.json.decode(exported(connection, "jsonl")[0]) == kept | {"company.grades": "物品　なし\n役務　なし"}


def test_the_order_is_that_of_the_vendors_and_of_time(connection: Connection) -> None:
    wanted: list[dict[str, Any]] = [
        {"agency": "port", "number": "2"}, {"category": "goods"}, {"number": "1"}, {"number": "2", "registered_at": NOW - timedelta(1)},
        {"number": "2"}, {"number": "2"},
    ]  # fmt: skip
    rows = [ROW | changes | {"id": f"R-{n}", "fingerprint": str(n)} for n, changes in enumerate(wanted)]
    put(connection, registrations, *reversed(rows))
    text, told = exported(connection)
    assert told == [1, 2, 3, 4, 5, 6, 7]
    assert [row[0] for row in csv.reader(io.StringIO(text))][1:] == [f"R-{n}" for n in range(6)]


@pytest.mark.parametrize("shape", ["csv", "jsonl"])
def test_a_character_that_the_encoding_lacks_is_named_with_its_place(connection: Connection, shape: Shape) -> None:
    holder: dict[str, Any] = BLOCKS | {
        "card_holder": {"company": "a𠮷b𠮷", "person": "港　一郎"},
        "company": {"name": "\u2212\u301c\u2016\u00a2\u00a3\u00ac"},
    }
    put(connection, registrations, ROW, ROW | {"id": "R-2", "fingerprint": "2", "blocks": holder}, ROW | {"id": "R-3", "fingerprint": "3"})
    text, told = exported(connection, shape, "cp932")
    first = 2 if shape == "csv" else 1
    column = "カードと担当者.カードの会社名"
    reasons = [f"{place}文字目の「𠮷」(U+20BB7)はCP932にありません。（R-2）" for place in (2, 4)]
    refused = [RefusedRow(first + 1, column, reason) for reason in reasons]
    assert told == [*range(1, first + 1), *refused, first + 2]
    assert "R-2" not in text
    assert "R-3" in text
    text, told = exported(connection, shape)
    assert told == [*range(1, first + 3)]
    assert "\u2212\u301c\u2016\u00a2\u00a3\u00ac" in text  # one form is kept where the encoding has both


def test_the_six_pairs_are_written_as_cp932_has_them(connection: Connection) -> None:
    put(connection, registrations, ROW | {"blocks": {"company": {"name": "\u2212\u301c\u2016\u00a2\u00a3\u00ac"}}})
    text, told = exported(connection, "csv", "cp932")
    assert told == [1, 2]
    assert "\uff0d\uff5e\u2225\uffe0\uffe1\uffe2" in text
