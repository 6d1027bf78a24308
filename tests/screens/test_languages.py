"""The screens in English: only the documents' own words are Japanese, nothing is cut wrongly, a key changes the language at any time."""

from __future__ import annotations

import asyncio
import re

import pytest
from rich.cells import cell_len

from ebid_tui.domain.profile.systems import available, profile_of
from ebid_tui.flows.ui import Ui
from ebid_tui.language import BESIDE, LANGUAGES, gloss, language, shorter, speak, speaking
from ebid_tui.widgets.styled_lines import MEANING, MORE, fit_label
from tests.screens import scripted
from tests.screens.plastic import Hand
from tests.screens.stage import Stage, asking, stage
from tests.screens.test_snapshots import SCREENS

SENTENCE = re.compile("です|ます|ません|ください")
OURS = set("busy card card_problem category done holder menu print review review_end search_not_found tray trouble".split())
"""Screens whose request is written out in Japanese by the test itself."""


@pytest.mark.parametrize("name", sorted(SCREENS.keys() - OURS))
async def test_a_screen_in_english(name: str) -> None:
    request, keys, _ = SCREENS[name]

    async def flow(ui: Ui) -> None:
        speak("en")
        ui.clock(scripted.NOW)
        await request(ui)
        await asyncio.Event().wait()

    hand = Hand()
    async with stage(flow, hand=hand) as s:
        await s.until("伊勢市 / Ise City")
        shown = await s.press(*keys)
        assert "Quit" in shown or "Help" in shown
        said = [line for line in shown.splitlines() if SENTENCE.search(line)]
        assert said == [], shown
        assert max(cell_len(line) for line in shown.splitlines()) <= 80


async def test_in_english_every_label_of_the_form_is_whole_in_japanese() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.registration()))
    async with stage(flow) as s:
        await s.until("【企業情報】")
        await s.press("f11")
        seen = await s.until("Company】")
        for _ in range(6):
            seen += await s.press("pagedown")
        for block in scripted.registration().blocks:
            for field in block.fields:
                assert field.label in seen, field.label
        assert "連絡先メールアドレス / " not in re.sub(r"/ Mail", "", seen), "English is cut by words"


@pytest.mark.parametrize("key", ["f11", "alt+l"])
async def test_the_key_changes_the_language_and_keeps_what_is_typed(key: str) -> None:
    flow, answers = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        before = await s.until("資格審査情報検索")
        await s.press(*"12345")
        shown = await s.press(key)
        assert "資格審査情報検索 / Find the qualification" in shown
        assert "業者番号 / Vendor No." in shown
        assert "12345" in shown
        assert "2026-11-21 18:11" in shown
        assert not SENTENCE.search(shown)
        back = ""
        for _ in LANGUAGES[1:]:  # through the others, if there are any, and round
            back = await s.press(key)
        assert back.replace("12345", "     ").splitlines()[:3] == before.splitlines()[:3]
        assert "12345" in back
        assert language() == "ja"
        assert answers == []


async def test_an_objection_is_said_again_in_the_other_language() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        await s.press("1", "tab")
        assert "10文字で入力してください（いま1文字）。" in await s.press("up")
        assert "Enter 10 characters (now 1)." in await s.press("f11")


async def test_an_overlay_is_said_again_too() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        await s.press("f1")
        assert "Help: 資格審査情報検索 / Find the qualification" in await s.press("f11")
        await s.press("escape")
        assert "資格審査情報検索 / Find" in await s.until("商号又は名称 / Registered")


async def test_in_english_questions_are_found_by_english_words() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        await s.press("f11", "f1", *"locked")
        assert "The PIN is locked." in await s.until("found.")


@pytest.mark.parametrize(
    ("label", "cells", "shown"),
    [
        ("業者番号 / Vendor No.", 30, "業者番号 / Vendor No."),
        ("業者番号 / Vendor No.", 20, "業者番号"),
        ("業者番号 / Vendor No.", 12, "業者番号"),
        ("業者番号 / Vendor No.", 8, "業者番号"),
        ("業者番号", 6, "業..."),
    ],
)
def test_the_meaning_gives_way_before_the_label(label: str, cells: int, shown: str) -> None:
    assert fit_label(label, cells).rstrip() == shown
    assert cell_len(fit_label(label, cells)) == cells
    assert BESIDE == " / "


@pytest.mark.parametrize("system", sorted(available()))
def test_at_80_columns_no_labels_meaning_is_cut(system: str) -> None:
    """In forms, confirmations and comparisons of every packaged system: the meaning stands there, or the shorter one of the catalogue."""
    profile = profile_of(system)
    labels = {field.label for block in profile.blocks for field in profile.fields(block.id, "registration", profile.categories[0].id)}
    labels |= {field.label for agency in profile.agencies for field in profile.search_fields(agency.id)}
    labels |= {profile.card.serial_label, profile.card.issuer_label, profile.card.not_after_label}
    with speaking("en"):
        for label in sorted(labels):
            meaning = gloss(label).partition(BESIDE)[2]
            shown = fit_label(gloss(label), 80 // 3 + MEANING).rstrip()
            assert shown in (f"{label}{BESIDE}{meaning}", f"{label}{BESIDE}{shorter(label)}"), shown


async def until_theme(s: Stage, wanted: str) -> None:
    for _ in range(20):
        if s.app._looks._name == wanted:
            return
        await s.press("alt+t")
    raise AssertionError(wanted)


async def test_the_theme_key_goes_through_all_themes_and_keeps_what_is_typed() -> None:
    flow, _ = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        before = await s.press(*"12345")
        grounds = set()
        for name in ("office-light", "sixteen", "mono", "high-contrast", "office-dark"):
            await until_theme(s, name)
            assert s.text() == before
            grounds.add(str(s.app.office.page["text"]))
        assert len(grounds) == 5
        assert s.app.ansi_color is False
        await until_theme(s, "mono")
        assert s.app.ansi_color is True


async def test_without_colours_the_theme_key_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    flow, _ = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow) as s:
        await s.until("資格審査情報検索")
        before = dict(s.app.office.page)
        await s.press("alt+t")
        assert dict(s.app.office.page) == before


@pytest.mark.parametrize("cells", [8, 13, 26])
def test_a_label_that_is_too_long_is_not_cut_without_a_sign(cells: int) -> None:
    label = "緊急のときに連絡する担当者の氏名と所属"
    shown = fit_label(label, cells)
    assert cell_len(shown) == cells
    kept, sign, rest = shown.partition(MORE)
    assert kept
    assert label.startswith(kept)
    assert sign
    assert not rest.strip()
    assert fit_label(label, cell_len(label)) == label, "one that fits is shown as it is"
