"""The text rules, each as a property: the tables here are computed apart from the program's own."""

import re
import unicodedata
from collections.abc import Callable
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.domain.text import classes
from ebid_tui.domain.text.charsets import CHARACTER_SETS, SIX_PAIRS
from ebid_tui.domain.text.classes import (
    CharClass,
    convert,
    fold,
    length,
    normalise,
    refused,
)
from ebid_tui.domain.text.cleaning import Tidied, tidy
from ebid_tui.domain.text.lookalikes import circled_number
from ebid_tui.messages import t

CLASSES: tuple[CharClass, ...] = get_args(CharClass)
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\xa0\u202f\u200e\u200f\u202a\u202e\u2066\u2069\xad\r\n\t\x00\x1b\x7f\x85\u2028\ufe0f\U000e0100"

PAIRS = {"－": "−", "～": "〜", "∥": "‖", "￠": "¢", "￡": "£", "￢": "¬"}


def two_byte_characters(codec: str) -> set[str]:
    """Every character a Shift_JIS-like codec knows in two bytes, without the user-defined area."""
    found = set()
    for lead in (*range(0x81, 0xA0), *range(0xE0, 0xFD)):
        for trail in range(0x40, 0xFD):
            try:
                char = bytes((lead, trail)).decode(codec)
            except UnicodeDecodeError:
                continue
            if len(char) == 1 and not 0xE000 <= ord(char) < 0xF900:
                found.add(char)
    return found


@pytest.fixture(scope="module")
def jis() -> set[str]:
    return two_byte_characters("shift_jis")


@pytest.fixture(scope="module")
def vendor(jis: set[str]) -> set[str]:
    return {PAIRS.get(char, char) for char in two_byte_characters("cp932")} - jis


any_text = st.text(alphabet=st.characters() | st.sampled_from("かはうカハヴ\u3099\u309aｶﾊﾞﾟ－ー㈱髙①　 " + INVISIBLE), max_size=30)


# -- 全角 is JIS X 0208 ----------------------------------------------------------------------------------------------


def test_all_6879_characters_of_jis_x_0208_are_accepted(jis: set[str]) -> None:
    assert len(jis) == 6879
    rows = [c.encode("euc_jp")[0] - 0xA0 for c in jis]
    assert [sum(first <= row <= last for row in rows) for first, last in ((1, 8), (16, 47), (48, 84))] == [524, 2965, 3390]
    assert refused("".join(sorted(jis)), "full_width") == ()


def test_each_of_them_is_stored_as_it_is(jis: set[str]) -> None:
    assert all(normalise(c, "full_width") == c for c in jis - {"　"})
    assert all(convert(c, "full_width") == c for c in jis)


def test_the_447_vendor_characters_of_cp932_are_refused(vendor: set[str]) -> None:
    assert len(vendor) == 447
    assert {r.char for r in refused("".join(sorted(vendor)), "full_width")} == vendor
    assert {r.description for r in refused("".join(sorted(vendor)), "full_width")} == {"機種依存文字"}


def test_a_system_may_take_them(jis: set[str], vendor: set[str]) -> None:
    assert refused("".join(sorted(vendor)), "full_width", "cp932") == ()
    assert CHARACTER_SETS["cp932"]() == jis | vendor
    assert len(CHARACTER_SETS["cp932"]()) == 7326


def test_an_unknown_character_set_is_no_set() -> None:
    assert "jisx0213" not in CHARACTER_SETS
    assert "cp932" in CHARACTER_SETS
    assert (set(CHARACTER_SETS), len(CHARACTER_SETS)) == ({"jisx0208", "cp932"}, 2)
    with pytest.raises(KeyError):
        refused("あ", "full_width", "jisx0213")


@given(st.characters())
def test_everything_else_is_refused(char: str) -> None:
    try:
        known = len(PAIRS.get(char, char).encode("shift_jis")) == 2
    except UnicodeEncodeError:
        known = False
    assert (refused(char, "full_width") == ()) == known


