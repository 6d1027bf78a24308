"""Whoever reads the output may leave (`| head`, `| grep -q`), and a disk may be full: the exit code tells what was done all the same."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from ebid_tui import __main__ as program
from ebid_tui.plain.run import COMPLETED, NOT_COMPLETED
from ebid_tui.process.output import HAND_OVER, UNWRITTEN
from ebid_tui.server.admin import command_line
from tests.e2e import answers
from tests.e2e.program import ROOT, Talk
from tests.forked import nursery
from tests.patience import long
from tests.server.admin.rosters import GOOD, HEADER

DB = ["--database", "sqlite:///{dir}/db"]
ISE = [*DB, "--system", "ise"]
OPERATOR = [*ISE, "--login", "op{n}"]
AWAY = ["--system", "ise", "--server", "https://127.0.0.1:1"]

CASES: dict[str, list[str]] = {
    "": ["--help"],
    "demo": ["demo", "--plain", "--script", "{dir}/visit"],
    "plain": ["plain", *AWAY, "--script", "{dir}/nothing"],
    "card": ["card", "--json"],
    "card change-pin": ["card", "change-pin", "--plain", "--script", "{dir}/change"],
    "doctor": ["doctor", "--json"],
    "kiosk": ["kiosk", "--help"],
    "desk": ["desk", *AWAY, "--plain", "--script", "{dir}/nothing"],
    "serve": ["serve", "--help"],
    "admin": ["admin", "--help"],
    "admin init": ["admin", "init", *DB],
    "admin migrate": ["admin", "migrate", *DB],
    "admin import-roster": ["admin", "import-roster", *ISE, "{dir}/roster"],
    "admin export": ["admin", "export", *ISE, "--output", "{dir}/export{n}"],
    "admin backup": ["admin", "backup", *DB, "--output", "{dir}/backup{n}"],
    "admin restore": ["admin", "restore", "--database", "sqlite:///{dir}/restored{n}", "{dir}/backup{n}"],
    "admin propagate": ["admin", "propagate", *DB],
    "admin remind": ["admin", "remind", *DB],
    "admin send-mail": ["admin", "send-mail", *DB, "--smtp-host", "127.0.0.1:1", "--smtp-from", "a@example.jp", "--smtp-security", "none"],
    "system check": ["system", "check", "--no-walk", str(ROOT / "ebid_tui/systems/ise.toml"), "{dir}/roster"],
    "system reference": ["system", "reference"],
    "system show": ["system", "show", "--full", "ise"],
    "system new": ["system", "new", "--into", "{dir}", "--answers", "{dir}/none"],
    "admin trust-ca": ["admin", "trust-ca", "--trust", "{dir}", "--authority", "test-ca", "--check", "{dir}/roster"],
    "admin refresh-revocation": ["admin", "refresh-revocation", *DB],
    "admin reset-password": ["admin", "reset-password", *ISE, "--number", "1000000001", "--application", "A-{n}"],
    "admin new-secret-key": ["admin", "new-secret-key", "--file", "{dir}/key{n}"],
    "admin add-operator": ["admin", "add-operator", *OPERATOR, "--all-agencies", "--secret-key-file", "{dir}/key{n}"],
    "admin accept": ["admin", "accept", *ISE, "--list"],
    "admin list-operators": ["admin", "list-operators", *DB],
    "admin disable-operator": ["admin", "disable-operator", *OPERATOR],
    "admin enable-operator": ["admin", "enable-operator", *OPERATOR],
    "admin reset-totp": ["admin", "reset-totp", *OPERATOR, "--secret-key-file", "{dir}/key{n}"],
    "admin forget-devices": ["admin", "forget-devices", *OPERATOR],
    "admin set-operator-password": ["admin", "set-operator-password", *OPERATOR],
    "admin export-evidence": ["admin", "export-evidence", *DB, "--output", "{dir}/evidence{n}"],
    "admin verify-evidence": ["admin", "verify-evidence", *DB],
    "admin verify-audit": ["admin", "verify-audit", *DB],
    "admin audit-head": ["admin", "audit-head", *DB],
}
"""A call of every command, in an order that makes sense."""

CODES = {"plain": 2, "desk": 2, "card change-pin": 1, "admin trust-ca": 1, "system check": 1, "system new": 1}
"""What the others come to when all of it is read; 0 where nothing stands here."""

BY_MACHINE = ("card", "doctor")
"""What these come to depends on the machine."""

SHOWN_ONCE = {"admin reset-password", "admin add-operator", "admin reset-totp"}
TELLS = {"card", "admin list-operators", "admin audit-head", ""}
"""Whose work is what they print."""

Run = Callable[[str, str], tuple[int, str]]


@pytest.fixture
def run(short_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a case with this kind of output: its exit code, and what it said on standard error."""
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(short_dir / "no-pcscd"))
    (short_dir / "visit").write_text(answers.WHOLE, encoding="utf-8")
    (short_dir / "change").write_text("card: :cancel\n", encoding="utf-8")
    (short_dir / "nothing").write_text("", encoding="utf-8")
    (short_dir / "stdin").write_text("a long password\n", encoding="utf-8")
    (short_dir / "roster").write_text(f"{HEADER}\r\n{GOOD}Shoki-pass1\r\n", encoding="utf-8")

    def once(case: str, out: str) -> tuple[int, str]:
        argv = [part.format(dir=short_dir, n=out) for part in CASES[case]]
        err = short_dir / "err"
        places = (short_dir / "stdin", short_dir / "out" if out == "read" else out, err)
        code = nursery.begin("tests.e2e.with_output", [*map(str, places), *argv]).wait(long())
        return code, err.read_text(encoding="utf-8", errors="replace")

    return once


