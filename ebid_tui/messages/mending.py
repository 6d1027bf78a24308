"""Beside an error's own sentences: its code, what is left of the tries, and the ways on from a refusal."""

TEXTS = {
    "code": "コード {code}",
    "about": "{title}（{about}）",
    "tries_left": "パスワードは、あと{n}回続けて間違えるとロックされます。",
    "tries_left_last": "パスワードは、あと1回間違えるとロックされます。",
    "then": "{first}{then}",
    # --- ways on
    "flow": "「{label}」へ進む",
    "password": "「{label}」へ進む",
    "another_card": "別のカードを使う",
    "again": "はじめからやり直す",
    "agency": "{label}を選び直す",
    "category": "{label}を選び直す",
    "unlock": "登録済みのICカードで解除する",
    "menu": "メニューに戻る",
    "retype": "入力に戻る",
    "hours": "（{hours}）",
    # --- changing agency or category
    "choose_lead": "選び直してください。入力した内容とカードは、そのまま使います。",
    # --- after the answer to 登録 or ICカード更新
    "known": "分かっている内容は入力済みにします。",
}
