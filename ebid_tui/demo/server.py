"""The demo's server process: `python -m ebid_tui.demo.server`, started by `embedded.py`.

It serves the clock at once, then a fresh database with the demo's roster, says `ready PORT` on its standard output, and ends with its
parent:
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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ebid_tui.demo.clock_first import App

PR_SET_PDEATHSIG = 1


def main() -> int:
    """Serve until told to stop, or until the parent is gone."""
    parser = argparse.ArgumentParser(prog="ebid_tui.demo.server")
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--cards", type=Path, required=True)
    parser.add_argument("--day", type=date.fromisoformat, required=True)
    parser.add_argument("--uds", type=Path)
    parser.add_argument("--systems-dir", type=Path, action="append", default=[])
    parser.add_argument("--accept-after", type=float, required=True)
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
    """Only what the clock needs is imported until somebody has its answer."""
    gc.disable()  # until all is imported: 80 ms
    from ebid_tui.demo.clock_first import ClockFirst
    from ebid_tui.demo.embedded import ORIGIN
    from ebid_tui.server.running.listening import privately, until_told_to_stop

    def listening(port: int) -> None:
        print(f"ready {port}", flush=True)

    app = ClockFirst((ORIGIN,), lambda: _made(arguments, ORIGIN))
    uds = str(arguments.uds) if arguments.uds else None
    return 0 if until_told_to_stop(privately(app, uds, listening)) else 1


def _made(arguments: argparse.Namespace, origin: str) -> App:
    """The whole server, with the demo's roster in a database of its own. These imports take most of the time."""
    from ebid_tui.demo import accepting, cards, roster
    from ebid_tui.demo.authorities import practised
    from ebid_tui.demo.world import DemoWorld, world_of
    from ebid_tui.server.app import create_app, import_all
    from ebid_tui.server.decisions.passwords import Passwords
    from ebid_tui.server.running.serving import guarded, spare_collecting
    from ebid_tui.server.services import profiles
    from ebid_tui.server.settings import PasswordCost, ServerSettings
    from ebid_tui.server.store.engine import writing_engine
    from ebid_tui.server.store.migrate import make_ready

    worlds: dict[str, DemoWorld] = {}
    wallet = cards.Wallet(arguments.cards, arguments.day, lambda: {name: card for w in worlds.values() for name, card in w.cards.items()})
    settings = ServerSettings(
        database=f"sqlite:///{arguments.directory / 'ebid.db'}",
        origins=(origin,),
        anchors={ca: (der,) for ca, der in cards.trust_anchors(wallet).items()},
        systems=tuple(arguments.systems),
        system_directories=tuple(arguments.systems_dir),
        password_cost=PasswordCost(time=1, memory_kib=1024),
        enforce_hours=False,
        adapted=practised,
    )
    if make_ready(settings.database):
        engine, passwords = writing_engine(settings.database), Passwords(settings.password_cost)
        with engine.begin() as connection:
            served = profiles(settings)
            worlds |= {system: world_of(profile, *arguments.systems_dir) for system, profile in served.items()}
            roster.seed(connection, worlds, served, passwords, wallet)
        accepting.begin(engine, served, arguments.accept_after)
        passwords.stop()
    app = guarded(create_app(settings))
    threading.Thread(target=import_all, name="warm-up", daemon=True).start()  # the first sign-in should not wait for it
    spare_collecting()
    return app  # type: ignore[return-value]  # the framework's own names of the same shapes


if __name__ == "__main__":
    sys.exit(main())
