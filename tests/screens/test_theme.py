"""Themes: validated, readable, and never the only sign."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.color import ColorSystem

from ebid_tui.app import EbidApp
from ebid_tui.widgets import theme as themes
from tests.screens import scripted
from tests.screens.stage import asking

OFFICE = themes.PACKAGED / "office.toml"
THEMES = sorted(themes.PACKAGED.glob("*.toml"))


def luminance(colour: str) -> float:
    """WCAG 2.2 relative luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("path", THEMES, ids=lambda path: path.stem)
@pytest.mark.parametrize("ground", ["page", "panel"])
def test_every_role_can_be_read(path: Path, ground: str) -> None:
    """WCAG AA: 4.5 to 1."""
    theme = themes.load(path)
    for name, role in theme.roles.items():
        light, dark = sorted((luminance(role.colour), luminance(role.background or getattr(theme, ground))), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, name


@pytest.mark.parametrize("path", THEMES, ids=lambda path: path.stem)
@pytest.mark.parametrize("system", [ColorSystem.EIGHT_BIT, ColorSystem.STANDARD])
def test_no_role_vanishes_with_fewer_colours(path: Path, system: ColorSystem) -> None:
    theme = themes.load(path)
    for ground in ("page", "panel"):
        for name, style in themes.styles(theme, ground).items():
            assert style.color is not None
            assert style.bgcolor is not None
            assert style.color.downgrade(system) != style.bgcolor.downgrade(system), name


def test_the_office_theme_uses_colours_that_256_colour_terminals_have() -> None:
    theme = themes.load(OFFICE)
    for style in themes.styles(theme, "page").values():
        for colour in (style.color, style.bgcolor):
            assert colour is not None
            nearest = colour.downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
            assert max(abs(a - b) for a, b in zip(nearest, colour.get_truecolor(), strict=True)) <= 10


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('name = "x"', "Object missing required field"),
        ('name = "x"\npage = "#000000"\npanel = "#000000"\n[roles]\n', "missing"),
        (OFFICE.read_text(encoding="utf-8").replace("#dadada", "grey"), "'grey' is not #rrggbb"),
        (OFFICE.read_text(encoding="utf-8") + 'extra = { colour = "#ffffff" }\n', "unknown ['extra']"),
        ("name = ", "Invalid value"),
    ],
)
def test_a_broken_theme_is_refused_with_file_and_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(themes.ThemeError, match=r"mine\.toml") as refused:
        themes.load(path)
    assert reason in str(refused.value)


async def test_a_broken_theme_is_told_and_does_not_stop_the_program(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("name = ", encoding="utf-8")
    flow, _ = asking(lambda ui: ui.choose(scripted.categories()))
    app = EbidApp(scripted.profile(), flow, theme_file=path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        shown = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "配色ファイルを読めないため" in shown
        assert "mine.toml" in shown
        await pilot.press("escape")
        await pilot.pause(0.1)
        shown = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "調達区分" in shown


async def test_without_colours_everything_is_told_by_signs_and_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    flow, _ = asking(lambda ui: ui.choose(scripted.menu()))
    app = EbidApp(scripted.profile(), flow)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        assert any(s.style is not None and s.style.reverse for strip in strips for s in strip)
        for strip in strips:
            for segment in strip:
                style = segment.style
                assert style is None or style.color is None or style.color.is_default, segment
                assert style is None or style.bgcolor is None or style.bgcolor.is_default, segment
