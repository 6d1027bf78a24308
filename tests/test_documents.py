"""docs/changes.md and docs/architecture.md name only what there is, and the picture of the rooms is what the code gives."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from scripts import architecture

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("architecture", "changes")
PLACE = re.compile(r"[\w.*-]+(/[\w.*-]+)*/?")
ENDINGS = (".dot", ".in", ".json", ".md", ".mo", ".po", ".py", ".sh", ".svg", ".toml", ".txt")


def named(page: str) -> list[str]:
    """What stands between backticks, blocks of code left out."""
    text = re.sub(r"```.*?```", "", (ROOT / "docs" / f"{page}.md").read_text("utf-8"), flags=re.DOTALL)
    return re.findall(r"`([^`\n]+)`", text)


def there(name: str) -> bool:
    """Whether a path of the project (`tests/`, `ebid_tui/app.py`) or what a file defines (`a.py::test_b`, `a.py::Class.to`) is there."""
    path, _, inside = name.partition("::")
    files = [*ROOT.glob(path)]
    if not inside:
        return bool(files)
    found = ast.parse(files[0].read_text("utf-8")).body if files else []
    for part in inside.split("."):
        nodes = [node for node in found if part in _names(node)]
        if not nodes:
            return False
        found = getattr(nodes[0], "body", [])
    return True


def _names(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_exists(page: str) -> None:
    paths = [name for name in named(page) if "::" in name or (PLACE.fullmatch(name) and ("/" in name) and name.endswith(("/", *ENDINGS)))]
    assert len(paths) > 20
    assert [name for name in paths if not there(name)] == []


CODE = re.compile(r"([A-Za-z_]\w*)(?:\.(\w+))?(?:\(([^()]*)\)|\[\w+\])?")
"""A name as code has it: `Form`, `AcceptedChange.mails`, `localised(request)`, `Step[Answer]`."""


@cache
def defined() -> dict[str, set[str]]:
    """Every class, function and constant of package and tests, with what it has: attributes, methods, parameters; and every import."""
    found: dict[str, set[str]] = {}
    for file in [*ROOT.glob("ebid_tui/**/*.py"), *ROOT.glob("tests/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            for name in _names(node) if isinstance(node, ast.stmt) else ():
                found.setdefault(name, set()).update(*map(_names, getattr(node, "body", ())), _parameters(node))
            for alias in node.names if isinstance(node, ast.ImportFrom) else ():
                found.setdefault(alias.name, set())
    return found


def _parameters(node: ast.AST) -> set[str]:
    return {argument.arg for argument in node.args.args} if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else set()


def known(code: str, names: dict[str, set[str]]) -> bool:
    """Whether what is named so is there, and has the attribute or takes what is said. Only names of code: a class, or with parentheses."""
    match = CODE.fullmatch(code)
    if match is None or not (match[3] or re.search("^_?[A-Z]+([a-z]|_)", code)):
        return True
    said = {match[2]} if match[2] else {part for part in re.split(", *", match[3] or "") if part.isidentifier() and part.islower()}
    return match[1] in names and said <= names[match[1]]


@pytest.mark.parametrize("page", PAGES)
def test_classes_and_functions_that_a_page_names_exist(page: str) -> None:
    names = defined()
    assert [code for code in named(page) if not known(code, names)] == []


@pytest.mark.parametrize("code", ["PivSession", "Entry.mails", "spoken(request)", "Mail(recipient, subject, body)"])
def test_a_class_or_function_that_went_is_noticed(code: str) -> None:
    assert not known(code, defined())


@pytest.mark.parametrize("name", ["ebid_tui/no.py", "tests/no/", "ebid_tui/app.py::NoApp", "ebid_tui/app.py::EbidApp.no"])
def test_what_does_not_exist_is_noticed(name: str) -> None:
    assert not there(name)


def test_the_page_names_every_room() -> None:
    rooms = {path.parent.name for path in (ROOT / "ebid_tui").glob("*/__init__.py")}
    assert {room for room in rooms if f"ebid_tui/{room}/" not in named("architecture")} == set()


def test_the_picture_is_what_the_code_gives() -> None:
    assert architecture.SOURCE.read_text("ascii") == architecture.dot(architecture.reduced(architecture.rooms())), "run make docs"
    drawn = set(re.findall(r"<title>([\w&#;]+)</title>", architecture.PICTURE.read_text("utf-8"))) - {"rooms"}
    assert {name for name in drawn if "&" not in name} == set(architecture.rooms()), "run make docs where Graphviz is installed"


def test_what_follows_from_other_imports_is_not_drawn() -> None:
    every = {"a": frozenset("bcd"), "b": frozenset("c"), "c": frozenset("d"), "d": frozenset("")}
    assert architecture.reduced(every) == {"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": frozenset()}
