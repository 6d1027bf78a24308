"""What is said about postal codes and addresses: what is known, what is not, and where the two do not fit."""

TEXTS: dict[str, str] = {
    "narrow": "文字を打つと絞り込めます。",
    "query": "絞り込み:",
    "more": "ほかに{count}件あります。",
    "none_left": "当てはまるものがありません。",
    "nothing_known": "郵便番号一覧に見つかりません。町名まで正しく入力されているかお確かめください。",
    "there_already": "同じ内容が、もう入力されています。",
    "code_elsewhere": "郵便番号 {code} は「{address}」の番号です。住所と合っているかお確かめください。",
    "code_unknown": "郵便番号 {code} は郵便番号一覧にありません。お確かめください。",
    "more_in_lines": "ほかに{count}件あります。「:find 文字」で絞り込めます。",
}
