"""Finds where code leans on names of Textual or Rich that begin with an underscore: by reading it, without running it."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import rich
import textual

LIBRARIES = ("rich", "textual")
ROOT = Path(__file__).resolve().parent.parent.parent


def private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def defined(tree: ast.AST) -> set[str]:
    """The private names that a piece of code gives to anything: functions, variables, attributes."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return {name for name in names if private(name)}


@cache
def of_the_libraries() -> frozenset[str]:
    """Every private name that they define anywhere; named tuples' own are public by their documentation."""
    folders = [Path(module.__file__).parent for module in (rich, textual) if module.__file__]
    sources = (path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py"))
    names = {name for source in sources for name in re.findall(r"(?m)(?:^\s*|self\.|def |class )(_\w+)", source)}
    return frozenset(filter(private, names)) - {"_asdict", "_fields", "_make", "_replace"}


@cache
def given_by(kind: type) -> frozenset[str]:
    """The attributes, public ones too, that a class's own code gives itself and its instances."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    stored = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    return frozenset(stored | defined(tree))


def of_a_class(kind: type) -> frozenset[str]:
    """The private names that a class of a library has, also from those that it derives from."""
    bases = (base for base in kind.__mro__ if base.__module__.partition(".")[0] in LIBRARIES)
    return frozenset(filter(private, frozenset().union(*map(given_by, bases))))


def imported(tree: ast.AST) -> dict[str, str]:
    """Name → what it stands for (`textual.app.App`), wherever in the file it is imported."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.asname or alias.name.partition(".")[0]: alias.name for alias in node.names}
    return found


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def names_behind(kind: ast.ClassDef, tree: ast.Module) -> frozenset[str]:
    """The private names that a class of ours has from classes of the libraries, also by way of other classes of ours."""
    names: frozenset[str] = frozenset()
    for base in kind.bases:
        named = ast.unparse(base.value if isinstance(base, ast.Subscript) else base)
        names |= _names_of(named, tree, kind)
    return names


def _names_of(named: str, tree: ast.Module, asking: ast.ClassDef | None) -> frozenset[str]:
    here = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == named and node is not asking)
    if (own := next(here, None)) is not None:
        return names_behind(own, tree)
    first, _, rest = named.partition(".")
    module, _, name = f"{imported(tree).get(first, first)}.{rest}".rstrip(".").rpartition(".")
    if module.partition(".")[0] in LIBRARIES:
        found = getattr(importlib.import_module(module), name)
        return of_a_class(found) if isinstance(found, type) else frozenset()
    path = ROOT / (module.replace(".", "/") + ".py")
    return _names_of(name, parsed(path), None) if module.startswith("ebid_tui.") and path.is_file() else frozenset()


def concerned(path: Path) -> bool:
    """Whether a file has to do with the libraries, or with what of ours builds on them."""
    return bool(re.search(r"\b(textual|rich)\b|ebid_tui\.(app|kiosk|screens|terminal|widgets)\b", path.read_text(encoding="utf-8")))


def uses(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, name) of what is imported from a private module or by a private name, overridden, read or set."""
    ours: set[str] = set()
    for kind in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        if behind := names_behind(kind, tree):
            yield from _in_a_class(kind, behind)
        else:
            ours |= defined(kind)
    standard = {name for name, what in imported(tree).items() if what.partition(".")[0] in sys.stdlib_module_names}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from _imports(node)
        elif isinstance(node, ast.Attribute):
            plain = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls", *standard}
            if not plain and node.attr not in ours and node.attr in of_the_libraries():
                yield node.lineno, node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("getattr", "setattr", "hasattr"):
            name = node.args[1]
            if isinstance(name, ast.Constant) and name.value in of_the_libraries() - ours:
                yield node.lineno, name.value


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[int, str]]:
    for alias in node.names:
        name = f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
        first, *rest = name.split(".")
        if first in LIBRARIES and any(map(private, rest)):
            yield node.lineno, alias.name


def _in_a_class(kind: ast.ClassDef, behind: frozenset[str]) -> Iterator[tuple[int, str]]:
    for node in ast.walk(kind):
        if isinstance(node, ast.Attribute) and node.attr in behind and ast.unparse(node.value) in ("self", "cls"):
            yield node.lineno, node.attr
    for part in kind.body:
        names = {part.name} if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) else defined(part)
        yield from ((part.lineno, name) for name in sorted(names & behind))


def found(name: str) -> tuple[object, str]:
    """What a dotted name stands for: the innermost module or class, and the last part of the name. Raises ImportError, AttributeError."""
    *path, last = name.split(".")
    here: ModuleType | type = importlib.import_module(path[0])
    for part in path[1:]:
        if isinstance(here, ModuleType) and not hasattr(here, part):
            importlib.import_module(f"{here.__name__}.{part}")
        here = getattr(here, part)
    return here, last
