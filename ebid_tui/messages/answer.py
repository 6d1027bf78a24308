"""What an answer says of a system's days, characters and search: pieces, chosen by what its file has (`domain.answers`)."""

TEXTS = {
    # --- 受付の曜日と休み
    "days.all": "毎日",
    "days.weekdays": "平日",
    "days.weekdays_and_holidays": "月曜日から金曜日（祝日を含む）",
    "days.some": "{days}",
    "days.some_without_holidays": "{days}（祝日を除く）",
    "day.0": "月曜日",
    "day.1": "火曜日",
    "day.2": "水曜日",
    "day.3": "木曜日",
    "day.4": "金曜日",
    "day.5": "土曜日",
    "day.6": "日曜日",
    "date": "{month}月{day}日",
    "dated": "{year}年{month}月{day}日",
    "from_to": "{first}から{last}",
    "closed": "{days}は休みです。",
    # --- 使える漢字
    "characters.jisx0208": "使えるのはJIS第1・第2水準の漢字です。髙は高、﨑は崎のように、近い字で入力してください。",
    "characters.cp932": "JIS第1・第2水準の漢字と、髙や﨑などの文字が使えます。そのほかの字は、近い字で入力してください。",
    # --- 検索で確かめるもの
    "full_name": "{label}（省略せず全角）",
    "password": "{label}（大文字と小文字、0とO、1とlとI）",
    # --- お問い合わせ先
    "fax": "FAX {fax}",
    "about": "{about}: {whom}",
    "only_in": "（{categories}）",
    # --- 検索のあと
    "same_day": "パスワードを変えた当日は登録できません。",
}
