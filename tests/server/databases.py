"""Which database a test works on. Tests name a directory; here it becomes a URL: a file in it, or a database of the run's PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from ebid_tui.process import private_files
from tests.server import stock
from tests.server.postgres import Cluster

KINDS = ("sqlite", "postgresql")

kind = "sqlite"
"""What `url` gives: set by the fixture `database_kind`."""
_cluster: Callable[[], Cluster] | None = None
_lasting = False
_open: list[Engine] = []
"""What stays connected until the test ends."""
_made: dict[Path, tuple[Cluster, str]] = {}
"""By directory: whose database it is, and its URL."""
_kept: set[Path] = set()
"""Databases of servers that several tests use."""


def on_postgresql(given: Callable[[], Cluster] | None, lasting: bool = False) -> None:
    """From now on a directory means a database of this cluster; None: a file again. `lasting`: nobody stops it meanwhile."""
    global kind, _cluster, _lasting
    kind, _cluster, _lasting = ("sqlite" if given is None else "postgresql"), given, lasting


def url(directory: Path) -> str:
    """The database of a directory: the same one whenever it is asked for."""
    if directory not in _made:
        if _cluster is None:
            return f"sqlite:///{directory / 'ebid.db'}"
        _made[directory] = _cluster(), _cluster().new()
    return _made[directory][1]


def ready(directory: Path) -> str:
    """The database of a directory that has none yet, as `make_ready` leaves an empty one."""
    assert directory not in _made
    if _cluster is None:
        with open(private_files.new(directory / "ebid.db"), "wb") as file:
            file.write(stock.sqlite_file())
    else:
        _made[directory] = _cluster(), _cluster().stock.take()
    return url(directory)


def keep(directory: Path) -> Path:
    """This directory's database outlives the test."""
    _kept.add(directory)
    return directory


def release(engine: Engine) -> None:
    """After each use of a test's own: its connections are closed, at once or, where a connection is dear, when the test ends."""
    if not _lasting:
        engine.dispose()
    elif engine not in _open:
        _open.append(engine)


def forget() -> None:
    """Drop what a test has made, or empty it for another."""
    while _open:
        _open.pop().dispose()
    for directory in set(_made) - _kept:
        cluster, made = _made.pop(directory)
        if cluster.stock.has(made):
            cluster.stock.give_back(made)
        else:
            cluster.drop(made)


def is_kept(directory: Path) -> bool:
    return directory in _kept


def written(made: str) -> list[bytes]:
    """Every byte of a PostgreSQL database that is on the disk."""
    assert _cluster is not None
    return _cluster().written(made)
