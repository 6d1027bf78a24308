"""Whether anything of a path is revoked: what the authorities said is looked up in the database, and asked where it is missing.

For each certificate below the anchor a responder's word is wanted (OCSP), or else its issuer's list (CRL). A failed
question is not repeated for a little while, whoever asks, and a question is on its way once a process, not once a request.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from ebid_tui.server.pki import answers, sources
from ebid_tui.server.pki.answers import BadAnswer
from ebid_tui.server.pki.fetching import Fetcher
from ebid_tui.server.pki.obtaining import NotObtained, crl_source, file_source, obtain, ocsp_source
from ebid_tui.server.pki.path import NoPath
from ebid_tui.server.pki.reading import refusing
from ebid_tui.server.settings import RevocationSettings
from ebid_tui.server.store import revocation as kept
from ebid_tui.server.store.revocation import RevocationAnswer, RevocationSource
from ebid_tui.server.store.writer import Store

if TYPE_CHECKING:
    from asn1crypto import crl, ocsp, x509

T = TypeVar("T")

ASKING = 8
"""Questions on their way at a time."""
PARSED_BYTES = 64 * 1024 * 1024
"""Lists that are kept in memory as they were read."""


@dataclass(slots=True)
class PathData:
    """What was found about a path."""

    crls: dict[str, crl.CertificateList] = field(default_factory=dict)
    ocsps: dict[str, ocsp.OCSPResponse] = field(default_factory=dict)
    answers: dict[str, RevocationAnswer] = field(default_factory=dict)
    """By the source's key: of what is above, and nothing else."""
    missing: list[str] = field(default_factory=list)
    """Why nothing is known of a certificate, in codes."""

    def until(self, otherwise: datetime) -> datetime:
        """Until all of it holds."""
        return min([otherwise, *(answer.next_update for answer in self.answers.values())])

    @property
    def bodies(self) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """The lists and the responders' words, DER."""
        return tuple(self.answers[key].body for key in self.crls), tuple(self.answers[key].body for key in self.ocsps)

    @property
    def digests(self) -> dict[str, str]:
        return {key: answer.digest for key, answer in self.answers.items()}


