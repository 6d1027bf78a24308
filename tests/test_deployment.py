"""docs/deployment.md: its commands run in order, on loopback and in a directory of their own; deploy/ is what systemd and nginx take.

The program, PostgreSQL, curl and every file are real. What belongs to the whole machine is stood in for: users, `runuser`, the role `ebid`
(the test's PostgreSQL has it), `systemctl` (starts, stops and reloads what the units say) and nginx, whose file has a test of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from ebid_tui.demo import cards
from tests.server import postgres
from tests.server.postgres import USER
from tests.wallets import of_today

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
DOC = (ROOT / "docs" / "deployment.md").read_text("utf-8")
NOTHING = "#!/bin/sh\nexit 0\n"
SYSTEMCTL = Path(__file__).with_name("systemctl_stand_in.py")


def free_base() -> int:
    """Four digits to which 1 and 2 may be appended for ports."""
    for base in range(1100, 3000, 7):
        try:
            for end in (1, 2, 3):
                with socket.socket() as found:
                    found.bind(("127.0.0.1", base * 10 + end))
        except OSError:
            continue
        return base
    raise AssertionError("no ports")


@pytest.fixture
def units(short_dir: Path) -> Iterator[Path]:
    """Where units are, with what was started; it is stopped in the end."""
    (made := short_dir / "units").mkdir()
    yield made
    for file in made.glob("*.pid"):
        os.kill(int(file.read_text()), signal.SIGKILL)


def places(base: Path, ports: int, cluster: Path) -> dict[str, str]:
    """What stands in for what."""
    return {
        "/etc/systemd/system": str(base / "units"),
        "/etc/nginx/conf.d": str(base / "nginx"),
        "/etc/ebid-tui": str(base / "etc"),
        "/var/lib/ebid-tui": str(base / "var"),
        "/var/backups/ebid-tui": str(base / "backups"),
        "/run/ebid-tui": str(base / "run"),
        "/run/postgresql": str(cluster),
        "/opt/ebid-tui": str(base / "opt"),
        "/usr/local/bin": str(base / "bin"),
        "~/": f"{base}/home/",
        "0.0.0.0:8443": f"127.0.0.1:{ports}3",
        "localhost:8443": f"localhost:{ports}3",
        "127.0.0.1:946": f"127.0.0.1:{ports}",
    }


def stood_in(text: str, instead: dict[str, str]) -> str:
    for what, place in instead.items():
        text = text.replace(what, place)
    return text


def programs(base: Path) -> None:
    for name in ("useradd", "usermod", "nginx", "createuser"):
        executable(base / "bin" / name, NOTHING)
    executable(base / "bin" / "runuser", '#!/bin/sh\nshift 3\nexec "$@"\n')
    executable(base / "bin" / "systemctl", f'#!/bin/sh\nexec {sys.executable} {SYSTEMCTL} {base} "$@"\n')
    install = "\n".join(("#!/bin/bash", 'a=(); while (($#)); do case $1 in -o|-g) shift 2;; *) a+=("$1"); shift;; esac; done'))
    executable(base / "bin" / "install", f'{install}\nexec {shutil.which("install")} "${{a[@]}}"\n')
    executable(base / "opt" / ".venv" / "bin" / "ebid-tui", f'#!/bin/sh\nexec {sys.executable} -m ebid_tui "$@"\n')


def executable(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    path.chmod(0o755)


def files(base: Path, instead: dict[str, str]) -> None:
    """What an administrator has before beginning: the program, authorities' certificates, and the server's own with its key."""
    for file in (f for f in DEPLOY.rglob("*") if f.is_file()):
        (copy := base / "opt" / "deploy" / file.relative_to(DEPLOY)).parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(stood_in(file.read_text("utf-8"), instead))
    for name in ("home/ca", "home/tls", "nginx", "run", "cards"):
        (base / name).mkdir(parents=True)
    for name, der in cards.trust_anchors(of_today(base / "cards")).items():
        pem = x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM)
        (base / "home" / "ca" / f"{name}.pem").write_bytes(pem)
    certificate(base / "home" / "tls")


def certificate(directory: Path) -> None:
    """`server.pem` and `server.key`, for localhost."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", "server.key", "-out", "server.pem"]
    subprocess.run(command, cwd=directory, check=True, capture_output=True)


