"""Kinds of card that are refused: what each is, and why not (`systems/refused_cards.toml` names them)."""

TEXTS: dict[str, str] = {
    "what_mynumber": "マイナンバーカード",
    "what_corporate": "法人認証カード",
    "what_unknown": "種類の分からないカード",
    "what_no_certificate": "電子証明書のないカード",
    "refused_mynumber": "マイナンバーカード（公的個人認証サービス）は使用できません。電子入札コアシステム対応のICカードを挿入してください。",
    "refused_corporate": "法人認証カード（商業登記に基づく電子証明書）は使用できません。電子入札コアシステム対応のICカードを挿入してください。",
    "refused_unknown": "電子入札に使用できる種類のICカードではありません。運転免許証などではないか、ご確認ください。",
    "refused_no_certificate": "電子入札に使用できる電子証明書がありません。カードを発行した認証局にお問い合わせください。",
}
