"""A sample of `make address`."""

from __future__ import annotations

from tests.assist.every_code import BEGIN, END, PAGE, every_code, try_codes


def test_code_address_code_gives_the_code_or_an_honest_list() -> None:
    every = every_code()
    figures = try_codes(every[::151])
    assert figures.wrong == []
    assert figures.codes == len(every[::151])
    assert figures.spellings > 4 * figures.codes


def test_codes_of_many_towns_floors_and_streets_as_well() -> None:
    some = ("4520961", "1006010", "1006090", "6028062", "0185501", "1000000", "7960088", "0481301", "4090142", "7614101", "9500914")
    assert try_codes(some).wrong == []


def test_the_page_has_the_figures_of_the_whole_list() -> None:
    figures = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert f"| postal codes of the list | {len(every_code()):,} |" in figures
    assert "| answers without the code, or with a city's | 0 |" in figures