def commands() -> set[str]:
    """Every command of the command line."""

    def below(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
        actions = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
        return {name: made for action in actions for name, made in action.choices.items()}

    top = below(program._parser())
    groups = set(top) - {"system"} | {"system check", "system new", "system reference", "system show"}
    return {""} | groups | {f"card {name}" for name in below(top["card"])} | {f"admin {name}" for name in below(command_line.parser())}


def test_every_command_is_tried() -> None:
    assert commands() == set(CASES)


def test_a_reader_that_leaves_changes_no_exit_code(run: Run) -> None:
    """Every command without a reader, which takes seconds. A secret that is shown once was not shown: that is to be known."""
    read = CODES | {case: run(case, "read")[0] for case in BY_MACHINE} | dict.fromkeys(SHOWN_ONCE, HAND_OVER)
    for case in CASES:
        code, err = run(case, "gone")
        for word in ("Traceback", "Exception", "Error:", "エラー E-CRASH", "プログラムの誤り"):
            assert word not in err, f"{case}: {err}"
        assert code == read.get(case, 0), f"{case}: {err}"


@pytest.mark.parametrize("out", ["full", "closed"])
def test_what_cannot_be_written_fails_only_where_it_was_the_work(run: Run, out: str) -> None:
    for case in ("admin init", "admin import-roster", "admin export", "admin verify-audit"):
        code, err = run(case, out)
        assert (code, "書き出せません" in err) == (0, out == "full"), f"{case}: {err}"
    for case in TELLS:
        code, err = run(case, out)
        assert code == UNWRITTEN, f"{case}: {err}"
        assert "書き出せません" in err
        assert "Traceback" not in err
    run("admin new-secret-key", out)
    assert run("admin add-operator", out)[0] == HAND_OVER


def test_a_visit_that_nobody_sees_asks_for_no_pin(short_dir: Path) -> None:
    """The reader leaves before the PIN is asked for: the visit ends, the card is let go of, and what is typed afterwards is for nobody."""
    talk = Talk("demo", "--plain")
    talk.answer_all(answers.ENTRANCE, up_to="card")
    assert talk.process.stdout is not None
    talk.process.stdout.close()
    talk.say("ise-new")
    talk.say("123456")
    assert talk.process.wait(long()) == NOT_COMPLETED != COMPLETED
    assert talk.process.stderr is not None
    err = talk.process.stderr.read().decode()
    assert "表示先がなくなった" in err
    assert "Traceback" not in err
    talk.process.stdin.close()  # type: ignore[union-attr]
    talk.process.stderr.close()
