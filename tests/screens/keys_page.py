"""The tables of docs/keys.md, from the registry of actions and what terminals send: `python -m tests.screens.keys_page` writes them."""

from __future__ import annotations

from pathlib import Path

from ebid_tui.widgets.keys import ACTIONS, key_name, keys_of, label_of, use_keymap
from tests.terminal.key_bytes import BOUND, KITTY_KEYS, TERMINALS, written

PAGE = Path(__file__).resolve().parents[2] / "docs" / "keys.md"
BEGIN, END = "<!-- keys: python -m tests.screens.keys_page -->\n", "<!-- end -->\n"
BYTES_BEGIN = "<!-- bytes: python -m tests.screens.keys_page -->\n"
WHERE = {
    "app": "どの画面でも",
    "page": "画面全般",
    "form": "入力画面",
    "review": "内容確認",
    "done": "処理完了",
    "print": "印刷画面",
    "save": "ファイルに保存",
    "tray": "デモの仮想リーダー",
    "desk": "ヘルプデスク",
}


def table() -> str:
    """Every action with its keys, in the registry's order."""
    use_keymap({})
    rows = ["| 画面 | 操作の名前 | 何をするか | キー |", "| --- | --- | --- | --- |"]
    for name in ACTIONS:
        keys = " / ".join(f"`{key}`" for key in keys_of(name))
        rows.append(f"| {WHERE[name.partition('.')[0]]} | `{name}` | {label_of(name)} | {keys} |")
    return "\n".join(rows) + "\n"


def bytes_table() -> str:
    """What each terminal sends for each of these keys; `－`: nothing comes of it."""
    rows = ["| キー | " + " | ".join(TERMINALS) + " |", "| --- |" + " --- |" * len(TERMINALS)]
    for key in BOUND:
        if len(key) > 1:
            cells = (_cell(name, key, sends[key]) for name, sends in TERMINALS.items())
            rows.append(f"| `{key_name(key)}` | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def _cell(terminal: str, key: str, data: str) -> str:
    return f"`{written(data)}`" + (" －" if terminal == "kitty" and key in KITTY_KEYS else "")


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for begin, rows in ((BEGIN, table()), (BYTES_BEGIN, bytes_table())):
        before, _, rest = text.partition(begin)
        text = before + begin + rows + END + rest.partition(END)[2]
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