# -- the six pairs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "stored"), PAIRS.items())
def test_each_of_the_six_pairs_is_stored_in_one_form(typed: str, stored: str) -> None:
    assert SIX_PAIRS[typed] == stored
    for form in (typed, stored):
        assert refused(f"１{form}２", "full_width") == ()
        assert normalise(f"１{form}２", "full_width") == f"１{stored}２"


@given(any_text)
def test_folding_twice_is_folding_once(s: str) -> None:
    once = fold(s, "full_width")
    assert not set(once) & set(PAIRS)
    assert normalise(normalise(s, "full_width"), "full_width") == normalise(s, "full_width")


@given(any_text)
def test_ascii_classes_have_no_pairs(s: str) -> None:
    assert fold(s, "half_digits_symbols") == s


# -- never NFKC, never NFC -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "s",
    ["ＡＢＣ１２３", "Ⅳ①㈱№", "個人　十郎", "\ufa19\ufa1a\ufa1b\ufa1c\ufa1d\ufa1e\ufa22\ufa26\ufa2a\ufa2c\ufa2d", "ｶﾞ", "\u212b", "高髙﨑"],
)
def test_full_width_values_are_never_nfkc_or_nfc(s: str) -> None:
    assert normalise(s, "full_width") == s


@given(any_text)
def test_only_kana_marks_and_pairs_change(s: str) -> None:
    stored = fold(s, "full_width")
    assert stored.translate({ord(k): v for k, v in PAIRS.items()}) == stored
    plain = [c for c in s if c not in PAIRS and c not in "\u3099\u309a" and not ("ぁ" <= c <= "ヿ")]
    kept = [c for c in stored if c not in PAIRS.values() and c not in "\u3099\u309a" and not ("ぁ" <= c <= "ヿ")]
    assert kept == [c for c in plain if c not in PAIRS.values()]


@pytest.mark.parametrize(
    ("typed", "stored"), [("か\u3099", "が"), ("ハ\u309a", "パ"), ("ウ\u3099", "ヴ"), ("ゝ\u3099", "ゞ"), ("ほ\u309aほ\u3099", "ぽぼ")]
)
def test_kana_and_combining_marks_become_one_character(typed: str, stored: str) -> None:
    assert normalise(typed, "full_width") == stored
    assert refused(typed, "full_width") == ()
    assert length(typed) == len(stored)


def test_a_mark_without_its_kana_is_refused() -> None:
    (found,) = refused("漢\u3099", "full_width")
    assert (found.position, found.char, found.suggestion) == (2, "\u3099", "゛")


# -- what is refused is named ----------------------------------------------------------------------------------------


def test_every_circled_number_and_nothing_else_is_written_in_brackets() -> None:
    for char in map(chr, range(0x2000, 0x3400)):
        circled = re.search(r"CIRCLED (.+ )?(DIGIT|NUMBER)(?!.*SQUARE)", unicodedata.name(char, ""))
        number = str(int(unicodedata.numeric(char))) if circled else ""
        assert circled_number(char) == (f"（{convert(number, 'full_width')}）" if circled else None), char


@pytest.mark.parametrize(
    ("char", "suggestion"),
    [
        ("㈱", "株式会社"),
        ("㍿", "株式会社"),
        ("㈲", "有限会社"),
        ("①", "（１）"),
        ("⑳", "（２０）"),
        ("❶", "（１）"),
        ("Ⅰ", "Ｉ"),
        ("ⅳ", "ｉｖ"),
        ("№", "Ｎｏ．"),
        ("℡", "ＴＥＬ"),
        ("髙", "高"),
        ("﨑", "崎"),
        ("𠮷", "吉"),
        ("濵", "浜"),
        ("\ufa19", "神"),
        ("⽇", "日"),
        ("⼾", "戸"),
        ("㍉", "ミリ"),
        ("㍻", "平成"),
        ("㎡", "平方メートル"),
        ("ゔ", "ヴ"),
        ("ｶﾞ", "ガ"),
        ("ﾊﾟ", "パ"),
        ("A", "Ａ"),
        ("1", "１"),
        ("-", "−"),
        (" ", "　"),
        ("—", "―"),
    ],
)
def test_a_refused_character_has_position_name_and_suggestion(char: str, suggestion: str) -> None:
    (found,) = refused(f"三重県{char}伊勢", "full_width")
    assert (found.position, found.char, found.suggestion) == (4, char, suggestion)
    assert found.description


