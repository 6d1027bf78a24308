"""The project keeps its own rules: locks, layout, wording, and nothing of the machine it was built on."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import warnings
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from ebid_tui.errors import EbidError
from ebid_tui.messages import AREAS, has, t

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "ebid_tui"
LOCKS = ("build", "run", "dev")
SYSTEMS = sorted(
    path.stem for path in (PACKAGE / "systems").glob("*.toml") if tomllib.loads(path.read_text("utf-8")).get("id") == path.stem
)
TOO_LONG = 400
LONG = 300


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package, by its path from the root."""
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }  # fmt: skip


@cache
def project_files() -> tuple[Path, ...]:
    """What is or will be committed."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed: what belongs to the project cannot be told from what lies around")
    listed = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: what belongs to the project cannot be told from what lies around")
    paths = (ROOT / os.fsdecode(name) for name in listed.stdout.split(b"\0") if name)
    return tuple(path for path in paths if path.is_file() and not path.is_symlink())


def literals(tree: ast.Module) -> list[tuple[int, str]]:
    """(line, text) of every string constant that is not a docstring."""
    silent = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }  # fmt: skip
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent
    ]


def calls(tree: ast.Module, *names: str) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names]


def locked(name: str) -> dict[str, str]:
    """Package → version as a lock file pins it."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="ascii")
    return dict(re.findall(r"^([a-z0-9.-]+)==([^ ]+)", text, re.MULTILINE))


def asked(name: str) -> set[str]:
    """Packages that a requirements source names."""
    lines = (ROOT / "requirements" / f"{name}.in").read_text(encoding="ascii").splitlines()
    return {re.split(r"[][<>=~! ;]", line)[0] for line in lines if line and line[0] not in "#-"}


# ---- locks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_is_a_version_or_a_hash(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="ascii")
    requirements = text.replace("\\\n", "").splitlines()
    assert requirements
    for line in requirements:
        assert re.fullmatch(r"[a-z0-9.-]+==[^ ]+( ; [^\\/]+?)? +(--hash=sha256:[0-9a-f]{64} *)+", line), line
    assert "//" not in text


@pytest.mark.parametrize("name", LOCKS)
def test_what_is_asked_for_is_locked(name: str) -> None:
    assert asked(name) - locked(name).keys() == set()


def test_tests_run_on_the_versions_that_are_shipped() -> None:
    pinned = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / "requirements" / "run.in").read_text("utf-8"), re.M))
    assert pinned.items() <= locked("run").items() <= locked("dev").items(), "run make lock"


def test_every_imported_library_is_asked_for() -> None:
    distributions = importlib.metadata.packages_distributions()
    imported = {
        name.partition(".")[0]
        for tree in modules().values()
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level
            else []
        )
    } - set(sys.stdlib_module_names) - {"ebid_tui"}  # fmt: skip
    unknown = {name for name in imported if not {d.lower().replace("_", "-") for d in distributions.get(name, [])} & asked("run")}
    assert unknown == set()


# ---- layout ----------------------------------------------------------------------------------------------------------


def test_files_stay_short_enough_for_one_head() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_bytes().splitlines()) for path in project_files() if path.suffix == ".py"}
    long = sorted(((lines, name) for name, lines in lengths.items() if lines > LONG), reverse=True)
    if long:
        listing = ", ".join(f"{name} {lines}" for lines, name in long)
        warnings.warn(f"files over {LONG} lines: {listing}", stacklevel=1)
    assert [name for lines, name in long if lines > TOO_LONG and name.startswith("ebid_tui/")] == []


def test_everything_beside_the_code_is_shipped() -> None:
    data: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    shipped = {path for package, globs in data.items() for glob in globs for path in (ROOT / package.replace(".", "/")).glob(glob)}
    beside = {path for path in project_files() if path.is_relative_to(PACKAGE) and path.suffix != ".py"}
    assert beside - shipped == set()


def test_scripts_can_be_run() -> None:
    for script in [*(ROOT / "scripts").glob("*.sh"), ROOT / ".ci/run"]:
        assert os.access(script, os.X_OK), script
        subprocess.run(["bash", "-n", script], check=True)


def test_documents_name_only_commands_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        named = set(re.findall(r"`make ([a-z]+)", document.read_text(encoding="utf-8")))
        assert named <= targets, f"{document.name}: {named - targets}"


# ---- nothing of this machine -----------------------------------------------------------------------------------------


