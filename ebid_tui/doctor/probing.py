"""Runs every probe at the same time, each on a daemon thread, and waits no longer than the deadline."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ebid_tui.doctor.finding import Finding, failure, skipped
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.settings import Settings

logger = logging.getLogger(__name__)

DEADLINE_SECONDS = 5.0
"""After this long what has not answered is said not to answer, whatever it hangs on."""


@dataclass(frozen=True, slots=True)
class ProbeContext:
    """What the probes look from: the settings in force (defaults where they are broken), and what they could not be."""

    settings: Settings
    environment: Mapping[str, str]
    profile: Profile | None = None
    broken: Sequence[Finding] = ()
    """What is wrong with settings and profile, found while they were loaded."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Checks that are made one after the other, as each needs the one before; `ids` names all of them, in order.

    `look` yields a finding as soon as it has one. Checks it does not come to, because an earlier one failed, are skipped.
    """

    ids: tuple[str, ...]
    look: Callable[[ProbeContext], Iterator[Finding]]


@dataclass(slots=True)
class _Run:
    probe: Probe
    found: dict[str, Finding] = field(default_factory=dict)
    crashed: str = ""
    thread: threading.Thread | None = None

    def run(self, context: ProbeContext) -> None:
        try:
            for finding in self.probe.look(context):
                self.found[finding.id] = finding
        except Exception as error:
            logger.exception("doctor")
            self.crashed = type(error).__name__

    def result(self) -> Iterator[Finding]:
        """Every check of the probe; the first that has no result carries the blame for a probe that hangs or crashed."""
        found, hangs = dict(self.found), self.thread is not None and self.thread.is_alive()
        for check in self.probe.ids:
            if check in found:
                yield found[check]
            elif hangs:
                yield failure(check, "hangs")
                hangs = False
            elif self.crashed:
                yield failure(check, "crashed", kind=self.crashed)
                self.crashed = ""
            else:
                yield skipped(check)


def examine(context: ProbeContext, probes: Sequence[Probe], seconds: float = DEADLINE_SECONDS) -> tuple[Finding, ...]:
    """What every probe found, in their order, after at most `seconds`."""
    runs = [_Run(probe) for probe in probes]
    end = time.monotonic() + seconds
    for run in runs:
        run.thread = threading.Thread(target=run.run, args=(context,), name="doctor", daemon=True)
        run.thread.start()
    for run in runs:
        assert run.thread is not None
        run.thread.join(max(0.0, end - time.monotonic()))
    return tuple(finding for run in runs for finding in run.result())
