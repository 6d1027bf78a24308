"""How often signing in may be tried: by address, by account, by card and by device, counted in the database."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from ebid_tui.errors import ServerError
from ebid_tui.server.settings import JAPAN, Rate, ServerSettings
from ebid_tui.server.store import limits as buckets
from ebid_tui.server.store.limits import Bucket


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from; no address on a unix socket that no proxy stands before."""

    address: str
    kiosk: bool = False
    """Somebody else sits there each time (`serve --kiosk-address`)."""
    card: str = ""
    """The fingerprint of the card that is signed in; empty where none is."""

    def bucket(self, what: str) -> str:
        return buckets.bucket(what, self.address)


def checks(settings: ServerSettings, *account: str) -> Bucket:
    """Passwords that are checked for this account, right ones too."""
    return buckets.bucket("account", *account), settings.limits.account


def wrong_ones(settings: ServerSettings, asking: Caller) -> tuple[Bucket, ...]:
    """Wrong passwords from there, whosever. Taken before a password is checked, and given back where it is right."""
    return ((asking.bucket("wrong"), settings.limits.wrong_passwords),) if asking.address else ()


def wrong_ones_of_the_day(settings: ServerSettings, asking: Caller) -> tuple[Bucket, ...]:
    """As many wrong passwords as lock `limits.numbers` numbers (R-33): an address that had them is asked nothing more that day.

    Four wrong ones at a number count as much as the one that locks it: whoever prepares a lock for others' slips has no more of them.
    """
    if not asking.address or asking.kiosk:
        return ()
    today = settings.japan_now().date().isoformat()
    # In a day none of them comes back by itself, and the next day has a bucket of its own.
    rate = Rate(settings.limits.numbers * settings.wrong_passwords, timedelta(days=1))
    return ((buckets.bucket("wrong-of-day", asking.address, today), rate),)


def cards_own_of_the_day(settings: ServerSettings, asking: Caller) -> tuple[Bucket, ...]:
    """Wrong passwords of a card whose address has had those of its day: by a neighbour's doing nobody with a card is shut out.

    They are fewer than lock a number (R-33).
    """
    if not asking.card:
        return ()
    today = settings.japan_now().date().isoformat()
    return ((buckets.bucket("wrong-of-day-card", asking.card, today), Rate(settings.wrong_passwords - 1, timedelta(days=1))),)


def seconds_of_the_day(settings: ServerSettings) -> int:
    """Until the next day begins in Japan."""
    now = settings.japan_now()
    return math.ceil((datetime.combine(now.date() + timedelta(days=1), time(), JAPAN) - now).total_seconds())


def unlocks(settings: ServerSettings, system: str, number: str) -> Bucket:
    """A locked number's unlocking by its card (R-33)."""
    return buckets.bucket("unlock", system, number), settings.limits.unlocks


def operators_own(settings: ServerSettings, system: str, login_id: str) -> Bucket:
    """Wrong passwords or codes for an operator, from wherever."""
    return buckets.bucket("operator-wrong", system, login_id), settings.limits.operator


def devices_own(settings: ServerSettings, token_hash: str) -> Bucket:
    """The same from one device on which that operator signed in before: nobody else can fill it."""
    return buckets.bucket("operator-device", token_hash), settings.limits.operator


def too_many(seconds: float) -> ServerError:
    """E-TOO-MANY for who has to wait; the answer says how long (RFC 9110 section 10.2.3)."""
    return ServerError(code="E-TOO-MANY", retry_after=math.ceil(seconds))


def refuse(seconds: float) -> None:
    """Raise ServerError E-TOO-MANY where somebody has to wait."""
    if seconds > 0:
        raise too_many(seconds)
