"""Sentences of the demo: its cards, one line each, and what to type with them."""

TEXTS: dict[str, str] = {
    "title": "デモで入力するもの（業者番号またはユーザID、商号又は名称、パスワード）",
    "pin": "PIN番号",
    "pin_value": "{pin}（どのデモ用カードも同じです）",
    "card.ise-new": "伊勢市 新しいカード（テスト工事業者０１、未登録）",
    "card.ise-second": "伊勢市 初期パスワードの業者のカード（テスト工事業者０２、未登録）",
    "card.ise-current": "伊勢市 いま使っているカード（建設工事００５、登録済み）",
    "card.ise-soon": "伊勢市 まもなく有効期限が切れるカード（建設工事００５、登録済み）",
    "card.ise-next": "伊勢市 更新用の新しいカード（建設工事００５、未登録）",
    "card.aomori-current": "青森市 いま使っているカード（（株）テスト商会０１、登録済み）",
    "card.aomori-next": "青森市 更新用の新しいカード（（株）テスト商会０１、未登録）",
    "card.nagasaki-current": "長崎県 いま使っているカード（長崎テスト建設株式会社、登録済み）",
    "card.nagasaki-next": "長崎県 更新用の新しいカード（長崎テスト建設株式会社、未登録）",
    "card.nagasaki-expired": "長崎県 有効期限が切れたカード（長崎テスト建設株式会社、登録済み）",
    "card.saitama-current": "埼玉県 いま使っているカード（株式会社○○建設、登録済み）",
    "card.saitama-next": "埼玉県 更新用の新しいカード（株式会社○○建設、未登録）",
    "card.saitama-new": "埼玉県 新しいカード（株式会社○○建設、未登録）",
    "card.mynumber": "マイナンバーカード（使えないカードの例）",
    "card.blocked": "PIN番号がロックされたカード",
    "card.other-ca": "対象外の認証局のカード",
    "card.stranger": "別の会社のカード（他社テスト株式会社）",
}
