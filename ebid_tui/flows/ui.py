"""What a flow asks of whoever talks to the person: the terminal app, line mode, or a test's script.

A flow never knows which of them it talks to. キャンセル raises LeftFlow (flows.leaving) whatever was asked, 戻る is an answer where a
form turns on it, and raises LeftStep elsewhere. Every request has the `id` by which line mode's prompts and scripts name it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from enum import Enum
from typing import Literal, Protocol

import msgspec

from ebid_tui.card.pin import Pin
from ebid_tui.domain.fields import Field, FieldPolicy
from ebid_tui.domain.profile.systems import Password
from ebid_tui.domain.records import Receipt
from ebid_tui.domain.whereabouts import NOWHERE, Whereabouts
from ebid_tui.errors import EbidError
from ebid_tui.flows.comparing import CardComparison, ChoiceRow

Blocks = dict[str, dict[str, str]]
"""Values by block id and field id."""


class Nav(Enum):
    """Answers that lead elsewhere, as a person gives them; how a visit ended that has no receipt."""

    BACK = "back"
    CANCEL = "cancel"


Back = Literal[Nav.BACK]
"""戻る, where a flow turns on it."""


class Option(msgspec.Struct, frozen=True):
    """One thing to choose; `explanation` is what it is for, `caution` when not to use it."""

    id: str
    label: str
    explanation: str = ""
    caution: str = ""
    unavailable: str = ""
    """Why it cannot be chosen now; empty if it can."""
    names: tuple[str, ...] = ()
    """By what else it is known to a script."""
    reading: str = ""
    """In kana, by which a long list is narrowed too; empty where nobody says it."""


class Question(msgspec.Struct, frozen=True):
    """Choose one. `needs_clock` keeps the options disabled until the server's clock is shown (R-01)."""

    id: str
    title: str
    options: tuple[Option, ...]
    lead: str = ""
    needs_clock: bool = False
    preset: str = ""
    back: bool = True
    by_name: bool = False
    """Whether a script has to name what it means: by a place in the list, or by saying nothing, it would be guessed."""
    unasked: str = ""
    """What a script means that says nothing: it wanted to know the lead, and goes no further."""
    careful: bool = False
    """Whether a key that was struck before it was seen must not answer it."""


class Confirm(msgspec.Struct, frozen=True):
    """A question with two answers, where the careful one is the default. `details` are lines to look at before answering."""

    id: str
    title: str
    question: str
    yes: str
    no: str
    details: tuple[str, ...] = ()
    preset: Literal["", "no"] = ""
    """`no` where leaving it out means no (line mode's scripts)."""


class CardRequest(msgspec.Struct, frozen=True):
    """Ask for a card in the reader. `problem` is what was wrong with the last attempt."""

    id: str
    title: str
    lead: str
    problem: EbidError | None = None
    beside: str = ""
    """A reader whose card stays where it is: another one is asked for, in another reader if there is one."""
    first: bool = False
    """True where it is shown even though a card is in: that may be another one than is meant (R-47)."""


class PinRequest(msgspec.Struct, frozen=True):
    """PIN番号入力ダイアログ. `tries_left` is shown before the entry (R-07), None means the card does not tell."""

    id: str
    title: str
    lead: str
    pin_label: str
    operator_label: str
    ok: str
    cancel: str
    tries_left: int | None
    min_length: int
    max_length: int
    digits_only: bool
    card: tuple[tuple[str, str], ...] = ()
    """Label and value: whose card it is, so that a wrong card is seen before its PIN is typed."""
    problem: EbidError | None = None
    tries_low: bool = False
    """True where the card tells no number, but that tries were spent."""
    reader: str = ""
    """The reader its card is in: only what happens there ends the entry. Empty: whichever."""
    pin_pad: bool = False
    """True where the PIN is entered on the reader's own keys (`Ui.wait_for_pin_pad`)."""
    names: tuple[str, ...] = ()
    """What a script may have called this card (`Option.names`): the PIN of a card that it named goes to no other."""
    chosen: bool = False
    """True for a PIN that the person makes up: typing it wrong spends no try, so none are shown."""
    lost: tuple[str, ...] = ()
    """What a person has to know who does not know the PIN (R-44)."""


class FormBlock(msgspec.Struct, frozen=True):
    """One block of a form: every field in the documents' order, inputs and shown ones."""

    id: str
    title: str
    remark: str
    fields: tuple[Field, ...]
    read_only: bool = False
    """True when even its inputs are only shown (R-18)."""


class Fill(msgspec.Struct, frozen=True):
    """What the key that fills in does: inputs of block `target` that are empty get values of block `source`.

    `fields` says from which field of the source each comes. `values` are used where the source is no block of the form.
    """

    source: Literal["company", "last_card", "card"]
    target: str
    fields: Mapping[str, str]
    values: Mapping[str, str] = {}


class Form(msgspec.Struct, frozen=True):
    """資格審査情報検索 or 利用者登録. `values` is what the fields start with; the answer has the same shape."""

    id: str
    title: str
    lead: str
    blocks: tuple[FormBlock, ...]
    values: Blocks
    submit: str
    back: str
    policy: FieldPolicy
    problems: Mapping[str, str] = {}
    """Messages beside fields, by `block.field`, from the server."""
    notice: EbidError | None = None
    """Why the last attempt did not succeed, with its causes."""
    notice_about: str = ""
    """What was asked for then (業者番号 and its value): the notice stays while another is typed."""
    password: Password | None = None
    """R-04: show how far `new_password` and `new_password_again` meet this policy, while typing."""
    refreshed: tuple[str, ...] = ()
    """Blocks whose shown values were taken from the newest qualification, marked as such (R-37)."""
    copy: tuple[str, str] | None = None
    """From and to block of the copy key (代表窓口情報 → ICカード利用部署情報)."""
    fills: tuple[Fill, ...] = ()
    """What the fill key does in each block: 企業情報 → 代表窓口情報, and what the vendor's last card has → ICカード利用部署情報."""
    begin_at: str = ""
    """The field, by its id, where one begins; empty: where one was, or what has to be filled and is empty."""
    lost: Literal["", "typed", "pin"] = ""
    """What 戻る costs: nothing (what is typed is there again), what is typed, or also the PIN that was entered."""
    keep: Callable[[Blocks], bool] | None = None
    """To be called with what is typed whenever a field or the form is left (flows.drafts): whether it is kept. None: nothing is."""


