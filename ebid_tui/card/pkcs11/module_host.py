"""The process that holds one PKCS#11 module, so that whatever the module does, the program goes on.

    python -m ebid_tui.card.pkcs11.module_host DESCRIPTOR PARENT

It is started by `module_process.py` and speaks `module_frames.py` over the inherited socket DESCRIPTOR. It has no terminal, writes
nowhere, leaves no memory image behind when it crashes, and ends with the program. Nothing of the program is loaded here but this
file, the wire and the module's calls.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import sys
from typing import Any

from ebid_tui.card.pkcs11 import module_frames

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4


def main(descriptor: int, parent: int) -> int:
    """Answer requests until the program's end closes the socket."""
    _seclude(parent)
    me = os.getpid()
    calls: Any = None
    with socket.socket(fileno=descriptor) as line:
        while (request := _receive(line)) is not None:
            message, secret = request
            if calls is None:
                from ebid_tui.card.pkcs11 import module_calls

                calls = module_calls.ModuleCalls()
            answer = calls.answer(message, secret)
            if os.getpid() != me:
                os._exit(0)  # a copy of this process that the module made: it must not answer
            try:
                module_frames.send(line, answer)
            except OSError:
                return 0
    return 0


def _seclude(parent: int) -> None:
    """No core file, no debugger (both would show a PIN), and no life without the program."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        prctl = ctypes.CDLL(None).prctl
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def _receive(line: socket.socket) -> tuple[dict[str, Any], bytearray] | None:
    head = _exactly(line, module_frames.HEAD.size)
    if head is None:
        return None
    body_length, secret_length = module_frames.lengths(head)
    body = _exactly(line, body_length)
    secret = _exactly(line, secret_length)
    return None if body is None or secret is None else (module_frames.decode(body), secret)


def _exactly(line: socket.socket, size: int) -> bytearray | None:
    """So many bytes, in a buffer that never moves; None at the end."""
    data = bytearray(size)
    view, got = memoryview(data), 0
    while got < size:
        part = line.recv_into(view[got:])
        if not part:
            return None
        got += part
    return data


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]), int(sys.argv[2])))
