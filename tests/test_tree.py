"""What lies in the tree belongs there: binaries are listed, targets and files are what the documents say, each sentence is said."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from scripts.messages import sentences
from tests.anyday.__main__ import SAMPLE, SUITES
from tests.mutants.learning import AREAS
from tests.test_project import PACKAGE, ROOT, modules, project_files

BINARIES = {
    "docs/screens/form.png",
    "docs/screens/review.png",
    "ebid_tui/locale/en/LC_MESSAGES/ebid_tui.mo",
}
"""Every tracked file that is no text; a new one is a decision."""

BY_NUMBER = re.compile(r"desk_codes\.code\.R-\d\d\.|system_key\.|desk\.event\.(registration|amendment|renewal)_(accepted|refused)")
"""The rules' sentences: their numbers are counted, not written down."""


def test_every_binary_is_on_the_list() -> None:
    binaries = {str(path.relative_to(ROOT)) for path in project_files() if is_binary(path.read_bytes())}
    assert binaries == BINARIES


def is_binary(content: bytes) -> bool:
    try:
        return "\0" in content.decode("utf-8")
    except UnicodeDecodeError:
        return True


@pytest.mark.parametrize("content", [b"SQLite format 3\0", b"\x89PNG\r\n", "ａ".encode("utf-16")])
def test_a_binary_is_known_by_its_bytes(content: bytes) -> None:
    assert is_binary(content)
    assert not is_binary("日本語\n".encode())


def test_what_the_long_runs_name_is_there() -> None:
    """A folder or file that moved would leave a suite with less than it says."""
    in_makefile = re.findall(r"\btests/[\w/]+(?:\.py)?", (ROOT / "Makefile").read_text(encoding="utf-8"))
    on_other_days = [path.partition("::")[0] for suite in [SAMPLE, *SUITES.values()] for path in suite if path.startswith("tests/")]
    assert len(in_makefile) > 10
    assert len(on_other_days) > 20
    assert [path for path in [*in_makefile, *on_other_days, *AREAS] if not (ROOT / path).exists()] == []


def test_every_target_stands_in_contributings_table() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    table = re.findall(r"^\| `make .*", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)
    named = {target for row in table for target in re.findall(r"`make ([a-z-]+)`", row)}
    assert "test" in targets
    assert named == targets
    assert set(makefile.partition(".PHONY:")[2].partition("\n")[0].split()) == targets


def test_files_that_are_named_exist() -> None:
    """In documents, and in what the code says of itself: a path in backticks leads somewhere."""
    named = re.compile(r"`((?:[a-z_.]+/)+[\w.-]+\.(?:md|py|sh|toml|json|txt))`")
    written_by_users = {"themes/名前.toml"}
    places = (ROOT, PACKAGE, PACKAGE / "server", ROOT / "tests")
    lost = []
    for file in project_files():
        if file.suffix not in (".md", ".py", ".toml", ".sh") or file.name == "CHANGELOG.md":
            continue
        for path in named.findall(file.read_text(encoding="utf-8")):
            if path not in written_by_users and not any((place / path).exists() for place in (*places, file.parent)):
                lost.append(f"{file.relative_to(ROOT)}: {path}")
    assert lost == []


# ---- rooms -----------------------------------------------------------------------------------------------------------

FLAT = {PACKAGE: 8, PACKAGE / "server": 5}
"""Files that may lie at the top of these: what is more belongs into a room."""

TESTED_ELSEWHERE = {
    "flows/desk": "tests/flows has the desk's flows among the others",
    "messages": "what is said is looked at here, and in tests/test_project.py",
    "screens/desk": "tests/desk: every voice at the desk",
    "server": "what lies at its top is started by the tests of its rooms",
    "server/api/routes": "tests/server/api",
    "server/store/migrations": "Alembic's folder: tests/server/store/test_migrations.py",
    "server/store/migrations/versions": "the same",
}
"""Rooms without a folder of tests of their name."""


def rooms() -> set[str]:
    """Every folder with Python in it, by its path in the package."""
    return {str(Path(name).parent.relative_to("ebid_tui")) for name in modules()} - {"."}


def test_few_files_lie_about() -> None:
    for place, most in FLAT.items():
        files = sorted(path.name for path in project_files() if path.parent == place and path.suffix == ".py")
        assert len(files) <= most, f"{place.name}: {files}"


def test_tests_mirror_the_rooms() -> None:
    tests = (path.relative_to(ROOT) for path in project_files() if path.match("test_*.py"))
    tested = {str(path.parent.relative_to("tests")) for path in tests if path.is_relative_to("tests")}
    assert rooms() - tested == set(TESTED_ELSEWHERE)


# ---- sentences -------------------------------------------------------------------------------------------------------


@cache
def said_in_code() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """The literals of the package, and its f-strings that have a text of their own as patterns."""
    literals: set[str] = set()
    patterns: set[str] = set()
    for file, tree in modules().items():
        if file.startswith("ebid_tui/messages/"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                literals.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                made = "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else "(.+)" for part in node.values)
                if re.search(r"[a-z]{2}", made):
                    patterns.add(made)
    return frozenset(literals), tuple(map(re.compile, sorted(patterns)))


def is_said(key: str) -> bool:
    """Whether this key is written in the code, or put together there of pieces that are."""
    if key in said_in_code()[0] or BY_NUMBER.match(key):
        return True
    for pattern in of_area(key.partition(".")[0]):
        found = pattern.fullmatch(key)
        if found and all(is_known(part) for part in found.groups()):
            return True
    return False


@cache
def of_area(area: str) -> tuple[re.Pattern[str], ...]:
    return tuple(pattern for pattern in said_in_code()[1] if pattern.pattern.startswith(rf"{area}\."))


@cache
def is_known(part: str) -> bool:
    """Whether this piece of a key is written in the code or in the data."""
    literals, patterns = said_in_code()
    if part in literals or all(word in literals | names_in_data() for word in re.split(r"[.]", part)):
        return True
    return any(pattern.fullmatch(part) for pattern in patterns if not pattern.pattern.startswith("(.+)"))


@cache
def names_in_data() -> frozenset[str]:
    """Words of the packaged data, and keys of errors and common questions, which are lists by themselves."""
    data = "\n".join(
        path.read_text(encoding="utf-8") for path in project_files() if path.is_relative_to(PACKAGE) and path.suffix == ".toml"
    )
    listed = {word for key in sentences() if key.startswith(("error.", "faq.", "print.reason.")) for word in re.split(r"[.]", key)}
    return frozenset(re.findall(r"[\w-]+", data)) | listed


def test_every_sentence_is_said_somewhere() -> None:
    assert [key for key in sentences() if not is_said(key) and not is_said(key.removesuffix(".remedy"))] == []


def test_no_key_is_put_together_in_a_way_that_the_test_above_cannot_see() -> None:
    glued = re.compile(r"""\bt\(\s*(?:f?"[^"]*"|[\w.]+)\s*\+""")
    assert [name for name in modules() if glued.search((ROOT / name).read_text(encoding="utf-8"))] == []


def test_one_that_nobody_says_is_found() -> None:
    """In one test: each worker with a part of it would read the whole package first."""
    nobodys = ["flow.nobody_says_this", "desk.kind.nobody_does_this", "plain.nothing.at_all"]
    assert [key for key in nobodys if is_said(key)] == []
