"""What is said twice is said once: no ten lines of the package stand in two places, whatever the names in them are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from tests.test_project import modules

LINES = 10
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
NAMES = re.compile(r"\b(id|arg|name)='[^']*'")
TEXTS = re.compile(r"""Expr\(value=Constant\(value=('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\)\)""")

Run = tuple[str, int, int]
"""A file, and from which line to which."""


def runs(file: str, tree: ast.AST, inside: bool = False) -> Iterator[tuple[str, Run]]:
    """Every run of statements of a block that is just long enough, by its shape. Of a class and a module only functions count."""
    inside = inside or isinstance(tree, FUNCTIONS)
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        found = getattr(tree, name, None)
        block = [part for part in found if not inside or not is_text(part)] if isinstance(found, list) else []
        for part in block:
            yield from runs(file, part, inside)
        block = [part for part in block if isinstance(part, ast.stmt if inside else FUNCTIONS) and not is_declared(part)]
        if block and lines(block[0], block[-1]) >= LINES:
            shapes = [shape(part) for part in block]
            for first, start in enumerate(block):
                last = next((n for n in range(first, len(block)) if lines(start, block[n]) >= LINES), None)
                if last is not None:
                    yield "".join(shapes[first : last + 1]), (file, start.lineno, block[last].end_lineno)


def is_text(part: ast.AST) -> bool:
    return isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)


def is_declared(part: ast.AST) -> bool:
    """A function of a protocol, which does nothing."""
    return isinstance(part, FUNCTIONS) and all(map(is_text, part.body))


def lines(first: Any, last: Any) -> int:
    return int(last.end_lineno - first.lineno + 1)


def shape(part: ast.AST) -> str:
    """A statement without the names that it gives, and without what is said of it; what it reads and calls of others stays."""
    return NAMES.sub("_", TEXTS.sub("", ast.dump(part)))


def twice(trees: dict[str, ast.Module]) -> list[str]:
    """Every run that stands somewhere else as well."""
    found: dict[str, list[Run]] = {}
    for file, tree in trees.items():
        for said, run in runs(file, tree):
            found.setdefault(said, []).append(run)
    return [" = ".join(f"{file}:{first}-{last}" for file, first, last in same) for same in found.values() if len(same) > 1]


def test_nothing_of_ten_lines_stands_twice() -> None:
    assert twice({file: tree for file, tree in modules().items() if "/migrations/" not in file}) == []


def test_ten_lines_are_found_whatever_the_names_in_them_are() -> None:
    text = "def {v}():\n    '{v}'\n" + "".join(f"    {{v}} = g({{v}}).a{n}\n" for n in range(LINES))
    one, two = ast.parse(text.format(v="x")), ast.parse(text.format(v="y"))
    assert "a.py:3-12 = b.py:3-12" in twice({"a.py": one, "b.py": two})
    assert twice({"a.py": one, "b.py": ast.parse(text.format(v="y").replace(".a3", ".b"))}) == []
