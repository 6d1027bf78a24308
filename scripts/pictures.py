"""Paints the README's pictures anew from the real screens: `.venv/bin/python scripts/pictures.py`.

Needs Debian's librsvg2-bin, imagemagick and fonts-noto-cjk, which nothing else does; and faketime, for the day on which the demo shows the
documents' dates.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

if "FAKETIME" not in os.environ:
    from ebid_tui.demo import days

    when = f"{days.DOCUMENTED} 18:20:00"
    os.execvpe("faketime", ["faketime", when, sys.executable, *sys.argv], os.environ | {"TZ": "Asia/Tokyo"})

from tests.e2e.test_pilot_server import Counter, counter  # noqa: E402 - the way through the demo is the tests'

PICTURES = ROOT / "docs" / "screens"
FONT = "Noto Sans Mono CJK JP"


CELL = 12.2
"""A cell's width in Textual's pictures."""


def indented(found: re.Match[str]) -> str:
    """A text that begins with spaces begins further right: the painter drops them."""
    x, y, rest, spaces = found.groups()
    return f'x="{float(x) + CELL * spaces.count(";"):.1f}" y="{y}"{rest}'


def paint(at: Counter, name: str) -> None:
    """The screen as PNG."""
    svg = at.app.export_screenshot(title="ebid-tui demo")
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: ?[^;]+;", f"font-family: '{FONT}';", svg)
    svg = svg.replace("font-size: 20px", f"font-size: {2 * CELL}px")
    svg = re.sub(r' (textLength|clip-path)="[^"]*"', "", svg)  # both reckon with characters of one cell
    svg = re.sub(r'x="([\d.]+)" y="([\d.]+)"([^>]*>)((?:&#160;)+)', indented, svg)
    with tempfile.NamedTemporaryFile("w", suffix=".svg", encoding="utf-8") as file:
        file.write(svg)
        file.flush()
        painted = subprocess.run(["rsvg-convert", file.name], capture_output=True, check=True).stdout
    subprocess.run(["convert", "png:-", "-colors", "48", f"png8:{PICTURES / name}.png"], input=painted, check=True)


async def main() -> None:
    with tempfile.TemporaryDirectory() as reports:
        async with counter(Path(reports)) as at:
            await at.to_the_form()
            await at.press("enter", "enter")
            for value in ("工事部", "営業部", "5160018", "三重県伊勢市岩渕一丁目", "担当　花子", "0596-00-0001"):
                await at.type(value)
                await at.press("enter")
            await at.type("0596-00")
            await at.until("0596-00")
            paint(at, "form")
            await at.type("-0002")
            await at.press("enter")
            await at.type("hanako@example.co.jp")
            await at.press("f5")
            await at.submit_form()
            paint(at, "review")


if __name__ == "__main__":
    asyncio.run(main())