class Row(msgspec.Struct, frozen=True):
    """One line of a confirmation or print; `sign` marks rows that want attention, never by colour alone."""

    label: str
    value: str
    sign: Literal["", "!", "*"] = ""
    note: str = ""


class Section(msgspec.Struct, frozen=True):
    """A titled group of rows."""

    title: str
    rows: tuple[Row, ...]
    remark: str = ""


class Review(msgspec.Struct, frozen=True):
    """登録内容確認: everything that will be signed. The answer is True (登録) or BACK."""

    id: str
    title: str
    sections: tuple[Section, ...]
    warnings: tuple[str, ...]
    question: str
    submit: str
    back: str
    choice: ChoiceRow | None = None


class Report(msgspec.Struct, frozen=True):
    """Something to read: 登録状況, an answer, the end screen. `close` is the label of its only button."""

    id: str
    title: str
    sections: tuple[Section, ...]
    lead: str
    close: str


class Done(msgspec.Struct, frozen=True):
    """処理完了: the receipt, and what can be printed."""

    id: str
    title: str
    message: str
    receipt: Receipt
    page_title: str
    page: tuple[Section, ...]
    page_note: str
    print: str
    mail_to: str | None
    where: Whereabouts = NOWHERE
    """What the receipt is about, as the paper says it too."""
    summary: tuple[Row, ...] = ()
    """Whom and what it is about, beside the receipt's number and time."""
    notices: tuple[str, ...] = ()
    """What counts from now on, and what is still to be done."""


class Trouble(msgspec.Struct, frozen=True):
    """Something went wrong. `ways` are the ways on, the first is the one that is proposed; the answer is one of them.

    Beside `retry`, `back` and `cancel` they may be actions of this program that mend it (`flows.mending`), called as `labels` says.
    """

    error: EbidError
    ways: tuple[str, ...]
    labels: Mapping[str, str] = {}
    rows: tuple[Row, ...] = ()
    """What it is about, or whom to call."""


def way_out(ways: tuple[str, ...]) -> str:
    """The way of a `Trouble` that gives up least: back, else cancel, else the first."""
    return next((way for way in ("back", "cancel") if way in ways), ways[0])


class Ui(Protocol):
    """Whoever talks to the person."""

    @property
    def where(self) -> Whereabouts:
        """Where one stands, as it was last told."""
        ...

    def stand(self, where: Whereabouts) -> None:
        """Where one stands from now on: what is asked next shows it (R-47)."""
        ...

    def only(self, question: Question) -> None:
        """A question with one answer, which is not asked: who answers it all the same has to mean that one."""
        ...

    async def choose(self, question: Question) -> str | Back:
        """The id of the chosen option."""
        ...

    async def confirm(self, question: Confirm) -> bool:
        """True only for the explicit yes; leaving in any other way is no."""
        ...

    async def insert_card(self, request: CardRequest) -> None:
        """Returns as soon as a card is in a reader: at once if one is, and no problem was reported with it."""
        ...

    async def ask_pin(self, request: PinRequest) -> Pin:
        """The PIN in a buffer of its own: the caller wipes it."""
        ...

    async def wait_for_pin_pad(self, request: PinRequest, entry: Callable[[], Awaitable[None]]) -> None:
        """Say that the PIN is to be entered on the reader's own keys, and wait for `entry`, whose errors pass through.

        Raises LeftFlow where the person gave up meanwhile, whatever became of the entry; the reader is free again then.
        """
        ...

    async def fill(self, form: Form) -> Blocks | Back:
        """Settled, checked values of every input. With BACK what was typed is kept under `typed`."""
        ...

    def typed(self, form_id: str) -> Blocks:
        """What was last typed into a form, also if it was left with 戻る; empty if nothing."""
        ...

    async def review(self, review: Review) -> Literal[True] | Back: ...

    def chosen(self, request_id: str) -> bool | None:
        """What was last chosen on a confirmation, also if it was left with 戻る; None before."""
        ...

    async def compare(self, comparison: CardComparison) -> Literal[True] | Back: ...

    async def read(self, report: Report) -> None:
        """Show it until the person closes it."""
        ...

    async def done(self, done: Done) -> None:
        """Show 処理完了 until the person closes it; printing happens inside."""
        ...

    async def trouble(self, trouble: Trouble) -> str:
        """Tell it: one of its ways."""
        ...

    def busy(self, message: str) -> AbstractAsyncContextManager[None]:
        """Block all input and show progress while the card or the server works (R-02)."""
        ...

    def clock(self, now: datetime) -> None:
        """The server's time has come: show it, and enable what waited for it (R-01)."""
        ...

    def clock_away(self, problem: EbidError) -> None:
        """The server's time cannot be had at present; it is asked for again. What waits for it stays disabled."""
        ...

    def forget(self, form_id: str = "") -> None:
        """Drop everything typed, from screen and memory (R-21); with an id only what was typed into that form."""
        ...