def test_no_file_names_this_machine() -> None:
    everywhere = {Path("/"), Path("/home"), Path("/opt"), Path("/srv"), Path("/tmp"), Path("/usr/src"), Path(tempfile.gettempdir())}
    own = {ROOT, ROOT.parent, Path(pwd.getpwuid(os.getuid()).pw_dir)} - everywhere
    hosts = [".".join(("pypi", "org")), ".".join(("pythonhosted", "org"))]
    needles = [f"{path}/".encode() for path in own] + [host.encode() for host in hosts]
    found = [(str(path.relative_to(ROOT)), needle) for path in project_files() for needle in needles if needle in path.read_bytes()]
    assert found == []


# ---- time is one thing -----------------------------------------------------------------------------------------------


def test_no_test_reads_a_clock_without_saying_why() -> None:
    read = re.compile(r"\b(datetime\.(now|today|utcnow)|date\.today|time\.(time|time_ns|localtime|gmtime))\b")
    unexplained = []
    for path in sorted((ROOT / "tests").rglob("*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for before, (number, line) in zip(["", *lines], enumerate(lines, 1), strict=False):
            if read.search(line) and not re.search("# real clock: .", before + line):
                unexplained.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert unexplained == []


def test_no_test_stops_the_clock_of_the_whole_process() -> None:
    """A server in another thread would sleep by it, for hours: a module gets a `time` of its own."""
    stopping = re.compile(r"""setattr\((time, |["']time\.)""")
    found = [path.name for path in sorted((ROOT / "tests").rglob("*.py")) if stopping.search(path.read_text(encoding="utf-8"))]
    assert found == []


# ---- a municipality is data ------------------------------------------------------------------------------------------


def test_no_code_names_a_municipality() -> None:
    assert SYSTEMS
    named = re.compile(rf"(?<![a-zA-Z])({'|'.join(SYSTEMS)})(?![a-zA-Z])|伊勢|青森|長崎|埼玉")
    found = [
        f"{file}:{line}"
        for file, tree in modules().items()
        if not file.startswith(("ebid_tui/demo/", "ebid_tui/messages/demo"))
        for line, text in [
            *literals(tree),
            *((n.lineno, n.name) for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)),
            *((n.lineno, n.id) for n in ast.walk(tree) if isinstance(n, ast.Name)),
        ]
        if named.search(text)
    ]
    assert found == []


# ---- wording ---------------------------------------------------------------------------------------------------------


def test_every_sentence_asked_for_exists_and_gets_its_values() -> None:
    problems = []
    for file, tree in modules().items():
        for call in calls(tree, "t", "has"):
            key = call.args[0] if call.args else None
            if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                continue
            if not has(key.value):
                problems.append(f"{file}:{call.lineno}: no sentence {key.value}")
            elif isinstance(call.func, ast.Name) and call.func.id == "t" and None not in {k.arg for k in call.keywords}:
                wanted = {name.partition(".")[0] for _, name, _, _ in Formatter().parse(t(key.value)) if name}
                if missing := wanted - {k.arg for k in call.keywords}:
                    problems.append(f"{file}:{call.lineno}: {key.value} wants {', '.join(sorted(missing))}")
    assert problems == []


def test_every_file_of_sentences_is_a_known_area() -> None:
    files = {path.stem for path in (PACKAGE / "messages").glob("*.py")} - {"__init__"}
    assert files <= set(AREAS)


def test_sentences_stand_in_the_catalogue_only() -> None:
    sentence = re.compile("です|ます|ません|ください")
    elsewhere = [
        f"{file}:{line}: {text}"
        for file, tree in modules().items()
        if not file.startswith(("ebid_tui/messages/", "ebid_tui/demo/"))
        for line, text in literals(tree)
        if sentence.search(text)
    ]
    assert elsewhere == []


def error_codes() -> set[str]:
    """The codes of the tree, and those that the code raises by name."""

    def below(kind: type[EbidError]) -> set[str]:
        return {kind.code}.union(*(below(child) for child in kind.__subclasses__()))

    raised = {
        call.args[0].value
        for tree in modules().values()
        for call in calls(tree, "RuleError")
        if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }
    return below(EbidError) | raised


@pytest.mark.parametrize("part", ["title", "remedy"])
def test_every_error_says_what_happened_and_what_to_do(part: str) -> None:
    assert [code for code in sorted(error_codes()) if not has(f"error.{code}.{part}")] == []
