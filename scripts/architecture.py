"""`make docs`: who imports whom, room by room, as docs/architecture.dot; and drawn as docs/architecture.svg where Graphviz is installed.

An edge that follows from others (a imports b, b imports c, a imports c) is left out, so that the rooms stand in layers.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from grimp import build_graph

PACKAGE = "ebid_tui"
DOCS = Path(__file__).resolve().parent.parent / "docs"
SOURCE, PICTURE = DOCS / "architecture.dot", DOCS / "architecture.svg"

Imports = Mapping[str, frozenset[str]]


def rooms() -> Imports:
    """Every room of the package, and every file beside them, with those that it imports: at its top or on the way, not for types only."""
    graph = build_graph(PACKAGE, exclude_type_checking_imports=True, cache_dir=None)
    found: dict[str, set[str]] = {_room(module): set() for module in graph.modules if module != PACKAGE}
    for module in graph.modules - {PACKAGE}:
        found[_room(module)] |= {_room(other) for other in graph.find_modules_directly_imported_by(module) if other != PACKAGE}
    return {room: frozenset(others - {room}) for room, others in found.items()}


def _room(module: str) -> str:
    return module.split(".")[1]


def reduced(imports: Imports) -> Imports:
    """The same reach with the fewest edges, those of sorted names kept last."""
    left = {room: set(others) for room, others in imports.items()}
    for room in sorted(left):
        for other in sorted(left[room]):
            left[room].discard(other)
            if other not in _reached(left, room):
                left[room].add(other)
    return {room: frozenset(others) for room, others in left.items()}


def _reached(imports: Mapping[str, set[str]], start: str) -> set[str]:
    reached: set[str] = set()
    new = {start}
    while new:
        new = set(chain.from_iterable(imports[room] for room in new)) - reached
        reached |= new
    return reached


def dot(imports: Imports) -> str:
    """The rooms as Graphviz reads them."""
    lines = ["// Written by `make docs` from the imports: do not edit.", "digraph rooms {", "  rankdir=TB; nodesep=0.3; ranksep=0.45;"]
    lines.append('  node [shape=box, style="rounded,filled", fillcolor="#f2f6fa", color="#5b7083", fontname="sans-serif", fontsize=12];')
    lines.append('  edge [color="#5b7083", arrowsize=0.7];')
    for room in sorted(imports):
        lines.append(f'  "{room}";')
        lines += [f'  "{room}" -> "{other}";' for other in sorted(imports[room])]
    return "\n".join([*lines, "}"]) + "\n"


def main() -> None:
    SOURCE.write_text(dot(reduced(rooms())), encoding="ascii")
    if shutil.which("dot") is None:
        print(f"{SOURCE.name} is written; the picture is not drawn anew: apt-get install -y --no-install-recommends graphviz")
        return
    subprocess.run(["dot", "-Tsvg", f"-o{PICTURE}", SOURCE], check=True)


if __name__ == "__main__":
    main()
