"""The mistakes that `make mutants` makes are ones: each changes what the code does, and nothing that is not worth it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutants.changes import changes_of
from tests.mutants.equivalent import EQUIVALENT

ROOT = Path(__file__).resolve().parent.parent.parent


def made(source: str) -> set[str]:
    """What could stand there instead."""
    return {change.made_in(source.encode()).decode() for change in changes_of(source.encode())}


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("x = a < b", {"x = (a <= b)", "x = (a >= b)"}),
        ("x = a is not None", {"x = (a is None)"}),
        ("x = a and b", {"x = (a or b)", "x = (a)", "x = (b)"}),
        ("x = not a", {"x = (a)"}),
        ("x = 日本 + 1", {"x = (日本 - 1)", "x = 日本 + (2)", "x = 日本 + (0)"}),
        ("x = 'a' + b", set()),
        ("x = True", {"x = (False)"}),
        ("if f(a):\n    g()", {"if (not f(a)):\n    g()", "if f(a):\n    pass"}),
        ("def f() -> int:\n    return a", {"def f() -> int:\n    return None"}),
        ("def f(a: int = 1): raise A(f'{a > 1}')", {"def f(a: int = (2)): raise A(f'{a > 1}')", "def f(a: int = (0)): raise A(f'{a > 1}')",
                                                   "def f(a: int = 1): pass"}),
        ("x = max(a, b)", {"x = (min(a, b))"}),
        ("x = [a for a in b if a]", {"x = ([a for a in b])"}),
        ("if TYPE_CHECKING:\n    a(1)", set()),
        ("LARGEST = 8 * 1024", set()),
        ("_FRESH = timedelta(days=1)", set()),
        ("TABLE = (1,)", {"TABLE = ((2),)", "TABLE = ((0),)"}),
        ("log.info('x', 1)", set()),
        ("def __repr__(self): return 1", set()),
        ("x: Final[1] = a", set()),
        ("@cache(size=1)\ndef f(): '''doc'''", set()),
        ("zip(a, b, strict=True)", {"pass"}),
        ("a.b = c", {"pass"}),
        ("a += b", {"pass"}),
        ("while a < b: break", {"while (a <= b): break", "while (a >= b): break", "while a < b: continue"}),
    ],
)  # fmt: skip
def test_mistakes(source: str, wanted: set[str]) -> None:
    assert made(source) == wanted


@pytest.mark.parametrize(
    "file", ["domain/text/classes.py", "domain/certificate.py", "flows/enter.py", "server/api/limits.py", "server/store/writer.py"]
)
def test_every_mistake_is_python_and_no_two_are_the_same(file: str) -> None:
    source = (ROOT / "ebid_tui" / file).read_bytes()
    whole, seen = ast.dump(ast.parse(source)), set()
    for change in changes_of(source)[::7]:
        seen.add(ast.dump(ast.parse(change.made_in(source))))
    assert len(seen) == len(changes_of(source)[::7])
    assert whole not in seen


def test_what_is_said_to_change_nothing_is_there() -> None:
    for (file, line, text), reason in EQUIVALENT.items():
        source = (ROOT / file).read_bytes()
        changes = [c for c in changes_of(source) if c.text == text and source.decode().splitlines()[c.first - 1].strip() == line]
        assert changes, (file, line, text)
        assert reason
