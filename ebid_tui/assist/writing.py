"""Ways of writing one Japanese address, made one: for comparing only, never for storing or showing.

霞ヶ関, 霞が関 and 霞ケ関 are one town, 北1条 and 北一条, 大字岩渕 and 岩渕, 井の頭 and 井ノ頭; Kyoto's 上ル and 上る, 西入ル and 西入.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_OLD_AND_NEW = """
髙高 﨑崎 德徳 龍竜 條条 澤沢 濱浜 檜桧 籠篭 舘館 嶋島 嶌島 瀧滝 廣広 邊辺 渕淵 齋斎 齊斉 國国 彌弥 櫻桜 藪薮 鐵鉄 壽寿 榮栄 萬万 驛駅
會会 學学 瀨瀬 增増 靜静 圓円 眞真 惠恵
"""
_ONE = str.maketrans(
    {
        **dict.fromkeys("ヶヵがガカ", "ケ"),
        **dict.fromkeys("のノ之乃", "ノ"),
        **dict.fromkeys("つッツ", "ツ"),
        **dict.fromkeys("‐‑‒–—―−－─━", "-"),
        **{pair[0]: pair[1] for pair in _OLD_AND_NEW.split()},
    }
)
_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_KANA = re.compile("[ァ-ヴー]+")
_LEFT_OUT = re.compile(r"大字|小字|字|\s")
_NUMBER = re.compile("[一二三四五六七八九〇十]+")
_DIGITS = {char: number for number, char in enumerate("〇一二三四五六七八九")}
_WRITTEN_OTHERWISE = "".join((*map(chr, _ONE), *_DIGITS, "十", *map(chr, range(0xFF01, 0xFF5F))))
_DIRECTION = re.compile(r"[上下]ケ?[るルり]|[東西]入[るルり]?")
_MARKED = re.compile(r"[上下]る|[東西]入")


def plain(text: str) -> str:
    """The one form: no spaces, no 大字 or 字, digits for a town's numbers however they are written."""
    text = unicodedata.normalize("NFKC", text).translate(_ONE)
    return _NUMBER.sub(_digits, _LEFT_OUT.sub("", text))


def katakana(text: str) -> str:
    """A reading as the lists have it, of hiragana or half-width katakana too; empty for what is no kana alone."""
    found = _in_katakana(text)
    return found if _KANA.fullmatch(found) else ""


def _in_katakana(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_KATAKANA)


def narrowing(query: str) -> Callable[[str, str], bool]:
    """Whether each word of a query stands in a text, however it is written (１２ in 12階, 霞ヶ関 in 霞が関), or in its reading."""
    words = [(plain(word), katakana(word)) for word in query.split()]
    return lambda text, reading: all(word in plain(text) or (kana and kana in _in_katakana(reading)) for word, kana in words)


def beginnings(text: str) -> str:
    """The characters with which a list may begin to write what has this beginning when it is plain."""
    return "".join((text[:1], *(char for char in _WRITTEN_OTHERWISE if plain(char) == text[:1] or (char == "十" and text[:1] == "1"))))


def _digits(found: re.Match[str]) -> str:
    """`二十三` → `23`, `一二` → `12`; what is no number (`十十`) stays as it is."""
    written = found[0]
    if "十" not in written:
        return "".join(str(_DIGITS[char]) for char in written)
    tens, _, ones = written.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return written
    return str(_DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0))


def street_and_town(rest: str) -> tuple[str, str] | None:
    """`烏丸通今出川上ル今出川町1` → (`烏丸通今出川上る`, `今出川町1`), of plain text: Kyoto's streets stand before the town.

    None where no street leads up, down, east or west.
    """
    rest = _DIRECTION.sub(lambda found: found[0][0] + ("る" if found[0][0] in "上下" else "入"), rest)
    marks = list(_MARKED.finditer(rest))
    return (rest[: marks[-1].end()], rest[marks[-1].end() :]) if marks else None


def streets(note: str) -> frozenset[str]:
    """The streets that a list's note names, plain; none where it names something else."""
    parts = (street_and_town(plain(part)) for part in note.split("、"))
    return frozenset(part[0] + part[1] for part in parts if part is not None)
