"""The readers of every source as they were last seen, and who wants to hear of a change (for `worker.py`)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

from ebid_tui.card.interface import ReaderState
from ebid_tui.card.transport import Backend, ReaderSlot
from ebid_tui.errors import NoReader

logger = logging.getLogger(__name__)

Listener = Callable[[tuple[ReaderState, ...]], None]


class SeenReaders:
    """`changed` is called before the listeners with a source and its slots by name. All on the card thread, but for `watch_source`."""

    def __init__(self, sources: Sequence[Backend], changed: Callable[[Backend, dict[str, ReaderSlot]], None]) -> None:
        self.sources = tuple(sources)
        self.states: tuple[ReaderState, ...] = ()
        """Readable from any thread."""
        self._changed = changed
        self._looks = 0
        self._slots: dict[Backend, tuple[ReaderSlot, ...]] = dict.fromkeys(sources, ())
        self._listeners: list[Listener] = []

    def watch(self, listener: Listener) -> Callable[[], None]:
        """As `interface.Cards.watch`; from any thread."""
        self._listeners.append(listener)
        return partial(self._unwatch, listener)

    def _unwatch(self, listener: Listener) -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)

    def look(self) -> list[tuple[Backend, ReaderSlot]]:
        """Every reader of every source, now. Raises NoReader where no source has one and one of them is away."""
        self._looks += 1
        found: list[tuple[Backend, ReaderSlot]] = []
        away: NoReader | None = None
        for backend in self.sources:
            try:
                slots = backend.look()
            except NoReader as error:
                away = error
                slots = ()
            self._seen(backend, slots)
            found += [(backend, slot) for slot in slots]
        if away and not found:
            raise away
        return found

    def _noticed(self, backend: Backend, slots: tuple[ReaderSlot, ...], looks: int) -> None:
        """A watch thread saw a change. If this thread has looked since (`looks`: before the wait), that may be old: look again.

        Otherwise nothing newer is known, and two round trips to the daemon are spared: the listeners hear of it at once.
        """
        if looks == self._looks:
            self._seen(backend, slots)
            return
        try:
            self.look()
        except NoReader as error:
            logger.info("no readers: %s", error)

    def _seen(self, backend: Backend, slots: tuple[ReaderSlot, ...]) -> None:
        """Take note of how a source's readers are, and tell whoever wants to know."""
        if slots == self._slots[backend]:
            return
        self._slots[backend] = slots
        self._changed(backend, {slot.name: slot for slot in slots})
        self.states = states = tuple(ReaderState(slot.name, slot.present, slot.count) for b in self.sources for slot in self._slots[b])
        for listener in tuple(self._listeners):
            try:
                listener(states)
            except Exception:
                logger.exception("reader listener")

    def watch_source(self, backend: Backend, stopping: threading.Event, put: Callable[[Callable[[], None]], None]) -> None:
        """On a thread of its own, until `stopping`: blocks until the source's readers change, and puts what is then to be done."""
        seen: tuple[ReaderSlot, ...] | None = None
        while not stopping.is_set():
            looks = self._looks
            try:
                slots = backend.watch(seen)
            except Exception:
                logger.exception("watching readers")
                stopping.wait(1.0)
                continue
            if slots != seen:
                seen = slots
                put(partial(self._noticed, backend, slots, looks))
