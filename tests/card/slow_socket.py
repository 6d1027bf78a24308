"""A slow way to a `pcscd`: a socket that hands everything on, each piece of what the daemon answers a while later.

A process of its own (`python -S slow_socket.py PATH DAEMON SECONDS`): pyscard keeps Python's lock while it connects.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def slow_socket(path: Path, daemon: Path, seconds: float) -> Iterator[None]:
    """Listens at `path` and hands on to `daemon`; `seconds`: how long each read of an answer takes."""
    path.unlink(missing_ok=True)
    command = [sys.executable, "-S", __file__, str(path), str(daemon), str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield
        process.stdin.close()
    path.unlink(missing_ok=True)


def _serve(path: str, daemon: str, seconds: float) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)
        while True:
            client, server = listener.accept()[0], socket.socket(socket.AF_UNIX)
            server.connect(daemon)
            for source, target, pause in ((client, server, 0.0), (server, client, seconds)):
                threading.Thread(target=_hand_on, args=(source, target, pause), daemon=True).start()


def _hand_on(source: socket.socket, target: socket.socket, seconds: float) -> None:
    try:
        while data := source.recv(65536):
            time.sleep(seconds)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


if __name__ == "__main__":
    threading.Thread(target=_serve, args=(sys.argv[1], sys.argv[2], float(sys.argv[3])), daemon=True).start()
    sys.stdin.read()  # it ends with whoever started it
