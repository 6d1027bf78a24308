"""What stands around every page: the header with the server's clock, the title row, the key bar. Lines only."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence

import msgspec
from rich.cells import cell_len
from rich.style import Style

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.whereabouts import NOWHERE, Whereabouts
from ebid_tui.language import BESIDE, gloss
from ebid_tui.widgets.clock import ServerClock
from ebid_tui.widgets.styled_lines import Line, Piece, cut_left, ends, fit_line, line, shortened, width_of

CUT = "... "
"""Before what is left of a line that was shortened from the left."""

CUT_WORD = re.compile(r"[!-~]{2,}(?=\s)")
"""What is left of a word of letters, and the letter before it."""


LABELLED = re.compile(r"\S+" + re.escape(BESIDE))
"""A document's label inside a sentence, before its meaning."""


class Standing:
    """Where one stands, for the pages that are made next; each keeps what it was made with."""

    def __init__(self) -> None:
        self.where: Whereabouts = NOWHERE


class PageFrame(msgspec.Struct, frozen=True):
    """What every page shows around itself and needs to draw itself."""

    profile: Profile
    clock: ServerClock
    page: Mapping[str, Style]
    panel: Mapping[str, Style]
    tray: bool = False
    """Whether there is a virtual reader to open (the demo)."""
    mark: str = ""
    """What every page says beside the system's name: that it is a training, or who is at work."""
    quit: bool = True
    """Whether people may leave the program; at a kiosk they are told of no key for it."""
    standing: Standing = msgspec.field(default_factory=Standing)


class KeyLabel(msgspec.Struct, frozen=True):
    """One entry of the key bar."""

    key: str
    label: str


class PageBody(msgspec.Struct):
    """The scrollable part of a page. `cursor` is where one types (column, row).

    `stops` are the rows (first, last) that come into focus one after the other as one goes through the page, `stop` is where one is.
    `parts` says of every line what it belongs to, where a page notes what was read (widgets.seen_parts).
    """

    lines: list[Line] = []
    stops: list[tuple[int, int]] = []
    stop: int = 0
    cursor: tuple[int, int] | None = None
    parts: list[Hashable] = []


def header(office: PageFrame, width: int) -> Line:
    """Municipality, system and brand at the left, the server's clock at the right."""
    profile = office.profile
    name = "" if profile.title.startswith(profile.name) else gloss(profile.name) + "  "
    left: list[Piece] = [(" " + name + gloss(profile.title), "header")]
    right = [(office.clock.text() + " ", "clock")]
    if profile.brand and not office.mark and sum(cell_len(text) for text, _ in (*left, *right)) + cell_len(profile.brand) + 3 <= width:
        left.append(("  " + profile.brand, "clock"))
    if office.mark:
        right.insert(0, (f" {office.mark} ", "selected"))
        right.insert(1, (" ", "header"))
    return ends(left, right, width, "header")


def title_row(title: str, right: str, width: int) -> Line:
    """The page's title, and where one stands in it. Where there is no room labels give up their Japanese, then the end gives way."""
    room = width - 2 - (cell_len(right) + 2 if right else 0)
    if cell_len(title) > room:
        title = shortened(LABELLED.sub("", title), room)
    return ends([(" " + title, "title")], [(right + " ", "title")] if right else [], width, "title")


def where_row(where: Whereabouts, width: int) -> Line:
    """Where one stands (R-47). Where there is no room labels give up their Japanese, then the left end gives way."""
    return fit_line(((" " + where_text(where, width - 2), "dim"),), width, "dim")


def where_text(where: Whereabouts, cells: int) -> str:
    """The same as text of at most `cells`."""
    text = where.text(gloss)
    if cell_len(text) > cells:
        text = where.text(_meaning)
    if cell_len(text) <= cells:
        return text
    kept = cut_left(text, cells - len(CUT))
    broken = CUT_WORD.match(text[len(text) - len(kept) - 1 :])
    return CUT + (kept[broken.end() - 1 :] if broken else kept).lstrip()


def _meaning(label: str) -> str:
    """A document's label in the language spoken now alone."""
    known, _, meaning = gloss(label).partition(BESIDE)
    return meaning or known


QUIET = {"cursor": "input", "selected": "text"}
"""What becomes of roles that say where one is."""


def quiet(row: Line) -> Line:
    """A row of a page below a panel: nothing on it says where one is, for keys go elsewhere."""
    return tuple((" " * cell_len(text) if role == "marker" else text, QUIET.get(role, role)) for text, role in row)


def key_bar(left: Sequence[KeyLabel], right: Sequence[KeyLabel], width: int) -> Line:
    """The keys that do something now. `right` is what is there everywhere: where there is no room, its end gives way.

    What does not fit even then is left out from the left group's end; help names them all.
    """
    needed = width_of(_entries(left)) + 1
    tails = [_entries(right[:count]) for count in range(len(right), 0, -1)]
    tail = next((t for t in tails if needed + width_of(t) <= width), tails[-1] if tails else [])
    room = width - width_of(tail)
    kept: list[Piece] = [(" ", "keybar")]
    for entry in left:
        pieces = _entries([entry])
        if width_of(kept) + width_of(pieces) > room:
            break
        kept += pieces
    return ends(kept, tail, width, "keybar")


def _entries(entries: Sequence[KeyLabel]) -> list[Piece]:
    return [piece for e in entries for piece in ((e.key, "key"), (" " + e.label + "  ", "keybar"))]


def buttons(labels: Sequence[tuple[str, str]], chosen: int | None, indent: int = 4) -> Line:
    """A row of buttons as (label, key); the chosen one is marked with `>` besides its colour."""
    pieces: list[Piece] = [(" " * indent, "text")]
    for index, (label, key) in enumerate(labels):
        here = index == chosen
        pieces.append((">" if here else " ", "marker"))
        pieces.append((f"[ {label} ]", "selected" if here else "button"))
        pieces.append(((f" {key}" if key else "") + "   ", "dim"))
    return tuple(pieces)


def button_rows(labels: Sequence[str], chosen: int, width: int) -> list[Line]:
    """Buttons in as many rows as they need."""
    rows: list[list[int]] = [[]]
    for index in range(len(labels)):
        if rows[-1] and width_of(buttons([(labels[n], "") for n in (*rows[-1], index)], None)) > width:
            rows.append([])
        rows[-1].append(index)
    return [buttons([(labels[n], "") for n in row], row.index(chosen) if chosen in row else None) for row in rows]


BESIDE_PANEL = "beside"
"""The role of the cells at both sides of a panel: they look like the page, with nothing on it."""

MARGIN = 2, 1
"""Cells and rows of a panel around its lines."""


def boxed(lines: Sequence[Line], width: int) -> tuple[list[Line], tuple[int, int]]:
    """A panel of the size of its lines and a margin, in the middle of rows of `width` cells on which nothing else stands.

    Also the columns, first and behind the last, of the panel.
    """
    cells = min(max(map(width_of, lines), default=0) + 2 * MARGIN[0], width)
    left = (width - cells) // 2
    sides = (" " * left, BESIDE_PANEL), (" " * (width - left - cells), BESIDE_PANEL)
    margin: list[Line] = [()] * MARGIN[1]
    rows = [fit_line(((" " * MARGIN[0], "text"), *row), cells) for row in (*margin, *lines, *margin)]
    return [line(sides[0], *row, sides[1]) for row in rows], (left, left + cells)
