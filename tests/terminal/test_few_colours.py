"""What is told by colour is told by a sign as well: in sixteen colours, and in none."""

from __future__ import annotations

import re

import msgspec
import pytest

from ebid_tui.errors import EbidError
from ebid_tui.flows.comparing import CardComparison, DiffRow
from ebid_tui.flows.ui import Ui
from tests.screens import scripted
from tests.screens.stage import Stage, asking, stage
from tests.screens.test_languages import until_theme

ALARMING = re.compile(r"(^|[ >])[!*] ")
COMPARISON = CardComparison(
    id="review", title="電子証明書更新確認", current="いまのカード", new="新しいカード",
    rows=(
        DiffRow("企業名称", "甲", "甲", "equal"),
        DiffRow("名義", "甲", "乙", "notable", "会社名が違います。"),
        DiffRow("番号", "1", "2", "changed"),
    ),
    warnings=("更新すると、いまのカードは使えなくなります。",), question="よろしいですか。", submit="更新", back="戻る",
)  # fmt: skip


def pages() -> dict[str, tuple[object, list[str]]]:
    """Pages on which something is told by colour, and the keys that bring it about."""
    refused = msgspec.structs.replace(scripted.search(), notice=EbidError(code="E-UNCHANGED"))
    return {
        "faulty form": (lambda ui: ui.fill(scripted.search()), ["1", "f10"]),
        "notice": (lambda ui: ui.fill(refused), []),
        "review": (lambda ui: ui.review(scripted.review()), ["f10"]),
        "compare": (lambda ui: ui.compare(COMPARISON), []),
        "holder": (lambda ui: ui.confirm(scripted.holder()), ["down"]),
        "menu": (lambda ui: ui.choose(scripted.menu()), ["down"]),
        "pin": (lambda ui: ui.ask_pin(scripted.pin()), ["x", "enter"]),
        "trouble": (lambda ui: ui.trouble(scripted.trouble()), ["right"]),
    }


def told(s: Stage) -> None:
    """Every row with a role that means something has a sign, and the chosen thing has its mark."""
    signed = False
    for row in s.page.sheet.lines:
        text = "".join(piece for piece, _ in row)
        roles = {role for piece, role in row if piece.strip()}
        if roles & {"error", "warning", "good"}:
            signed = signed or bool(ALARMING.search(text))
            assert signed, f"told by colour alone: {text}"  # further lines of a paragraph stand below its sign
        else:
            signed = False
        if "selected" in roles:
            assert ">" in text, text


@pytest.mark.parametrize("page", sorted(pages()))
@pytest.mark.parametrize("look", ["sixteen", "mono", "NO_COLOR"])
async def test_every_sign_is_there_without_its_colour(page: str, look: str, monkeypatch: pytest.MonkeyPatch) -> None:
    request, keys = pages()[page]
    if look == "NO_COLOR":
        monkeypatch.setenv("NO_COLOR", "1")
    flow, _ = asking(request)  # type: ignore[arg-type]
    async with stage(flow) as s:
        await s.until("伊勢市")
        if look != "NO_COLOR":
            await until_theme(s, look)
        await s.press(*keys)
        told(s)
        if look != "sixteen":
            colours = {style.color.name for style in s.app.office.page.values() if style.color is not None}
            assert colours <= {"default"}, colours


async def test_a_dialog_keeps_what_was_chosen_when_the_terminal_changes_its_size() -> None:
    async def flow(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        answers.append(await ui.confirm(scripted.holder()))

    answers: list[bool] = []
    async with stage(flow) as s:
        await s.until("ICカードの名義の確認")
        await s.press("down")
        for size in ((200, 60), (60, 20), (81, 24), (80, 24)):
            await s.pilot.resize_terminal(*size)
        await s.pilot.pause()
        assert ">[ はい" in await s.until("ICカードの名義の確認")
        await s.press("ctrl+q")
        for size in ((200, 60), (60, 20), (80, 24)):
            await s.pilot.resize_terminal(*size)
        assert ">[ 続ける ]" in await s.until("終了しますか。")
        await s.press("enter", "enter")
        await s.came(lambda: answers)
        assert answers == [True]
