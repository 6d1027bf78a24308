"""What is pasted over several lines or cells is never glued together, and is said until it is confirmed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.flows.ui import Review, Row, Section
from ebid_tui.forms.model import FormModel
from ebid_tui.forms.notes import FormNotes, note
from ebid_tui.messages import t
from ebid_tui.plain.script import Script
from ebid_tui.plain.voice import PlainUi
from tests.plain.test_assist import CONTACT
from tests.screens import scripted
from tests.screens.plastic import Hand
from tests.screens.stage import asking, stage

FIRST, SECOND = "三重県伊勢市岩渕1-7-29", "101号室"
COUNTS = "三重県伊勢市岩渕１−７−２９"
JOINED, SPACED, HYPHENED = f"{COUNTS}１０１号室", f"{COUNTS}　１０１号室", f"{COUNTS}−１０１号室"


def at(field: str) -> FormModel:
    model = FormModel(scripted.registration())
    model.go(next(n for n, e in enumerate(model.entries) if (e.block.id, e.field.id) == ("representative_contact", field)))
    return model


@pytest.mark.parametrize("between", ["\n", "\r\n", "\t", "\xa0", "\u2003", " \n\u3000", "\u2028"])
def test_where_a_digit_would_meet_a_digit_it_is_asked(between: str) -> None:
    model = at("address")
    model.paste(FIRST + between + SECOND)
    problem = model.entry.problem
    assert problem is not None
    assert problem.code == "E-GAP"
    assert [value for _, value in problem.choices] == [JOINED, SPACED, HYPHENED]
    assert model.entry.editor.value == f"{FIRST}　{SECOND}", "nothing is lost, nothing glued"
    entry = model.entry
    assert model.check() is None
    assert entry.problem == problem, "refused beside the field until it is chosen"
    assert entry.told


@pytest.mark.parametrize(("value", "meant"), [(JOINED, "joined"), (SPACED, "space"), (HYPHENED, "hyphen")])
def test_what_is_chosen_counts_and_stays_said(value: str, meant: str) -> None:
    model = at("address")
    model.paste(f"{FIRST}\n{SECOND}")
    model.choose(value)
    model.leave()
    entry = model.entry
    assert (entry.editor.value, entry.problem) == (value, None)
    said = t(f"field.gap.noted_{meant}", names=t("field.char.newline"))
    assert note(model, entry) == said
    model.move(1)
    notes = FormNotes()
    notes.remember(model)
    review = Review("review", "", (Section(entry.block.title, (Row(entry.field.label, value), Row("別", value))),), (), "", "", "")
    (section,) = notes.on(review).sections
    assert section.rows == (Row(entry.field.label, value, "!", said), Row("別", value))
    again = at("address")
    again.entry.editor.set(value)
    notes.bring_back(again)
    assert note(again, again.entry) == said, "also after 戻る"


def test_a_person_may_mend_it_by_hand() -> None:
    model = at("address")
    model.paste(f"{FIRST}\n{SECOND}")
    for _ in f"　{SECOND}":
        model.press("backspace")
    for char in "、１０１号室":
        model.type(char)
    assert model.entry.problem is None
    assert note(model, model.entry) == ""


def test_two_telephone_numbers_of_two_cells_are_not_one() -> None:
    model = at("phone")
    model.paste("0596-23-1111\t0596-23-1112")
    problem = model.entry.problem
    assert problem is not None
    assert [value for _, value in problem.choices] == ["0596-23-11110596-23-1112", "0596-23-1111-0596-23-1112"]


@pytest.mark.parametrize(
    ("pasted", "left", "right"),
    [
        ("1-7-29\n101", "1-7-29", "101"),
        (f"{FIRST}\n{SECOND}", "…" + FIRST[-12:], SECOND),
        ("伊勢市 1-7-29\n101 号室\n3階", "…1-7-29", "101…"),
        ("伊勢市\n1-7-29\n101\n号室", "1-7-29", "101"),
        ("1-7-29 \n 101 \n", "1-7-29", "101"),
        ("1-7-29\n" + "1" * 13, "1-7-29", "1" * 12 + "…"),
    ],
)
def test_the_question_shows_where_it_quotes_a_part_only(pasted: str, left: str, right: str) -> None:
    model = at("address")
    model.paste(pasted)
    assert model.entry.problem is not None
    assert model.entry.problem.message == t("field.gap.ask", names=t("field.char.newline"), left=left, right=right)


@given(st.lists(st.text("伊勢市1２aＡ-", min_size=1, max_size=6), min_size=2, max_size=5), st.sampled_from("\n\t\xa0\u2009"))
def test_nothing_is_ever_glued_unasked(parts: list[str], between: str) -> None:
    model = at("address")
    model.paste(between.join(parts))
    assert model.entry.editor.value == "　".join(parts)[: model.entry.field.limit]


@pytest.mark.parametrize(
    ("field", "pasted", "meant"),
    [
        ("postal_code", "〒516-0018", "516-0018"),
        ("email", "mailto:test01@example.co.jp", "test01@example.co.jp"),
        ("phone", "0596.23.1111\n", "0596-23-1111"),
    ],
)
def test_a_pasted_slip_is_told_at_once_and_nothing_is_cut_from_it(field: str, pasted: str, meant: str) -> None:
    model = at(field)
    model.paste(pasted)
    assert model.entry.editor.value == pasted.strip()
    assert model.accept_suggestion()
    assert (model.entry.editor.value, model.entry.problem) == (meant, None)


@pytest.mark.parametrize("field", ["address", "phone", "email", "postal_code"])
@pytest.mark.parametrize("unit", [FIRST + "\n", "1\t", "a@", "\xa0", "ー"])
def test_of_a_paste_of_100_kb_stays_what_fits_and_the_rest_is_said(field: str, unit: str) -> None:
    model = at(field)
    model.paste((unit * (100_000 // len(unit))).strip("\n"))
    entry = model.entry
    assert entry.count <= entry.field.limit
    assert model.said or entry.problem is not None
    model.leave()
    assert len(repr(entry.problem)) < 1000


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("a" * 101, [("cut", 1)]),
        ("a" * 9_999, [("cut", 9_899)]),
        ("a" * 65_536, [("cut_long", 0)]),
        ("a" * 100 + "\n\u200bbc", [("cut", 3)]),
        ("a\u200b" * 50 + "b" * 60, [("removed", "zero_width_space"), ("cut", 10)]),
        ("a\tb\t", [("spaced", "tab")]),
    ],
)
def test_what_is_said_of_a_paste_is_true_of_it(pasted: str, said: list[tuple[str, object]]) -> None:
    """The terminal's reader keeps 65,536 characters of a paste: how many there were nobody knows then."""
    model = at("email")
    assert model.entry.field.limit == 100
    model.paste(pasted)
    told = (
        t(f"screen.form.{name}", limit=100, over=what) if name.startswith("cut") else t(f"field.{name}", names=t(f"field.char.{what}"))
        for name, what in said
    )
    assert model.said == "".join(told)


