"""When what was sent in counts, by operation, agency and category; and what a file may not say of it."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ebid_tui.domain.profile.acceptance import (
    OPERATIONS,
    Acceptance,
    AcceptanceCase,
    AcceptanceMails,
    AcceptanceRule,
    PrintNote,
    PrintState,
)
from ebid_tui.domain.profile.checks import contradictions
from ebid_tui.domain.profile.parts import Operation
from ebid_tui.domain.profile.systems import Profile, available, load

FILE = Path(__file__).parents[1] / "profiles" / "minato.toml"
MINATO = load(FILE)
AGENCIES, CATEGORIES = ("town", "water", "port"), ("works", "goods", "services")
APPROVED = AcceptanceCase(kind="approval")


def having(acceptance: Acceptance, *notes: PrintNote) -> Profile:
    return replace(MINATO, acceptance=acceptance, print=replace(MINATO.print, notes=notes))


@pytest.mark.parametrize("system", sorted(available()))
def test_without_a_word_everything_counts_at_once(system: str) -> None:
    profile = load(available()[system])
    if profile.acceptance == Acceptance():
        rules = {profile.acceptance_of(o, a.id, c.id).kind for o, a, c in product(OPERATIONS, profile.agencies, profile.categories)}
        assert rules == {"immediate"}


def test_a_file_says_it_for_all_and_otherwise_for_some(tmp_path: Path) -> None:
    more = """
[acceptance]
kind = "papers"
papers = ["利用者届", "印鑑証明書"]
hand_in = "港町役場 財務課に郵送してください。\\n10日以内に届かないと、登録は取り消されます。"
mails = { accepted_subject = "受理のお知らせ" }

[[acceptance.by]]
operations = ["amendment"]

[[acceptance.by]]
kind = "approval"
operations = ["amendment", "renewal"]
agencies = ["water"]
says = "審査には1週間ほどかかります。"

