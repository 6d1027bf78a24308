"""uim-fep between the terminal and the program, as it may be set up: what `doctor` says of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from ebid_tui import settings
from ebid_tui.doctor import input_method
from ebid_tui.doctor.probing import Probe, ProbeContext, examine
from ebid_tui.settings import Settings

SHIPPED = Path(__file__).resolve().parents[2] / "deploy" / "uim" / "ebid-tui.scm"
WELL = ("uim-fep", "-s", "none", "-u", "anthy-utf8", "-e", "ebid-tui", "-s", "lastline")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (mine := tmp_path / "home").mkdir()
    monkeypatch.setattr(input_method, "PROC", tmp_path / "proc")
    monkeypatch.setattr("pwd.getpwuid", lambda _: SimpleNamespace(pw_dir=str(mine)))
    return mine


def found(
    monkeypatch: pytest.MonkeyPatch,
    started: Sequence[str] = WELL,
    *,
    rows: int = 24,
    environment: dict[str, str] | None = None,
    pid: str = "77",
) -> dict[str, tuple[str, str]]:
    """Status and reason of each check, with uim-fep started by this command on a terminal of so many rows."""
    (directory := input_method.PROC / "77").mkdir(parents=True, exist_ok=True)
    (directory / "cmdline").write_bytes(b"".join(word.encode() + b"\0" for word in started))
    screen = SimpleNamespace(isatty=lambda: rows > 0, fileno=lambda: 1)
    monkeypatch.setattr(input_method, "sys", SimpleNamespace(stdout=screen))
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((80, rows)))
    context = ProbeContext(Settings(), {"UIM_FEP_PID": pid, **(environment or {"LIBUIM_USER_SCM_FILE": str(SHIPPED)})})
    findings = examine(context, (Probe(input_method.IDS, input_method.look),))
    assert all(finding.title and finding.detail for finding in findings)
    return {finding.id.removeprefix("ime."): (finding.status, finding.reason) for finding in findings}


def test_as_the_documents_say(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch) == {
        "rows": ("ok", "ok"),
        "engine": ("ok", "ok"),
        "onkey": ("ok", "ok"),
        "learning": ("ok", "off"),
    }


def test_without_it_nothing_is_looked_at() -> None:
    findings = list(input_method.look(ProbeContext(Settings(), {})))
    assert [(finding.id, finding.status, finding.reason) for finding in findings] == [
        (check, "skipped", "none") for check in input_method.IDS
    ]


@pytest.mark.parametrize(
    ("started", "rows", "reason"),
    [
        (("uim-fep",), 23, "status"),
        (("uim-fep", "-s", "lastline"), 23, "status"),
        (("uim-fep", "-sl"), 23, "status"),
        (("uim-fep", "-sn"), 23, "ok"),  # the terminal is small: terminal.size says so
        (("uim-fep",), 40, "ok"),
        (("uim-fep", "-s", "none"), 24, "ok"),
        (WELL, 0, "no_terminal"),
    ],
)
def test_the_status_line_takes_a_row(monkeypatch: pytest.MonkeyPatch, started: tuple[str, ...], rows: int, reason: str) -> None:
    assert found(monkeypatch, started, rows=rows)["rows"][1] == reason


@pytest.mark.parametrize(
    ("started", "environment", "reason"),
    [
        (("uim-fep",), {"X": ""}, "direct"),
        (("uim-fep", "-udirect"), {"UIM_FEP": "anthy"}, "direct"),
        (("uim-fep", "-uanthy-utf8"), {"X": ""}, "ok"),
        (("uim-fep",), {"UIM_FEP": "skk"}, "ok"),
    ],
)
def test_an_engine_that_converts(
    monkeypatch: pytest.MonkeyPatch, started: tuple[str, ...], environment: dict[str, str], reason: str
) -> None:
    assert found(monkeypatch, started, environment=environment)["engine"][1] == reason


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("", "untypable"),
        ('(define-key generic-on-key? \'("zenkaku-hankaku" "<Shift> "))', "untypable"),
        (';(define-key generic-on-key? "<Control>o")', "untypable"),
        ('(define-key generic-on-key? "<Control>o")', "ok"),
        ('(define-key generic-on-key? \'("zenkaku-hankaku" "<Control> "))', "ok"),
        ('(define anthy-on-key \'("<Control>\\\\"))', "ok"),
        ('(define-key generic-off-key? "<Control>o")', "untypable"),
    ],
)
@pytest.mark.parametrize("place", [".uim", ".uim.d/customs/custom-global-keys1.scm"])
def test_a_key_that_a_terminal_sends(monkeypatch: pytest.MonkeyPatch, home: Path, place: str, said: str, reason: str) -> None:
    (file := home / place).parent.mkdir(parents=True, exist_ok=True)
    file.write_text(said)
    assert found(monkeypatch, environment={"X": ""})["onkey"][1] == reason


def test_what_visitors_type_must_not_be_learnt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (own := tmp_path / "own.scm").write_text(";(define (anthy-utf8-lib-commit-segment . segment) #t)\n")
    environment = {"LIBUIM_USER_SCM_FILE": str(own)}
    assert found(monkeypatch, environment=environment)["learning"] == ("ok", "own")
    settings.config_directory().mkdir(parents=True, exist_ok=True)
    (settings.config_directory() / "kiosk-secret").write_text("x")
    assert found(monkeypatch, environment=environment)["learning"] == ("warning", "kiosk")
    assert found(monkeypatch)["learning"] == ("ok", "off")


@pytest.mark.parametrize(("started", "pid"), [(("bash",), "77"), ((), "77"), (WELL, "78"), (WELL, "x"), (("uim-fep", "-Z"), "77")])
def test_a_number_that_is_no_uim_fep(monkeypatch: pytest.MonkeyPatch, started: tuple[str, ...], pid: str) -> None:
    assert set(found(monkeypatch, started, pid=pid).values()) == {("skipped", "skipped")}
