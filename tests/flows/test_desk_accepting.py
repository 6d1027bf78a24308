"""What waits at the desk, by script: the list, the comparison, accepting, and refusing with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ebid_tui.domain.desk import DeskWaiting, DeskWaitingChange, DeskWaitingPage
from ebid_tui.domain.records import Receipt
from ebid_tui.errors import InputError, ServerError
from ebid_tui.flows.desk.accepting import accepting
from ebid_tui.flows.desk.ui import ChosenAction, ListAction, Listing
from ebid_tui.flows.leaving import LeftStep
from ebid_tui.flows.ui import Report
from ebid_tui.messages import t
from tests.flows.desk_office import NAME, VENDOR, DeskOffice, DeskScript, at_desk, certificate
from tests.flows.office import NOW


def change(number: int = 1, **changes: Any) -> DeskWaiting:
    values: dict[str, Any] = {"receipt_id": f"X-{number}", "vendor": VENDOR, "trade_name": NAME, "operation": "amendment"}
    values |= {"waits_for": "approval", "state": "waiting", "since": NOW - timedelta(days=number)}
    return DeskWaiting(**(values | changes))


def one() -> DeskWaitingChange:
    given = Receipt(
        id="X-1", operation="amendment", vendor=VENDOR, blocks={"card_contact": {"person": "新　花子"}}, card=certificate(),
        company_id=None, mail_to=None, check="0" * 16, at=NOW, state="waiting",
    )  # fmt: skip
    return DeskWaitingChange(change=change(), receipt=given, counts={"card_contact": {"person": "旧　花子"}})


OPEN = ("waiting", ChosenAction(ListAction.OPEN, "0"))
BACK = ("waiting", ChosenAction(ListAction.BACK))


def pages(*changes: DeskWaiting, left: int = 1) -> list[DeskWaitingPage]:
    return [DeskWaitingPage(changes=changes), *[DeskWaitingPage(changes=())] * left]


async def left(ui: DeskScript, office: DeskOffice) -> None:
    with pytest.raises(LeftStep):
        await accepting(at_desk(ui, office))


async def test_what_would_change_is_marked_and_accepted() -> None:
    seen: list[Any] = []
    ui = DeskScript(OPEN, ("waiting", seen.append), ("desk_waiting", "accept"), ("desk_settled", seen.append), BACK)
    office = DeskOffice(waiting=pages(change()), waiting_change=[one()], settle=[change(state="accepted")])
    await left(ui, office)
    report, told = seen
    assert isinstance(report, Report)
    (row,) = [row for section in report.sections for row in section.rows if row.value == "新　花子"]
    assert (row.sign, row.note) == ("!", t("desk.waiting.before", value="旧　花子"))
    assert told.lead == t("desk.waiting.accepted")
    assert office.asked("settle") == [["X-1", True]]


async def test_a_reason_is_asked_until_it_can_be_told() -> None:
    form = ("waiting", {"waiting": {"reason": "理由"}})
    ui = DeskScript(OPEN, ("waiting", None), ("desk_waiting", "refuse"), form, form, ("desk_settled", None), BACK)
    wrong = InputError([("reason", "reason", "短く")])
    office = DeskOffice(waiting=pages(change()), waiting_change=[one()], settle=[wrong, change(state="refused")])
    await left(ui, office)
    assert office.asked("settle") == [["X-1", False, "理由"]] * 2


async def test_who_comes_too_late_is_told_and_sees_the_list_anew() -> None:
    ui = DeskScript(OPEN, ("waiting", None), ("desk_waiting", "accept"), ("trouble", "back"), BACK)
    office = DeskOffice(waiting=pages(change()), waiting_change=[one()], settle=[ServerError("receipt", code="E-STATE")])
    await left(ui, office)
    assert len(office.asked("waiting")) == 2


async def test_a_vendor_is_opened_and_further_pages_are_asked_for() -> None:
    rows: list[str] = []

    async def listed(listing: Listing) -> ChosenAction[ListAction]:
        assert listing.more is not None
        rows.extend([row.cells[0] for row in listing.rows])
        async for further in listing.more():
            rows.extend(row.cells[0] for row in further)
        return ChosenAction(ListAction.OPEN, "1")

    class Scrolling(DeskScript):
        async def listing(self, listing: Listing) -> ChosenAction[ListAction]:
            return await listed(listing)

    ui = Scrolling(("waiting", None), ("desk_waiting", "vendor"))
    first, second = DeskWaitingPage(changes=(change(3),), next="mark"), DeskWaitingPage(changes=(change(2),))
    office = DeskOffice(waiting=[first, second], waiting_change=[one()])
    assert await accepting(at_desk(ui, office)) == VENDOR
    assert office.asked("waiting") == [[], ["mark"]]
    assert len(rows) == 2
