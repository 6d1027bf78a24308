"""Dates in lists, as people write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.server.roster.dates import read_date

DAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-30", "2026/11/30", "2026.11.30", "20261130", "2026年11月30日", "令和8年11月30日", "令和 8年 11月 30日", "R8.11.30",
        "r08/11/30", "R.8.11.30", "２０２６／１１／３０", "令和８年１１月３０日", "2026‐11‐30", "2026－11－30", "2026−11−30",
        " 2026/11/30　", "2026/11/30 0:00", "2026-11-30T00:00:00",
    ],
)  # fmt: skip
def test_every_way_in_which_a_day_is_written(written: str) -> None:
    assert read_date(written) == DAY


def test_other_eras_and_short_months() -> None:
    assert read_date("令和元年5月1日") == date(2019, 5, 1)
    assert read_date("H31.4.30") == date(2019, 4, 30)
    assert read_date("昭和64年1月7日") == date(1989, 1, 7)
    assert read_date("2026/1/5") == date(2026, 1, 5)


@pytest.mark.parametrize(
    "written", ["", "昨日", "2026-02-30", "2026/13/1", "11/30", "令和8年", "R0.1.1x", "2026-11-30 12:00", "明治9年1月1日"]
)
def test_what_is_no_day(written: str) -> None:
    assert read_date(written) is None


@given(st.text(max_size=20))
def test_nothing_breaks_it(written: str) -> None:
    assert read_date(written) is None or isinstance(read_date(written), date)


@given(st.dates(date(2019, 5, 1), date(2098, 12, 31)))
def test_every_day_of_the_era(day: date) -> None:
    era = f"令和{day.year - 2018 if day.year > 2019 else '元'}年{day.month}月{day.day}日"
    assert read_date(era) == read_date(f"{day:%Y/%m/%d}") == read_date(day.isoformat()) == read_date(f"{day:%Y%m%d}") == day
