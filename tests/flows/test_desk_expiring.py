"""R-25 at the desk by script: the list of cards that end soon, its further pages, and the way into a file."""

from __future__ import annotations

import csv
import io
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ebid_tui.domain.desk import Expiring, ExpiringPage
from ebid_tui.errors import AnswerUnusable, ServerError, SessionGone
from ebid_tui.flows.desk.expiring import expiring, in_csv, write_file
from ebid_tui.flows.desk.session import LeftDesk
from ebid_tui.flows.desk.ui import ChosenAction, ListAction, Listing
from ebid_tui.flows.ui import Confirm, Form, Nav, Question, Report, Trouble
from tests.flows.desk_office import NAME, VENDOR, DeskOffice, DeskScript, at_desk, certificate, operator
from tests.flows.office import NOW
from tests.flows.script import outcome

DAYS: tuple[str, Any] = ("expiring", {})
AGAIN = (("trouble", "back"), ("operator", {"operator": {"password": "Secret-pass1", "code": "123456"}}))
NOBODY = (("trouble", "back"), ("operator", Nav.BACK), ("operator_method", Nav.BACK))


def ends(number: int, days: int = 5, **changes: Any) -> Expiring:
    card = certificate(str(number), NOW + timedelta(days=days))
    values: dict[str, Any] = {"vendor": VENDOR, "trade_name": NAME, "registration_id": f"R-{number}", "card": card, "holder": "川越　三郎"}
    return Expiring(**(values | {"email": "a@example.com"} | changes))


def page(*cards: Expiring, after: str = "") -> ExpiringPage:
    return ExpiringPage(cards=cards, next=after)


async def asked_for(ui: DeskScript, office: DeskOffice) -> Any:
    found = await outcome(expiring(at_desk(ui, office)))
    assert ui.answers == []
    return found


async def test_leaving_asks_nothing() -> None:
    ui, office = DeskScript(("expiring", Nav.CANCEL)), DeskOffice()
    assert await asked_for(ui, office) is Nav.CANCEL
    assert office.calls == []
    assert ui.asked(Form)[0].values == {"expiring": {"days": "60"}}


async def test_a_span_is_one_day_to_ten_years() -> None:
    spans = ("0", "3661", "1", "3660")
    ui = DeskScript(
        *(("expiring", {"expiring": {"days": days}}) for days in spans[:3]), ("expiring", ChosenAction(ListAction.BACK)),
        ("expiring", {"expiring": {"days": spans[3]}}), ("expiring", ChosenAction(ListAction.BACK)), ("expiring", Nav.BACK),
    )  # fmt: skip
    office = DeskOffice(expiring=[page(), page()])
    assert await asked_for(ui, office) is Nav.BACK
    assert [given[0] for given in office.asked("expiring")] == [1, 3660]
    told = {"expiring.days": "1から3660までの数字を入力してください。"}
    assert [form.problems for form in ui.asked(Form)] == [{}, told, told, {}, {}]
    assert [form.values["expiring"]["days"] for form in ui.asked(Form)] == ["60", *spans]


async def test_a_card_that_is_opened_is_the_answer() -> None:
    cards = ends(1), ends(2, 61)
    ui, office = DeskScript(DAYS, ("expiring", ChosenAction(ListAction.OPEN, "1"))), DeskOffice(expiring=[page(*cards)])
    assert await asked_for(ui, office) == cards[1]
    assert office.asked("expiring") == [[60, 50]]
    (listing,) = ui.asked(Listing)
    assert [(row.sign, row.id, row.cells) for row in listing.rows] == [
        ("!", "0", ("2026/11/26", "5", VENDOR.number, NAME, "川越　三郎")),
        ("", "1", ("2027/01/21", "61", VENDOR.number, NAME, "川越　三郎")),
    ]
    assert len(listing.columns) == len(listing.rows[0].cells)


