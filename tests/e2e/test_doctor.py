"""`ebid-tui doctor` as a process: quick whatever hangs, its exit code, its terminal, and a report that tells nothing of anybody."""

from __future__ import annotations

import getpass
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from fcntl import ioctl
from pathlib import Path

import pytest

from ebid_tui.demo.cards import Wallet
from tests.card.pcscd import CardProcess, PrivatePcscd, missing
from tests.doctor.daemons import FalseDaemon
from tests.e2e.office import Office
from tests.e2e.program import COMMAND, ROOT, Ran, run, unhurried
from tests.patience import long, scaled
from tests.server.running_server import ORIGIN

NOBODY = {"PCSCLITE_CSOCK_NAME": "/nonexistent/pcscd.comm"}


@pytest.fixture
def office(short_dir: Path, wallet: Wallet) -> Iterator[Office]:
    """A server, a reader and a card: everything there is."""
    if lacking := missing():
        pytest.skip(lacking)
    with PrivatePcscd(short_dir) as daemon, CardProcess(daemon.ports[0], demo=wallet) as cards:
        office = Office(short_dir, wallet, daemon, cards)
        office.open()
        office.insert("ise-new")
        yield office


@pytest.mark.pcscd
def test_a_report_tells_nothing_of_card_person_or_machine(office: Office, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    where = ("--system", "ise", "--server-socket", str(office.socket))
    environment = office.environment | {"LANG": "C.UTF-8", "SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22", "USER": "hanako"}
    environment["EBID_TUI_PKCS11_MODULES"] = str(tmp_path / "hanako.so")
    (card,) = (entry["card"] for entry in json.loads(run("card", "--json", env=environment).out) if entry["card"])
    said: list[Ran] = []

    def saving() -> str:
        said.append(run("doctor", *where, "--report", str(report), env=environment))
        return report.read_text(encoding="utf-8")

    saved, screen = unhurried(saving), said[-1]
    machine = run("doctor", *where, "--json", env=environment)
    assert screen.code == machine.code == 2  # the module is missing
    checks = {check["id"]: check for check in json.loads(saved)["checks"]}
    assert [check["status"] for name, check in checks.items() if name.startswith(("card.", "server.", "reader."))].count("ok") >= 10
    assert checks["pkcs11.modules"]["reason"] == "missing"
    assert report.stat().st_mode & 0o777 == 0o600

    personal = {
        getpass.getuser(),
        "hanako",
        socket.gethostname(),
        str(Path.home()),
        str(tmp_path),
        str(office.directory),
        str(office.server.directory),
        "192.0.2.1",
        ORIGIN,
    }
    personal |= {os.environ["HOME"], os.environ["XDG_STATE_HOME"], "localhost", *office.pcscd.readers, "Virtual PCD"}
    for certificate in card["certificates"]:
        personal |= {str(value) for key, value in certificate.items() if key not in ("days_left",)}
        personal |= {part for key in ("company", "holder", "address") for part in re.split(r"\s", certificate[key] or "") if part}
        personal |= {part.partition("=")[2] for part in certificate["subject"].split(",")} - {"JP"}
    assert {"683", "2ab", "テスト工事業者０１", "個人", "十郎"} <= personal
    assert any("juro" in word.lower() for word in personal)
    for text in (saved, machine.out):
        told = json.dumps(json.loads(text)["checks"], ensure_ascii=False)
        assert not [word for word in personal if re.search(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])", told)]
        assert not re.search(r"\b\d{1,3}(\.\d{1,3}){3}\b|[0-9a-f]{16}", told)
    # On the screen, and only there, stands where to look.
    assert str(tmp_path / "hanako.so") in screen.out


def test_everything_hangs_and_it_ends_all_the_same(short_dir: Path) -> None:
    with FalseDaemon(short_dir / "s", "silent"), socket.create_server(("127.0.0.1", 0)) as mute:
        begun = time.monotonic()
        where = ("--system", "ise", "--server", f"http://127.0.0.1:{mute.getsockname()[1]}")
        ran = run("doctor", "--json", *where, env={"PCSCLITE_CSOCK_NAME": str(short_dir / "s")})
        assert time.monotonic() - begun < scaled(7)
    assert ran.code == 2
    found = {check["id"]: check["reason"] for check in json.loads(ran.out)["checks"]}
    assert found["pcsc.service"] == found["server.reachable"] == "silent"
    assert found["server.hours"] == found["card.expiry"] == "skipped"
    assert not ran.err


def test_broken_settings_do_not_stop_it() -> None:
    ran = run("doctor", "--json", env={**NOBODY, "EBID_TUI_COLOUR": "blue"})
    assert ran.code == 2
    assert {check["id"]: check["reason"] for check in json.loads(ran.out)["checks"]}["settings.files"] == "broken"


def test_a_report_that_cannot_be_saved(tmp_path: Path) -> None:
    ran = run("doctor", "--report", str(tmp_path / "none" / "report.json"), env=NOBODY)
    assert ran.code == 2
    assert "保存できません" in ran.err
    assert "Traceback" not in ran.err


def test_a_reader_of_its_output_that_goes_away() -> None:
    command = [*COMMAND, "doctor", "--json"]
    with subprocess.Popen(command, env={**os.environ, **NOBODY}, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        told = process.stderr.read()
    assert process.returncode == 2
    assert told == b""


# ---- in a terminal ---------------------------------------------------------------------------------------------------


def in_terminal(answer: bytes, columns: int = 80, rows: int = 24, kind: str = "xterm-256color") -> str:
    """What it says in a terminal that answers where its cursor is in this way."""
    pid, line = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        environment = {**os.environ, **NOBODY, "TERM": kind, "LANG": "C.UTF-8"}
        os.execve(COMMAND[0], [*COMMAND, "doctor"], environment)
    ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    said, end = b"", time.monotonic() + long()
    try:
        while select.select([line], [], [], max(0.0, end - time.monotonic()))[0]:
            part = os.read(line, 65536)
            said += part
            if b"\x1b[6n" in part and answer:
                os.write(line, answer)
    except OSError:
        assert said  # the terminal's other side has closed: it is over
    finally:
        os.close(line)
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return said.decode("utf-8")


@pytest.mark.parametrize(
    ("answer", "told"),
    [(b"\x1b[5;2R", "1文字分の幅で表示しています"), (b"\x1b[5;3R", "2文字分の幅で表示しています"), (b"", "表示位置を取得できない")],
)
def test_the_width_of_ambiguous_characters_is_asked_of_the_terminal(answer: bytes, told: str) -> None:
    said = in_terminal(answer)
    assert told in said
    assert "正常 terminal.size 画面の大きさ: 80文字×24行" in said
    assert "256色" in said
    assert "terminal.font" in said


def test_a_small_terminal_and_a_dumb_one() -> None:
    assert "注意 terminal.size 画面の大きさ: 60文字×20行" in in_terminal(b"\x1b[1;2R", columns=60, rows=20)
    said = in_terminal(b"", kind="dumb")
    assert "注意 terminal.kind" in said
    assert "\x1b[6n" not in said
