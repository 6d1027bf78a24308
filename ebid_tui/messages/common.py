"""Words used everywhere."""

TEXTS = {
    "missing": "（記載なし）",
    "yes": "はい",
    "no": "いいえ",
    "back": "戻る",
    "cancel": "キャンセル",
    "next": "次へ",
    "close": "閉じる",
    "retry": "再試行",
    "and": "と",
    "no_plain_file": "その名前のものは、普通のファイルではなく、装置・パイプ・フォルダーなどです",
}
