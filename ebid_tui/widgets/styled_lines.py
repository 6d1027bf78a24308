"""Lines of styled text, measured in terminal cells. Nothing here knows Textual.

A line is a tuple of pieces, a piece is a text and the name of a role (`themes/office-light.toml`). Screens are functions from
what they know to lines; `widgets/sheet.py` shows lines and sends the terminal what changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from rich.cells import cell_len

from ebid_tui.language import BESIDE, shorter

Piece = tuple[str, str]
"""Text and role."""

Line = tuple[Piece, ...]

NOT_FIRST = frozenset("、。，．,.・：；:;？！?!）］｝」』】〉》〕)]}ー々ゝゞぁぃぅぇぉっゃゅょァィゥェォッャュョ%％")
"""Characters that do not begin a line (行頭禁則)."""

WIDOW = 12
"""Cells that a last line should at least have, where the text allows it."""

MORE = "..."
"""Behind what is left of a text that was shortened."""

MEANING = 4
"""Cells more for labels that have their meaning beside them."""

NOT_LAST = frozenset("（［｛「『【〈《〔([{")
"""Characters that do not end a line (行末禁則)."""


def line(*pieces: Piece) -> Line:
    """A line without its empty pieces."""
    return tuple(piece for piece in pieces if piece[0])


def width_of(pieces: Iterable[Piece]) -> int:
    """Cells of a line."""
    return sum(cell_len(text) for text, _ in pieces)


def cut(text: str, cells: int) -> str:
    """The beginning of a text that fits into `cells`; a wide character that would be halved is left out."""
    if cell_len(text) <= cells:
        return text
    kept, used = [], 0
    for char in text:
        used += cell_len(char)
        if used > cells:
            break
        kept.append(char)
    return "".join(kept)


def cut_left(text: str, cells: int) -> str:
    """The end of a text that fits into `cells`."""
    used = 0
    for index in range(len(text) - 1, -1, -1):
        used += cell_len(text[index])
        if used > cells:
            return text[index + 1 :]
    return text


def shortened(text: str, cells: int) -> str:
    """A text of one line; of one that does not fit the beginning, its words whole, and a sign that there is more."""
    return text if cell_len(text) <= cells else cut(wrap(text, cells - len(MORE))[0] + MORE, cells)


def names_within(names: Iterable[str], cells: int) -> str:
    """As many names as fit whole, and a sign that there are more; at least the beginning of the first."""
    every = list(names)
    kept = "、".join(every)
    if cell_len(kept) > cells:
        kept, *others = every
        for name in others:
            if cell_len(f"{kept}、{name}{MORE}") > cells:
                break
            kept += "、" + name
        kept += MORE
    return shortened(kept, cells)


def fit(text: str, cells: int) -> str:
    """A text cut or padded to exactly `cells`."""
    kept = cut(text, cells)
    return kept + " " * (cells - cell_len(kept))


def fit_label(label: str, cells: int) -> str:
    """A label padded to exactly `cells`; where its meaning behind the Japanese does not fit, a shorter one stands there, or none.

    A label that is too long even so ends with the sign that there is more of it.
    """
    return fit(shortened(_briefer(label, cells), cells), cells)


def label_rows(label: str, cells: int) -> list[str]:
    """The same, in as many rows as the label needs if it is too long even so."""
    return [fit(row, cells) for row in wrap(_briefer(label, cells), cells)]


def _briefer(label: str, cells: int) -> str:
    known, beside, _ = label.partition(BESIDE)
    if beside and cell_len(label) > cells:
        briefly = shorter(known)
        label = known + beside + briefly if briefly and cell_len(known + beside + briefly) <= cells else known
    return label


def label_room(labels: Iterable[str], at_most: int) -> int:
    """Cells of the widest label, or `at_most`, and some more where they have their meaning beside them."""
    every = list(labels)
    return widest(every, at_most + (MEANING if any(BESIDE in label for label in every) else 0))


def fit_line(pieces: Iterable[Piece], cells: int, role: str = "text") -> Line:
    """A line cut or padded to exactly `cells`; `role` is that of the padding."""
    fitted: list[Piece] = []
    left = cells
    for text, piece_role in pieces:
        kept = cut(text, left)
        if kept:
            fitted.append((kept, piece_role))
            left -= cell_len(kept)
        if kept != text:
            break
    if left:
        fitted.append((" " * left, role))
    return tuple(fitted)


def ends(left: Sequence[Piece], right: Sequence[Piece], cells: int, role: str = "text") -> Line:
    """One line with something at both ends; the left end gives way where there is no room."""
    right_width = min(width_of(right), cells)
    return fit_line((*fit_line(left, cells - right_width, role), *right), cells, role)


def with_cursor(row: str, column: int) -> Line:
    """An input's row, of at least `column` + 1 cells, with the cursor's cell in its own role."""
    before = cut(row, column)
    rest = row[len(before) :]
    return line((before, "input"), (rest[:1], "cursor"), (rest[1:], "input"))


def wrap(text: str, cells: int) -> list[str]:
    """A text broken into lines of at most `cells`, by the rules of Japanese line breaking; words of letters stay whole.

    A newline in the text breaks too. At least one line comes back.
    """
    cells = max(cells, 2)
    return [row for paragraph in text.split("\n") for row in _wrapped(paragraph, cells)]


def _wrapped(text: str, cells: int) -> list[str]:
    rows: list[str] = []
    rest = text
    while cell_len(rest) > cells:
        at = _break(rest, len(cut(rest, cells)) or 1)
        if cell_len(rest[at:]) < WIDOW:
            at = _phrase(rest, at)
        rows.append(rest[:at].rstrip(" "))
        rest = rest[at:].lstrip(" ")
    rows.append(rest)
    return rows


def _break(text: str, fits: int) -> int:
    """Where to break a text of which `fits` characters fit: the nearest allowed place before, else right there."""
    for at in range(fits, max(0, fits - 24), -1):
        before, after = text[at - 1], text[at]
        if after in NOT_FIRST or before in NOT_LAST or (_word(before) and _word(after)):
            continue
        return at
    return fits


def _phrase(text: str, at: int) -> int:
    """An earlier place behind a comma or full stop, so that the last line does not hold a mere word end."""
    earlier = max(text.rfind(mark, 0, at - 1) for mark in "、。") + 1
    return earlier if earlier > at // 3 else at


def _word(char: str) -> bool:
    return char.isascii() and not char.isspace()


def paragraph(text: str, cells: int, role: str = "text", *, indent: str = "", first: str | None = None) -> list[Line]:
    """A text as wrapped lines; `first` stands before the first line, `indent` before the others."""
    lead = indent if first is None else first
    rows = wrap(text, cells - max(cell_len(lead), cell_len(indent)))
    return [line((lead if index == 0 else indent, role), (row, role)) for index, row in enumerate(rows)]


def pair(
    label: str, value: str, label_cells: int, cells: int, *, roles: tuple[str, str] = ("label", "text"), indent: int = 4
) -> list[Line]:
    """A label and its value, each wrapped in its own column."""
    rows = zip_longest(label_rows(label, label_cells), wrap(value, max(cells - indent - label_cells - 1, 8)), fillvalue="")
    return [line((" " * indent, "text"), (fit(named, label_cells) + " ", roles[0]), (row, roles[1])) for named, row in rows]


def widest(texts: Iterable[str], at_most: int) -> int:
    """Cells of the widest text, or `at_most`."""
    return min(max((cell_len(text) for text in texts), default=0), at_most)
