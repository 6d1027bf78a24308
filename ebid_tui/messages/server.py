"""What the server adds to a refusal, and what its mails say beside the system's own words."""

TEXTS = {
    "no_agency": "この調達機関はありません。選び直してください。",
    "no_category": "この調達区分はありません。選び直してください。",
    "no_field": "この項目はありません。",
    "not_settled": "余分な文字か、全角・半角の違いがあります。入力し直してください。",
    # --- every likely cause
    "cause_number": "{label}に誤りがありませんか。",
    "cause_name": "商号又は名称を省略していませんか。（株）は株式会社と書き、支店名は入れません。（R-13）",
    "cause_name_as_registered": "商号又は名称は、登録のとおりに入力していますか。支店名は入れません。（R-13）",
    "cause_password": "パスワードの 0（ゼロ）と O、1 と l（エル）と I、大文字と小文字を間違えていませんか。（R-14）",
    "cause_lock": "パスワードは{n}回続けて間違えるとロックされます。（R-33）",
    "cause_category": "選んだ調達区分に誤りがありませんか。（R-28）",
    "cause_agency": "選んだ調達機関と調達区分に誤りがありませんか。（R-28）",
    "cause_width": "全角と半角を間違えていませんか。（R-29）",
    "cause_two_numbers": "業者番号が2つあるときは、番号ごとに別のICカードが必要です。（R-24）",
    # --- what is wrong with the card
    "card_untrusted": "対応していない認証局のカード",
    "card_weak": "暗号の強さが足りない証明書",
    "card_no_signing": "電子署名に使えない証明書",
    "card_not_yet": "有効期間が始まっていない証明書",
    # --- when it opens
    "opens": "次の受付開始は、{at:%Y年%m月%d日}（{weekday}）{at:%H:%M} です。入力した内容は残っています。",
    "opens_never": "受付の予定がありません。{contact}にお問い合わせください。",
    "weekdays": "月火水木金土日",
    # --- without a card
    "card_free_again": "この業者は、ICカードなしで登録済みです",
    "card_free_again_remedy": "ICカードを追加するときは、ICカードをリーダーに入れて「登録」を選んでください。",
    # --- mail
    "mail_receipt": "受付番号: {id}",
    "mail_at": "受付日時: {at:%Y/%m/%d %H:%M}",
    "mail_operation": "手続き",
    "mail_old_card": "これまで使用していたICカードでは、ログインできなくなりました。（R-11）",
    "mail_row": "{label}: {value}",
    "mail_missing": "（なし）",
    # --- ebid-tui serve
    "serve_always_open": "受付時間外でも受け付けます（R-22）",
    "serve": "利用者登録サーバーを動かします。",
    "serve_database": "データベース（例: sqlite:///ebid.db）",
    "serve_listen": "待ち受けるアドレスとポート（初期値: 127.0.0.1:8443）",
    "serve_uds": "待ち受けるUNIXソケット",
    "serve_origin": "このサーバーのURL。利用者の設定の接続先と同じもの。繰り返し指定できます",
    "serve_trust": "信頼する認証局の証明書（認証局のID.pem）のディレクトリ",
    "serve_systems": "システム定義ファイルを追加するディレクトリ",
    "serve_tls": "TLSの証明書と鍵。両方を指定します",
    "serve_overnight": "夜間反映とメール送信をしない",
    "serve_propagate_at": "ほかの調達機関に反映する時刻（日本時間、初期値: 02:00）。繰り返し指定できます",
    "serve_mail_every": "メールを送る間隔（秒、初期値: 60）。--smtp-host を指定したときだけ送ります",
}
