"""What a server process is told when it starts; nothing of it changes while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from ebid_tui.domain.profile.systems import Profile

JAPAN = ZoneInfo("Asia/Tokyo")
Security = Literal["starttls", "tls", "none"]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class PasswordCost:
    """argon2id parameters (RFC 9106). 19 MiB and two passes take about 19 ms a check."""

    time: int = 2
    memory_kib: int = 19 * 1024
    lanes: int = 1


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, then one more each time `every` has passed."""

    burst: int
    every: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often signing in may be tried. Whoever is on a unix socket without a proxy before it has no address, and only the last two."""

    sign_ins: Rate = Rate(300, timedelta(seconds=0.1))
    """Whatever signs in, from one address: an office may be behind one."""
    wrong_passwords: Rate = Rate(30, timedelta(seconds=20))
    """Wrong passwords from one address, whosever."""
    numbers: int = 3
    """Vendors' numbers that wrong passwords from one address can lock (R-33) in one day."""
    account: Rate = Rate(20, timedelta(seconds=3))
    """Passwords that are checked for one number, whether it exists or not."""
    unlocks: Rate = Rate(3, timedelta(hours=8))
    """A number's unlocking by its card (R-33): five guesses each time."""
    operator: Rate = Rate(5, timedelta(minutes=3))
    """Wrong passwords or codes for one operator, whether there is one or not, from wherever; and as many from each device on which
    that operator signed in before. R-33 is for vendors: an agency must not be locked out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """Where mail goes out, and as whom. `user` and `password` come from a file or file descriptor, never from a command line."""

    host: str
    port: int = 587
    security: Security = "starttls"
    authorities: Path | None = None
    """PEM file of the authority of the server's certificate; None means the machine's store."""
    sender: str
    """The address that stands in From: and gets bounces."""
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 30.0
    """Seconds for a connection and for each command."""
    answer_timeout: float = 600.0
    """Seconds for the answer after the whole mail (RFC 5321 section 4.5.3.2.6: giving up early makes doubles)."""

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]

    @property
    def longest(self) -> float:
        """Seconds that handing over one mail can take: MAIL, RCPT, DATA, the content, the answer."""
        return 4 * self.timeout + self.answer_timeout


@dataclass(frozen=True, slots=True, kw_only=True)
class Overnight:
    """What a server does by itself, and when."""

    propagate_at: tuple[time, ...] = (time(2, 0),)
    """Times of the day in Japan at which registrations are copied to the vendors' other agencies (R-16),
    and mails about cards that end are written (R-45)."""
    mail_every: timedelta = timedelta(minutes=1)
    smtp: Smtp | None = None
    """Where mail goes out; None leaves it in the outbox, for `admin send-mail`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationSettings:
    """How the authorities' revocation data is fetched."""

    hosts: tuple[str, ...] = ()
    """Hosts that may be asked although their addresses are not public (a closed network's authority)."""
    seconds: float = 5.0
    """How long one answer may take."""
    retry: timedelta = timedelta(minutes=1)
    """After a failure nobody asks again for so long."""
    every: timedelta = timedelta(hours=1)
    """Lists are fetched anew so often, and so long before they end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
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
    strict: bool = False
    """Whether a broken file of any system stops all of them."""
    session_lifetime: timedelta = timedelta(minutes=15)
    """A session ends this long after it was last used."""
    session_longest: timedelta = timedelta(hours=8)
    """A session ends this long after it began, however much it is used."""
    challenge_lifetime: timedelta = timedelta(minutes=5)
    statement_skew: timedelta = timedelta(minutes=15)
    """How far the time in a statement may be from the server's."""
    wrong_passwords: int = 5
    """R-33: so many wrong ones in a row lock the account."""
    limits: Limits = field(default_factory=Limits)
    trusted_proxies: tuple[str, ...] = ()
    """Whose X-Forwarded-For is believed: networks (`10.0.0.0/8`), addresses, or `unix` for who asks on the unix socket."""
    kiosk_addresses: tuple[str, ...] = ()
    """Networks of kiosks: who tries there is another one each time, so `limits.numbers` does not hold for them."""
    connections_an_address: int = 100
    """Connections that one address may hold of a process; behind a trusted proxy, requests under way of whom it brings them from."""
    device_lifetime: timedelta = timedelta(days=90)
    """An operator's device is known so long after it signed in last."""
    secret_keys: tuple[bytes, ...] = field(default=(), repr=False)
    """What operators' TOTP secrets are encrypted with; the first is for new ones. None: operators sign in by card only."""
    desk_approval: bool = False
    """A second operator has to approve what an application asks for."""
    password_cost: PasswordCost = field(default_factory=PasswordCost)
    enforce_hours: bool = True
    """R-22: refuse writing outside the service hours."""
    body_limit: int = 256 * 1024
    """Bytes of a request's body."""
    overnight: Overnight | None = None
    """None: this process does only what it is asked."""
    revocation: RevocationSettings = field(default_factory=RevocationSettings)
    now: Callable[[], datetime] = _now
    """The clock; only tests give another one."""
    adapted: Callable[[Profile], Profile] | None = None
    """What a system's profile is in a demo, where it differs from its file."""

    def japan_now(self) -> datetime:
        """The time as it is shown and dated (R-01)."""
        return self.now().astimezone(JAPAN)