[[print.notes]]
operations = ["registration"]
states = ["waiting"]
text = "押印して提出してください。"
"""
    path = tmp_path / "minato.toml"
    path.write_text(FILE.read_text("utf-8") + more, "utf-8")
    profile = load(path)
    assert profile.acceptance_of("registration", "water", "works").papers == ("利用者届", "印鑑証明書")
    assert profile.acceptance_of("amendment", "town", "works") == AcceptanceCase(operations=("amendment",))
    assert not profile.acceptance_of("amendment", "town", "works").waits
    assert profile.acceptance_of("amendment", "water", "works").says == "審査には1週間ほどかかります。"
    assert profile.acceptance_of("renewal", "water", "works").kind == "approval"
    assert profile.acceptance_of("renewal", "town", "works").kind == "papers"
    every = (profile.print.note,) if profile.print.note else ()
    assert profile.print_notes("registration", "waiting") == (*every, "押印して提出してください。")
    assert profile.print_notes("registration", "accepted") == profile.print_notes("renewal", "waiting") == every


def some(of: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(of), unique=True).map(tuple)


@given(st.lists(st.tuples(some(OPERATIONS), some(AGENCIES), some(CATEGORIES), st.sampled_from(("immediate", "approval"))), max_size=5))
def test_the_last_case_that_fits_counts(cases: list[tuple[tuple[Operation, ...], tuple[str, ...], tuple[str, ...], str]]) -> None:
    by = tuple(
        APPROVED if kind == "approval" and not (o or a or c) else AcceptanceCase(operations=o, agencies=a, categories=c, says=str(n))
        for n, (o, a, c, kind) in enumerate(cases)
    )
    acceptance = Acceptance(by=by)
    for operation, agency, category in product(OPERATIONS, AGENCIES, CATEGORIES):
        expected: AcceptanceRule = acceptance
        for case in by:
            fits = case.operations in ((), (operation,)) or operation in case.operations
            fits = fits and (not case.agencies or agency in case.agencies) and (not case.categories or category in case.categories)
            expected = case if fits else expected
        assert acceptance.rule(operation, agency, category) is expected


FAULTS: list[tuple[Acceptance, list[str]]] = [
    (Acceptance(kind="approval"), []),
    (Acceptance(kind="approval", papers=("届",), hand_in="窓口へ。", says="お待ちください。"), []),
    (Acceptance(kind="papers"), ["acceptance.papers"]),
    (Acceptance(kind="papers", papers=("届", "届")), ["acceptance.papers"]),
    (Acceptance(kind="papers", papers=("",)), ["acceptance.papers.0"]),
    (Acceptance(kind="approval", hand_in="窓口へ。"), ["acceptance.hand_in"]),
    (Acceptance(papers=("届",)), ["acceptance.kind"]),
    (Acceptance(says="お待ちください。"), ["acceptance.kind"]),
    (Acceptance(mails=AcceptanceMails(refused_lead="不受理です。")), ["acceptance.mails"]),
    (Acceptance(kind="approval", mails=AcceptanceMails(accepted_subject="受\n理")), ["acceptance.mails.accepted_subject"]),
    (Acceptance(by=(replace(APPROVED, agencies=("nowhere",)),)), ["acceptance.by.0.agencies"]),
    (Acceptance(by=(replace(APPROVED, categories=("goods", "goods")),)), ["acceptance.by.0.categories"]),
    (Acceptance(by=(replace(APPROVED, operations=("renewal", "renewal")),)), ["acceptance.by.0.operations"]),
    (Acceptance(by=(replace(APPROVED, operations=("renewal",)), APPROVED)), ["acceptance.by.0"]),
    (Acceptance(by=(APPROVED, replace(APPROVED, operations=("renewal",), kind="immediate"))), []),
    (Acceptance(by=(replace(APPROVED, kind="papers"),)), ["acceptance.by.0.papers"]),
]


@pytest.mark.parametrize(("acceptance", "expected"), FAULTS)
def test_what_contradicts_is_named(acceptance: Acceptance, expected: list[str]) -> None:
    assert [key for key, _ in contradictions(having(acceptance))] == expected


def test_two_cases_hide_one_together() -> None:
    halves = (replace(APPROVED, agencies=("town", "water")), replace(APPROVED, agencies=("port",)))
    hidden = replace(APPROVED, operations=("renewal",), says="ここには来ません。")
    assert [key for key, _ in contradictions(having(Acceptance(by=(hidden, *halves))))] == ["acceptance.by.0"]


def test_a_case_for_nothing_is_named() -> None:
    agencies = tuple(replace(c, agencies=("town",)) if c.id == "services" else c for c in MINATO.categories)
    profile = replace(having(Acceptance(by=(replace(APPROVED, agencies=("water",), categories=("services",)),))), categories=agencies)
    assert [key for key, _ in contradictions(profile)] == ["acceptance.by.0"]


def test_what_the_menu_does_not_offer_is_not_accepted() -> None:
    menu = replace(MINATO.menu, items=tuple(item for item in MINATO.menu.items if item.id != "renewal"))
    profile = replace(having(Acceptance(by=(replace(APPROVED, operations=("renewal",)),))), menu=menu)
    assert [key for key, _ in contradictions(profile)] == ["acceptance.by.0.operations"]


@pytest.mark.parametrize(
    ("operations", "states", "expected"),
    [((), (), []), ((), ("accepted",), []), (("renewal",), ("waiting",), []), (("amendment",), ("waiting",), ["print.notes.0.states"])],
)
def test_a_note_is_for_a_state_that_there_is(
    operations: tuple[Operation, ...], states: tuple[PrintState, ...], expected: list[str]
) -> None:
    renewals = Acceptance(by=(replace(APPROVED, operations=("renewal",)),))
    note = PrintNote(operations=operations, states=states, text="押印して提出してください。")
    assert [key for key, _ in contradictions(having(renewals, note))] == expected
