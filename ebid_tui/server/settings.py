"""What a server process is told when it starts; nothing of it changes while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ebid_tui.server.smtp import Smtp  # a name only, but the framework reads the annotations of what a route is given

JAPAN = ZoneInfo("Asia/Tokyo")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class PasswordCost:
    """argon2id parameters (RFC 9106). 19 MiB and two passes take about 19 ms a check."""

    time: int = 2
    memory_kib: int = 19 * 1024
    lanes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Overnight:
    """What a server does by itself, and when."""

    propagate_at: tuple[time, ...] = (time(2, 0),)
    """Times of the day in Japan at which registrations are copied to the vendors' other agencies (R-16)."""
    mail_every: timedelta = timedelta(minutes=1)
    smtp: Smtp | None = None
    """Where mail goes out; None leaves it in the outbox, for `admin send-mail`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One server's settings.

    `origins` are the addresses under which clients know this server, as they stand in signed statements.
    `anchors` are the trusted certification authorities: certificates (DER) by the ids of the profiles' `trusted`.
    """

    database: str
    """SQLAlchemy URL, e.g. `sqlite:///path/to/file`."""
    origins: tuple[str, ...]
    anchors: Mapping[str, tuple[bytes, ...]]
    systems: tuple[str, ...] = ()
    """Ids of the systems served; empty means every profile found."""
    system_directories: tuple[Path, ...] = ()
    """Directories with further profiles."""
    session_lifetime: timedelta = timedelta(minutes=15)
    """A session ends this long after it was last used."""
    challenge_lifetime: timedelta = timedelta(minutes=5)
    statement_skew: timedelta = timedelta(minutes=15)
    """How far the time in a statement may be from the server's."""
    wrong_passwords: int = 5
    """R-33: so many wrong ones in a row lock the account."""
    password_cost: PasswordCost = field(default_factory=PasswordCost)
    enforce_hours: bool = True
    """R-22: refuse writing outside the service hours."""
    body_limit: int = 256 * 1024
    """Bytes of a request's body."""
    overnight: Overnight | None = None
    """None: this process does only what it is asked."""
    now: Callable[[], datetime] = _now
    """The clock; only tests give another one."""

    def japan_now(self) -> datetime:
        """The time as it is shown and dated (R-01)."""
        return self.now().astimezone(JAPAN)
