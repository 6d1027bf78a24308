"""Screens full of text that nobody cleaned, in a terminal: `python -m tests.screens.hostile_app`; the test is test_second_lock.py."""

from __future__ import annotations

import os
import sys

import msgspec

from tests.screens import scripted

SECRET_ORDER = "31337"
"""Stands in every order that is hidden in the texts: it may be read on the screen, and never be part of a sequence."""
COMMANDS = [*map(chr, (*range(0x20), *range(0x7F, 0xA0))), *"\u061c\u200e\u200f\u202a\u202e\u2066\u2069", "\ud800", "\udc9b"]
"""C0, DEL, C1, what turns the direction of text, and halves of characters."""


def hostile(name: str) -> str:
    """A name that would set the window's title, move the cursor, colour and turn what follows, if a terminal got it."""
    n = SECRET_ORDER
    orders = f"\x1b]0;{n}\x07\x1b[{n}m\x9b{n}C\x1bP{n}\x1b\\\x9d2;{n}\x9c\x1b[2J\b\b\x0e\r\t\u202e\x1b["
    return f"{name}{orders}{''.join(COMMANDS)}{n}"


def run() -> int:
    """A menu, a page to read and a form of such texts; Enter leads on."""
    os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    from ebid_tui.app import EbidApp
    from ebid_tui.flows.ui import Option, Report, Row, Section, Ui
    from ebid_tui.terminal.driver import Terminal

    async def flow(ui: Ui) -> None:
        ui.clock(scripted.NOW)
        menu = scripted.menu()
        options = (Option("registration", hostile("選択"), hostile("説明")), Option("other", hostile("別の選択")))
        await ui.choose(msgspec.structs.replace(menu, title=hostile("題名"), lead=hostile("前文"), options=options))
        sections = (Section(hostile("見出し"), (Row(hostile("項目"), hostile("値")),)),)
        await ui.read(Report("hostile", hostile("報告"), sections, hostile("本文"), hostile("閉じる")))
        search = scripted.search({"search": {"trade_name": hostile("入力")}})
        await ui.fill(msgspec.structs.replace(search, title=hostile("検索"), problems={"search.trade_name": hostile("誤り")}))

    app = EbidApp(scripted.profile(), flow, driver_class=Terminal, own_cursor=True)
    app.run(mouse=False)
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(run())
