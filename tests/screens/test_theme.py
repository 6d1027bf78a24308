"""Themes: validated, readable, and never the only sign."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
from rich.color import Color, ColorSystem

from ebid_tui.app import EbidApp
from ebid_tui.flows.ui import Ui
from ebid_tui.screens import busy
from ebid_tui.widgets import theme as themes
from tests.screens import scripted
from tests.screens.plastic import Hand
from tests.screens.stage import asking, stage
from tests.screens.test_snapshots import SCREENS

OFFICE = themes.PACKAGED / "office-dark.toml"
THEMES = sorted(themes.PACKAGED.glob("*.toml"))
SHIPPED = {"office-light", "office-dark", "high-contrast", "colour-blind", "sixteen", "mono", "kiosk"}
LINUX_VT = "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff".split()
XTERM = "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff".split()
MACHADO = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""Machado, Oliveira and Fernandes 2009: linear RGB as somebody without one kind of cone sees it."""


def linear(colour: str) -> list[float]:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def luminance(colour: str) -> float:
    """WCAG 2.2 relative luminance."""
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def looks(colour: str, palette: list[str]) -> str:
    """A theme's colour as #rrggbb on a terminal with this palette."""
    return "#" + palette[themes.SIXTEEN.index(colour)] if colour in themes.SIXTEEN else colour


def on_256(colour: str) -> str:
    red, green, blue = Color.parse(colour).downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
    return f"#{red:02x}{green:02x}{blue:02x}"


def pairs(theme: themes.Theme) -> list[tuple[str, str, str]]:
    """(role, colour, background) of everything that a screen or a panel may show."""
    found = [(name, r.colour, r.background or ground) for name, r in theme.roles.items() for ground in (theme.page, theme.panel)]
    return [(name, background, colour) if theme.roles[name].reverse else (name, colour, background) for name, colour, background in found]


def test_what_the_guide_names_is_shipped() -> None:
    assert {path.stem for path in THEMES} == SHIPPED
    named = (Path(__file__).resolve().parents[2] / "docs" / "themes.md").read_text(encoding="utf-8")
    assert [name for name in SHIPPED if f"| `{name}` |" not in named] == []
    listed = named.partition("[roles]")[2].partition("```")[0]
    assert set(re.findall(r"^# (.+)$", listed, re.M)[0].split()) | set(re.findall(r"^(\w+) =", listed, re.M)) == themes.ROLES


def test_every_role_is_used() -> None:
    package = Path(themes.__file__).parents[1]
    source = "".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py") if path != Path(themes.__file__))
    assert [role for role in themes.ROLES if f'"{role}"' not in source] == []


@pytest.mark.parametrize("path", THEMES, ids=lambda path: path.stem)
@pytest.mark.parametrize("palette", [LINUX_VT, XTERM], ids=["linux", "xterm"])
def test_every_role_can_be_read(path: Path, palette: list[str]) -> None:
    """WCAG AA: 4.5 to 1, on either ground; the terminal's own two colours are the user's choice."""
    theme = themes.load(path)
    for name, colour, background in pairs(theme):
        if colour == themes.OWN:
            assert background == themes.OWN, name
            assert path.stem == "mono"
            continue
        assert contrast(looks(colour, palette), looks(background, palette)) >= 4.5, name
        if colour.startswith("#"):
            assert contrast(on_256(colour), on_256(background)) >= 4.5, name


def test_high_contrast_is_higher() -> None:
    """WCAG AAA: 7 to 1."""
    theme = themes.load(themes.PACKAGED / "high-contrast.toml")
    assert min(contrast(colour, background) for _, colour, background in pairs(theme)) >= 7


@pytest.mark.parametrize("kind", MACHADO)
def test_colours_that_mean_something_differ_for_the_colour_blind(kind: str) -> None:
    theme = themes.load(themes.PACKAGED / "colour-blind.toml")

    def seen(role: str) -> list[float]:
        mixed = linear(theme.roles[role].colour)
        return [min(max(sum(a * b for a, b in zip(row, mixed, strict=True)), 0), 1) ** (1 / 2.2) for row in MACHADO[kind]]

    for one, other in combinations(("error", "warning", "good", "text"), 2):
        assert sum((a - b) ** 2 for a, b in zip(seen(one), seen(other), strict=True)) ** 0.5 > 0.14, (one, other)


def test_bold_black_is_not_used_where_it_becomes_grey() -> None:
    for path in THEMES:
        for name, role in themes.load(path).roles.items():
            assert not (role.bold and role.colour == "black"), f"{path.stem}: {name}"


