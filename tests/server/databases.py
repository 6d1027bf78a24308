"""Which database a test works on. Tests name a directory; here it becomes a URL: a file in it, or a database of the run's PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.server.postgres import Cluster

KINDS = ("sqlite", "postgresql")

kind = "sqlite"
"""What `url` gives: set by the fixture `database_kind`."""
_cluster: Callable[[], Cluster] | None = None
_made: dict[Path, tuple[Cluster, str]] = {}
"""By directory: whose database it is, and its URL."""
_kept: set[Path] = set()
"""Databases of servers that several tests use."""


def on_postgresql(given: Callable[[], Cluster] | None) -> None:
    """From now on a directory means a database of this cluster; None: a file again."""
    global kind, _cluster
    kind, _cluster = ("sqlite" if given is None else "postgresql"), given


def url(directory: Path) -> str:
    """The database of a directory: the same one whenever it is asked for."""
    if directory not in _made:
        if _cluster is None:
            return f"sqlite:///{directory / 'ebid.db'}"
        _made[directory] = _cluster(), _cluster().new()
    return _made[directory][1]


def keep(directory: Path) -> Path:
    """This directory's database outlives the test."""
    _kept.add(directory)
    return directory


def forget() -> None:
    """Drop what a test has made."""
    for directory in set(_made) - _kept:
        cluster, made = _made.pop(directory)
        cluster.drop(made)


def written(made: str) -> list[bytes]:
    """Every byte of a PostgreSQL database that is on the disk."""
    assert _cluster is not None
    return _cluster().written(made)
