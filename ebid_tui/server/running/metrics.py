"""What a server process tells Prometheus of itself, on a listener of its own. Numbers only; every label has few possible values.

Each process has its own: several on one machine have several ports, and are added up by who asks.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from litestar import Litestar
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import Connection, bindparam, case, func, select
from sqlalchemy.exc import SQLAlchemyError

from ebid_tui.errors import EbidError
from ebid_tui.server.pki import anchors
from ebid_tui.server.store.columns import UtcDateTime
from ebid_tui.server.store.schema import mail_outbox, propagations, revocation_data

if TYPE_CHECKING:
    from ebid_tui.server.services import Services

log = logging.getLogger("ebid_tui.server")

SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
RECEIPTS: Mapping[str, str] = {
    "/v1/registrations": "registration",
    "/v1/registrations/card-free": "card_free",
    "/v1/amendments": "amendment",
    "/v1/amendments/card-free": "card_free_amendment",
    "/v1/renewals": "renewal",
}
"""Routes whose 201 is a receipt."""
UNSENT = ("waiting", "sending", "failed", "uncertain")

_MAILS = select(mail_outbox.c.state, func.count()).where(mail_outbox.c.state.in_(UNSENT)).group_by(mail_outbox.c.state)
_COPIES = select(func.count()).select_from(propagations).where(propagations.c.state == "waiting")
_R = revocation_data.c
_REVOCATION = (
    select(
        _R.kind,
        func.count(),
        func.min(_R.this_update, type_=UtcDateTime),
        func.coalesce(func.sum(case((_R.next_update < bindparam("p_now", type_=UtcDateTime), 1), else_=0)), 0),
        func.coalesce(func.sum(case((_R.failure.is_not(None), 1), else_=0)), 0),
    )
    .where(_R.ahead)
    .group_by(_R.kind)
)


class Metrics:
    """One process's numbers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter("ebid_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry)
        self._seconds = Histogram(
            "ebid_request_seconds", "From the request's head to the end of its answer.", ("route",), buckets=SECONDS, registry=self.registry
        )
        self._refusals = Counter("ebid_refusals", "Refusals by rule or error code.", ("code",), registry=self.registry)
        self._receipts = Counter(
            "ebid_receipts", "Receipts given; one that was asked for again counts again.", ("operation",), registry=self.registry
        )
        self._under_way = Gauge("ebid_requests_under_way", "Requests being answered.", registry=self.registry)
        ProcessCollector(registry=self.registry)
        for operation in RECEIPTS.values():
            self._receipts.labels(operation)

    def began(self) -> None:
        self._under_way.inc()

    def ended(self, method: str, route: str, status: int, code: str, seconds: float) -> None:
        """`method` is one of METHODS or `other`, `route` a template of ours or `-`: whatever was asked for.

        `status` 0: the client went away before its answer."""
        self._under_way.dec()
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if code:
            self._refusals.labels(code).inc()
        if status == 201 and route in RECEIPTS:
            self._receipts.labels(RECEIPTS[route]).inc()

    def watch(self, services: Services) -> None:
        """Also tell of the queues and the database."""
        self.registry.register(_Inside(services))


@dataclass(frozen=True, slots=True)
class _Counted:
    mails: dict[str, int]
    copies: int
    revocation: tuple[tuple[str, int, datetime | None, int, int], ...]


class _Inside(Collector):
    """What is looked up when somebody asks."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        services = self._services
        yield GaugeMetricFamily("ebid_writer_waiting", "Transactions that wait for the writer.", value=services.store.waiting)
        yield GaugeMetricFamily("ebid_writer_alive", "1 while the thread that writes lives.", value=int(services.store.alive))
        yield GaugeMetricFamily("ebid_passwords_waiting", "Password checks under way or waiting.", value=services.passwords.waiting)
        now = services.settings.now()
        unused = sum(1 for _ in anchors.unused(services.settings.anchors, now))
        yield GaugeMetricFamily("ebid_anchors_unused", "Certificates of the trusted authorities that do not count now.", value=unused)
        try:
            counted = services.store.look(lambda connection: _count(connection, now))
        except (SQLAlchemyError, RuntimeError) as error:
            log.warning("metrics without database error=%s", type(error).__name__)
            yield GaugeMetricFamily("ebid_database_up", "1 when the database answers.", value=0)
            return
        yield GaugeMetricFamily("ebid_database_up", "1 when the database answers.", value=1)
        mails = GaugeMetricFamily("ebid_mails", "Mails in the outbox that are not sent.", labels=("state",))
        for state in UNSENT:
            mails.add_metric((state,), counted.mails.get(state, 0))
        yield mails
        yield GaugeMetricFamily("ebid_copies_waiting", "Registrations that wait for the night.", value=counted.copies)
        yield from _revocation(counted, now)


def _revocation(counted: _Counted, now: datetime) -> Iterator[Metric]:
    sources = GaugeMetricFamily("ebid_revocation_sources", "CRLs and OCSP answers that are kept fresh.", labels=("kind",))
    oldest = GaugeMetricFamily("ebid_revocation_oldest_seconds", "Age of the oldest of them.", labels=("kind",))
    ended = GaugeMetricFamily("ebid_revocation_ended", "Those whose next update has passed.", labels=("kind",))
    failing = GaugeMetricFamily("ebid_revocation_failing", "Those whose last fetch failed.", labels=("kind",))
    for kind, count, first, over, failed in counted.revocation:
        sources.add_metric((kind,), count)
        if first is not None:
            oldest.add_metric((kind,), (now - first).total_seconds())
        ended.add_metric((kind,), over)
        failing.add_metric((kind,), failed)
    yield from (sources, oldest, ended, failing)


def _count(connection: Connection, now: datetime) -> _Counted:
    return _Counted(
        mails={row[0]: row[1] for row in connection.execute(_MAILS)},
        copies=connection.execute(_COPIES).scalar_one(),
        revocation=tuple((row[0], row[1], row[2], int(row[3]), int(row[4])) for row in connection.execute(_REVOCATION, {"p_now": now})),
    )


@contextmanager
def serve_metrics(app: Litestar, where: tuple[str, int] | None) -> Iterator[None]:
    """Tell an application's numbers at `http://host:port/metrics` meanwhile. Raises EbidError E-METRICS where that is taken."""
    if where is None:
        yield
        return
    host, port = where
    try:
        server, thread = start_http_server(port, host, app.state.metrics.registry)
    except OSError as error:
        raise EbidError(code="E-METRICS", listen=f"{host}:{port}", reason=error.strerror or type(error).__name__) from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
