"""A real `sshd` of a test's own: loopback, a port that nobody uses, its own host key, one authorised key. The system's is left alone."""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.e2e.program import ROOT
from tests.patience import long, wait_until

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin") or ""
PRIVILEGE_SEPARATION = Path("/run/sshd")


def missing() -> str:
    """What the machine lacks for these tests; empty if nothing."""
    if not SSHD:
        return "sshd is not installed"
    return "" if shutil.which("ssh") and shutil.which("ssh-keygen") else "ssh is not installed"


class PrivateSshd:
    """The daemon; `settings` are further lines of its configuration."""

    def __init__(self, directory: Path, *settings: str) -> None:
        self.directory, self._settings = directory, settings
        self._user = pwd.getpwuid(os.getuid()).pw_name
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.directory.mkdir(mode=0o700, exist_ok=True)
        if os.getuid() == 0:
            PRIVILEGE_SEPARATION.mkdir(mode=0o755, exist_ok=True)  # where the system's start script would make it
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", self.directory / name], check=True)
        shutil.copy(self.directory / "user.pub", self.directory / "authorized")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        key = (self.directory / "host.pub").read_text().rpartition(" ")[0]
        (self.directory / "known").write_text(f"[127.0.0.1]:{self._port} {key}\n")
        self.start()
        return self

    def start(self, *settings: str) -> None:
        """Start with the settings given before and these; stop it first if it runs."""
        self.stop()
        lines = (
            f"Port {self._port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {self.directory / 'host'}",
            f"AuthorizedKeysFile {self.directory / 'authorized'}",
            "PidFile none",
            "UsePAM no",
            "StrictModes no",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "PermitRootLogin prohibit-password",
            *self._settings,
            *settings,
        )
        (self.directory / "config").write_text("\n".join(lines) + "\n")
        log = self.directory / "log"
        with log.open("wb") as file:
            command = [SSHD, "-D", "-e", "-f", str(self.directory / "config")]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        wait_until(lambda: b"listening" in log.read_bytes(), f"sshd: {log.read_text()}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(long())
            self._process = None

    def run(
        self, *command: str, env: Mapping[str, str], forward: Sequence[tuple[Path, Path]] = (), timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run a command on the far side, in the project's directory; `forward`: (socket there, socket here)."""
        variables = [f"{name}={value}" for name, value in env.items()]
        there = f"cd {shlex.quote(str(ROOT))} && exec {shlex.join(['env', *variables, *command])}"
        options = [f"-R{far}:{near}" for far, near in forward]
        ssh = ["ssh", "-F", "none", "-p", str(self._port), "-i", str(self.directory / "user"), "-l", self._user, *options]
        for option in (
            "BatchMode=yes",
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
            f"UserKnownHostsFile={self.directory / 'known'}",
            "StrictHostKeyChecking=yes",
            "ExitOnForwardFailure=yes",
            "LogLevel=ERROR",
        ):
            ssh += ["-o", option]
        return subprocess.run(
            [*ssh, "127.0.0.1", there], stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=timeout, check=False
        )

    def __exit__(self, *_: object) -> None:
        self.stop()
