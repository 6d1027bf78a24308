"""CSV files as they come: rows with the lines that an editor counts, and what cannot be read."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.server.roster import reading
from ebid_tui.server.roster.reading import LONGEST, Encoding, RefusedRow, RosterRow


def read(data: bytes, encoding: Encoding = "utf-8") -> list[tuple[int, object]]:
    """(line, values or reason)."""
    return [(one.line, list(one.values) if isinstance(one, RosterRow) else one.reason) for one in reading.rows(io.BytesIO(data), encoding)]


def test_rows_and_the_lines_where_they_begin() -> None:
    data = '\ufeffa,b\r\n"1\r\n2",3\n\r\n , \n"x""y",z'.encode()
    assert read(data) == [(1, ["a", "b"]), (2, ["1\r\n2", "3"]), (6, ['x"y', "z"])]
    assert read(b"") == []


def test_only_the_first_line_may_begin_with_a_byte_order_mark() -> None:
    assert read("a\n\ufeffb".encode()) == [(1, ["a"]), (2, ["\ufeffb"])]
    assert read(b"\xef\xbb\xbfa", "cp932") == [(1, "1文字目をCP932として読めません（EF）。" + MEND)]


QUOTES = '引用符（"）の使い方が正しくありません。値の中の「"」は「""」と書きます。'
OPEN = '値が長すぎます。引用符（"）が閉じているか確かめてください。'
RETURN = "改行が正しくありません（CRだけの改行は使えません）。CR LF か LF の改行で保存し直してください。"
MEND = "文字を直すか、--encoding で文字コードを指定してください。"


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b'a\n"b"c\nd\n', [(1, ["a"]), (2, QUOTES), (3, ["d"])]),
        (b'a\n"b\n', [(1, ["a"]), (2, QUOTES)]),
        (b"a\nb\rc\nd\n", [(1, ["a"]), (2, RETURN), (3, ["d"])]),
        (b"a\n" + b"x" * LONGEST + b"\nd\n", [(1, ["a"]), (2, ["x" * LONGEST]), (3, ["d"])]),
        (b"a\n" + b"x" * (LONGEST + 1) + b"\nd\n", [(1, ["a"]), (2, OPEN), (3, ["d"])]),
    ],
)
def test_what_is_no_csv_is_named_and_reading_goes_on(data: bytes, wanted: object) -> None:
    assert read(data) == wanted


def test_a_quote_that_is_never_closed_does_not_swallow_the_file() -> None:
    data = b'a\n"b\n' + b"x" * 1000 + b"\n"
    found = read(data + (b"y" * 999 + b"\n") * 20)
    assert found[:2] == [(1, ["a"]), (2, OPEN)]
    assert [line for line, _ in found[2:]] == [*range(20, 24)]


@pytest.mark.parametrize(
    ("data", "encoding", "wanted"),
    [
        ("a\n山".encode() + b"\xff\xfeb\nc\n", "utf-8", [(1, ["a"]), (2, "2文字目をUTF-8として読めません（FF）。" + MEND), (3, ["c"])]),
        (b"a\nb\xfc\xfcb\nc\n", "cp932", [(1, ["a"]), (2, "2文字目をCP932として読めません（FC）。" + MEND), (3, ["c"])]),
        (b'a\n"\xff\n\xfe"\nc\n', "utf-8", [(1, ["a"]), (2, "2文字目をUTF-8として読めません（FF）。" + MEND),
                                           (3, "1文字目をUTF-8として読めません（FE）。" + MEND), (4, ["c"])]),
        (b'a\n"\xff"x\nc\n', "utf-8", [(1, ["a"]), (2, QUOTES), (3, ["c"])]),
    ],
)  # fmt: skip
def test_what_cannot_be_decoded_is_named_by_line_and_column(data: bytes, encoding: Encoding, wanted: object) -> None:
    assert read(data, encoding) == wanted
    assert all(one.column == "" for one in reading.rows(io.BytesIO(data), encoding) if isinstance(one, RefusedRow))


@given(st.text(alphabet="山aア、\n", max_size=9), st.integers(1, 4))
def test_every_file_is_read_as_utf_8_if_it_can_be(text: str, block: int) -> None:
    """However a character is cut by the blocks in which it is read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "BLOCK", block)
        for data, wanted in (
            (text.encode(), "utf-8"),
            (text.encode() + b"\xe5\xb1", "cp932"),
            (b"\x8e\x52" + text.encode("cp932"), "cp932"),
        ):
            file = io.BytesIO(data)
            file.read(1)
            assert (reading.encoding_of(file), file.tell()) == (wanted, 0)
