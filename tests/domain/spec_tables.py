"""What the four municipalities' documents print, written down once more by hand: the profiles must say the same."""

from __future__ import annotations

from typing import NamedTuple

EVERY = ("registration", "amendment", "renewal")
MARK = "(※)"

PHONE_NOTE = "(半角 例:03-0000-0000)"
POSTAL_NOTE = "(半角 例:123-4567)"
MAIL_NOTE = "(半角100文字以内)"


class Row(NamedTuple):
    """One field as a document has it. `limit` is `max` or, for exactly so many, `exact`; `chars` is None where it is only shown."""

    id: str
    label: str
    chars: str | None = None
    max: int = 0
    exact: int = 0
    note: str = ""
    mark: str = MARK
    required: bool = True
    operations: tuple[str, ...] = EVERY
    categories: tuple[str, ...] = ()
    source: str = "typed"


def shown(id: str, label: str, source: str = "qualification", **where: tuple[str, ...]) -> Row:
    return Row(id, label, mark="", required=False, source=source, **where)  # type: ignore[arg-type]


def phone(id: str, label: str) -> Row:
    return Row(id, label, "half_digits_symbols", max=25, note=PHONE_NOTE)


CONTACT = (
    Row("name", "連絡先名称(部署名等)", "full_width", max=60, note="(60文字以内)"),
    Row("postal_code", "連絡先郵便番号", "half_digits_symbols", max=8, note=POSTAL_NOTE),
    Row("address", "連絡先住所", "full_width", max=60, note="(60文字以内)"),
    Row("person", "連絡先氏名", "full_width", max=20, note="(20文字以内)"),
    phone("phone", "連絡先電話番号"),
    phone("fax", "連絡先FAX番号"),
    Row("email", "連絡先メールアドレス", "half_alnum_symbols", max=100, note=MAIL_NOTE),
)
CONTACT_TWICE = (*CONTACT, Row("email_again", "メールアドレス再入力", "half_alnum_symbols", max=100, note="(上記内容再度入力)"))

COMPANY = (
    shown("vendor_no", "業者番号", operations=("amendment",)),
    shown("name", "企業名称"),
    shown("postal_code", "企業郵便番号"),
    shown("address", "企業住所"),
    shown("representative", "代表者氏名"),
    shown("title", "代表者役職"),
    phone("phone", "代表電話番号"),
    phone("fax", "代表FAX番号"),
    Row("department", "部署名", "full_width", max=30, note="(30文字以内)"),
)
HOLDER = (
    shown("company", "ICカード企業名称", "card"),
    shown("person", "ICカード取得者氏名", "card"),
    shown("address", "ICカード取得者住所", "card"),
)

BLOCKS: dict[str, dict[str, tuple[Row, ...]]] = {
    "ise": {"company": COMPANY, "representative_contact": CONTACT, "card_holder": HOLDER, "card_contact": CONTACT},
    "aomori": {
        "company": (
            shown("company_id", "企業ID", "system", operations=("amendment",)),
            shown("name", "企業名称"),
            shown("postal_code", "企業郵便番号"),
            shown("address", "企業住所"),
            shown("representative", "代表者氏名"),
            shown("title", "代表者役職"),
            phone("phone", "代表電話番号"),
            phone("fax", "代表FAX番号"),
            shown("grades", "資格の種類", categories=("goods",)),
            Row("department", "支店名等", "full_width", max=30, note="(30文字以内)"),
        ),
        "representative_contact": CONTACT_TWICE,
        "card_holder": (
            shown("company", "ICカード企業名称", "card"),
            shown("company_address", "ICカード企業住所", "card"),
            shown("person", "ICカード取得者氏名", "card"),
            shown("address", "ICカード取得者住所", "card"),
        ),
        "card_contact": CONTACT_TWICE,
    },
    "nagasaki": {"company": COMPANY, "representative_contact": CONTACT, "card_holder": HOLDER, "card_contact": CONTACT},
    "saitama": {
        "company": (
            shown("name", "業者名"),
            shown("postal_code", "企業郵便番号"),
            shown("address", "企業住所"),
            shown("representative", "代表者等氏名"),
            shown("title", "代表者等役職"),
            phone("phone", "代表者等電話番号"),
            phone("fax", "代表者等FAX番号"),
            Row("department", "部署名", "full_width", max=30, note="(30文字以内)"),
        ),
        "representative_contact": CONTACT,
        "card_holder": HOLDER,
        "card_contact": CONTACT,
    },
}

