"""R-20: the receipt as a PDF: one page, nothing dropped, searchable, and the same when it is made again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ebid_tui.errors import PrintError
from ebid_tui.printing.fonts import Fonts
from ebid_tui.printing.paper import pdf
from tests.printing.conftest import CODE, need, paper

JIS_X_0208 = "".join(
    bytes((0x80 | row, 0x80 | cell)).decode("euc_jp", errors="ignore") for row in range(0x21, 0x7F) for cell in range(0x21, 0x7F)
)
RARE = "𠮷野家 髙﨑 草彅剛 𡈽屋 叱𠮟 ﾊﾝｶｸ〜～−－‖∥"


def shown(data: bytes, directory: Path) -> str:
    """The text layer, as a reader finds it."""
    (directory / "x.pdf").write_bytes(data)
    made = subprocess.run([need("pdftotext", "poppler-utils"), "-layout", directory / "x.pdf", "-"], capture_output=True, check=True)
    return made.stdout.decode()


def test_every_character_can_be_searched_for_also_beyond_the_basic_plane(tmp_path: Path, fonts: Fonts) -> None:
    text = shown(pdf(paper(RARE), fonts), tmp_path)
    assert "".join(RARE.split()) in "".join(text.split())


def test_every_character_that_a_field_takes_is_in_the_fonts(fonts: Fonts) -> None:
    assert "".join(piece for _, piece in fonts.runs(JIS_X_0208)) == JIS_X_0208
    assert {font for font, _ in fonts.runs(JIS_X_0208)} == {"BIZUDGothic-Regular.ttf"}


def test_a_character_that_no_font_has_is_refused_by_name_and_never_dropped(fonts: Fonts) -> None:
    with pytest.raises(PrintError) as refused:
        pdf(paper("会社\ue000"), fonts)
    assert refused.value.code == "E-PRINT-CHARACTER"
    assert "U+E000" in refused.value.title


def test_without_the_font_it_says_which_package_brings_it(tmp_path: Path) -> None:
    with pytest.raises(PrintError) as refused:
        Fonts((tmp_path,))
    assert refused.value.code == "E-FONT"
    assert "fonts-morisawa-bizud-gothic" in refused.value.remedy


@pytest.mark.parametrize(("length", "rows"), [(1, 1), (60, 20), (120, 20), (240, 10)])
def test_it_is_one_page_of_a4_however_much_there_is(length: int, rows: int, tmp_path: Path, fonts: Fonts) -> None:
    (tmp_path / "x.pdf").write_bytes(pdf(paper("あ" * length, rows=rows), fonts))
    told = subprocess.run(["pdfinfo", tmp_path / "x.pdf"], capture_output=True, check=True).stdout.decode()
    assert "Pages:           1\n" in told
    assert "595.276 x 841.89 pts (A4)" in told
    assert shown((tmp_path / "x.pdf").read_bytes(), tmp_path).count("あ") == length * rows


def test_more_than_a_page_is_said_and_not_cut(fonts: Fonts) -> None:
    with pytest.raises(PrintError) as refused:
        pdf(paper("あ" * 400, rows=60), fonts)
    assert refused.value.code == "E-PRINT-LONG"


def test_all_fonts_that_draw_are_inside(tmp_path: Path, fonts: Fonts) -> None:
    (tmp_path / "x.pdf").write_bytes(pdf(paper(RARE), fonts))
    rows = subprocess.run(["pdffonts", tmp_path / "x.pdf"], capture_output=True, check=True).stdout.decode().splitlines()[2:]
    embedded = {row.split()[0].partition("+")[2]: row.split()[-5] for row in rows if "+" in row}
    assert {"BIZUDGothic-Regular", "BIZUDGothic-Bold", "HanaMinA"} <= set(embedded)
    assert set(embedded.values()) == {"yes"}


def test_the_same_receipt_gives_the_same_bytes(fonts: Fonts) -> None:
    assert pdf(paper(RARE), fonts) == pdf(paper(RARE), fonts)


def test_on_paper_the_code_reads_as_number_and_check_value(tmp_path: Path, fonts: Fonts) -> None:
    (tmp_path / "x.pdf").write_bytes(pdf(paper("本社", rows=25), fonts))
    subprocess.run([need("pdftoppm", "poppler-utils"), "-r", "150", "-png", "-singlefile", tmp_path / "x.pdf", tmp_path / "x"], check=True)
    read = subprocess.run([need("zbarimg", "zbar-tools"), "-q", "--raw", tmp_path / "x.png"], capture_output=True, check=True)
    assert read.stdout.decode().strip() == CODE


def test_ink_stays_inside_the_margins_and_there_is_some(tmp_path: Path, fonts: Fonts) -> None:
    """Looked at as an image: a character that is drawn as nothing would leave its line empty."""
    (tmp_path / "x.pdf").write_bytes(pdf(paper("𠮷" * 30, "あ" * 200), fonts))
    subprocess.run([need("pdftoppm", "poppler-utils"), "-r", "50", "-gray", "-singlefile", tmp_path / "x.pdf", tmp_path / "x"], check=True)
    kind, size, _, pixels = (tmp_path / "x.pgm").read_bytes().split(b"\n", 3)
    width, height = map(int, size.split())
    assert kind == b"P5"
    rows = [pixels[n * width : (n + 1) * width] for n in range(height)]
    dark = [[x for x, level in enumerate(row) if level < 128] for row in rows]
    margin = int(18 / 25.4 * 50) - 1
    assert all(margin <= min(row) and max(row) < width - margin for row in dark if row)
    assert margin <= min(n for n, row in enumerate(dark) if row)
    value = int((18 + 174 * 0.30) / 25.4 * 50)
    rare = next(n for n, row in enumerate(dark) if n > height // 8 and len([x for x in row if x >= value]) > 60)
    assert sum(len(row) for row in dark[rare : rare + 6]) > 150
