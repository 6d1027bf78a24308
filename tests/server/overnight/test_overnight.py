"""What `serve` does by itself at set times: once for each time, by one process, made up for when it was missed."""

from __future__ import annotations

import signal
import subprocess
import threading
import time as clock
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from ebid_tui.server import cli
from ebid_tui.server.overnight.schedule import AFTER_TROUBLE, LEASE, ScheduledJob, Scheduler, planned
from ebid_tui.server.settings import JAPAN, Overnight
from ebid_tui.server.store import schema
from ebid_tui.server.store.engine import writing_engine
from ebid_tui.server.store.transactions import direct
from tests.forked import Forked
from tests.patience import long
from tests.server.running.test_serve import _tls
from tests.server.serving import Served
from tests.server.smtp_server import PostOffice, post_office
from tests.server.vendors import PROFILES, SYSTEM, Office, office

EVENING = datetime(2026, 4, 1, 23, 0, tzinfo=JAPAN)


class Wall:
    """A clock that is set by the test, and what ran at which time."""

    def __init__(self, place: Office) -> None:
        self.place = place
        self.now = EVENING
        self.ran: list[tuple[str, datetime]] = []
        self.trouble: Exception | None = None

    def scheduler(self, name: str = "", plan: Overnight | None = None, inside: Callable[[], None] = lambda: None) -> Scheduler:
        """A process's scheduler; its one job writes down that it ran."""
        transact = direct(writing_engine(self.place.url))

        def run(slot: datetime, stopping: Callable[[], bool]) -> None:
            self.ran.append((name, slot))
            inside()
            if self.trouble is not None:
                raise self.trouble

        job, _reminders = planned(plan or Overnight(), {SYSTEM: self.place.profile}, transact, lambda: self.now)
        return Scheduler((ScheduledJob(job.name, job.slot, run),), transact, lambda: self.now)


@pytest.fixture
def place(tmp_path: Path, database_kind: str) -> Office:
    return office(tmp_path)


@pytest.fixture
def wall(place: Office) -> Wall:
    return Wall(place)


def at(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 4, day, hour, minute, tzinfo=JAPAN)


def test_once_for_each_time(wall: Wall) -> None:
    scheduler = wall.scheduler(plan=Overnight(propagate_at=(time(2, 0), time(12, 30))))
    looks = [at(2), at(2, 1), at(11), at(12, 30), at(23), at(1, day=3), at(2, day=3)]
    for wall.now in looks:
        scheduler.look()
    assert [slot for _, slot in wall.ran] == [at(2), at(12, 30), at(2, day=3)]


def test_of_two_processes_one_does_it(wall: Wall) -> None:
    first, second = wall.scheduler("first"), wall.scheduler("second")
    wall.now = at(2)
    first.look()
    second.look()
    wall.now = at(2, day=3)
    second.look()
    first.look()
    assert wall.ran == [("first", at(2)), ("second", at(2, day=3))]


def test_while_one_is_at_it_no_other_begins(wall: Wall) -> None:
    second = wall.scheduler("second")
    wall.now = at(2)
    wall.scheduler("first", inside=second.look).look()
    assert wall.ran == [("first", at(2))]


def test_a_missed_time_is_made_up_for_once(wall: Wall) -> None:
    wall.now = at(14)
    wall.scheduler().look()
    wall.scheduler().look()
    assert [slot for _, slot in wall.ran] == [at(2)]


def test_what_a_dead_process_held_is_taken_over(wall: Wall, place: Office) -> None:
    wall.now = at(2)
    with place.database() as connection:
        row = {"name": "propagate", "holder": "dead", "held_until": wall.now + LEASE}
        connection.execute(schema.jobs.insert(), row)
    scheduler = wall.scheduler()
    scheduler.look()
    assert wall.ran == []
    wall.now += LEASE + timedelta(seconds=1)
    scheduler.look()
    assert [slot for _, slot in wall.ran] == [at(2)]


def test_trouble_is_not_the_end(wall: Wall) -> None:
    scheduler = wall.scheduler()
    wall.now, wall.trouble = at(2), OSError("database gone")
    with pytest.raises(OSError, match="database gone"):
        scheduler.look()
    wall.trouble = None
    scheduler.look()
    assert len(wall.ran) == 1  # not at once again
    wall.now += AFTER_TROUBLE
    scheduler.look()
    scheduler.look()
    assert [slot for _, slot in wall.ran] == [at(2), at(2)]


def test_the_thread_outlives_trouble_and_stops_when_told(wall: Wall, caplog: pytest.LogCaptureFixture) -> None:
    wall.now, wall.trouble = at(2), OSError("database gone")
    scheduler = wall.scheduler()
    scheduler.start()
    wait_for(lambda: len(wall.ran) == 1)
    wait_for(lambda: "overnight work stopped" in caplog.text)
    scheduler.stop()
    assert "overnight" not in [thread.name for thread in threading.enumerate()]


def test_by_day_only_what_the_night_missed_is_copied(place: Office) -> None:
    """R-16: what is registered in the afternoon waits for its own night, also when the server has just started."""
    place.qualify("00000001")
    place.at = at(1, 0)
    place.register("00000001", "town", "a", "甲")
    place.at = at(13, 0)
    place.register("00000001", "town", "b", "乙")
    transact, now = direct(writing_engine(place.url)), at(14)
    profiles = {SYSTEM: place.profile}
    Scheduler(planned(Overnight(), profiles, transact, lambda: now), transact, lambda: now).look()
    assert place.cards("water").keys() == {"甲"}


