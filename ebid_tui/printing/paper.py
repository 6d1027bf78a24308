"""A receipt as one A4 page (R-20): title, sections, the receipt's number and time, and a QR code of its number and check value."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from ebid_tui.errors import PrintError
from ebid_tui.printing.fonts import Fonts

SIZES = (10.0, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0)
"""Points; the first with which everything is on one page is taken."""
MARGIN = 18 * mm
CODE = 26 * mm
"""The side of the QR code."""
LABELS = 0.30
"""The labels' part of the page's width."""
LEADING = 1.45


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A label and its value; `sign` and `note` as on the screen."""

    label: str
    value: str
    sign: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PaperSection:
    """A titled group of rows."""

    title: str
    rows: tuple[PaperRow, ...]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """What is printed. `code` is the QR code's text."""

    title: str
    subtitle: str
    sections: tuple[PaperSection, ...]
    receipt: tuple[tuple[str, str], ...]
    code: str
    note: str = ""
    where: str = ""
    """Where one stands, as the screens say it."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A line of the page at a height counted from the top, in points."""

    x: float
    top: float
    text: str
    size: float
    bold: bool = False


def pdf(paper: Paper, fonts: Fonts | None = None) -> bytes:
    """The page as a PDF with its fonts in it and its text searchable.

    The same paper gives the same bytes. Raises PrintError: E-FONT, E-PRINT-CHARACTER, E-PRINT-LONG (more than a page).
    """
    fonts = fonts or Fonts()
    for size in SIZES:
        pieces, rules, height = _laid_out(paper, fonts, size)
        if height <= A4[1] - 2 * MARGIN:
            return _drawn(paper, fonts, pieces, rules)
    raise PrintError(code="E-PRINT-LONG")


def _laid_out(paper: Paper, fonts: Fonts, size: float) -> tuple[list[_Piece], list[float], float]:
    """The pieces of text, the heights of the lines between sections, and the height of it all."""
    width, step = A4[0] - 2 * MARGIN, size * LEADING
    pieces: list[_Piece] = []
    lines: list[float] = []
    top = size * 1.6
    for text in fonts.wrapped(paper.title, size * 1.6, width - CODE - 4 * mm):
        pieces.append(_Piece(0.0, top, text, size * 1.6, bold=True))
        top += size * 1.6 * LEADING
    for under in filter(None, (paper.subtitle, paper.where)):
        for text in fonts.wrapped(under, size, width - CODE - 4 * mm):
            pieces.append(_Piece(0.0, top, text, size))
            top += step
    label = width * LABELS
    for name, value in paper.receipt:
        pieces.append(_Piece(0.0, top, name, size))
        for text in fonts.wrapped(value, size, width - label - CODE - 4 * mm):
            pieces.append(_Piece(label, top, text, size, bold=True))
            top += step
    top = max(top, CODE + step)
    for section in paper.sections:
        lines.append(top - step * 0.6)
        top += step * 0.4
        pieces.append(_Piece(0.0, top, section.title, size * 1.1, bold=True))
        top += step
        for text in fonts.wrapped(section.remark, size * 0.9, width) if section.remark else ():
            pieces.append(_Piece(0.0, top, text, size * 0.9))
            top += step
        for row in section.rows:
            top = _row(pieces, row, fonts, size, label, width, top)
        top += step * 0.3
    if paper.note:
        lines.append(top - step * 0.6)
        top += step * 0.4
        for text in fonts.wrapped(paper.note, size, width):
            pieces.append(_Piece(0.0, top, text, size))
            top += step
    return pieces, lines, top


def _row(pieces: list[_Piece], row: PaperRow, fonts: Fonts, size: float, label: float, width: float, top: float) -> float:
    names = fonts.wrapped(f"{row.sign} {row.label}" if row.sign else row.label, size, label - 2 * mm)
    values = fonts.wrapped(row.value, size, width - label)
    values += fonts.wrapped(row.note, size * 0.9, width - label) if row.note else []
    for index in range(max(len(names), len(values))):
        if index < len(names):
            pieces.append(_Piece(0.0, top, names[index], size))
        if index < len(values):
            pieces.append(_Piece(label, top, values[index], size))
        top += size * LEADING
    return top


def _drawn(paper: Paper, fonts: Fonts, pieces: Sequence[_Piece], lines: Sequence[float]) -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, invariant=1, lang="ja", pageCompression=1)
    canvas.setTitle(paper.title)
    canvas.setSubject(paper.subtitle)
    high = A4[1] - MARGIN
    for piece in pieces:
        text = canvas.beginText(MARGIN + piece.x, high - piece.top)
        for font, run in fonts.runs(piece.text, bold=piece.bold):
            text.setFont(font, piece.size)
            text.textOut(run)
        canvas.drawText(text)
    canvas.setLineWidth(0.4)
    for top in lines:
        canvas.line(MARGIN, high - top, A4[0] - MARGIN, high - top)
    code = QrCodeWidget(paper.code, barLevel="M", barWidth=CODE, barHeight=CODE)
    drawing = Drawing(CODE, CODE)
    drawing.add(code)
    renderPDF.draw(drawing, canvas, A4[0] - MARGIN - CODE, high - CODE)
    canvas.showPage()
    canvas.save()
    return target.getvalue()
