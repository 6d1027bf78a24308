"""One's own keys: what may be in the file, what is told about a faulty one, and that bars, help and docs name the real keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.app import EbidApp
from ebid_tui.flows.ui import Nav, Ui
from ebid_tui.screens.keymap import KeymapError, load
from ebid_tui.settings import Settings, config_directory, keymap_file
from ebid_tui.widgets.keys import ACTIONS, key_name, keys_of, raw_keys, use_keymap, written
from tests.screens import keys_page, scripted
from tests.screens.plastic import Hand
from tests.screens.stage import Stage, still


@pytest.fixture(autouse=True)
def standard() -> Iterator[None]:
    yield
    use_keymap({})


def written_to(directory: Path, text: str) -> Path:
    (file := directory / "keymap.toml").write_text(text, encoding="utf-8")
    return file


def fault(directory: Path, text: str) -> str:
    with pytest.raises(KeymapError) as caught:
        load(written_to(directory, text))
    return str(caught.value)


def test_names_with_dots_or_quotes_lists_or_commas_any_case(tmp_path: Path) -> None:
    text = 'page.submit = ["F5", "Ctrl+S"]\n"form.copy" = "f10, ctrl+y"\n[app]\nhelp = ["Shift+F1", "alt+h"]\ntheme = ["PgUp"]\n'
    with pytest.raises(KeymapError, match="PgUp"):
        load(written_to(tmp_path, text))
    found = load(written_to(tmp_path, text.replace('"PgUp"', '"alt+T"')))
    expected = {"page.submit": "f5,ctrl+s", "form.copy": "f10,ctrl+y", "app.help": "f13,alt+h", "app.theme": "alt+t"}
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('page.sumbit = ["f5"]', ("page.sumbit", "操作はありません")),
        ('page.submit = ["f99"]', ("page.submit", "F99", "というキーはありません")),
        ('page.submit = ["hyper+x"]', ("page.submit", "というキーはありません")),
        ("page.submit = 5", ("page.submit", "並べて書いて")),
        ("page.submit = []", ("page.submit", "キーがありません")),
        ('page.submit = ["x"]', ("page.submit", "文字の入力")),
        ('app.quit = ["あ"]', ("app.quit", "文字の入力")),
        ('form.copy = ["ctrl+k"]', ("form.copy", "Ctrl+K", "文字の編集")),
        ('page.back = ["ctrl+m"]', ("page.back", "Ctrl+M", "区別できません")),
        ('page.submit = ["f3"]', ("F3", "page.submit", "page.back", "両方")),
        ('app.help = ["f10"]', ("F10", "app.help", "page.submit", "両方")),
        ('app.quit = ["f5", "ctrl+q"]', ("F5", "app.quit", "form.copy", "両方")),
        ('page.submit = ["f5"', ("TOML",)),
        ("\0", ("TOML",)),
    ],
)
def test_what_is_wrong_is_told_with_file_key_and_reason(tmp_path: Path, text: str, said: tuple[str, ...]) -> None:
    told = fault(tmp_path, text)
    assert "keymap.toml" in told
    assert "標準のキー" in told
    for part in said:
        assert part in told


def test_several_faults_are_told_at_once_but_not_too_many(tmp_path: Path) -> None:
    told = fault(tmp_path, "\n".join(f'page.x{n} = "f5"' for n in range(20)))
    assert told.count("操作はありません") == 6
    assert "ほかに14件" in told


def test_unreadable_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(KeymapError, match="読めません"):
        load(tmp_path / "nowhere.toml")
    (tmp_path / "latin").write_bytes(b"page.submit = '\xe9'")
    with pytest.raises(KeymapError, match="TOML"):
        load(tmp_path / "latin")


def test_two_actions_may_change_places(tmp_path: Path) -> None:
    found = load(written_to(tmp_path, 'page.submit = ["f3", "ctrl+s"]\npage.back = ["f10", "escape"]'))
    assert found["page.submit"] == "f3,ctrl+s"


@pytest.mark.parametrize("action_id", ACTIONS)
def test_every_standard_key_can_be_written_as_it_is_shown(action_id: str) -> None:
    for key in raw_keys(action_id):
        assert written(key_name(key)) == key


async def test_the_bar_the_help_and_the_screens_obey_them(tmp_path: Path) -> None:
    answers: list[object] = []

    async def flow(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        answers.append(await ui.fill(scripted.search()))

    text = 'page.back = ["f10"]\npage.submit = ["f3", "alt+s"]\napp.quit = ["alt+q"]\napp.help = ["Shift+F2", "alt+h"]'
    file = written_to(tmp_path, text)
    app = EbidApp(scripted.profile(), flow, tray=(hand := Hand()), cards=hand, clock=still(), keymap=file)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        shown = Stage(app, pilot)
        bar = shown.text().rstrip().split("\n")[-1]
        assert "F3 " in bar
        assert "F10 戻る" in bar
        assert "Shift+F2 ヘルプ" in bar
        await shown.press("f14")
        assert "Shift+F2, Alt+H" in shown.text()
        assert "か、F3 で内容を確かめます" in shown.text().replace("\n", ""), "sentences name them, too"
        await shown.press("escape")
        assert "Shift+F2, Alt+H" in shown.text(), "the standard key is another one's now"
        await shown.press("f10", "f10")
        assert answers == [Nav.BACK]


async def test_a_faulty_one_is_told_once_and_the_standard_keys_work(tmp_path: Path) -> None:
    async def flow(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        await ui.fill(scripted.search())

    app = EbidApp(scripted.profile(), flow, clock=still(), keymap=written_to(tmp_path, 'page.nix = ["f10"]'))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        shown = Stage(app, pilot)
        assert "page.nix" in shown.text()
        await shown.press("enter")
        await pilot.pause()
        assert "page.nix" not in shown.text()
        assert "F10" in shown.text()


def test_the_file_beside_the_settings_is_taken_by_itself(own_home: Path) -> None:
    assert keymap_file(Settings()) is None
    config_directory().mkdir(parents=True, exist_ok=True)
    own = written_to(config_directory(), "")
    assert keymap_file(Settings()) == own
    assert keymap_file(Settings(keymap="/else/where.toml")) == Path("/else/where.toml")


def test_worn_keys_are_named_everywhere() -> None:
    use_keymap({"page.submit": "f5,alt+s"})
    assert keys_of("page.submit") == ["F5", "Alt+S"]
    assert raw_keys("page.submit") == ["f5", "alt+s"]
    assert keys_of("page.back") == ["Esc", "F3"]


@pytest.mark.parametrize("action_id", ACTIONS)
def test_a_key_that_hosts_take_has_another_that_they_do_not(action_id: str) -> None:
    """F-keys, Ctrl+Q and Ctrl+S (flow control, browsers) and Ctrl+B (tmux) are often gone: never both keys of an action."""
    hosts = {*(f"f{n}" for n in range(1, 25)), "ctrl+q", "ctrl+b"}
    assert set(raw_keys(action_id)) - hosts


def test_docs_keys_md_has_every_action_as_it_is() -> None:
    """`python -m tests.screens.keys_page` writes it anew."""
    page = keys_page.PAGE.read_text(encoding="utf-8")
    assert page.partition(keys_page.BEGIN)[2].partition(keys_page.END)[0] == keys_page.table()
    assert page.partition(keys_page.BYTES_BEGIN)[2].partition(keys_page.END)[0] == keys_page.bytes_table()
