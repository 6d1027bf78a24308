"""A try of a number's password (R-33): taken on before the password is checked, settled when that is known.

Looking and counting are one transaction each time, and what is being checked counts as wrong until it is known to be right.
So of twenty at once five are checked, on any database and in any number of processes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from ebid_tui.domain.lost_passwords import way_back
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.errors import EbidError, RuleError, ServerError
from ebid_tui.messages import t
from ebid_tui.server.decisions import limits
from ebid_tui.server.decisions.limits import Caller
from ebid_tui.server.services import Services
from ebid_tui.server.store import accounts
from ebid_tui.server.store import limits as buckets
from ebid_tui.server.store.accounts import Account
from ebid_tui.server.store.limits import Bucket

AGAIN_SECONDS = 0.1
"""Between two looks of who waits for others' tries of the same number."""
PATIENCE_SECONDS = 5.0
"""How long that goes on: a check takes a tenth of a second, and about a second where many wait."""


@dataclass(slots=True)
class PasswordAttempt:
    """One try. `refused` is run in the transaction of a refusal by R-33."""

    services: Services
    caller: Caller
    system: str
    number: str
    profile: Profile
    refused: Callable[[Connection], None]
    _of_the_day: tuple[Bucket, ...] = ()
    """Where it counts among those of the day."""

    async def begin(self) -> Account:
        """Take it on: the account as it is then. Raises ServerError E-TOO-MANY, RuleError R-33; nothing is counted as wrong then.

        As many tries of one number are under way as it has left before it is locked; whoever comes then waits for them.
        """
        outcome = await self.services.store.write(self._arrive)
        end = time.monotonic() + PATIENCE_SECONDS
        while outcome is None and time.monotonic() < end:
            await asyncio.sleep(AGAIN_SECONDS)
            outcome = await self.services.store.write(self._take_on)
        if outcome is None:
            raise ServerError(code="E-TOO-MANY", retry_after=1)
        if isinstance(outcome, EbidError):
            raise outcome
        return outcome

    def settle(self, connection: Connection, checked_on: Account, right: bool) -> None:
        """R-33: count a wrong password, forget the wrong ones after a right one. Raises RuleError R-33, and R-28 with the tries left."""
        accounts.checked(connection, self.system, self.number)
        current = accounts.account(connection, self.system, self.number)
        if right:
            self._give_back(connection, current.wrong + 1)
            if current.password_hash != checked_on.password_hash:
                # Changed while it was checked: right no longer, and no wrong try either.
                raise RuleError("R-28", tries_left=self._limit - current.wrong)
            if current.state != "locked":
                accounts.forget_wrong(connection, current)
                return
        else:
            current = accounts.count_wrong(connection, self.system, self.number, self._limit)
        raise self._locked() if current.state == "locked" else RuleError("R-28", tries_left=self._limit - current.wrong)

    def forget(self, connection: Connection) -> None:
        """It was never checked."""
        accounts.checked(connection, self.system, self.number)
        self._give_back(connection, 1)

    def _arrive(self, connection: Connection) -> Account | EbidError | None:
        """One more has come."""
        return self._take_on(connection, more=(limits.checks(self.services.settings, "number", self.system, self.number),))

    def _take_on(self, connection: Connection, more: tuple[Bucket, ...] = ()) -> Account | EbidError | None:
        """The account, a refusal, or None for who has to wait for others; `more` are counted even then."""
        settings, now = self.services.settings, self.services.settings.now()
        wrong, of_the_day = limits.wrong_ones(settings, self.caller), limits.wrong_ones_of_the_day(settings, self.caller)
        if buckets.longest_wait(connection, of_the_day, now):
            of_the_day = limits.cards_own_of_the_day(settings, self.caller)
            if not of_the_day or buckets.longest_wait(connection, of_the_day, now):
                return self._enough_today()
        if seconds := buckets.longest_wait(connection, wrong, now) or buckets.take(connection, more, now):
            return limits.too_many(seconds)
        account = accounts.account(connection, self.system, self.number)
        if account.state == "locked":
            self.refused(connection)
            return self._locked()
        if not accounts.take_on(connection, self.system, self.number, self._limit, now):
            return None
        buckets.take(connection, (*wrong, *of_the_day), now)
        self._of_the_day = of_the_day
        return account

    def _give_back(self, connection: Connection, times: int) -> None:
        """To the address: this try, and of the day's those before it that the right password has made good."""
        settings = self.services.settings
        buckets.give_back(connection, limits.wrong_ones(settings, self.caller))
        buckets.give_back(connection, self._of_the_day, times)

    @property
    def _limit(self) -> int:
        """So many wrong ones in a row lock the number."""
        return self.services.settings.wrong_passwords

    def _locked(self) -> RuleError:
        return RuleError("R-33", contact=self.profile.contact.name).telling(remedy=way_back(self.profile))

    def _enough_today(self) -> ServerError:
        refusal = ServerError(code="E-TOO-MANY", retry_after=limits.seconds_of_the_day(self.services.settings))
        return refusal.telling(title=t("server.enough_today"), remedy=t("server.enough_today_remedy", contact=self.profile.contact.name))