async def test_further_pages_are_counted_on_and_can_be_opened() -> None:
    cards = [ends(number) for number in range(5)]
    rows: list[str] = []

    class Scrolling(DeskScript):
        async def listing(self, listing: Listing) -> ChosenAction[ListAction]:
            assert listing.more is not None
            async for more in listing.more():
                rows.extend(row.id for row in more)
            return await super().listing(listing)

    office = DeskOffice(expiring=[page(*cards[:2], after="b"), page(*cards[2:4], after="c"), page(cards[4])])
    assert await asked_for(Scrolling(DAYS, ("expiring", ChosenAction(ListAction.OPEN, "3"))), office) == cards[3]
    assert rows == ["2", "3", "4"]
    assert office.asked("expiring") == [[60, 50], [60, 50, "b"], [60, 50, "c"]]


async def test_a_list_that_cannot_be_had() -> None:
    ui = DeskScript(DAYS, ("trouble", "back"), ("expiring", Nav.BACK))
    assert await asked_for(ui, DeskOffice(expiring=[ServerError("refused", code="E-DESK-STATE")])) is Nav.BACK
    assert await asked_for(DeskScript(DAYS, *NOBODY), DeskOffice(expiring=[SessionGone()])) is LeftDesk


async def test_after_signing_in_again_the_list_is_where_it_was() -> None:
    ui = DeskScript(
        DAYS,
        ("expiring", ChosenAction(ListAction.SIGNED_OUT, "1")),
        *AGAIN,
        ("expiring", ChosenAction(ListAction.BACK)),
        ("expiring", Nav.BACK),
    )
    assert await asked_for(ui, DeskOffice(expiring=[page(ends(1), ends(2))], sign_in=[operator()])) is Nav.BACK
    assert [listing.start for listing in ui.asked(Listing)] == ["", "1"]
    ui = DeskScript(DAYS, ("expiring", ChosenAction(ListAction.SIGNED_OUT, "1")), *NOBODY)
    assert await asked_for(ui, DeskOffice(expiring=[page()])) is LeftDesk


# --- the file


def csv_wish(*answers: tuple[str, Any]) -> tuple[tuple[str, Any], ...]:
    return (DAYS, ("expiring", ChosenAction(ListAction.CSV, "1")), *answers)


LEAVE = (("expiring", ChosenAction(ListAction.BACK)), ("expiring", Nav.BACK))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
async def test_every_page_goes_into_the_file(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "list.csv"
    ui = DeskScript(*csv_wish(("csv_encoding", encoding), ("csv", {"csv": {"file": str(file)}}), ("csv", None)), *LEAVE)
    office = DeskOffice(expiring=[page(ends(1), ends(2)), page(ends(1), after="b"), page(ends(2, -1))])
    assert await asked_for(ui, office) is Nav.BACK
    assert office.asked("expiring")[1:] == [[60, 200, ""], [60, 200, "b"]]
    rows = list(csv.DictReader(io.StringIO(file.read_bytes().decode(encoding))))
    assert [(row["有効期限"], row["残日数"], row["シリアル番号"]) for row in rows] == [("2026/11/26", "5", "1"), ("2026/11/20", "0", "2")]
    assert [row.value for row in ui.asked(Report)[0].sections[0].rows] == [str(file), "2"]
    assert ui.asked(Question)[0].preset == "utf-8-sig"
    assert ui.asked(Listing)[1].start == "1"


@pytest.mark.parametrize("answers", [[("csv_encoding", Nav.BACK)], [("csv_encoding", "cp932"), ("csv", Nav.BACK)]])
async def test_leaving_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: list[tuple[str, Any]]) -> None:
    monkeypatch.chdir(tmp_path)
    ui = DeskScript(*csv_wish(*answers), *LEAVE)
    assert await asked_for(ui, DeskOffice(expiring=[page(), page()])) is Nav.BACK
    assert os.listdir(tmp_path) == []


