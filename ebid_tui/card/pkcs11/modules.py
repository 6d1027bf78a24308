"""The PKCS#11 modules of this machine and the tokens behind them: the way to cards that PIV does not know.

A module is asked only about cards that are not refused: My Number is looked for in every reader first, by SELECT (R-23), and while
one is in, no module runs at all. Tokens in a PC/SC reader belong to that reader, by its name; others are readers of their own.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ebid_tui.card.pkcs11 import module_file, slot_readers
from ebid_tui.card.pkcs11.module_process import CALL_SECONDS, ModuleProcess, ModuleRefused
from ebid_tui.card.transport import Backend, Connection, ReaderSlot
from ebid_tui.domain.issuers import IssuerTable, known_issuers
from ebid_tui.errors import CardError, CardRemoved, ModuleFailed, NoCard, NoReader

if TYPE_CHECKING:
    from ebid_tui.card.session import CardThread

logger = logging.getLogger(__name__)

_TOKEN_INITIALIZED: Final = 0x400
_NOT_THERE: Final = ("E-MODULE-MISSING", "E-MODULE-LOAD")
"""A module that is not there or cannot be loaded holds no card; every other fault leaves that open."""


@dataclass(frozen=True, slots=True)
class TokenSlot:
    """A module's slot as it was listed; `token` None where it is empty."""

    process: ModuleProcess = field(compare=False)
    id: int
    description: str
    token: dict[str, Any] | None

    @property
    def usable(self) -> bool:
        return self.token is not None and bool(self.token["flags"] & _TOKEN_INITIALIZED)

    @property
    def identity(self) -> tuple[str, str, str]:
        """What tells this token from another one in the same slot."""
        token = self.token or {}
        return self.description, token.get("serial", ""), token.get("label", "")


