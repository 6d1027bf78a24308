"""Fetching lists anew before they end, beside the requests: once for all processes on a database, or when an administrator asks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ebid_tui.server.pki.fetching import Fetcher
from ebid_tui.server.pki.obtaining import NotObtained, obtain
from ebid_tui.server.settings import RevocationSettings
from ebid_tui.server.store import revocation as kept
from ebid_tui.server.store.revocation import RevocationSource
from ebid_tui.server.store.transactions import Transactions

FORGET = timedelta(days=7)
"""What ended so long ago is dropped: an OCSP response is one row a card."""

log = logging.getLogger("ebid_tui.server.pki")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """One source that was asked; `failure` is a code, empty if it answered."""

    source: RevocationSource
    failure: str


def refresh(
    transact: Transactions,
    settings: RevocationSettings,
    now: Callable[[], datetime],
    stopping: Callable[[], bool] = lambda: False,
    *,
    everything: bool = False,
) -> Iterator[Refreshed]:
    """Ask for what was not asked for a while or ends soon; `everything`: for all that is known."""
    web, at = Fetcher(settings.hosts, settings.seconds), now()
    tried = at if everything else at - settings.every
    for source in transact(lambda connection: kept.due(connection, tried, at + settings.every)):
        if stopping():
            return
        yield _again(transact, source, web, now())
    transact(lambda connection: kept.drop(connection, at - FORGET))


def _again(transact: Transactions, source: RevocationSource, web: Fetcher, now: datetime) -> Refreshed:
    try:
        answer = obtain(source, web, now)
    except NotObtained as error:
        failure = str(error)
    else:
        failure = "" if transact(lambda connection: kept.keep(connection, source, answer, now)) else "older"
    if failure:
        log.warning("revocation data not refreshed kind=%s url=%s reason=%s", source.kind, source.url, failure)
        transact(lambda connection: kept.failed(connection, source, failure, now))
    return Refreshed(source, failure)