SEARCH: dict[str, tuple[Row, ...]] = {
    "ise": (
        Row("vendor_no", "業者番号", "half_digits", exact=10, note="(半角数字10文字)"),
        Row("trade_name", "商号又は名称", "full_width", max=60, note="(60文字以内)"),
        Row("password", "パスワード", "half_alnum_symbols", max=256),
    ),
    "aomori": (
        Row("vendor_no", "業者番号", "half_alnum", exact=9, note="(半角英数字9文字)"),
        Row("trade_name", "商号又は名称", "full_width", max=40, note="(40文字以内)"),
        Row("user_id", "ユーザID", "half_alnum", max=20, note="(半角英数20文字以下)", mark="", required=False),
        Row("password", "パスワード", "half_alnum", max=20, note="(半角英数20文字以下)", mark="", required=False),
    ),
    "nagasaki": (
        Row("vendor_no", "業者番号", "half_digits", exact=10, note="(半角数字10文字)"),
        Row("trade_name", "商号又は名称", "full_width", max=60, note="(60文字以内)"),
    ),
    "saitama": (
        Row("trade_name", "商号又は名称", "full_width", max=60, note="(60文字以内)"),
        Row("user_id", "ユーザID", "half_digits", exact=10, note="(半角数字10文字)"),
        Row("password", "パスワード", "half_alnum", exact=8, note="(半角英数字8文字)"),
    ),
}

NEW_PASSWORD_NOTE = "半角英数記号を含む8文字以上"
PASSWORD_CHANGE = (
    Row("vendor_no", "業者番号", "half_digits", exact=10, mark="必須"),
    Row("trade_name", "商号又は名称", "full_width", max=60, mark="必須"),
    Row("password", "パスワード", "half_alnum_symbols", max=256, mark="必須", note=NEW_PASSWORD_NOTE),
    Row("new_password", "新しいパスワード", "half_alnum_symbols", max=256, mark="必須", note=NEW_PASSWORD_NOTE),
    Row("new_password_again", "新しいパスワード(確認)", "half_alnum_symbols", max=256, mark="必須", note=NEW_PASSWORD_NOTE),
)

RENEWAL_ROWS = (
    "company.name",
    "company.address",
    "card_holder.company",
    "card_holder.person",
    "card_holder.address",
    "card_certificate.serial",
    "card_certificate.issuer",
    "card_certificate.not_after",
)

CORE_AUTHORITIES = {"e-probatio-ps2", "diacert-plus", "tdb-type-a", "toinx", "aosign"}

