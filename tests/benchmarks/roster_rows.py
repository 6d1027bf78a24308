"""A roster of any size: every vendor another name, number and address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

HEADER = "調達区分,業者番号,商号又は名称,資格の状態,企業郵便番号,企業住所,代表者氏名,代表者役職,代表電話番号,代表FAX番号"
KANJI = "伊勢青森長崎埼玉松阪津鈴鹿志摩鳥羽熊野尾鷲亀山名張上野桑名四日市"
KINDS = ("建設", "土木", "設備", "電気工業", "造園", "塗装", "舗装", "測量設計")


def digits(number: int) -> str:
    return "".join(chr(ord("０") + int(digit)) for digit in str(number))


def rows(count: int) -> Iterator[tuple[str, ...]]:
    for n in range(count):
        place = KANJI[n % 31] + KANJI[n // 31 % 31] + KANJI[n // 961 % 31]
        name = f"{place}{KINDS[n % 8]}{digits(n)}株式会社"
        phone = f"0596-{n // 10000:02d}-{n % 10000:04d}"
        address = f"三重県{place}町{digits(n % 97)}番地"
        yield (
            "建設工事、測量・コンサル",
            f"{n:010d}",
            name,
            "審査済",
            f"516-{n % 10000:04d}",
            address,
            f"{place[0]}　{place[1]}郎",
            "代表取締役",
            phone,
            phone,
        )


def write(file: Path, count: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        opened.write(HEADER + "\r\n")
        opened.writelines(",".join(row) + "\r\n" for row in rows(count))