@pytest.mark.long
@pytest.mark.timeout(300)  # twenty programs are started, one after the other
@pytest.mark.skipif(postgres.programs() is None or not shutil.which("curl"), reason="no PostgreSQL or no curl here")
def test_every_command_of_the_guide(short_dir: Path, units: Path) -> None:
    found = postgres.programs()
    assert found is not None
    with postgres.cluster() as cluster:
        instead = places(short_dir, free_base(), cluster.directory)
        programs(short_dir)
        files(short_dir, instead)
        commands = stood_in("\n".join(re.findall(r"```sh\n(.*?)```", DOC, re.DOTALL)), instead)
        environment = os.environ | {
            "PATH": os.pathsep.join([str(short_dir / "bin"), str(found), os.environ["PATH"]]),
            "PYTHONPATH": str(ROOT),
            "PGUSER": USER,
            "PGHOST": str(cluster.directory),
        }
        ran = subprocess.run(
            ["bash", "-euxo", "pipefail", "-c", commands], env=environment, capture_output=True, encoding="utf-8", timeout=280, check=False
        )
        logs = "\n".join(log.read_text("utf-8") for log in units.glob("*.log"))
        assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-3000:] + logs[-3000:]
        assert ran.stdout.count('{"status":"ready"}') == 7
        assert "ebid_database_up 1.0" in ran.stdout
        assert len(list((short_dir / "backups").glob("*.db"))) == 3  # by hand, by the timer, before the upgrade
        assert "Traceback" not in logs
        for file in units.glob("*.pid"):
            os.kill(int(file.read_text()), signal.SIGKILL)
            file.unlink()


def test_what_the_guide_says_of_postgresql() -> None:
    for word in ("log_error_verbosity = terse", "session モード", "勧告ロック", "transaction／statement モードでは使えません"):
        assert word in DOC


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    executable(tmp_path / "opt" / ".venv" / "bin" / "ebid-tui", NOTHING)
    executable(tmp_path / "opt" / "kmscon", NOTHING)
    for file in (DEPLOY / "systemd").iterdir():
        name = file.name.replace("@.", "@1.")
        text = file.read_text("utf-8").replace("/opt/ebid-tui", str(tmp_path / "opt"))
        (tmp_path / name).write_text(text.replace("/usr/bin/kmscon", str(tmp_path / "opt" / "kmscon")))
    names = sorted(str(file) for file in tmp_path.iterdir() if file.is_file())
    environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:/lib/systemd/system"}
    ran = subprocess.run(["systemd-analyze", "verify", *names], env=environment, capture_output=True, encoding="utf-8", check=False)
    ours = [line for line in ran.stderr.splitlines() if "ebid" in line]
    assert (ran.returncode, ours) == (0, []), ran.stderr


def test_the_hardening_stands_in_every_server_unit() -> None:
    for name in ("ebid-tui.service", "ebid-tui@.service"):
        unit = (DEPLOY / "systemd" / name).read_text("utf-8")
        for wanted in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "SystemCallFilter=", "LimitCORE=0"):
            assert f"\n{wanted}" in unit, (name, wanted)
        assert "User=ebid" in unit


@pytest.mark.skipif(not shutil.which("nginx"), reason="no nginx here")
def test_nginx_takes_its_file(tmp_path: Path) -> None:
    programs_of_tls = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=x",
        "-keyout",
        "server.key",
        "-out",
        "server.pem",
    ]
    subprocess.run(programs_of_tls, cwd=tmp_path, check=True, capture_output=True)
    text = (DEPLOY / "nginx" / "ebid-tui.conf").read_text("utf-8")
    instead = {"/etc/ebid-tui": str(tmp_path), "/var/log/nginx": str(tmp_path), "443 ssl": "18443 ssl"}
    (tmp_path / "site.conf").write_text(stood_in(text, instead))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    whole = f"pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}} http {{ {temporary} include {tmp_path}/site.conf; }}"
    (tmp_path / "nginx.conf").write_text(whole)
    ran = subprocess.run(
        ["nginx", "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")], capture_output=True, encoding="utf-8", check=False
    )
    assert ran.returncode == 0, ran.stderr