async def test_on_the_screen_f7_asks_and_the_confirmation_repeats_it() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.registration(scripted.filled())))
    async with stage(flow) as s:
        await s.until("利用者登録")
        model: FormModel = s.page.model
        index = next(n for n, e in enumerate(model.entries) if (e.block.id, e.field.id) == ("representative_contact", "address"))
        await s.press(*["tab"] * (index - model.current))
        await s.press("ctrl+u")
        s.page.take_paste(f"{FIRST}\n{SECOND}")
        await s.until("どう書くか選んでください")
        await s.press("f7")
        await s.until(t("field.gap.hyphen"))
        await s.press("3")
        await s.came(lambda: model.entry.editor.value == HYPHENED)
        await s.until(t("field.gap.noted_hyphen", names=t("field.char.newline")))


async def test_in_line_mode_a_number_chooses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = CONTACT.format(address=f"{FIRST}\u2028{SECOND}\nrepresentative_contact.address: :2")
    (tmp_path / "script.txt").write_text(script, encoding="utf-8")
    blocks = await PlainUi(Script(tmp_path / "script.txt"), Hand()).fill(scripted.registration())
    assert isinstance(blocks, dict)
    assert blocks["representative_contact"]["address"] == SPACED
    out = capsys.readouterr().out
    assert f"候補 :2 {t('field.gap.space')}　{SPACED}" in out
    assert t("field.gap.noted_space", names=t("field.char.newline")) in out
