"""Who may know whom (import-linter's contracts in `pyproject.toml`): forbidden imports are tried in a copy, and none gets by."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_project import PACKAGE, ROOT, modules

HOUSE = "each room knows only those below it"
SERVER = "each room of the server knows only those below it"
DRAWING = "only what draws knows Textual, and what leans on its private parts"
INTERFACES = "only who puts the program together knows more of card and client than their interfaces"

FORBIDDEN = [
    ("domain/rules.py", "from ebid_tui.kiosk import admin_secret", HOUSE),
    ("client/api.py", "from ebid_tui.server import settings", HOUSE),
    ("flows/register.py", "from ebid_tui.screens import base", HOUSE),
    ("card/worker.py", "from ebid_tui.demo import tray", HOUSE),
    ("screens/choose.py", "from ebid_tui.commands import desk", HOUSE),
    ("terminal/sgr.py", "from ebid_tui.settings import Settings", HOUSE),
    ("flows/register.py", "if TYPE_CHECKING:\n    from ebid_tui.printing import targets", HOUSE),
    ("server/store/audit.py", "def late():\n    from ebid_tui.server.evidence import export", SERVER),
    ("server/decisions/accepting.py", "from litestar import Request", "decisions know no HTTP"),
    ("plain/voice.py", "from textual import events", DRAWING),
    ("forms/model.py", "from textual import events", DRAWING),
    ("flows/ui.py", "from rich.text import Text", DRAWING),
    ("server/app.py", "from ebid_tui.terminal import sgr", DRAWING),
    ("plain/voice.py", "from ebid_tui.widgets import keys", "forms and line mode draw no screen"),
    (
        "flows/card.py",
        "from ebid_tui.card import worker",
        INTERFACES,
    ),
    ("domain/addresses.py", "from ebid_tui.assist import postal", "only what helps to fill in a form asks the address book"),
    ("cellar/__init__.py", "", HOUSE),
    ("server/cellar.py", "", SERVER),
]
"""A file, what is written into it, and the contract that this breaks. The last two are rooms that nobody gave a place."""


def broken(tree: Path) -> list[str]:
    """The contracts that are broken in the package that lies there."""
    linter = Path(sys.executable).with_name("lint-imports")
    wide = os.environ | {"COLUMNS": "250", "PYTHONPATH": str(tree)}
    done = subprocess.run([linter, "--no-logo", "--no-cache"], cwd=tree, env=wide, capture_output=True, text=True, check=False)
    found = re.findall(r"^(.+) BROKEN\b", done.stdout, re.MULTILINE)
    assert done.returncode == (1 if found else 0), done.stdout + done.stderr
    return found


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(PACKAGE, tmp_path / "ebid_tui", ignore=lambda _, names: [n for n in names if "." in n and not n.endswith(".py")])
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(("file", "line", "contract"), FORBIDDEN)
def test_a_forbidden_import_breaks_its_contract(copied: Path, file: str, line: str, contract: str) -> None:
    place = copied / "ebid_tui" / file
    place.parent.mkdir(exist_ok=True)
    with place.open("a", encoding="utf-8") as opened:
        opened.write(f"\n{line}\n")
    assert contract in broken(copied)


def test_the_package_as_it_is_breaks_none(copied: Path) -> None:
    assert broken(copied) == []


BY_NAME = {"messages/__init__.py", "screens/keymap.py", "server/app.py"}
"""Files that import by name, which import-linter cannot see: modules of their own room, or libraries that the server wants early."""


def test_nothing_else_is_imported_by_name() -> None:
    by_name = re.compile(r"\b(import_module|__import__)\b")
    assert {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if by_name.search(path.read_text("utf-8"))} == BY_NAME


def test_decisions_have_no_sql() -> None:
    """They are given a connection, and hand it to the store."""
    taken = {
        (file, alias.name)
        for file, tree in modules().items()
        if file.startswith("ebid_tui/server/decisions/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if (node.module or "" if isinstance(node, ast.ImportFrom) else alias.name).partition(".")[0] == "sqlalchemy"
    }
    assert {name for _, name in taken} == {"Connection"}, sorted(taken)