async def test_a_session_that_ends_for_good_meanwhile_ends_the_list() -> None:
    ui = DeskScript(*csv_wish(("csv_encoding", "cp932"), *NOBODY))
    assert await asked_for(ui, DeskOffice(expiring=[page(), SessionGone()])) is LeftDesk


async def test_another_name_is_asked_for_until_one_will_do(tmp_path: Path) -> None:
    """Somewhere that is not there; where a file is, kept; that file, written over."""
    (there := tmp_path / "there.csv").write_text("kept")
    names = [str(tmp_path / "no" / "x.csv"), str(there), str(there)]
    fill = [("csv", {"csv": {"file": name}}) for name in names]
    over = [("csv_overwrite", False), ("csv_overwrite", True)]
    ui = DeskScript(*csv_wish(("csv_encoding", "utf-8-sig"), fill[0], fill[1], over[0], fill[2], over[1], ("csv", None)), *LEAVE)
    assert await asked_for(ui, DeskOffice(expiring=[page(), page(ends(1))])) is Nav.BACK
    forms = [form for form in ui.asked(Form) if form.id == "csv"]
    assert [form.notice.code if form.notice else "" for form in forms] == ["", "E-FILE", ""]
    assert [form.values["csv"]["file"] for form in forms] == ["expiring-60.csv", *names[:2]]
    assert [confirm.details for confirm in ui.asked(Confirm)] == [(str(there),)] * 2
    assert there.read_bytes().startswith(b"\xef\xbb\xbf")


async def test_a_character_that_cannot_be_written_is_told_at_the_form(tmp_path: Path) -> None:
    fill = ("csv", {"csv": {"file": str(tmp_path / "x.csv")}})
    ui = DeskScript(*csv_wish(("csv_encoding", "cp932"), fill, ("csv", Nav.BACK)), *LEAVE)
    assert await asked_for(ui, DeskOffice(expiring=[page(), page(ends(1, trade_name="𠮷野家"))])) is Nav.BACK
    assert [error.code for error in ui.told] == ["E-CSV-CHARACTER"]
    assert os.listdir(tmp_path) == []


def test_a_file_is_its_owners_and_its_name_may_begin_at_home(own_home: Path) -> None:
    path = write_file("~/x.csv", b"x", False)
    assert (path, path.read_bytes(), path.stat().st_mode & 0o777) == (own_home / "x.csv", b"x", 0o600)
    assert write_file("~/x.csv", b"y", True).read_bytes() == b"y"
    assert [file.name for file in own_home.iterdir()] == ["x.csv"]


def test_a_file_has_a_heading_and_windows_line_ends() -> None:
    text = in_csv(at_desk(DeskScript(), DeskOffice()), [ends(1)], "utf-8-sig").decode("utf-8-sig")
    heading, line, end = text.split("\r\n")
    assert (heading.split(",")[0], line.split(",")[-1], end) == ("有効期限", "a@example.com", "")


async def test_a_server_that_always_knows_of_a_next_page_is_not_listened_to_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ebid_tui.flows.desk.expiring.MOST_PAGES", 3)
    ui = DeskScript(
        DAYS, *[("expiring", ChosenAction(ListAction.CSV)), ("csv_encoding", "utf-8-sig")],
        ("trouble", "back"), *[("expiring", ChosenAction(ListAction.BACK)), ("expiring", Nav.BACK)],
    )  # fmt: skip
    office = DeskOffice(expiring=[page(ends(number), after=str(number)) for number in range(7)])
    assert await asked_for(ui, office) is Nav.BACK
    assert [trouble.error.code for trouble in ui.asked(Trouble)] == ["E-SERVER-LARGE"]
    more = ui.asked(Listing)[0].more
    with pytest.raises(AnswerUnusable, match="E-SERVER-LARGE"):
        [rows async for rows in more()]
    assert len(office.asked("expiring")) == 7
