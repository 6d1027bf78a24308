"""Cards that end soon (R-25): a list, and the same as a CSV file for a mailing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal, assert_never

from ebid_tui.domain import csv_cells
from ebid_tui.domain.desk import Expiring
from ebid_tui.domain.fields import Field
from ebid_tui.errors import AnswerUnusable, EbidError
from ebid_tui.flows.desk import pages
from ebid_tui.flows.desk.session import DeskContext, asked, sign_in_again
from ebid_tui.flows.desk.ui import ListAction, ListColumn, Listing, ListRow, More
from ebid_tui.flows.leaving import LeftFlow, LeftStep, answered
from ebid_tui.flows.ui import Blocks, Confirm, Form, FormBlock, Option, Question, Report, Row, Section
from ebid_tui.messages import t
from ebid_tui.process import private_files

Encoding = Literal["utf-8-sig", "cp932"]

DAYS = "60"
"""What the form starts from."""

PAGE, FILE_PAGE = 50, 200
"""Cards asked for at a time: on the screen, for a file."""
MOST_PAGES = 1000
"""A server that always knows of a next page is not listened to for ever."""

LONGEST_SPAN = 3660
"""Days; the server refuses more (`server.api.routes.desk_find`)."""


async def expiring(at: DeskContext) -> Expiring:
    """Ask for how many days, and list them; the answer is the card whose vendor is to be opened."""
    typed: Blocks = {"expiring": {"days": DAYS}}
    problems: dict[str, str] = {}
    while True:
        typed, problems = answered(await at.ui.fill(_form(at, typed, problems))), {}
        days = int(typed["expiring"]["days"])
        if not 1 <= days <= LONGEST_SPAN:
            problems = {"expiring.days": t("desk.expiring.span", most=LONGEST_SPAN)}
            continue
        with suppress(LeftStep):
            return await _listed(at, days)


async def _listed(at: DeskContext, days: int) -> Expiring:
    """Raises LeftStep at 戻る, which leads to the form."""
    first = await asked(at, lambda: at.desk.expiring(days, limit=PAGE))
    cards, mark = list(first.cards), first.next

    async def more() -> AsyncIterator[tuple[ListRow, ...]]:
        nonlocal mark
        for _ in range(MOST_PAGES):
            if not mark:
                return
            page = await at.desk.expiring(days, limit=PAGE, after=mark)
            begin, mark = len(cards), page.next
            cards.extend(page.cards)
            yield tuple(_row(at, begin + number, card) for number, card in enumerate(page.cards))
        if mark:
            raise AnswerUnusable(code="E-SERVER-LARGE")

    start = ""
    while True:
        wish = await at.ui.listing(_listing(at, days, cards, more, start))
        start = wish.row
        match wish.what:
            case ListAction.CSV:
                with suppress(LeftFlow):
                    await _into_file(at, days)
            case ListAction.OPEN:
                return cards[int(wish.row)]
            case ListAction.SIGNED_OUT:
                await sign_in_again(at)
            case ListAction.BACK | ListAction.FINISHED | ListAction.WAITING | ListAction.REFRESH:
                raise LeftStep
            case other:
                assert_never(other)


def _listing(at: DeskContext, days: int, cards: Sequence[Expiring], more: More, start: str) -> Listing:
    columns = (
        ListColumn(t("desk.expiring.until"), 11),
        ListColumn(t("desk.expiring.left"), 9),
        ListColumn(t("desk.column.number"), 12),
        ListColumn(t("desk.trade_name"), 0),
        ListColumn(t("desk.expiring.holder"), 16),
    )
    return Listing(
        "expiring",
        t("desk.expiring.title", days=days),
        t("desk.expiring.lead"),
        columns,
        tuple(_row(at, number, card) for number, card in enumerate(cards)),
        actions=(ListAction.CSV,),
        empty=t("desk.expiring.empty", days=days),
        more=more,
        start=start,
    )


def _row(at: DeskContext, number: int, card: Expiring) -> ListRow:
    left = pages.days_left(card.card.not_after)
    cells = (pages.day(card.card.not_after), str(left), card.vendor.number, card.trade_name, card.holder)
    return ListRow(str(number), cells, "!" if left <= at.profile.rules.expiry_warning_days else "")


def _form(at: DeskContext, typed: Blocks, problems: dict[str, str]) -> Form:
    field = Field(id="days", label=t("desk.expiring.days"), chars="half_digits", max=4, mark="", note=t("desk.expiring.days_note"))
    return Form(
        id="expiring",
        title=t("desk.expiring.ask"),
        lead=t("desk.expiring.ask_lead"),
        blocks=(FormBlock("expiring", "", "", (field,)),),
        values=typed,
        submit=t("desk.expiring.submit"),
        back=t("common.back"),
        policy=at.profile.policy,
        problems=problems,
    )


# -- the file


async def _into_file(at: DeskContext, days: int) -> None:
    """All of them, page by page, in the encoding chosen."""
    options = tuple(Option(e, t(f"desk.csv.{e}"), t(f"desk.csv.{e}_means")) for e in ("utf-8-sig", "cp932"))
    question = Question("csv_encoding", t("desk.csv.title"), options, t("desk.csv.lead"), preset="utf-8-sig")
    encoding = answered(await at.ui.choose(question))
    cards = await asked(at, lambda: _all(at, days))
    typed: Blocks = {"csv": {"file": t("desk.csv.name", days=days)}}
    notice: EbidError | None = None
    overwrite = False
    while True:
        if not overwrite:
            typed, notice = answered(await at.ui.fill(_file_form(at, typed, notice))), None
        try:
            data = in_csv(at, cards, "cp932" if encoding == "cp932" else "utf-8-sig")
            path = await asyncio.to_thread(write_file, typed["csv"]["file"], data, overwrite)
        except FileExistsError:
            overwrite = await at.ui.confirm(_overwrite(typed["csv"]["file"]))
            continue
        except EbidError as error:
            notice, overwrite = error, False
            continue
        rows = (Row(t("desk.csv.file"), str(path)), Row(t("desk.csv.count"), str(len(cards))))
        await at.ui.read(Report("csv", t("desk.csv.done"), (Section("", rows),), t("desk.csv.careful"), t("common.close")))
        return


async def _all(at: DeskContext, days: int) -> list[Expiring]:
    found: list[Expiring] = []
    after = ""
    for _ in range(MOST_PAGES):
        page = await at.desk.expiring(days, limit=FILE_PAGE, after=after)
        found.extend(page.cards)
        if not (after := page.next):
            return found
    raise AnswerUnusable(code="E-SERVER-LARGE")


def in_csv(at: DeskContext, cards: Sequence[Expiring], encoding: Encoding) -> bytes:
    """RFC 4180 with a heading; dates in Japan. Raises EbidError E-CSV-CHARACTER where a character is not in CP932: none is dropped.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    names = ("until", "left", "agency", "category", "number", "name", "holder", "serial", "issuer", "email")
    agencies = {agency.id: agency.name for agency in at.profile.agencies}
    categories = {category.id: category.name for category in at.profile.categories}
    lines = [csv_cells.line(t(f"desk.csv.column.{name}") for name in names)]
    for card in cards:
        row = (
            pages.day(card.card.not_after),
            str(max(pages.days_left(card.card.not_after), 0)),
            agencies.get(card.vendor.agency, card.vendor.agency),
            categories.get(card.vendor.category, card.vendor.category),
            card.vendor.number,
            card.trade_name,
            card.holder,
            card.card.serial,
            card.card.issuer,
            card.email,
        )
        lines.append(csv_cells.line(row))
    text = "".join(lines)
    if encoding == "cp932":
        text = text.translate(_WINDOWS)
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        character = text[error.start]
        raise EbidError(code="E-CSV-CHARACTER", character=character, code_point=f"U+{ord(character):04X}") from None


