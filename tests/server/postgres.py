"""A PostgreSQL of a test run's own: a cluster in a temporary directory that listens on a unix socket there and nowhere else."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.patience import long
from tests.server.stock import Stock

USER = "ebid"
QUICK = ("fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "autovacuum=off")
"""Nothing here outlives the machine; a killed process loses nothing all the same."""
DURABLE = ("fsync=on",)
ALWAYS = (
    "listen_addresses=", "timezone=UTC", "log_timezone=UTC", "max_connections=60", "shared_buffers=32MB", "log_min_messages=panic",
    "jit=off",
)  # fmt: skip
"""Without statistics a small query looks like a large one, and would be compiled each time."""


def programs() -> Path | None:
    """Where the newest installed server's programs are; None where there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    found = debian[-1:] or [Path(path).resolve() for path in [shutil.which("initdb")] if path]
    return found[0].parent if found else None


class Cluster:
    """One PostgreSQL server. Its directory is short enough for a socket's path."""

    def __init__(self, directory: Path, options: Sequence[str]) -> None:
        found = programs()
        assert found is not None
        self.programs, self.directory, self.options = found, directory, (*ALWAYS, *options)
        self.process: subprocess.Popen[bytes] | None = None
        self.stock = Stock(self)
        self._made = 0

    def _as_nobody_special(self) -> list[str]:
        """PostgreSQL refuses to run as root. It ends with the test run, however that ends."""
        dying = ["setpriv", "--pdeathsig", "QUIT"]
        return [*dying, "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] if os.geteuid() == 0 else dying

    @staticmethod
    def own(directory: Path) -> None:
        """Let the server's user write there."""
        if os.geteuid() == 0:
            postgres = pwd.getpwnam("postgres")
            os.chown(directory, postgres.pw_uid, postgres.pw_gid)

    def make(self) -> None:
        self.own(self.directory)
        self.directory.chmod(0o755)
        made = [str(self.programs / "initdb"), "-D", str(self.directory / "data"), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C"]
        ran = subprocess.run(
            [*self._as_nobody_special(), *made, "--no-sync"], cwd="/", capture_output=True, env=os.environ | {"LC_ALL": "C"}, check=False
        )
        assert ran.returncode == 0, ran.stderr.decode()

    def start(self) -> None:
        options = [part for option in (*self.options, f"unix_socket_directories={self.directory}") for part in ("-c", option)]
        command = [*self._as_nobody_special(), str(self.programs / "postgres"), "-D", str(self.directory / "data"), *options]
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(command, cwd="/", stdout=log, stderr=log)
        deadline = time.monotonic() + long()
        while True:
            try:
                with self.connect():
                    return
            except psycopg.OperationalError:
                assert self.process.poll() is None, (self.directory / "log").read_text()
                assert time.monotonic() < deadline, (self.directory / "log").read_text()
                time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends it orderly, SIGQUIT at once without tidying up: the next start has to recover."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(long())
            self.process = None

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(host=str(self.directory), user=USER, dbname=database, autocommit=True)

    def connect_to(self, url: str) -> psycopg.Connection:
        return self.connect(name_of(url))

    def new(self) -> str:
        """The URL of an empty database."""
        self._made += 1
        name = f"ebid_{self._made}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy".encode())
        return f"postgresql+psycopg://{USER}@/{name}?connect_timeout={round(long())}&host={self.directory}"

    def drop(self, url: str) -> None:
        """Its files go with the cluster, if that has ended."""
        if self.process is None:
            return
        with self.connect() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name_of(url)} WITH (FORCE)".encode())

    def written(self, url: str) -> list[bytes]:
        """Every byte of one database that is on the disk, and of the log of all."""
        with self.connect(name_of(url)) as connection:
            connection.execute("CHECKPOINT")
            (oid,) = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone() or (0,)
        data = self.directory / "data"
        return [file.read_bytes() for place in (data / "base" / str(oid), data / "pg_wal") for file in place.iterdir() if file.is_file()]


def name_of(url: str) -> str:
    return url.rpartition("@/")[2].partition("?")[0]


@contextmanager
def cluster(options: Sequence[str] = QUICK) -> Iterator[Cluster]:
    """A running server that is gone afterwards, with its files."""
    directory = Path(tempfile.mkdtemp(prefix="ebid-pg-"))
    made = Cluster(directory, options)
    try:
        made.make()
        made.start()
        yield made
    finally:
        made.stock.close()
        made.stop(signal.SIGQUIT)
        shutil.rmtree(directory, ignore_errors=True)
