"""The demo's agency: what waits for its acceptance is accepted after a while, so that a bidder sees both states."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Engine

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.errors import EbidError
from ebid_tui.server.decisions import settling
from ebid_tui.server.settings import JAPAN
from ebid_tui.server.store import acceptances

ACTOR = "demo"
"""Who acted, in the audit rows."""
EVERY = 0.5
"""Seconds between two looks."""


def accept_waiting(engine: Engine, profiles: Mapping[str, Profile], older: timedelta) -> int:
    """Accept what has waited for so long; how many it was. What cannot be accepted goes on waiting."""
    now, done = datetime.now(JAPAN).replace(microsecond=0), 0
    for profile in profiles.values():
        with engine.connect() as connection:
            found = acceptances.waiting(connection, profile.id, [agency.id for agency in profile.agencies])
        for one in found:
            if one.since > now - older:
                continue
            try:
                with engine.begin() as connection:
                    settling.accept(connection, profile, one.receipt_id, ACTOR, now)
                done += 1
            except EbidError as error:
                logging.getLogger(__name__).debug("not accepted: %s", error.code)
    return done


def begin(engine: Engine, profiles: Mapping[str, Profile], seconds: float) -> None:
    """Accept for as long as the process lives, where any of these systems lets anything wait."""
    waiting = {system: profile for system, profile in profiles.items() if profile.acceptance.somewhere}
    if waiting:
        threading.Thread(target=_forever, args=(engine, waiting, timedelta(seconds=seconds)), name="accepting", daemon=True).start()


def _forever(engine: Engine, profiles: Mapping[str, Profile], older: timedelta) -> None:
    pause = threading.Event()
    while not pause.wait(EVERY):
        accept_waiting(engine, profiles, older)
