"""What the commands of `admin` share: how one is added, and a database that this program can work on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ebid_tui.errors import EbidError
from ebid_tui.messages import t

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from ebid_tui.domain.profile.systems import Profile

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

LOOK = 3
"""The exit code that asks for a person."""


def command(commands: Commands, name: str, says: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    """One command; `run` is called with what was given and returns the exit code."""
    made = commands.add_parser(name, help=says, description=says, epilog=t("admin.exit_codes"))
    made.set_defaults(run=run)
    return made


def database(made: argparse.ArgumentParser) -> None:
    """The option that names the database."""
    made.add_argument("--database", metavar="URL", required=True, help=t("admin.database"))


def system(made: argparse.ArgumentParser) -> None:
    """The options that say which system (`profile`)."""
    systems_directories(made)
    made.add_argument("--system", metavar="ID", required=True, help=t("admin.system"))


def systems_directories(made: argparse.ArgumentParser) -> None:
    for name, told in (("--systems-directory", t("admin.systems_dir")), ("--systems-dir", argparse.SUPPRESS)):
        made.add_argument(name, dest="systems_dir", metavar="DIR", type=Path, action="append", default=[], help=told)


def profile(arguments: argparse.Namespace) -> Profile:
    """Raises ProfileError."""
    from ebid_tui.domain.profile import systems

    return systems.profile_of(arguments.system, *arguments.systems_dir)


def profiles(arguments: argparse.Namespace) -> dict[str, Profile]:
    """Every system there is, by its id; of a broken file it is said that it was left out (`arguments.left_out`). Raises ProfileError."""
    from ebid_tui.domain.profile import systems

    found, arguments.left_out = systems.profiles_of(*arguments.systems_dir)
    for error in arguments.left_out:
        print(t("admin.system_left_out", file=error.file, key=error.key, reason=error.reason), file=sys.stderr)
    return found


def hashed(password: str) -> str:
    """As a password is kept."""
    from ebid_tui.server.decisions.passwords import Passwords
    from ebid_tui.server.settings import PasswordCost

    passwords = Passwords(PasswordCost())
    try:
        return passwords.hash(password)
    finally:
        passwords.stop()


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """A database that this program can work on. Raises EbidError E-DATABASE, E-DATABASE-OLD."""
    from ebid_tui.server.store.engine import bulk_engine

    with _fit(url, bulk_engine) as engine:
        yield engine


@contextmanager
def snapshot(url: str) -> Iterator[Connection]:
    """One state of a database, as long as it is looked at; others go on writing. Raises what `opened` raises."""
    from ebid_tui.server.store.engine import long_reading_engine

    with _fit(url, long_reading_engine) as engine, engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def _fit(url: str, make: Callable[[str], Engine]) -> Iterator[Engine]:
    from ebid_tui.server.store.engine import disposing, is_there
    from ebid_tui.server.store.migrate import revision
    from ebid_tui.server.store.schema import REVISION
    from ebid_tui.server.store.transactions import database_errors

    with database_errors():
        if not is_there(url):
            raise EbidError(code="E-DATABASE-OLD", reason=t("admin.no_file"))
        with disposing(make(url)) as engine:
            with engine.connect() as connection:
                found = revision(connection)
            if found != REVISION:
                raise EbidError(code="E-DATABASE-OLD", reason=f"{found or '-'} / {REVISION}")
            yield engine
