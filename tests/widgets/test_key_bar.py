"""The key bar where there is little room: what is there everywhere gives way before what the page itself can do."""

from __future__ import annotations

from ebid_tui.widgets.frame import KeyLabel, key_bar

PAGE = [KeyLabel("F10", "入力内容確認"), KeyLabel("Esc", "戻る"), KeyLabel("F4", "前のカードの値"), KeyLabel("F5", "代表窓口をコピー")]
MORE = [*PAGE, KeyLabel("Enter", "次の項目")]
EVERYWHERE = [KeyLabel("F1", "ヘルプ"), KeyLabel("F9", "カード"), KeyLabel("Ctrl+Q", "終了")]


def shown(keys: list[KeyLabel], width: int) -> str:
    return "".join(text for text, _ in key_bar(keys, EVERYWHERE, width))


def test_where_all_fits_all_is_there() -> None:
    bar = shown(MORE, 120)
    assert all(key.label in bar for key in (*MORE, *EVERYWHERE))


def test_where_not_even_help_alone_leaves_room_the_page_keeps_all_but_its_last_key() -> None:
    bar = shown(MORE, 80)
    assert all(key.label in bar for key in (*PAGE, EVERYWHERE[0]))
    assert not any(key.key in bar for key in (MORE[-1], *EVERYWHERE[1:]))
