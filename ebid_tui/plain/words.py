"""The words that mean something at every prompt of line mode, however they are written, and what they are at the PIN's prompt."""

from __future__ import annotations

import unicodedata

from ebid_tui.card.pin import wipe
from ebid_tui.flows.ui import Nav

BACK = frozenset({":back", ":戻る"})
CANCEL = frozenset({":cancel", ":キャンセル"})
HELP = frozenset({":help", ":ヘルプ"})
LANGUAGE_WORDS = {":japanese": "ja", ":ja": "ja", ":日本語": "ja", ":english": "en", ":en": "en"}
SHOW = "?"
FILL = frozenset({":fill", ":埋める"})
FIND = frozenset({":find", ":絞る", ":絞り込み"})
MORE = frozenset({":more", ":続き", ":つづき"})
COPY = frozenset({":copy", ":コピー", ":写す"})
"""All as `folded_word` has them. None is a PIN (a token may have one as short) or a password, so that they cost no try (R-33)."""

WORDS = {
    SHOW: SHOW,
    **dict.fromkeys(BACK, ":back"),
    **dict.fromkeys(CANCEL, ":cancel"),
    **dict.fromkeys(HELP, ":help"),
    **dict.fromkeys(FILL, ":fill"),
    **dict.fromkeys(FIND, ":find"),
    **dict.fromkeys(MORE, ":more"),
    **dict.fromkeys(COPY, ":copy"),
    **{word: f":{language}" for word, language in LANGUAGE_WORDS.items()},
}
"""Each with the one in ASCII that says the same."""

_SIGNS = tuple(sign.encode() for sign in ":：?？")
_BLANKS = " \t　".encode()


def folded_word(answer: str) -> str:
    """An answer as the words are compared: without regard to width, case and blanks around it."""
    return unicodedata.normalize("NFKC", answer).strip().casefold()


def nav_of(answer: str) -> Nav | None:
    """Where a word leads; None for every other answer."""
    word = folded_word(answer)
    return Nav.BACK if word in BACK else Nav.CANCEL if word in CANCEL else None


def word_in(answer: str) -> str:
    """The word with which an answer begins, in ASCII, alone or with others behind it; empty where it begins with none."""
    first, *_ = folded_word(answer).split(None, 1) or [""]
    return WORDS.get(first, "")


def word_at_pin(line: bytearray) -> str:
    """The word that a line at a PIN's prompt begins with, in ASCII; empty for a PIN.

    A line becomes a `str` only where no PIN can stand in it: no card takes a character outside ASCII, and what begins otherwise
    than a word is not looked at.
    """
    if not line.lstrip(_BLANKS).startswith(_SIGNS):
        return ""
    if not line.isascii():
        return word_in(line.decode("utf-8", "replace"))
    lowered = line.lower()
    bare = lowered.strip()
    try:
        return next((said for word, said in WORDS.items() if bare == word.encode() or bare.startswith(_followed(word))), "")
    finally:
        wipe(lowered)
        wipe(bare)


def _followed(word: str) -> tuple[bytes, ...]:
    """How a line begins that has this word, and more behind it."""
    return tuple(word.encode() + blank for blank in (b" ", b"\t"))
