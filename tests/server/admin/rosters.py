"""Rosters as files, and what the database holds once they were imported."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from ebid_tui.server.admin.command_line import main
from ebid_tui.server.store import schema
from tests.server.vendors import Office

HEADER = "調達区分,業者番号,商号又は名称,資格の状態,企業郵便番号,企業住所,代表者氏名,代表者役職,代表電話番号,代表FAX番号,初期パスワード"
GOOD = (
    "建設工事、測量・コンサル,1000000001,伊勢建設株式会社,審査済,516-0018,三重県伊勢市一丁目,"
    "伊勢　一郎,代表取締役,0596-00-0001,0596-00-0002,"
)


def row(number: str, name: str = "伊勢建設株式会社", state: str = "審査済", **changes: str) -> str:
    values = (
        dict(zip(HEADER.split(","), GOOD.split(","), strict=True))
        | {"業者番号": number, "商号又は名称": name, "資格の状態": state}
        | changes
    )
    return ",".join(f'"{value}"' for value in values.values())


def roster(path: Path, *rows: str, header: str = HEADER, end: str = "\r\n", encoding: str = "utf-8") -> Path:
    file = path / "roster.csv"
    file.write_bytes("".join(line + end for line in (header, *rows)).encode(encoding))
    return file


def imported(place: Office, file: Path, *options: str) -> int:
    return main(["import-roster", "--database", place.url, "--system", "ise", str(file), *options])


def kept(place: Office) -> dict[str, tuple[str, str, dict[str, str]]]:
    with place.database() as connection:
        q = schema.qualifications.c
        found = connection.execute(select(q.number, q.state, q.trade_name, q.company).order_by(q.number, q.category))
        return {r.number: (r.state, r.trade_name, r.company) for r in found}