def test_mail_goes_out_every_little_while(place: Office) -> None:
    place.qualify("00000001")
    with post_office() as post:
        from ebid_tui.server.settings import Smtp

        smtp = Smtp(host="127.0.0.1", port=post.port, security="none", sender="a@minato.example")
        plan = Overnight(propagate_at=(), mail_every=timedelta(minutes=1), smtp=smtp)
        transact, now = direct(writing_engine(place.url)), [at(10)]
        scheduler = Scheduler(planned(plan, {}, transact, lambda: now[0]), transact, lambda: now[0])
        for minute in range(3):
            now[0] = at(10, minute)
            place.register("00000001", "town", f"card-{minute}")
            scheduler.look()
            scheduler.look()
        assert len(post.taken) == 3


# ---- the real process ------------------------------------------------------------------------------------------------


@contextmanager
def serve(place: Office, directory: Path, *options: str, interpreter: bool = False) -> Iterator[subprocess.Popen[bytes] | Forked]:
    (directory / "trust").mkdir(exist_ok=True)
    _, certificate = _tls(directory)
    (directory / "trust" / "test-ca.pem").write_bytes(certificate.read_bytes())
    made = Served(directory, "--uds", str(directory / "s"), "--systems-dir", str(PROFILES), *options, database=place.url)
    if interpreter:
        made.start_an_interpreter()
    else:
        made.start()
    process = made.process
    assert process is not None
    try:
        wait_for(lambda: "listening" in (directory / "log").read_text() or process.poll() is not None)
        assert process.poll() is None, (directory / "log").read_text()
        yield process
    finally:
        process.kill()
        process.wait(long())


def mail_options(post: PostOffice) -> list[str]:
    options = ["--smtp-host", "127.0.0.1", "--smtp-port", str(post.port), "--smtp-security", "none"]
    return [*options, "--smtp-from", "no-reply@minato.example", "--mail-every", "1"]


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = clock.monotonic() + seconds
    while not condition():
        assert clock.monotonic() < deadline
        clock.sleep(0.02)


@pytest.mark.usefixtures("database_kind")
def test_serve_propagates_and_sends_by_itself(short_dir: Path) -> None:
    place = office(short_dir)
    place.qualify("00000001")
    place.register("00000001", "town", "a", "甲")
    with post_office() as post, serve(place, short_dir, *mail_options(post), interpreter=True) as process:
        wait_for(lambda: len(post.taken) == 1)
        wait_for(lambda: place.cards("water").keys() == {"甲"})
        process.send_signal(signal.SIGTERM)
        assert process.wait(long()) == 0
    log = (short_dir / "log").read_text()
    assert "propagated operations=1 copies=2" in log, log
    assert "mail 1: sent" in log
    assert "example.com" not in log
    assert "Traceback" not in log


@pytest.mark.usefixtures("database_kind")
def test_two_serves_on_one_database_do_everything_once(short_dir: Path) -> None:
    place = office(short_dir)
    (second := short_dir / "2").mkdir()
    for number in ("00000001", "00000002", "00000003"):
        place.qualify(number)
        place.register(number, "town", number)
    with post_office() as post, serve(place, short_dir, *mail_options(post)), serve(place, second, *mail_options(post)):
        wait_for(lambda: len(post.taken) >= 3)
        wait_for(lambda: {row[0] for row in place.rows(schema.propagations, "state")} == {"done"})
        clock.sleep(1.5)
        assert len(post.taken) == 3
    assert len(place.rows(schema.registrations)) == 9


@pytest.mark.usefixtures("database_kind")
def test_no_overnight(short_dir: Path) -> None:
    place = office(short_dir)
    place.qualify("00000001")
    place.register("00000001", "town", "a")
    with post_office() as post, serve(place, short_dir, *mail_options(post), "--no-overnight"):
        clock.sleep(1.0)
        assert post.taken == []
    assert place.rows(schema.propagations, "state") == [("waiting",)]
    assert place.rows(schema.jobs) == []


@pytest.mark.usefixtures("database_kind")
def test_told_to_stop_it_finishes_the_mail_at_hand(short_dir: Path) -> None:
    place = office(short_dir)
    place.qualify("00000001")
    for name in ("a", "b", "c"):
        place.register("00000001", "town", name)
    with post_office() as post, serve(place, short_dir, *mail_options(post)) as process:
        post.content_delay = 1.0
        assert post.has_one.wait(long())
        process.send_signal(signal.SIGTERM)
        assert process.wait(long()) == 0
    states = sorted(row[0] for row in place.rows(schema.mail_outbox, "state"))
    assert "sending" not in states
    assert states.count("sent") == len(post.taken)
    assert "Traceback" not in (short_dir / "log").read_text()


@pytest.mark.parametrize(
    "options",
    [
        ["--propagate-at", "25:00"],
        ["--propagate-at", "2:00"],
        ["--propagate-at", "02:00+09:00"],
        ["--mail-every", "0"],
        ["--mail-every", "soon"],
        ["--smtp-port", "x"],
    ],
)
def test_times_that_are_none(options: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--database", "sqlite:////nowhere/x", "--trust", "x", *options])
    assert ended.value.code == 2


def test_smtp_without_a_sender_does_not_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ca.pem").write_bytes(b"x")
    assert cli.main(["--database", "sqlite:////nowhere/x", "--trust", str(tmp_path), "--smtp-host", "127.0.0.1"]) == 1
    assert "E-SMTP-FROM" in capsys.readouterr().err
