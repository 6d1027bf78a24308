"""What is said about cards, readers and the PIN."""

TEXTS: dict[str, str] = {
    "accessing": "ただいまICカードにアクセス中です。カードを抜かないでください。",
    "insert": "ICカードをカードリーダーに挿入してください。",
    "inserted": "ICカードが挿入されています。",
    "no_card": "ICカードが挿入されていません。",
    "no_reader": "カードリーダーが見つかりません。",
    "tries_left": "PIN番号の残り回数：{n}回",
    "tries_unknown": "PIN番号の残り回数：不明",
    "last_try": "残り1回です。間違えるとカードがロックされます。PIN番号が確かでないときは、キャンセルして認証局にお問い合わせください。",
    "blocked": "PIN番号がロックされています。カードを発行した認証局に解除の方法をお問い合わせください。",
    "wrong_pin": "PIN番号が違います。残り{n}回です。",
    "wrong_pin_unknown": "PIN番号が違います。残り回数はカードから取得できません。",
    "pin_unusable": "PIN番号は{min}～{max}桁の半角数字で入力してください。カードには送信していません（残り回数は減りません）。",
    "what_mynumber": "マイナンバーカード",
    "what_corporate": "法人認証カード",
    "what_unknown": "種類の分からないカード",
    "what_no_certificate": "電子証明書のないカード",
    "refused_mynumber": "マイナンバーカード（公的個人認証サービス）は使用できません。電子入札コアシステム対応のICカードを挿入してください。",
    "refused_corporate": "法人認証カード（商業登記に基づく電子証明書）は使用できません。電子入札コアシステム対応のICカードを挿入してください。",
    "refused_unknown": "このカードは電子入札に使用できる種類のICカードではありません。運転免許証などではないか、ご確認ください。",
    "refused_no_certificate": "このカードには電子入札に使用できる電子証明書がありません。カードを発行した認証局にお問い合わせください。",
}
