"""The card thread: one daemon thread that owns every card handle. Jobs go in by a queue, results come out as asyncio futures.

Beside it, each source of readers has a watch thread that blocks until its readers change (no polling), holds no card, and only
puts what it saw into the same queue. (pcsc-lite locks a context while it waits on it and loses an SCardCancel that comes a
moment too early: with one context for both, a job could be stuck behind the wait.)
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from ebid_tui.card.interface import CardLook, CardSession, ReaderState, Survey
from ebid_tui.card.job import CardJob
from ebid_tui.card.opening import CardCriteria, CardFinder
from ebid_tui.card.seen_readers import SeenReaders
from ebid_tui.card.trace import ApduTrace
from ebid_tui.card.transport import Backend, ReaderSlot
from ebid_tui.errors import CardBusy, CardError, CardMute

if TYPE_CHECKING:
    from ebid_tui.card.pkcs11.modules import Tokens
    from ebid_tui.card.session import BoundSession

logger = logging.getLogger(__name__)
T = TypeVar("T")

STOP_SECONDS = 0.1
DEADLINE_SECONDS = 30.0
"""After this long a caller is told that the card does not answer, or that another program holds it."""

LET_GO_SECONDS = 2.0
"""How long a flow waits for its card to be logged out before it goes on without."""


def machine_time() -> datetime:
    return datetime.now(UTC)


class CardWorker:
    """`interface.Cards` over one or more sources of readers: `PcscBackend()`, or the demo's virtual reader, or both.

    `trace` counts APDUs for tests and benchmarks: `worker.trace.count`, `worker.trace.exchanges`. `tokens`: the
    PKCS#11 modules, for cards that PIV does not know; `clock`: by which certificates are valid where a caller gives no time.
    """

    def __init__(
        self,
        *backends: Backend,
        trace: ApduTrace | None = None,
        deadline: float = DEADLINE_SECONDS,
        tokens: Tokens | None = None,
        clock: Callable[[], datetime] = machine_time,
    ) -> None:
        self.trace = trace or ApduTrace()
        self._tokens = tokens
        self._clock = clock
        if tokens is not None:
            tokens.serve(self, backends)
        self._readers = SeenReaders(backends if tokens is None else (*backends, tokens), self._changed)
        self._cards = CardFinder(self, self._readers, tokens)
        self._deadline = deadline
        self._queue: SimpleQueue[Callable[[], None] | CardJob | None] = SimpleQueue()
        self._sessions: set[BoundSession] = set()
        self._job: CardJob | None = None
        self._stopping = threading.Event()
        self._closed = False
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._threads = [threading.Thread(target=self._run, name="card", daemon=True)]
        for number, source in enumerate(self._readers.sources):
            watching = (source, self._stopping, self._queue.put)
            name = f"card-watch-{number}"
            self._threads.append(threading.Thread(target=self._readers.watch_source, args=watching, name=name, daemon=True))
        if self._tokens is not None and self._tokens.configured():
            # Those that are in no PC/SC reader are there before anybody asks for a card.
            self._queue.put(self._tokens.list_quietly)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._queue.put(None)
        # On a thread of its own: waking may itself wait for a readers' service that hangs.
        threading.Thread(target=self._wake, name="card-stop", daemon=True).start()
        end = time.monotonic() + STOP_SECONDS * 0.9
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, end - time.monotonic()))
        if self._tokens is not None and self._threads and self._threads[0].is_alive():
            self._tokens.kill()  # a module that takes its time is not waited for

    def readers(self) -> tuple[ReaderState, ...]:
        return self._readers.states

    def watch(self, listener: Callable[[tuple[ReaderState, ...]], None]) -> Callable[[], None]:
        return self._readers.watch(listener)

    async def open(
        self,
        reader: str | None = None,
        *,
        beside: str = "",
        fingerprint: str = "",
        trusted: Collection[str] = (),
        now: datetime | None = None,
    ) -> CardSession:
        find = partial(self._open, reader, beside, CardCriteria(frozenset(trusted), fingerprint, now or self._clock()))
        session: BoundSession = await self.call(find, unclaimed=lambda session: session.end())
        return session

    async def inspect(self, trusted: Collection[str] = ()) -> tuple[tuple[str, CardLook | None], ...]:
        await self.call(self._cards.list_tokens)
        return (await self.survey(trusted)).looks

    async def survey(self, trusted: Collection[str] = ()) -> Survey:
        wish = CardCriteria(frozenset(trusted), now=self._clock())
        looks = tuple([(slot.name, await self._seen_card(backend, slot, wish)) for backend, slot in await self.call(self._readers.look)])
        silent = tuple(name for name, look in looks if look is not None and not look.judged)
        return Survey(looks, silent + (self._tokens.silent if self._tokens else ()))

    async def _seen_card(self, backend: Backend, slot: ReaderSlot, wish: CardCriteria) -> CardLook | None:
        """One reader's card, in a job of its own: one that does not answer does not hide the others."""
        try:
            return await self.call(partial(self._cards.look_at, backend, slot, wish))
        except CardMute as error:
            return CardLook(slot.name, "mute", False, error.code, None, ())
        except CardBusy as error:
            return CardLook(slot.name, "busy", False, error.code, None, ())

    async def call(
        self,
        work: Callable[[], T],
        *,
        dropped: Callable[[], None] | None = None,
        unclaimed: Callable[[T], None] | None = None,
        patience: float | None = None,
    ) -> T:
        """Run `work` on the card thread.

        `dropped` runs where the caller gives up before `work` began; `unclaimed` (on the card thread) gets a result that nobody
        is left to take. Raises what `work` raises, CardMute or CardBusy after the deadline (`patience`: another one, where a person
        is waited for), CardError for anything unexpected.
        """
        loop = asyncio.get_running_loop()

        def nobody_takes(result: T) -> None:
            if unclaimed:
                self._queue.put(partial(unclaimed, result))

        job = CardJob(work, loop, loop.create_future(), dropped, nobody_takes)
        if self._stopping.is_set() or not self._threads:
            job.drop()
            raise CardError("the card thread is not running")
        self._queue.put(job)
        if self._closed:
            self._drain()
        timer = loop.call_later(patience or self._deadline, job.expire)
        try:
            return await job.future  # type: ignore[no-any-return]
        except asyncio.CancelledError:
            if job.future.done() and not job.future.cancelled() and job.future.exception() is None:
                nobody_takes(job.future.result())
            raise
        finally:
            timer.cancel()

    async def let_go(self, end: Callable[[], None]) -> None:
        """Run `end` on the card thread. Never raises: a flow that is done with its card is done, whatever becomes of the card.

        One that does not answer is not waited for long; what is left to do is done when the thread is free again.
        """
        try:
            await self.call(end, patience=min(LET_GO_SECONDS, self._deadline))
        except CardError as error:
            logger.info("card not let go of yet: %s", error)
            self._queue.put(end)

    # from here on: card thread

    def still_wanted(self) -> None:
        if self._stopping.is_set() or (self._job is not None and not self._job.wanted):
            raise CardError("the caller gave up")

    def silence_means(self, error: Callable[[str], CardError]) -> None:
        if self._job is not None:
            self._job.silence = error

    def forget(self, session: BoundSession) -> None:
        self._sessions.discard(session)

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, self._queue.put, (work,))
        timer.daemon = True
        timer.start()

    def settle(self) -> None:
        for session in tuple(self._sessions):
            session.settle()

    def _open(self, reader: str | None, beside: str, wish: CardCriteria) -> BoundSession:
        session = self._cards.open(reader, beside, wish)
        self._sessions.add(session)
        return session

    def _changed(self, backend: Backend, slots: dict[str, ReaderSlot]) -> None:
        """A source's readers are not as they were: end the sessions whose card is not the one any more."""
        for session in tuple(self._sessions):
            if session.belongs_to(backend):
                session.seen(slots.get(session.reader))

    def _run(self) -> None:
        while (item := self._queue.get()) is not None and not self._stopping.is_set():
            try:
                if isinstance(item, CardJob):
                    self._job = item
                    item.run()
                else:
                    item()
            except Exception:
                logger.exception("card thread")
            finally:
                self._job = None
        self._refuse(item)
        self._shut()

    def _shut(self) -> None:
        """Log out of every card, give the readers back, and tell whoever still waits."""
        for session in tuple(self._sessions):
            session.end()
        for backend in self._readers.sources:
            backend.close()
        self._closed = True
        self._drain()

    def _drain(self) -> None:
        try:
            while True:
                self._refuse(self._queue.get_nowait())
        except Empty:
            return

    def _refuse(self, item: Callable[[], None] | CardJob | None) -> None:
        """The thread is ending: what still waits is told so, and nothing more goes to a card."""
        if isinstance(item, CardJob):
            item.drop()
            item.fail(CardError("the card thread has ended"))

    # from here on: whoever stops

    def _wake(self) -> None:
        for _ in range(40):
            for backend in self._readers.sources:
                backend.wake()
            if not any(thread.is_alive() for thread in self._threads[1:]):
                return
            time.sleep(0.005)
