"""The PC/SC daemon's socket, looked at without libpcsclite, which waits for ever for a daemon that hangs."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import stat
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ebid_tui.card.pcsc.daemon_socket import SYSTEM_SOCKET
from ebid_tui.doctor.finding import Finding, failure, ok, warning

VARIABLE = "PCSCLITE_CSOCK_NAME"
ANSWER_SECONDS = 2.0
LONGEST_PATH = 107
"""Bytes of a unix socket's path (unix(7))."""

_HEADER = struct.Struct("=II")
_VERSION = struct.Struct("=iiI")
_CMD_VERSION = 0x11
_PROTOCOL = (4, 4)
"""What pcsc-lite 1.8.24 to 1.9 speak; the daemon answers with its own (winscard_msg.h)."""


@dataclass(frozen=True, slots=True)
class DaemonFinding:
    """Who is at the socket: the finding about the service, and its protocol's version if it said one."""

    finding: Finding
    protocol: tuple[int, int] | None = None


def path_of(environment: Mapping[str, str]) -> Path:
    """The socket that libpcsclite goes to."""
    return Path(environment.get(VARIABLE) or SYSTEM_SOCKET)


def over_ssh(environment: Mapping[str, str]) -> bool:
    return any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"))


def forwarded(environment: Mapping[str, str]) -> bool:
    """Whether the socket is one that ssh made here for a reader elsewhere, as far as can be told."""
    return over_ssh(environment) and bool(environment.get(VARIABLE))


def ask(environment: Mapping[str, str]) -> DaemonFinding:
    """Connect, exchange versions, hang up."""
    path = path_of(environment)
    suffix = "_forwarded" if forwarded(environment) else ""

    def bad(reason: str) -> DaemonFinding:
        return DaemonFinding(failure("pcsc.service", reason, place=str(path)))

    if len(os.fsencode(path)) > LONGEST_PATH:
        return bad("path_too_long")
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(ANSWER_SECONDS)
        try:
            line.connect(str(path))
            line.sendall(_HEADER.pack(_VERSION.size, _CMD_VERSION) + _VERSION.pack(*_PROTOCOL, 0))
            answer = _exactly(line, _VERSION.size)
        except FileNotFoundError:
            return bad(f"missing{suffix}" if suffix or environment.get(VARIABLE) or _installed() else "not_installed")
        except PermissionError:
            return bad("denied")
        except TimeoutError:
            return bad("silent")
        except OSError as error:
            gone = error.errno in (errno.EPIPE, errno.ECONNRESET)
            return bad(f"closed{suffix}" if gone else f"stale{suffix}" if error.errno == errno.ECONNREFUSED else "no_socket")
    if answer is None:
        return bad(f"closed{suffix}")
    major, minor, _ = _VERSION.unpack(answer)
    return DaemonFinding(ok("pcsc.service", "forwarded" if suffix else "ok"), (major, minor))


def _installed() -> bool:
    return bool(shutil.which("pcscd", path="/usr/sbin:/usr/local/sbin:/usr/bin"))


def _exactly(line: socket.socket, size: int) -> bytes | None:
    data = b""
    while len(data) < size:
        part = line.recv(size - len(data))
        if not part:
            return None
        data += part
    return data


# ---- over SSH --------------------------------------------------------------------------------------------------------


def whose_reader(environment: Mapping[str, str]) -> Finding:
    """Over SSH the machine's own reader is the far one's, unless the user's socket was brought along."""
    if not over_ssh(environment):
        return ok("ssh.reader", "local")
    return ok("ssh.reader", "own") if environment.get(VARIABLE) else warning("ssh.reader", "far")


def private(environment: Mapping[str, str]) -> Finding:
    """Whoever may open a forwarded socket may use the card that is in the user's reader."""
    if not environment.get(VARIABLE):
        return ok("ssh.socket", "none")
    path = path_of(environment)
    try:
        status = path.stat()
    except OSError:
        return warning("ssh.socket", "missing", place=str(path))
    if not stat.S_ISSOCK(status.st_mode):
        return failure("ssh.socket", "no_socket", place=str(path))
    if forwarded(environment) and status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return warning("ssh.socket", "open", place=str(path))
    return ok("ssh.socket")
