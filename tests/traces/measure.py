"""Counts the copies for every way and prints the table of docs/security.md: `python -m tests.traces.measure [--write]` (root, Linux)."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.conftest import PLACES
from tests.e2e.program import ROOT
from tests.traces import memory
from tests.traces.memory import Found
from tests.traces.place import PivPlace, Place, random_pin
from tests.traces.ways import PIV_WAYS, WAYS, Traces, password_changed_from_the_search, whole_registration
from tests.wallets import of_today

DOCUMENT = ROOT / "docs" / "security.md"
BEGIN, END = "<!-- measured: python -m tests.traces.measure --write -->\n", "<!-- end -->\n"
HEAD = "| how the secret comes in | while typed | after its use | in its children |\n| --- | --- | --- | --- |\n"


def rows(directory: Path) -> Iterator[str]:
    """One line of the table after the other."""
    (first := directory / "p").mkdir()
    with closing(Place(first, of_today(directory / "keys"), random_pin())) as place:
        for name, way in WAYS.items():
            yield row(f"PIN of 12 characters (PKCS#11): {name}", way(place))
        traces, password = whole_registration(place)
        place.restore()
        yield row("PIN of 12 characters (PKCS#11): screens, a whole registration", traces)
        for when, count in password.items():
            yield f"| password of 資格審査情報検索: screens, when {when} | | {count} | |\n"
        for which, count in password_changed_from_the_search(place, f"{random_pin(10)}-1a").items():
            yield f"| {which} password, changed from 資格審査情報検索 (R-03): screens, when the search goes on | | {count} | |\n"
    (second := directory / "v").mkdir()
    with closing(PivPlace(second, of_today(directory / "keys"))) as piv:
        for name, way in PIV_WAYS.items():
            yield row(f"PIN of 8 digits (PIV): {name}", way(piv))


def row(name: str, traces: Traces) -> str:
    def said(found: list[Found] | None) -> str:
        return "" if found is None else str(len(found))

    return f"| {name} | {said(traces.typed)} | {said(traces.after)} | {said(traces.children)} |\n"


def main(arguments: list[str]) -> int:
    if memory.missing():
        print(memory.missing(), file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="ebid-") as directory:
        for variable, name in PLACES.items():
            os.environ[variable] = str(Path(directory) / name)
            (Path(directory) / name).mkdir(mode=0o700)
        lines = []
        for line in rows(Path(directory)):
            print(line, end="", flush=True)
            lines.append(line)
    if "--write" in arguments:
        before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        DOCUMENT.write_text(f"{before}{BEGIN}{HEAD}{''.join(lines)}{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
