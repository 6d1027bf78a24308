"""What the desk asks of whoever talks to the operator, beside what every flow asks (`flows.ui.Ui`): the screens, or line mode."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, Literal, Protocol, TypeVar

import msgspec

from ebid_tui.domain.desk import FindBy, Hit, Hits, Reason
from ebid_tui.flows.ui import Section, Ui
from ebid_tui.messages import t

By = FindBy | Literal["auto"]
"""What is looked for; `auto` tries what the typed text may be, one after the other."""

BYS: tuple[By, ...] = ("auto", "name", "number", "serial", "holder")
REASONS: tuple[Reason, ...] = ("inquiry", "application", "mail", "expiry", "review")


class DeskAction(StrEnum):
    """What an operator can do on a page: its name is what a script types, and that of its key (`desk.reset`)."""

    @property
    def label(self) -> str:
        """As key bars and line mode name it."""
        return t("common.back" if self == "back" else f"desk.key.{self}")


class FindAction(DeskAction):
    """業者検索. SIGNED_OUT, here and in lists, is not said by the operator: the server's session has ended meanwhile."""

    OPEN = "open"  # row: an index into `place.found`
    CODE = "code"  # row: the code
    EXPIRING = "expiring"
    REQUESTS = "requests"
    TRAINING = "training"
    SIGN_OUT = "sign_out"
    SIGNED_OUT = "signed_out"


REPORTS = (FindAction.EXPIRING,)
"""The lists that 業者検索 leads to, in the order of keys and menu."""


class VendorAction(DeskAction):
    """業者の画面, in the order of its keys."""

    RESET = "reset"
    UNLOCK = "unlock"
    RESEND = "resend"
    CANCEL_CARD = "cancel_card"
    ELSEWHERE = "elsewhere"
    REFRESH = "refresh"
    BACK = "back"


class ListAction(DeskAction):
    """A list; each says in `Listing.actions` which of CSV, FINISHED, WAITING and REFRESH it offers."""

    OPEN = "open"
    CSV = "csv"
    FINISHED = "finished"
    WAITING = "waiting"
    REFRESH = "refresh"
    BACK = "back"
    SIGNED_OUT = "signed_out"


class RequestAction(StrEnum):
    """What is done with one application."""

    APPROVE = "approve"
    REFUSE = "refuse"
    COMPLETE = "complete"
    VENDOR = "vendor"


A_co = TypeVar("A_co", bound=DeskAction, covariant=True)


class ChosenAction(msgspec.Struct, Generic[A_co], frozen=True):
    """What the operator does next, and the row it is about."""

    what: A_co
    row: str = ""


@dataclass(slots=True)
class FoundVendor:
    """One hit, and by what it was found."""

    by: FindBy
    hit: Hit


@dataclass(slots=True)
class SearchState:
    """Where the operator is in the search: kept while a vendor is looked at, and while the operator signs in again."""

    text: str = ""
    by: By = "auto"
    reason: Reason = "inquiry"
    found: list[FoundVendor] = field(default_factory=list)
    codes: tuple[str, ...] = ()
    marks: dict[FindBy, str] = field(default_factory=dict)
    """Where the next page of each kind begins; a kind without one has no more."""
    row: int = 0
    said: str = ""
    answered: bool = True
    """Whether what was typed last has been looked for to its end."""


Look = Callable[[FindBy, str, Reason, str], Awaitable[Hits]]
"""One page of one kind: by, text, reason, after."""


@dataclass(frozen=True, slots=True)
class VendorSearch:
    """業者検索. `place` is changed as one types."""

    title: str
    place: SearchState
    look: Look
    training: bool


class VendorPagePart(msgspec.Struct, frozen=True):
    """One part of a vendor's page, with the keys that lead to it."""

    id: str
    label: str
    sections: tuple[Section, ...]


@dataclass(slots=True)
class PagePosition:
    """How far a page is scrolled, kept while it is away."""

    top: int = 0


@dataclass(frozen=True, slots=True)
class VendorPage:
    """業者の画面. `actions` are those that can be done now; the answer is one of them, or BACK."""

    title: str
    lead: str
    parts: tuple[VendorPagePart, ...]
    actions: tuple[VendorAction, ...]
    place: PagePosition


class ListColumn(msgspec.Struct, frozen=True):
    """A column of a list: at most so many cells; 0 is what the others leave."""

    title: str
    width: int


class ListRow(msgspec.Struct, frozen=True):
    """A row of a list; `sign` marks one that wants attention."""

    id: str
    cells: tuple[str, ...]
    sign: Literal["", "!"] = ""


More = Callable[[], AsyncIterator[tuple[ListRow, ...]]]
"""Further rows of a list, a page at a time."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of many lines. The answer is OPEN, one of `actions`, BACK or SIGNED_OUT, each with the row it was at."""

    id: str
    title: str
    lead: str
    columns: tuple[ListColumn, ...]
    rows: tuple[ListRow, ...]
    actions: tuple[ListAction, ...] = ()
    empty: str = ""
    more: More | None = None
    start: str = ""
    """The row to begin at."""


@dataclass(frozen=True, slots=True)
class InitialPassword:
    """A new initial password, told once. `rows` say whose, and under which application."""

    title: str
    lead: str
    rows: tuple[tuple[str, str], ...]
    label: str
    password: str = field(repr=False)
    id: str = ""
    """The application's number at the server, for the print's title."""


class DeskUi(Ui, Protocol):
    """Whoever talks to the operator."""

    def at_work(self, mark: str) -> None:
        """What every page shows beside the system's name: who is signed in; empty: nobody."""
        ...

    async def find(self, request: VendorSearch) -> ChosenAction[FindAction]: ...

    async def vendor(self, page: VendorPage) -> ChosenAction[VendorAction]: ...

    async def listing(self, listing: Listing) -> ChosenAction[ListAction]: ...

    async def initial_password(self, shown: InitialPassword) -> None:
        """Show it until the operator closes it; then it is gone."""
        ...