@pytest.mark.parametrize(
    ("char", "description"),
    [
        ("①", "機種依存文字"),
        ("ｱ", "半角カナ"),
        ("A", "半角英字"),
        ("7", "半角数字"),
        ("@", "半角記号"),
        (" ", "半角の空白"),
        ("😀", "絵文字"),
        ("𠮷", "JIS第1・第2水準にない漢字"),
        ("²", "機種依存文字"),
        ("é", "この欄で使えない文字"),
        ("\u2003", "特殊な空白"),
        ("\u0301", "前の文字に重なる記号"),
        ("\ue000", "外字"),
        ("\ufffd", "文字化けした文字"),
        (chr(0xD83D), "文字化けした文字"),
    ],
)
def test_the_reason_is_said_in_japanese(char: str, description: str) -> None:
    assert refused(char, "full_width")[0].description == description


@given(any_text, st.sampled_from(CLASSES))
def test_positions_point_at_the_character_and_suggestions_are_accepted(s: str, char_class: CharClass) -> None:
    for found in refused(s, char_class):
        assert s[found.position - 1 : found.position - 1 + len(found.char)] == found.char
        if found.suggestion is not None:
            assert found.suggestion
            assert refused(found.suggestion, char_class) == ()


TAKEN: dict[CharClass, Callable[[str], bool]] = {
    "half_alnum": lambda c: c.isascii() and c.isalnum(),
    "half_digits": lambda c: c in "0123456789",
    "half_digits_symbols": lambda c: c in "0123456789-+()",
    "half_alnum_symbols": lambda c: "!" <= c <= "~",
}


def test_every_class_but_full_width_is_tried() -> None:
    assert {*TAKEN, "full_width"} == set(CLASSES)


@given(any_text, st.sampled_from(list(TAKEN)))
def test_ascii_classes_take_their_characters_and_no_other(s: str, char_class: CharClass) -> None:
    taken = TAKEN[char_class]
    assert "".join(r.char for r in refused(s, char_class) if len(r.char) == 1) == "".join(
        c
        for i, c in enumerate(s)
        if not taken(c) and not any(r.position - 1 <= i < r.position - 1 + len(r.char) for r in refused(s, char_class) if len(r.char) == 2)
    )


# -- what a paste loses ----------------------------------------------------------------------------------------------


def test_what_can_be_seen_is_not_removed(jis: set[str]) -> None:
    everything = "".join(sorted(jis)) + "".join(map(chr, range(0x20, 0x7F))) + "㈱髙①ｶﾞ𠮷"
    assert tidy(everything) == Tidied(everything)


@pytest.mark.parametrize("value", ["　個人", "個人　", " 個人", "個人 ", "　", " "])
def test_a_space_that_is_kept_inside_is_none_at_the_ends(value: str) -> None:
    assert normalise("個　人 か", "full_width") == "個　人 か"
    assert normalise(value, "full_width") == value.strip(" 　")


# -- spaces and lengths ----------------------------------------------------------------------------------------------


def test_an_inner_full_width_space_stays_and_outer_ones_go() -> None:
    assert normalise("　 個人　十郎 　", "full_width") == "個人　十郎"


@given(any_text)
def test_length_counts_code_points_of_the_stored_value(s: str) -> None:
    assert length(s) == len(normalise(s, "full_width"))
    assert length(f"　{s.strip(' 　')}　\u200b") == length(s.strip(" 　"))


