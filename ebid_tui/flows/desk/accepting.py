"""What waits until the office accepts it: a list, what was sent in beside what counts, and the decision."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Literal, assert_never

from ebid_tui.domain import statement
from ebid_tui.domain.certificate import JAPAN
from ebid_tui.domain.desk import DeskWaiting, DeskWaitingChange
from ebid_tui.domain.fields import Field, readable
from ebid_tui.domain.records import CardCertificate, Vendor
from ebid_tui.errors import AnswerUnusable, EbidError, InputError
from ebid_tui.flows.desk import pages
from ebid_tui.flows.desk.session import DeskContext, asked, carried_out, sign_in_again
from ebid_tui.flows.desk.ui import ListAction, ListColumn, Listing, ListRow, More
from ebid_tui.flows.leaving import LeftFlow, LeftStep, answered
from ebid_tui.flows.ui import Blocks, Form, FormBlock, Option, Question, Report, Row, Section, Trouble
from ebid_tui.messages import t

MOST_PAGES = 1000
"""A server that always knows of a next page is not listened to for ever."""

LONGEST = 400
"""Characters of a reason; the server refuses more."""


async def accepting(at: DeskContext) -> Vendor:
    """List it and decide, until a vendor is to be opened (the answer). Raises LeftStep at 戻る."""
    start = ""
    while True:
        first = await asked(at, at.desk.waiting)
        changes, mark = list(first.changes), first.next

        async def more() -> AsyncIterator[tuple[ListRow, ...]]:
            nonlocal mark
            for _ in range(MOST_PAGES):
                if not mark:
                    return
                page = await at.desk.waiting(mark)
                begin, mark = len(changes), page.next  # noqa: B023 - of this list
                changes.extend(page.changes)  # noqa: B023
                yield tuple(_row(at, begin + number, change) for number, change in enumerate(page.changes))
            if mark:
                raise AnswerUnusable(code="E-SERVER-LARGE")

        wish = await at.ui.listing(_listing(at, changes, more, start))
        start = wish.row
        match wish.what:
            case ListAction.OPEN:
                with suppress(LeftFlow):
                    if await _one(at, changes[int(wish.row)]) == "vendor":
                        return changes[int(wish.row)].vendor
            case ListAction.SIGNED_OUT:
                await sign_in_again(at)
            case ListAction.REFRESH:
                pass
            case ListAction.BACK | ListAction.CSV | ListAction.FINISHED | ListAction.WAITING:
                raise LeftStep
            case other:
                assert_never(other)


def _listing(at: DeskContext, changes: Sequence[DeskWaiting], more: More, start: str) -> Listing:
    columns = (
        ListColumn(t("desk.waiting.age"), 8),
        ListColumn(t("desk.column.number"), 12),
        ListColumn(t("desk.trade_name"), 0),
        ListColumn(at.profile.category_title, 14),
        ListColumn(t("desk.waiting.operation"), 14),
    )
    return Listing(
        "waiting",
        t("desk.waiting.title"),
        t("desk.waiting.lead"),
        columns,
        tuple(_row(at, number, change) for number, change in enumerate(changes)),
        actions=(ListAction.REFRESH,),
        empty=t("desk.waiting.empty"),
        more=more,
        start=start,
    )


def _row(at: DeskContext, number: int, change: DeskWaiting) -> ListRow:
    category = next((c.name for c in at.profile.categories if c.id == change.vendor.category), change.vendor.category)
    cells = (t("desk.waiting.days", days=_days(change)), change.vendor.number, change.trade_name, category, _what(at, change))
    return ListRow(str(number), cells)


def _days(change: DeskWaiting) -> int:
    return (statement.now().astimezone(JAPAN).date() - change.since.astimezone(JAPAN).date()).days


def _what(at: DeskContext, change: DeskWaiting) -> str:
    """The operation as the menu calls it."""
    return next((item.label for item in at.profile.menu.items if item.id == change.operation), change.operation)


Chosen = Literal["vendor", "done"]


async def _one(at: DeskContext, change: DeskWaiting) -> Chosen:
    """Look at one, and decide it."""
    seen = await asked(at, lambda: at.desk.waiting_change(change.receipt_id))
    await at.ui.read(_report(at, seen))
    options = tuple(Option(name, t(f"desk.waiting.{name}"), t(f"desk.waiting.{name}_means")) for name in ("accept", "refuse", "vendor"))
    lead = t("desk.waiting.about", what=_what(at, change), number=change.vendor.number, name=change.trade_name)
    chosen = answered(await at.ui.choose(Question("desk_waiting", t("desk.waiting.decide"), options, lead)))
    if chosen == "vendor":
        return "vendor"
    try:
        if chosen == "accept":
            settled = await carried_out(at, partial(at.desk.settle, change.receipt_id, True))
        else:
            settled = await _refused(at, change, lead)
    except EbidError as error:
        await at.ui.trouble(Trouble(error, ("back",)))
        return "done"
    said = t(f"desk.waiting.{settled.state}")
    await at.ui.read(
        Report("desk_settled", t("desk.waiting.title"), (Section("", (Row(_what(at, change), lead),)),), said, t("common.close"))
    )
    return "done"


async def _refused(at: DeskContext, change: DeskWaiting, lead: str) -> DeskWaiting:
    """Ask for the reason until the server takes it. Raises EbidError."""
    typed: Blocks = {}
    problems: dict[str, str] = {}
    while True:
        typed = answered(await at.ui.fill(_form(at, lead, typed, problems)))
        try:
            return await carried_out(at, partial(at.desk.settle, change.receipt_id, False, typed["waiting"]["reason"]))
        except InputError as error:
            problems = {"waiting.reason": error.problems[0][2]}


def _form(at: DeskContext, lead: str, typed: Blocks, problems: dict[str, str]) -> Form:
    field = Field(id="reason", label=t("acceptance.reason"), max=LONGEST, mark="", note=t("desk.waiting.reason_note"))
    return Form(
        id="waiting",
        title=t("desk.waiting.refuse"),
        lead=lead,
        blocks=(FormBlock("waiting", "", "", (field,)),),
        values=typed,
        submit=t("desk.waiting.refuse"),
        back=t("common.back"),
        policy=at.profile.policy,
        problems=problems,
    )


def _report(at: DeskContext, seen: DeskWaitingChange) -> Report:
    """What was sent in; of a change beside what counts until it is accepted."""
    change, receipt, profile = seen.change, seen.receipt, at.profile
    rows = [
        Row(t("desk.request.vendor"), f"{change.vendor.number} {change.trade_name}"),
        Row(t("desk.request.place"), at.place_name(change.vendor)),
        Row(t("desk.waiting.operation"), _what(at, change)),
        Row(t("desk.waiting.since"), pages.when(change.since)),
        Row(t("screen.done.receipt"), change.receipt_id),
    ]
    rule = profile.acceptance_of(change.operation, change.vendor.agency, change.vendor.category)
    rows += [Row(t("desk.waiting.paper"), paper) for paper in rule.papers]
    sections = [Section("", tuple(rows))]
    cards = ((receipt.card, t("desk.waiting.card")), (receipt.previous, t("flow.renewal.old")))
    sections += [_card(at, card, title) for card, title in cards if card is not None]
    sections += [section for block in profile.blocks if (section := _block(at, seen, block.id))]
    return Report("waiting", t("desk.waiting.one"), tuple(sections), t("desk.waiting.check"), t("common.next"))


def _card(at: DeskContext, card: CardCertificate, title: str) -> Section:
    rows = Row(at.profile.card.serial_label, pages.serial(card)), Row(at.profile.card.not_after_label, pages.day(card.not_after))
    return Section(title, rows)


def _block(at: DeskContext, seen: DeskWaitingChange, block_id: str) -> Section | None:
    """One block's fields; what a change would alter is marked, with what counts now beside it."""
    blocks = seen.receipt.blocks if seen.change.operation != "registration" else seen.counts
    values, counts = blocks.get(block_id, {}), seen.counts.get(block_id, {})
    rows = []
    for field in at.profile.every_field(block_id):
        new, old = values.get(field.id, ""), counts.get(field.id, "")
        if new or old:
            note = "" if new == old else t("desk.waiting.before", value=readable(field, old) or t("common.missing"))
            rows.append(Row(field.label, readable(field, new) or t("common.missing"), "!" if note else "", note=note))
    return Section(at.profile.block(block_id).title, tuple(rows)) if rows else None
