"""The table of docs/keys.md, from the registry of actions: `python -m tests.screens.keys_page` writes it anew."""

from __future__ import annotations

from pathlib import Path

from ebid_tui.widgets.keys import ACTIONS, keys_of, label_of, use_keymap

PAGE = Path(__file__).resolve().parents[2] / "docs" / "keys.md"
BEGIN, END = "<!-- keys: python -m tests.screens.keys_page -->\n", "<!-- end -->\n"
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


def main() -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + table() + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
