"""How much was tried and what was left of it: counted by the tests of `make hostile`, written into docs/security.md.

python -m tests.hostile.figures --write FILE
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path

COUNTED = "HOSTILE_FIGURES"
"""The variable that names the file where tests note what they did, a line each."""
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "security.md"
BEGIN, END = "<!-- hostile: make hostile -->\n", "<!-- end -->\n"
HEAD = "| what a stranger sends | tried | left |\n| --- | --- | --- |\n"
WHAT = {
    "forged": "forged signed requests, to the server: accepted",
    "requests": "hostile strings in requests: taken by the server",
    "answers": "hostile strings in answers of the server, each text in each string, where the client decodes them",
    "plain": "the same, each string in three ways, the whole flow in line mode: bytes on the terminal, in the PDF, in the CSV",
    "screens": "the same, every string at once, in a terminal (a pty): a registration, a refusal, a kiosk, the desk",
    "stored": "hostile strings in the database: on the terminal, in PDF, CSV, JSON, mails, the log",
}


def note(what: str, tried: int, left: int) -> None:
    """A test has tried so many; nothing happens outside `make hostile`."""
    if file := os.environ.get(COUNTED):
        with Path(file).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps([what, tried, left]) + "\n")


def table(lines: list[str]) -> str:
    tried: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for what, one, other in map(json.loads, lines):
        tried[what] += one
        left[what] += other
    return HEAD + "".join(f"| {text} | {tried[what]:,} | {left[what]} |\n" for what, text in WHAT.items() if tried[what])


def main(arguments: list[str]) -> int:
    made = table(Path(arguments[-1]).read_text("utf-8").splitlines())
    print(made, end="")
    if "--write" in arguments:
        before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        DOCUMENT.write_text(f"{before}{BEGIN}{made}{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
