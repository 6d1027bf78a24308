"""The demo's server process: `python -m ebid_tui.demo.server`, started by `embedded.py`.

It serves a fresh database with the demo's roster, says `ready PORT` on its standard output, and ends with its parent:
when its standard input does, or on the signal that Linux sends when a parent dies. Its directory goes with it.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import os
import shutil
import signal
import sys
import threading
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import FrameType

PR_SET_PDEATHSIG = 1


def main() -> int:
    """Serve until told to stop, or until the parent is gone."""
    parser = argparse.ArgumentParser(prog="ebid_tui.demo.server")
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--cards", type=Path, required=True)
    parser.add_argument("--day", type=date.fromisoformat, required=True)
    parser.add_argument("--uds", type=Path)
    parser.add_argument("--systems-dir", type=Path, action="append", default=[])
    parser.add_argument("systems", nargs="*")
    arguments = parser.parse_args()
    _end_with_parent(arguments.directory)
    try:
        return _serve(arguments)
    except Exception as error:
        _tell(error)
        raise
    finally:
        shutil.rmtree(arguments.directory, ignore_errors=True)


def _tell(error: Exception) -> None:
    """What the parent can show as it is; of anything else it finds the last line in the log."""
    import json

    from ebid_tui.errors import EbidError

    if isinstance(error, EbidError):
        print(json.dumps([error.code, error.detail, {name: str(value) for name, value in error.values.items()}]), flush=True)


def _end_with_parent(directory: Path) -> None:
    parent = os.getppid()

    def end() -> None:
        # Twice: the database may make a file while its directory is being removed.
        for _ in range(2):
            shutil.rmtree(directory, ignore_errors=True)
        os._exit(0)

    def watch() -> None:
        with suppress(OSError):
            while os.read(0, 64):
                pass
        end()

    def parent_died(_number: int, _frame: FrameType | None) -> None:
        # Sent as well when only the thread ends that started us: then the parent is still there.
        if os.getppid() != parent:
            end()

    threading.Thread(target=watch, name="parent", daemon=True).start()
    if sys.platform == "linux":
        signal.signal(signal.SIGHUP, parent_died)
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGHUP)
        parent_died(signal.SIGHUP, None)


def _serve(arguments: argparse.Namespace) -> int:
    gc.disable()  # until it listens (running/serving.py): 80 ms
    # After the watch over the parent has begun: these imports take most of the start.
    from ebid_tui.demo import cards, roster
    from ebid_tui.demo.embedded import ORIGIN
    from ebid_tui.server.app import create_app
    from ebid_tui.server.decisions.passwords import Passwords
    from ebid_tui.server.running.serving import ListenAddress, run
    from ebid_tui.server.services import profiles
    from ebid_tui.server.settings import PasswordCost, ServerSettings
    from ebid_tui.server.store.engine import writing_engine
    from ebid_tui.server.store.migrate import make_ready

    wallet = cards.Wallet(arguments.cards, arguments.day)
    settings = ServerSettings(
        database=f"sqlite:///{arguments.directory / 'ebid.db'}",
        origins=(ORIGIN,),
        anchors={ca: (der,) for ca, der in cards.trust_anchors(wallet).items()},
        systems=tuple(arguments.systems),
        system_directories=tuple(arguments.systems_dir),
        password_cost=PasswordCost(time=1, memory_kib=1024),
        enforce_hours=False,
    )
    if make_ready(settings.database):
        engine, passwords = writing_engine(settings.database), Passwords(settings.password_cost)
        with engine.begin() as connection:
            roster.seed(connection, profiles(settings), passwords, wallet)
        engine.dispose()
        passwords.stop()

    def listening(port: int) -> None:
        print(f"ready {port}", flush=True)
        # The first sign-in should not wait for this import.
        threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()

    return 0 if run(create_app(settings), ListenAddress(uds=arguments.uds), listening) else 1


def _warm_up() -> None:
    import pyhanko_certvalidator  # noqa: F401


if __name__ == "__main__":
    sys.exit(main())