FACTS: dict[str, dict[str, object]] = {
    "ise": {
        "name": "伊勢市",
        "title": "電子入札システム",
        "brand": "CALS/EC",
        "agencies": ["伊勢市"],
        "categories": ["建設工事、測量・コンサル", "物品・業務委託"],
        "card_free": ["物品・業務委託"],
        "entries": ["利用者登録", "電子入札システム", "パスワード変更"],
        "search.title": "資格審査情報検索",
        "search.key": "vendor_no",
        "search.show_agency": False,
        "serial": ("decimal_and_hex", "decimal_and_hex"),
        "renewal.rows": RENEWAL_ROWS,
        "renewal.new_pin": "always",
        "renewal.different_company": "ask",
        "print.registration": ("company", "representative_contact"),
        "print.amendment": ("company", "representative_contact"),
        "company_id": False,
        "mail.rows": ["調達機関", "企業名称", "連絡先氏名", "連絡先住所"],
        "propagation": False,
        "later_cards": "editable",
        "abbreviated_name": "refuse",
        "logout": "closes",
        "password_change_delays": False,
    },
    "aomori": {
        "name": "青森市",
        "title": "電子入札システム",
        "brand": "CALS/EC",
        "agencies": ["青森市"],
        "categories": ["工事、コンサル", "物品、役務"],
        "card_free": [],
        "entries": ["利用者登録", "電子入札システム"],
        "search.title": "資格審査情報検索",
        "search.key": "vendor_no",
        "search.show_agency": False,
        "serial": ("decimal", "decimal"),
        "renewal.rows": (*RENEWAL_ROWS[:3], "card_holder.company_address", *RENEWAL_ROWS[3:]),
        "renewal.new_pin": "if_different",
        "renewal.different_company": "stop",
        "print.registration": ("company", "representative_contact", "card_holder", "card_contact"),
        "print.amendment": ("company", "representative_contact", "card_holder", "card_contact"),
        "company_id": True,
        "mail.rows": ["企業ID", "企業名称", "連絡先氏名", "連絡先住所"],
        "propagation": False,
        "later_cards": "read_only",
        "abbreviated_name": "allow",
        "logout": "closes",
        "password_change_delays": False,
    },
    "nagasaki": {
        "name": "長崎県",
        "title": "電子入札システム",
        "brand": "CALS/EC",
        "agencies": ["長崎県", "長崎市", "佐世保市"],
        "categories": ["工事・業務", "物品"],
        "card_free": [],
        "entries": ["利用者登録", "電子入札システム"],
        "search.title": "資格審査情報検索",
        "search.key": "vendor_no",
        "search.show_agency": False,
        "serial": ("decimal_and_hex", "decimal"),
        "renewal.rows": RENEWAL_ROWS,
        "renewal.new_pin": "always",
        "renewal.different_company": "stop",
        "print.registration": ("company", "representative_contact"),
        "print.amendment": ("company", "representative_contact"),
        "company_id": False,
        "mail.rows": ["調達機関", "企業名称", "連絡先氏名", "連絡先住所"],
        "propagation": False,
        "later_cards": "editable",
        "abbreviated_name": "refuse",
        "logout": "closes",
        "password_change_delays": False,
    },
    "saitama": {
        "name": "埼玉県",
        "title": "埼玉県電子入札共同システム",
        "brand": "CALS/EC",
        "agencies": ["埼玉県", "さいたま市", "川越市"],
        "categories": ["建設工事、設計・調査・測量、土木施設維持管理", "物品等"],
        "card_free": [],
        "entries": ["利用者登録", "電子入札システム"],
        "search.title": "競争入札参加資格審査情報検索",
        "search.key": "user_id",
        "search.show_agency": True,
        "serial": ("decimal", "decimal_and_hex"),
        "renewal.rows": RENEWAL_ROWS,
        "renewal.new_pin": "always",
        "renewal.different_company": "stop",
        "print.registration": ("company", "representative_contact", "card_holder", "card_contact"),
        "print.amendment": ("company", "representative_contact", "card_holder", "card_contact"),
        "company_id": False,
        "mail.rows": ["調達機関", "企業名称", "連絡先氏名", "連絡先住所"],
        "propagation": True,
        "later_cards": "read_only",
        "abbreviated_name": "refuse",
        "logout": "asks",
        "password_change_delays": True,
    },
}

SAME_EVERYWHERE: dict[str, object] = {
    "menu.entry_title": "利用者登録／電子入札選択",
    "menu.selection_title": "処理選択メニュー",
    "menu.selection_button": "利用者登録処理",
    "menu.title": "利用者登録メニュー",
    "pin_dialog.title": "PIN番号入力ダイアログ",
    "pin_dialog.pin_label": "PIN番号",
    "pin_dialog.operator_label": "担当者",
    "pin_dialog.ok": "OK",
    "pin_dialog.cancel": "キャンセル",
    "search.submit": "検索",
    "search.back": "戻る",
    "registration_form.title": "利用者登録",
    "registration_form.submit": "入力内容確認",
    "registration_form.back": "戻る",
    "amendment_form.title": "利用者変更",
    "amendment_form.submit": "入力内容確認",
    "amendment_form.back": "戻る",
    "confirmation.title": "登録内容確認",
    "confirmation.submit": "登録",
    "confirmation.back": "戻る",
    "confirmation.done_title": "処理完了",
    "confirmation.print": "印刷",
    "amendment_confirmation.title": "変更内容確認",
    "amendment_confirmation.submit": "変更",
    "amendment_confirmation.back": "戻る",
    "card.title": "ICカード情報",
    "card.serial_label": "証明書シリアル番号",
    "card.issuer_label": "証明書発行者",
    "card.not_after_label": "証明書有効期限",
    "renewal.title": "電子証明書更新確認",
    "renewal.current": "現在使用しているICカード",
    "renewal.new": "新規に使用するICカード",
    "renewal.submit": "更新",
    "renewal.back": "戻る",
    "print.title": "利用者情報",
    "mail.subject": "利用者登録のお知らせ",
    "agency_title": "調達機関",
    "category_title": "調達区分",
}
"""Titles, labels and buttons that all documents print alike."""
