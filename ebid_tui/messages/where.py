"""Where one stands: the line under every title, on paper and in mails (domain.whereabouts)."""

TEXTS = {
    "card": "カード {holder}",
    "card_current": "現在のカード {holder}",
    "card_new": "新しいカード {holder}",
    "said": "いまの手続き: {where}",
}
