"""What is said about a file of one's own keys."""

TEXTS: dict[str, str] = {
    "title": "キーの割り当て",
    "broken": "キーの割り当て {file} に誤りがあるため、標準のキーを使います。直して起動し直してください。\n{reasons}",
    "unreadable": "ファイルを読めません（{reason}）。",
    "not_toml": "TOML形式ではありません（{reason}）。",
    "unknown_action": "{name}: そのような操作はありません。",
    "shape": '{name}: キーの名前を並べて書いてください（例: ["f10", "ctrl+s"]）。',
    "none": "{name}: キーがありません。",
    "unknown_key": "{name}: {key} というキーはありません。",
    "same": "{name}: {key} は、端末では {other} と区別できません。",
    "types": "{name}: {key} は文字の入力に使うので、割り当てられません。",
    "edits": "{name}: {key} は文字の編集に使うので、割り当てられません。",
    "twice": "{key}: {first}（{one}）と {second}（{other}）の両方に割り当てられています。",
    "more": "ほかに{count}件あります。",
}