class Revocations:
    """The authorities' answers, by way of the database."""

    def __init__(self, store: Store, settings: RevocationSettings) -> None:
        self._store = store
        self._settings = settings
        self._web = Fetcher(settings.hosts, settings.seconds)
        self._asking = ThreadPoolExecutor(ASKING, thread_name_prefix="revocation")
        self._under_way: dict[str, asyncio.Task[RevocationAnswer]] = {}
        self._parsed: OrderedDict[str, tuple[crl.CertificateList, RevocationAnswer]] = OrderedDict()

    def stop(self) -> None:
        """Answers that are on their way are not waited for."""
        self._asking.shutdown(wait=False, cancel_futures=True)

    async def unchanged(self, digests: dict[str, str]) -> bool:
        """Whether these are still the newest answers."""
        return await self._store.read(lambda connection: kept.digests(connection, digests.keys())) == digests

    async def look(self, path: Sequence[x509.Certificate], further: Sequence[x509.Certificate], now: datetime) -> PathData:
        """What is known of every certificate below the anchor. Raises NoPath where one is revoked, or unknown to its authority."""
        known = PathData()
        pairs = [(certificate, issuer, True) for issuer, certificate in pairwise(path)]
        while pairs:
            certificate, issuer, ask_responder = pairs.pop(0)
            why: list[str] = []
            responder = await self._by_ocsp(known, certificate, issuer, path[-1], now, why) if ask_responder else None
            if responder is None:
                if not await self._by_crl(known, certificate, issuer, path[-1], further, now, why):
                    known.missing.append(",".join(why))
            elif responder is not certificate:
                pairs.append((responder, issuer, False))
        return known

    async def _by_ocsp(
        self,
        known: PathData,
        certificate: x509.Certificate,
        issuer: x509.Certificate,
        card: x509.Certificate,
        now: datetime,
        why: list[str],
    ) -> x509.Certificate | None:
        """None if no responder's word is to be had; the responder's certificate if that is to be looked up in turn; else `certificate`."""
        with refusing(lambda kind: NoPath("untrusted", kind)):
            wanted = [ocsp_source(url, certificate, issuer) for url in sources.ocsp_urls(certificate)]
        for source in wanted:
            try:
                answer = await self._answer(source, (), now)
                said = await self._in_thread(partial(answers.ocsp_answer, answer.body, certificate, issuer, now))
            except (NotObtained, BadAnswer) as error:
                why.append(f"ocsp {error}")
                continue
            if said.status == "revoked":
                raise _revoked(certificate, card)
            if said.status != "good":
                # An answer, and no outage: the authority does not know this certificate as its own.
                raise NoPath("unknown")
            known.ocsps[source.key], known.answers[source.key] = said.response, answer
            return said.responder or certificate
        return None

    async def _by_crl(
        self,
        known: PathData,
        certificate: x509.Certificate,
        issuer: x509.Certificate,
        card: x509.Certificate,
        further: Sequence[x509.Certificate],
        now: datetime,
        why: list[str],
    ) -> bool:
        """Whether a list was found that does not name the certificate."""
        with refusing(lambda kind: NoPath("untrusted", kind)):
            wanted = [*(crl_source(url, certificate, issuer) for url in sources.crl_urls(certificate)), file_source(issuer)]
        for source in wanted:
            try:
                answer = await self._answer(source, further, now)
                found = self._read(answer)
                listed = await self._in_thread(partial(answers.on_list, certificate, answer.body))
            except (NotObtained, BadAnswer) as error:
                why.append(f"crl {error}")
                continue
            if listed:
                raise _revoked(certificate, card)
            known.crls[source.key], known.answers[source.key] = found, answer
            return True
        return False

    async def _answer(self, source: RevocationSource, further: Iterable[x509.Certificate], now: datetime) -> RevocationAnswer:
        """The answer that is kept, or a new one. Raises NotObtained."""
        seen = (await self._store.read(lambda connection: kept.seen(connection, [source.key]))).get(source.key)
        if seen is not None and seen.digest and seen.this_update and seen.next_update and seen.next_update > now:
            answer = await self._body(source.key, seen.digest, seen.this_update, seen.next_update)
            if answer is not None:
                return answer
        if not source.url:
            raise NotObtained("no file" if seen is None else "file is stale")
        if seen is not None and seen.failure and abs(now - seen.tried_at) < self._settings.retry:
            raise NotObtained(seen.failure)
        task = self._under_way.get(source.key)
        if task is None:
            task = asyncio.create_task(self._ask(source, tuple(further), now))
            self._under_way[source.key] = task
            task.add_done_callback(lambda done: self._done(source.key, done))
        return await asyncio.shield(task)

    def _done(self, key: str, task: asyncio.Task[RevocationAnswer]) -> None:
        del self._under_way[key]
        if not task.cancelled():
            task.exception()  # looked at here: whoever asked may have gone

    async def _body(self, key: str, digest: str, this_update: datetime, next_update: datetime) -> RevocationAnswer | None:
        if digest in self._parsed:
            return self._parsed[digest][1]
        body = await self._store.read(lambda connection: kept.body(connection, key, digest))
        return None if body is None else RevocationAnswer(body, digest, this_update, next_update)

    async def _ask(self, source: RevocationSource, further: tuple[x509.Certificate, ...], now: datetime) -> RevocationAnswer:
        try:
            answer = await self._in_thread(partial(obtain, source, self._web, now, further))
        except NotObtained as error:
            failure = str(error)
            await self._store.write(lambda connection: kept.failed(connection, source, failure, now))
            raise
        if not await self._store.write(lambda connection: kept.keep(connection, source, answer, now)):
            await self._store.write(lambda connection: kept.failed(connection, source, "older", now))
            raise NotObtained("older")
        return answer

    def _read(self, answer: RevocationAnswer) -> crl.CertificateList:
        """A list as it was read before, if it was: reading 50,000 entries takes a tenth of a second."""
        if answer.digest in self._parsed:
            self._parsed.move_to_end(answer.digest)
            return self._parsed[answer.digest][0]
        found = answers.crl_of(answer.body)
        self._parsed[answer.digest] = found, answer
        while len(self._parsed) > 1 and sum(len(a.body) for _, a in self._parsed.values()) > PARSED_BYTES:
            self._parsed.popitem(last=False)
        return found

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._asking, work)


def _revoked(certificate: x509.Certificate, card: x509.Certificate) -> NoPath:
    return NoPath("revoked" if certificate.sha256 == card.sha256 else "revoked_authority")
