"""`docs/trace.md` against the program: what a row names exists, and what is only partly there or missing stands in the list here."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ebid_tui.domain.profile.extending import whole
from ebid_tui.domain.profile.systems import PACKAGED, available
from ebid_tui.messages import AREAS, has

ROOT = Path(__file__).resolve().parent.parent
TABLE = (ROOT / "docs" / "trace.md").read_text("utf-8")
STATES = ("done", "partly", "missing", "n.a.")
CODE = re.compile(r"([\w/]+\.py)::([\w.]+)")

NO_DATA = "not in the data yet: counters, forms and conditions of authorities and agencies"
ONE_READER = "with one reader the order of cards and PINs is not the documents'"

OPEN: dict[str, dict[str, tuple[str, ...]]] = {
    NO_DATA: {
        "aomori-manual": ("455-459",),
        "ise-faq": ("95-100 Q2-4", "154"),
    },
    ONE_READER: {
        "ise-manual": ("673-679", "698-719"),
        "aomori-manual": ("754-764",),
        "nagasaki-renewal": ("61-63",),
        "saitama-manual": ("842-850", "852-859"),
    },
}
"""Rows that are partly there or missing, by the reason; a row that is done leaves it."""


class Row(NamedTuple):
    """One statement of a document."""

    document: str
    line: str
    statement: str
    where: str
    state: str
    why: str

    @property
    def named(self) -> list[str]:
        """What it names, each in backquotes."""
        return re.findall(r"`([^`]+)`", self.where)


def _rows() -> list[Row]:
    found, document = [], ""
    for line in TABLE.splitlines():
        if line.startswith("## "):
            document = line.removeprefix("## ")
        elif document and line.startswith("| ") and not line.startswith(("| line", "| ---")):
            found.append(Row(document, *(cell.strip() for cell in line[1:-1].split("|"))))
    return found


ROWS = _rows()


@cache
def _system(name: str) -> dict[str, Any]:
    return whole(PACKAGED / f"{name}.toml", (PACKAGED,)).table


@cache
def _defined(path: str) -> frozenset[str]:
    """Every function, class and method (`Class.method`) of a file."""
    found: set[str] = set()

    def walk(body: list[ast.stmt], outer: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.add(outer + node.name)
                if isinstance(node, ast.ClassDef):
                    walk(node.body, f"{outer}{node.name}.")

    walk(ast.parse((ROOT / "ebid_tui" / path).read_text("utf-8")).body, "")
    return frozenset(found)


def _in_system(name: str, key: str) -> bool:
    """Whether a system's file has a value there; an item of a list is named by its id."""
    part: Any = _system(name)
    for step in key.split("."):
        if isinstance(part, list):
            part = next((item for item in part if item.get("id") == step), None)
        else:
            part = part.get(step) if isinstance(part, dict) else None
        if part is None:
            return False
    return part not in ("", [], {})


def exists(name: str) -> bool:
    """Whether what a row names is there: a sentence, a key of a system's file, or code."""
    if code := CODE.fullmatch(name):
        return (ROOT / "ebid_tui" / code[1]).is_file() and code[2] in _defined(code[1])
    system, colon, key = name.partition(":")
    if colon:
        return system in available() and _in_system(system, key)
    return name.partition(".")[0] in AREAS and has(name)


@pytest.mark.parametrize("document", dict.fromkeys(row.document for row in ROWS))
def test_what_a_row_names_exists(document: str) -> None:
    rows = [row for row in ROWS if row.document == document]
    assert [(row.line, name) for row in rows for name in row.named if not exists(name)] == []
    assert [row.line for row in rows if re.sub(r"`[^`]+`|<br>", "", row.where).strip()] == [], "something else stands there"


def test_what_is_not_there_is_noticed() -> None:
    for name in (
        "flow.no_such",
        "nowhere.at_all",
        "ise:search.nothing",
        "ise:menu.items.nothing.label",
        "flows/register.py::nobody",
        "x.py::y",
    ):
        assert not exists(name), name
    for name in ("flow.menu.lead", "ise:menu.items.renewal.label", "flows/register.py::register", "saitama:notices.search"):
        assert exists(name), name


def test_every_statement_has_its_row() -> None:
    """None is lost: the documents' own count."""
    count = Counter(row.document for row in ROWS)
    assert count == {"ise-manual": 76, "aomori-manual": 65, "ise-faq": 40, "nagasaki-renewal": 23, "saitama-manual": 118}
    assert all(row.line and row.statement and row.state in STATES for row in ROWS)


def test_what_is_done_names_where_and_what_is_not_says_why() -> None:
    assert [(row.document, row.line) for row in ROWS if row.state in ("done", "partly") and not row.named] == []
    assert [(row.document, row.line) for row in ROWS if row.state != "done" and not row.why] == []


def test_only_what_is_listed_is_partly_there_or_missing() -> None:
    listed = sorted((document, line) for rows in OPEN.values() for document, lines in rows.items() for line in lines)
    assert sorted((row.document, row.line) for row in ROWS if row.state in ("partly", "missing")) == listed


def test_the_sums_are_right() -> None:
    def sums(rows: list[Row]) -> list[str]:
        states = Counter(row.state for row in rows)
        return [str(len(rows)), *(str(states[state]) for state in STATES)]

    head = TABLE.split("\n## ")[0]
    told = {cells[0]: cells[1:] for cells in (re.split(r" \| ", line.strip("| ")) for line in head.splitlines() if line.startswith("| "))}
    for document in dict.fromkeys(row.document for row in ROWS):
        assert told[document] == sums([row for row in ROWS if row.document == document])
    assert told["all"] == sums(ROWS)
