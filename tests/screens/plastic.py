"""A reader and a hand with cards, for screens that are tried without a card worker."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import NoReturn

from ebid_tui.card.interface import CardLook, CardSession, ReaderState, Survey

READER = "仮想リーダー 00"

Listener = Callable[[tuple[ReaderState, ...]], None]


class Hand:
    """Both sides of one reader: `card.interface.CardTray`, and `Cards` as far as screens use it."""

    def __init__(self, inserted: str | None = None) -> None:
        self._inserted = inserted
        self._listeners: list[Listener] = []

    # -- CardTray

    def cards(self) -> tuple[tuple[str, str], ...]:
        return (
            ("ise-new", "伊勢市 テスト工事業者０１ 個人　十郎（未登録）"),
            ("ise-second", "伊勢市 テスト工事業者０２（未登録）"),
            ("mynumber", "マイナンバーカード（使えません）"),
            ("blocked", "ロックされたカード"),
        )

    def notes(self) -> tuple[tuple[str, str], ...]:
        return ()

    @property
    def inserted(self) -> tuple[str, ...]:
        return () if self._inserted is None else (self._inserted,)

    def insert(self, name: str, beside: str = "") -> None:
        if self._inserted is not None:
            self.remove()
        self._inserted = name
        self._tell()

    def remove(self) -> None:
        self._inserted = None
        self._tell()

    # -- Cards

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def readers(self) -> tuple[ReaderState, ...]:
        return (ReaderState(READER, self._inserted is not None),)

    def watch(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def open(
        self,
        reader: str | None = None,
        *,
        beside: str = "",
        fingerprint: str = "",
        trusted: Collection[str] = (),
        now: datetime | None = None,
    ) -> CardSession:
        return self._never()

    async def inspect(self, trusted: Collection[str] = ()) -> tuple[tuple[str, CardLook | None], ...]:
        return self._never()

    async def survey(self, trusted: Collection[str] = ()) -> Survey:
        return self._never()

    def _never(self) -> NoReturn:
        raise AssertionError("no screen opens a card")

    def _tell(self) -> None:
        for listener in self._listeners:
            listener(self.readers())
