"""`docs/rules.md` against the code and the tests: no rule without a check, none without a test, none that nobody knows."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from ebid_tui.domain.codes import RULES
from ebid_tui.messages import t

ROOT = Path(__file__).resolve().parent.parent
TABLE = (ROOT / "docs" / "rules.md").read_text("utf-8")
CODE = re.compile(r"R-\d\d")
NAMED = re.compile(r"`([\w/.]+\.py)::([\w.]+)`")
SIDES = {"client": ("card", "client", "flows", "plain", "screens", "widgets", "app"), "server": ("server",)}
"""The packages that decide on each side; `domain` does on both."""
OF_A_FIELD = {"R-04"}
"""Told beside a field only, with a message of its own."""


class Row(NamedTuple):
    """One line of the table."""

    rule: str
    what: str
    side: str
    checks: str
    told: str
    tests: str


def rows() -> dict[str, Row]:
    """The table, by rule."""
    found = [Row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in TABLE.splitlines() if line.startswith("| R-")]
    assert [row.rule for row in found] == sorted({row.rule for row in found}), "twice, or not in order"
    return {row.rule: row for row in found}


ROWS = rows()


@cache
def functions(path: str) -> dict[str, str]:
    """Source of every function, method (`Class.method`) and class of a file, decorators included."""
    source = (ROOT / path).read_text("utf-8")
    lines = source.splitlines()
    found: dict[str, str] = {}

    def walk(body: list[ast.stmt], outer: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                found[outer + node.name] = "\n".join(lines[first - 1 : node.end_lineno])
                if isinstance(node, ast.ClassDef):
                    walk(node.body, f"{outer}{node.name}.")

    walk(ast.parse(source).body, "")
    return found


@cache
def docstring(path: str, name: str) -> str:
    """The docstring of a test at a module's top."""
    for node in ast.parse((ROOT / path).read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return ast.get_docstring(node) or ""
    return ""


@cache
def raised() -> dict[str, list[str]]:
    """Every rule's number that stands in the code as a value (an error's code), or in data, with where."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "ebid_tui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found.setdefault(node.value, []).append(f"{path.relative_to(ROOT)}:{node.lineno}")
    for path in sorted((ROOT / "ebid_tui" / "systems").glob("*.toml")):
        for rule in re.findall(r'"(R-\d\d)"', str(tomllib.loads(path.read_text("utf-8"))).replace("'", '"')):
            found.setdefault(rule, []).append(path.name)
    return found


def test_every_rule_is_in_the_table_and_no_other() -> None:
    assert tuple(ROWS) == RULES
    assert all(row.what for row in ROWS.values())


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_check_that_names_it(rule: str) -> None:
    row = ROWS[rule]
    checks = NAMED.findall(row.checks)
    assert checks
    assert NAMED.sub("", row.checks).replace("<br>", "").strip() == "", "something else stands there"
    for path, name in checks:
        assert (ROOT / "ebid_tui" / path).is_file(), path
        found = functions(f"ebid_tui/{path}")
        assert name in found, f"{path} has no {name}"
        assert rule in found[name], f"{name} in {path} does not name {rule}"


@pytest.mark.parametrize("rule", RULES)
def test_a_check_stands_on_every_side_that_checks(rule: str) -> None:
    row = ROWS[rule]
    assert row.side in ("client", "server", "both")
    where = {path.split("/")[0].removesuffix(".py") for path, _ in NAMED.findall(row.checks)}
    for side in ("client", "server") if row.side == "both" else (row.side,):
        assert where & {*SIDES[side], "domain"}, f"no check on the {side}'s side"
    if row.side == "client":
        assert not where & {*SIDES["server"]}


def test_every_check_of_the_domain_is_asked_for() -> None:
    """A function that nobody calls checks nothing."""
    sources = {path: path.read_text("utf-8") for path in (ROOT / "ebid_tui").rglob("*.py")}
    checks = {(path, name) for row in ROWS.values() for path, name in NAMED.findall(row.checks) if path.startswith("domain/")}
    lonely = []
    for path, name in sorted(checks):
        called = re.compile(rf"(?<!def )\b{name.rpartition('.')[2]}\b")
        if not any(called.search(source) for source in sources.values()):
            lonely.append(f"{path}::{name}")
    assert lonely == []


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_test_that_names_it_and_is_run(rule: str) -> None:
    tests = NAMED.findall(ROWS[rule].tests)
    assert tests
    number = rule.removeprefix("R-")
    for path, name in tests:
        assert path.startswith("tests/"), path
        assert "benchmarks" not in path
        assert Path(path).name.startswith("test_"), f"pytest does not look into {path}"
        found = functions(path)
        assert name in found, f"{path} has no {name}"
        assert name.startswith("test_"), f"pytest does not run {name}"
        assert not re.search(r"^@pytest\.mark\.(skip|xfail)\b", found[name], re.M), f"{name} is not run"
        named = re.search(rf"(?:^|_)r_?{number}(?:_|$)", name) or re.search(rf"\b{rule}\b", docstring(path, name))
        assert named, f"{name} does not name {rule}"
        assert re.search(r"\bassert\b|pytest\.raises|await \w+\.until\(", found[name]), f"{name} asserts nothing"


def test_every_code_that_is_raised_is_in_the_table() -> None:
    codes = raised()
    assert set(codes) <= set(ROWS), {rule: codes[rule] for rule in set(codes) - set(ROWS)}
    for rule, where in codes.items():
        assert f"`{rule}`" in ROWS[rule].told, f"{rule} is raised in {where}, and the table does not say so"


@pytest.mark.parametrize("rule", RULES)
def test_a_code_in_the_table_is_raised_and_has_its_sentences(rule: str) -> None:
    told = ROWS[rule].told
    assert told
    if f"`{rule}`" in told:
        assert rule in raised()
        if rule not in OF_A_FIELD:
            assert t(f"error.{rule}.title")
            assert t(f"error.{rule}.remedy")