class Tokens:
    """The configured modules, and (as a `transport.Backend`) the tokens that are in no PC/SC reader.

    `paths`: modules of the settings, whose faults are told; beside them those that the authorities' table names and that exist.
    """

    def __init__(
        self,
        paths: Sequence[str] = (),
        issuers: Callable[[], IssuerTable] = known_issuers,
        *,
        seconds: float = CALL_SECONDS,
        use_pin_pad: bool = True,
    ) -> None:
        self.use_pin_pad = use_pin_pad
        self.trouble: ModuleFailed | None = None
        """What was wrong with a module of the settings when the tokens were last listed."""
        self.silent: tuple[str, ...] = ()
        """The modules that did not say then which tokens they have, by name; one that cannot be loaded has none."""
        self._paths = tuple(paths)
        self._issuers = issuers
        self._seconds = seconds
        self._made: dict[str, ModuleProcess] = {}
        self._own: dict[str, tuple[ReaderSlot, TokenSlot]] = {}
        self._unrefused: set[tuple[int, str, int]] = set()
        self._changed = threading.Condition()
        self._shown: tuple[ReaderSlot, ...] = ()
        self._woken = False
        self._thread: CardThread
        self._readers: Sequence[Backend] = ()

    def serve(self, thread: CardThread, readers: Sequence[Backend]) -> None:
        """Before anything else is asked: whose card thread this is, and the other sources of readers beside it."""
        self._thread, self._readers = thread, readers

    # transport.Backend

    def watch(self, seen: tuple[ReaderSlot, ...] | None) -> tuple[ReaderSlot, ...]:
        with self._changed:
            self._changed.wait_for(lambda: self._woken or self._shown != (seen or ()))
            return self._shown

    def wake(self) -> None:
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def look(self) -> tuple[ReaderSlot, ...]:
        return self._shown

    def connect(self, reader: str) -> Connection:
        """A token takes no APDUs."""
        raise NoCard(reader)

    def close(self) -> None:
        for process in self._made.values():
            process.end()

    # what the card thread asks

    def kill(self) -> None:
        """End every module's process, at once. From any thread."""
        for process in tuple(self._made.values()):
            process.kill()

    def modules(self) -> list[ModuleProcess]:
        """In the order in which they are asked: the settings' first."""
        return [self._process(path) for path in self._all_paths()]

    def configured(self) -> bool:
        """Whether the settings name any; those of the table speak only for cards that are in a reader and unknown."""
        return bool(self._paths)

    def told(self, process: ModuleProcess) -> bool:
        """Whether what is wrong with this module is told: the settings name it."""
        return process.path in self._paths

    def refuse_first(self) -> None:
        """Before any module is asked: SELECT in every reader whether a My Number card is in.

        Raises CardRefused (R-23), and E-OTHER-READER where a card cannot be asked, being held by another program.
        """
        from ebid_tui.card.recognising import refuse_in

        self._thread.settle()
        seen: set[tuple[int, str, int]] = set()
        for backend, slot in self._slots():
            place = (id(backend), slot.name, slot.count)
            if slot.present and not slot.mute and place not in self._unrefused:
                try:
                    refuse_in(self._thread, backend, slot)
                except CardError:
                    self.kill()
                    raise
            seen.add(place)
        self._unrefused = seen

    def _slots(self) -> Iterator[tuple[Backend, ReaderSlot]]:
        """Of the readers; none where their service is away: a module cannot reach them then either."""
        for backend in self._readers:
            with suppress(NoReader):
                yield from [(backend, slot) for slot in backend.look()]

    def _names(self) -> tuple[str, ...]:
        return tuple(slot.name for _, slot in self._slots())

    def list_own(self) -> None:
        """Look anew for the tokens that are in no PC/SC reader. Raises as `refuse_first`; a module's fault is kept as `trouble`."""
        self.trouble = None
        self.silent = tuple(process.name for process in self.modules())
        self.refuse_first()
        self.silent = ()
        readers = self._names()
        found: dict[str, tuple[ReaderSlot, TokenSlot]] = {}
        for process in self.modules():
            slots = self._listed(process)
            for token in slot_readers.in_no_reader(slots, readers):
                if token.usable:
                    name = slot_readers.unique(slot_readers.reader_name(token), found)
                    found[name] = self._numbered(name, token), token
        with self._changed:
            self._own = found
            self._shown = tuple(slot for slot, _ in found.values())
            self._changed.notify_all()

    def list_quietly(self) -> None:
        """As `list_own`, for listing only: what keeps it from looking is logged."""
        try:
            self.list_own()
        except CardError as error:
            logger.info("tokens not listed: %s", error)

    def more(self, error: CardError) -> bool:
        """No card was found: are there tokens now that were not known? Raises the fault of a module that should have told."""
        if not isinstance(error, NoReader | NoCard) or not self.modules():
            return False
        before = self.look()
        self.list_own()
        if self.look() == before and self.trouble is not None:
            raise self.trouble
        return self.look() != before

    def slots_in(self, reader: str) -> Iterator[tuple[TokenSlot, Callable[[], int]]]:
        """The module slots with a token in this reader, each with how to find it again in a new process of its module."""
        readers = self._names()
        for process in self.modules():
            for slot in self._mine(reader, self._listed(process), readers):
                yield slot, partial(self._find, process, reader, readers, slot.identity)

    def _mine(self, name: str, slots: Sequence[TokenSlot], readers: Sequence[str]) -> list[TokenSlot]:
        if name in self._own:
            wanted = self._own[name][1]
            return [slot for slot in slots if slot.process is wanted.process and slot.identity == wanted.identity]
        return [slot for slot in slot_readers.in_reader(slots, name, readers) if slot.token is not None]

    def _find(self, process: ModuleProcess, reader: str, readers: tuple[str, ...], identity: tuple[str, str, str]) -> int:
        for slot in self._mine(reader, self._list(process), readers):
            if slot.identity == identity:
                return slot.id
        raise CardRemoved("the token is not there any more")

    def _listed(self, process: ModuleProcess) -> list[TokenSlot]:
        """Its slots; none where it fails, which is kept for telling if the settings name it."""
        try:
            return self._list(process)
        except ModuleFailed as error:
            logger.warning("%s", error)
            if error.code not in _NOT_THERE:
                self.silent += (process.name,)
            if self.told(process):
                self.trouble = self.trouble or error
            return []

    def _list(self, process: ModuleProcess) -> list[TokenSlot]:
        self._thread.settle()
        self._thread.silence_means(partial(process.failed, "E-MODULE-HUNG"))
        try:
            slots = process.call("slots")
        except ModuleRefused as refused:
            raise process.failed(ModuleFailed.code, str(refused)) from None
        return [TokenSlot(process, slot["id"], slot["description"], slot["token"]) for slot in slots]

    def _numbered(self, name: str, token: TokenSlot) -> ReaderSlot:
        """The token as a reader with a card in it; another token under the same name counts as a swap."""
        before = self._own.get(name)
        count = 1 if before is None else before[0].count + (before[1].identity != token.identity)
        return ReaderSlot(name, True, False, count)

    def _all_paths(self) -> list[str]:
        told = [module for issuer in self._issuers().issuers for module in issuer.modules if "/" in module and module_file.exists(module)]
        paths: dict[str, str] = {}
        for path in (*self._paths, *told):
            paths.setdefault(module_file.identity(path), path)
        return list(paths.values())

    def _process(self, path: str) -> ModuleProcess:
        if path not in self._made:
            self._made[path] = ModuleProcess(path, self._seconds)
        return self._made[path]