@pytest.mark.parametrize("path", THEMES, ids=lambda path: path.stem)
@pytest.mark.parametrize("system", [ColorSystem.EIGHT_BIT, ColorSystem.STANDARD])
def test_no_role_vanishes_with_fewer_colours(path: Path, system: ColorSystem) -> None:
    theme = themes.load(path)
    for ground in ("page", "panel"):
        for name, style in themes.styles(theme, ground).items():
            if path.stem == "mono":
                assert style.color is style.bgcolor is None
                continue
            assert style.color is not None
            assert style.bgcolor is not None
            assert style.color.downgrade(system) != style.bgcolor.downgrade(system), name


@pytest.mark.parametrize("path", THEMES, ids=lambda path: path.stem)
def test_colours_are_those_that_256_colour_terminals_have(path: Path) -> None:
    for _, *colours in pairs(themes.load(path)):
        for colour in colours:
            if colour.startswith("#"):
                near, own = Color.parse(on_256(colour)).get_truecolor(), Color.parse(colour).get_truecolor()
                assert max(abs(a - b) for a, b in zip(near, own, strict=True)) <= 10, colour


@pytest.mark.parametrize("ground", ["page", "panel"])
def test_mono_looks_like_no_colour(ground: str) -> None:
    assert themes.styles(themes.load(themes.PACKAGED / "mono.toml"), ground) == themes.styles(None, ground)


@pytest.mark.parametrize(
    ("term", "colorterm", "theme"),
    [
        ("xterm-256color", "", "office-dark"),
        ("tmux-256color", "", "office-dark"),
        ("xterm", "truecolor", "office-dark"),
        ("linux", "", "sixteen"),
        ("xterm", "", "sixteen"),
        ("screen", "", "sixteen"),
        ("vt100", "", "mono"),
        ("no-such-terminal", "", "office-dark"),
    ],
)
def test_the_theme_fits_the_terminals_colours(term: str, colorterm: str, theme: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", "from ebid_tui.widgets.theme import fitting; print(fitting())"],
        env={**os.environ, "TERM": term, "COLORTERM": colorterm}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.strip() == theme


def test_ones_own_themes_come_first(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(OFFICE.read_bytes())
    (tmp_path / "mono.toml").write_bytes(OFFICE.read_bytes())
    assert themes.file_of("mine", tmp_path) == tmp_path / "mine.toml"
    assert themes.file_of("mono", tmp_path) == tmp_path / "mono.toml"
    assert themes.file_of("sixteen", tmp_path) == themes.PACKAGED / "sixteen.toml"
    assert themes.file_of(str(tmp_path / "mine.toml")) == tmp_path / "mine.toml"
    assert themes.available(tmp_path).keys() == SHIPPED | {"mine"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('name = "x"', "Object missing required field"),
        ('name = "x"\npage = "#000000"\npanel = "#000000"\n[roles]\n', "missing"),
        (OFFICE.read_text(encoding="utf-8").replace("#dadada", "grey"), "'grey' is not #rrggbb"),
        (OFFICE.read_text(encoding="utf-8") + 'extra = { colour = "#ffffff" }\n', "unknown ['extra']"),
        (OFFICE.read_text(encoding="utf-8").replace("#dadada", "red"), "#rrggbb and other colours"),
        (OFFICE.read_text(encoding="utf-8").replace("#dadada", "default"), "other colours"),
        (OFFICE.read_text(encoding="utf-8").replace("bold = true", "bold = 1", 1), "Expected `bool`"),
        (OFFICE.read_text(encoding="utf-8").replace("bold = true", "blink = true", 1), "unknown field `blink`"),
        ("name = ", "Invalid value"),
        ("a = " + "[" * 5000, "mine.toml"),
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


SIGNED = frozenset({"error", "warning", "good"})
SIGNS = ("!", "*", "[x]", "[ ]", "[=")


@pytest.mark.parametrize("name", sorted(SCREENS))
async def test_what_a_colour_says_a_sign_says_too(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error, a warning, something good: its line, or the one that it goes on from, bears a sign."""
    monkeypatch.setattr(busy, "STEP", 3600.0)
    request, keys, texts = SCREENS[name]

    async def flow(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        await request(ui)
        await asyncio.Event().wait()

    hand = Hand()
    async with stage(flow, hand=hand) as s:
        await s.until("伊勢市  電子入札システム")
        await s.press(*keys)
        await s.until(*texts)
        signed = False
        for line in s.page.sheet.lines:
            coloured = any(role in SIGNED and text.strip() for text, role in line)
            whole = "".join(text for text, _ in line)
            signed = coloured and (signed or any(sign in whole for sign in SIGNS))
            assert signed or not coloured, whole