_WINDOWS = str.maketrans("−〜‖¢£¬", "－～∥￠￡￢")
"""The six pairs as Windows has them: CP932 knows these and not what is stored."""


def write_file(name: str, data: bytes, overwrite: bool) -> Path:
    """All of it or nothing, for its owner only; the path. Raises FileExistsError where something stands there, EbidError E-FILE."""
    path = Path(os.path.abspath(os.path.expanduser(name)))
    try:
        private_files.put(path, data, replace=overwrite)
    except FileExistsError:
        raise
    except (OSError, ValueError) as error:
        raise EbidError(code="E-FILE", file=name, reason=getattr(error, "strerror", None) or type(error).__name__) from None
    return path


def _file_form(at: DeskContext, typed: Blocks, notice: EbidError | None) -> Form:
    field = Field(id="file", label=t("desk.csv.file"), chars="half_alnum_symbols", max=200, mark="", help=t("desk.csv.help"))
    return Form(
        id="csv",
        title=t("desk.csv.title"),
        lead=t("desk.csv.file_lead"),
        blocks=(FormBlock("csv", "", "", (field,)),),
        values=typed,
        submit=t("desk.csv.submit"),
        back=t("common.back"),
        policy=at.profile.policy,
        notice=notice,
    )


def _overwrite(name: str) -> Confirm:
    return Confirm(
        "csv_overwrite", t("desk.csv.title"), t("desk.csv.exists"), yes=t("desk.csv.replace"), no=t("desk.csv.other"), details=(name,)
    )
