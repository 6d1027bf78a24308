"""What may be changed in a line of Python so that a test ought to notice: the smallest mistakes that somebody could have made.

Left alone, because a change there means nothing to a test or is noticed by other tools: texts, annotations, decorators, what is logged,
how an object shows itself, and what only type checkers read; and the numbers that have a name of their own (`LARGEST = 65536`): they were
chosen, not concluded, and a test that is worth something names them too. And None for False: whoever asks takes the one for the other.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv,
}  # fmt: skip
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
SILENT = {"log", "logger", "logging", "warnings"}
NAMES_OF_TYPES = {"cast", "TypeVar", "NewType", "Field", "Meta"}
SHOWS = {"__repr__", "__str__", "__rich_repr__"}


@dataclass(frozen=True)
class Change:
    """One mistake: the lines that it is in (from 1), where it begins and ends, and what stands there instead."""

    first: int
    last: int
    begin: int
    end: int
    text: str
    what: str

    def made_in(self, source: bytes) -> bytes:
        return source[: self.begin] + self.text.encode() + source[self.end :]


def changes_of(source: bytes) -> list[Change]:
    """Every mistake that could be made in a module."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for node, changed, what in _nodes(ast.parse(source)):
        text = ast.unparse(changed)
        begin, end = starts[node.lineno - 1] + node.col_offset, starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        text = f"({text})" if isinstance(node, ast.expr) else text
        found.append(Change(node.lineno, node.end_lineno or node.lineno, begin, end, text, what))
    return found


Changed = tuple[ast.expr | ast.stmt, ast.AST, str]


def _nodes(node: ast.AST) -> Iterator[Changed]:
    """What stands there, what could stand there, and in words."""
    if isinstance(node, ast.expr | ast.stmt):
        yield from ((node, changed, what) for changed, what in _mistakes(node))
    if isinstance(node, ast.If | ast.While | ast.IfExp) and not _says_it_itself(node.test):
        yield node.test, ast.UnaryOp(ast.Not(), node.test), "its opposite"
    for child in _worth_looking_at(node):
        yield from _nodes(child)


def _worth_looking_at(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            defaults = [default for default in (*node.args.defaults, *node.args.kw_defaults) if default is not None]
            return [] if node.name in SHOWS else [*defaults, *node.body]
        case ast.ClassDef():
            return list(node.body)
        case ast.AnnAssign():
            return [] if node.value is None else [node.value]
        case ast.If(test=ast.Name(id="TYPE_CHECKING")) | ast.JoinedStr():
            return []
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name.startswith("__") or (name.isupper() and _is_number(value)):
            return []
        case ast.Call() if _root(node.func) in SILENT | NAMES_OF_TYPES:
            return []
        case ast.Call():
            return [node.func, *node.args, *(keyword.value for keyword in node.keywords if keyword.arg != "strict")]
        case ast.match_case():
            return [*([node.guard] if node.guard else []), *node.body]
    return list(ast.iter_child_nodes(node))


def _says_it_itself(test: ast.expr) -> bool:
    """A comparison is turned round where it stands; and the one name that is false for everybody but type checkers."""
    return isinstance(test, ast.Compare | ast.Constant) or _root(test) == "TYPE_CHECKING"


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""


def _mistakes(node: ast.expr | ast.stmt) -> Iterator[tuple[ast.AST, str]]:
    match node:
        case ast.Compare():
            for place, operator in enumerate(node.ops):
                for other in COMPARISONS[type(operator)]:
                    yield _with(node, lambda n, p=place, o=other: n.ops.__setitem__(p, o())), "another comparison"
        case ast.BoolOp():
            opposite = ast.Or if isinstance(node.op, ast.And) else ast.And
            yield _with(node, lambda n: setattr(n, "op", opposite())), "and for or"
            for place in range(len(node.values)):
                yield _with(node, lambda n, p=place: n.values.pop(p)), "a part is missing"
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand, "not is missing"
        case ast.BinOp() if type(node.op) in ARITHMETIC and not any(_is_text(part) for part in (node.left, node.right)):
            yield _with(node, lambda n: setattr(n, "op", ARITHMETIC[type(n.op)]())), "another operator"
        case ast.IfExp():
            yield node.body, "always the first"
            yield node.orelse, "always the second"
        case ast.Constant(value=bool(truth)):
            yield ast.Constant(not truth), "true for false"
        case ast.Constant(value=int(number)):
            yield ast.Constant(number + 1), "one more"
            yield ast.Constant(number - 1), "one less"
        case ast.Call(func=ast.Name(id=name)) if name in CALLS and len(node.args) == 1 + (name in ("min", "max")):
            yield _with(node, lambda n: setattr(n.func, "id", CALLS[name])), "its opposite"
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp() if any(part.ifs for part in node.generators):
            yield _with(node, lambda n: [part.ifs.clear() for part in n.generators]), "the condition is missing"
        case _:
            yield from _wrong_statements(node)


def _wrong_statements(node: ast.expr | ast.stmt) -> Iterator[tuple[ast.AST, str]]:
    match node:
        case ast.Return(value=ast.expr()) if not (isinstance(node.value, ast.Constant) and node.value.value in (None, False)):
            yield ast.Return(ast.Constant(None)), "nothing is returned"
        case ast.Raise():
            yield ast.Pass(), "it is not raised"
        case ast.Expr(value=ast.Call() | ast.Await()) if _root(getattr(node.value, "value", node.value)) not in SILENT:
            yield ast.Pass(), "it is not done"
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]) | ast.Delete():
            yield ast.Pass(), "it is not done"
        case ast.AugAssign():
            yield ast.Pass(), "it is not done"
        case ast.Continue():
            yield ast.Break(), "break for continue"
        case ast.Break():
            yield ast.Continue(), "continue for break"


def _with(node: ast.AST, change: Callable[..., object]) -> ast.AST:
    changed = copy.deepcopy(node)
    change(changed)
    if isinstance(changed, ast.BoolOp) and len(changed.values) == 1:
        return changed.values[0]
    return changed


def _is_number(node: ast.AST) -> bool:
    """Seconds, bytes, rows: a number, or several times one, or a span of time."""
    allowed = (ast.Constant, ast.BinOp, ast.operator, ast.UnaryOp, ast.unaryop)
    parts = [keyword.value for keyword in node.keywords] if isinstance(node, ast.Call) and _root(node.func) == "timedelta" else [node]
    return all(isinstance(inner, allowed) for part in parts for inner in ast.walk(part))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))