def test_a_character_beyond_the_basic_plane_counts_once() -> None:
    assert length("𠮷野") == 2


# -- the conversion offered (R-29) -----------------------------------------------------------------------------------

half_text = st.text(alphabet=st.sampled_from([chr(c) for c in (*range(0x20, 0x7F), *range(0xFF61, 0xFFA0))]), max_size=20)
full_ascii = st.text(alphabet=st.sampled_from([chr(c) for c in range(0xFF01, 0xFF5F)] + list("ー‐−－―─〜")), max_size=20)


@given(half_text)
def test_r_29_half_width_converts_to_what_a_full_width_field_takes(s: str) -> None:
    converted = convert(s, "full_width")
    assert refused(converted, "full_width") == ()
    assert normalise(convert(converted, "full_width"), "full_width") == normalise(converted, "full_width")


@given(full_ascii)
def test_r_29_full_width_converts_to_what_an_ascii_field_takes(s: str) -> None:
    assert refused(convert(s, "half_alnum_symbols"), "half_alnum_symbols") == ()


def test_what_was_left_alone_is_looked_at_once_and_not_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def counted(work: Callable[[str, CharClass], str]) -> Callable[[str, CharClass], str]:
        def run(s: str, char_class: CharClass) -> str:
            looked.append(s)
            return work(s, char_class)

        return run

    monkeypatch.setattr(classes, "_converted", counted(classes._converted))
    monkeypatch.setattr(classes, "fold", counted(classes.fold))
    for name in ("_kept", "_unconverted"):
        monkeypatch.setattr(classes, name, {char_class: set() for char_class in CLASSES})
    for change in (convert, normalise):
        assert [change("伊勢市", "full_width") for _ in range(3)] == ["伊勢市"] * 3
        assert looked == ["伊勢市"]
        assert change("市勢", "full_width") == "市勢"
        assert looked == ["伊勢市"], "in another order too"
        looked.clear()
    monkeypatch.setattr(classes, "_LEARNT", 3)
    assert [convert("港町", "full_width") for _ in range(2)] == ["港町"] * 2
    assert looked == ["港町"] * 2, "a set is as large as it may be"


@pytest.mark.parametrize("code", range(0xFF5F, 0xFFA2))
def test_half_width_kana_are_called_so_and_nothing_beside_them_is(code: int) -> None:
    (refusal,) = refused(chr(code), "half_alnum")
    assert (t("field.char.half_kana") in refusal.description) == (0xFF61 <= code <= 0xFF9F)


@pytest.mark.parametrize("char", ["\x1f", "\x7f", "\x80", "\uff00", "\uff5f", "\uff60"])
def test_r_29_what_stands_beside_the_printable_characters_is_left_alone(char: str) -> None:
    assert {convert(char, char_class) for char_class in CLASSES} == {char}


@given(any_text, st.sampled_from(CLASSES))
def test_r_29_converting_twice_is_converting_once(s: str, char_class: CharClass) -> None:
    once = convert(s, char_class)
    assert convert(once, char_class) == once


@pytest.mark.parametrize(
    ("typed", "char_class", "offered"),
    [
        ("ﾃｽﾄ ｶﾞｲｼｬ01", "full_width", "テスト　ガイシャ０１"),
        ("ABC-1", "full_width", "ＡＢＣ−１"),
        ("テスト", "full_width", "テスト"),
        ("０５９６ー２２‐１−１－１―１─１", "half_digits_symbols", "0596-22-1-1-1-1-1"),
        ("（０３）１２", "half_digits_symbols", "(03)12"),
        ("ｔｅｓｔ＠ｘ．ｊｐ", "half_alnum_symbols", "test@x.jp"),
        ("１２３ー", "half_digits", "123ー"),
        ("516-0018", "half_digits_symbols", "516-0018"),
    ],
)
def test_r_29_offers(typed: str, char_class: CharClass, offered: str) -> None:
    assert convert(typed, char_class) == offered
