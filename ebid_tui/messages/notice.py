"""What a person has to know at a page, in every system; what one system's documents add stands in its file ([notices])."""

TEXTS: dict[str, str] = {
    # --- one card, one number
    "one_card": (
        "1枚のICカードは、1つの{key}にだけ登録できます。カードの名義人に対応する{key}か、よく確かめてください。"
        "誤って登録すると、そのカードは使えなくなります。"
    ),
    "vendor_title": "登録先",
    "branch": "支店など",
    "vendor": "登録先: {key} {number}",
    "vendor_branch": "登録先: {key} {number}（{branch}）",
    "confirm_number": (
        "{key} {number} に登録します。カードの名義人に対応する{key}か確かめてください。違う{key}に登録すると、このカードは使えなくなります。"
    ),
    "confirm_branch": "会社名は、どの支店でも同じです。「{branch}」の{key}か確かめてください。",
    "renumbered": "業者番号やユーザIDが新しくなったときは、新しい電子証明書（ICカード）を購入し、そのカードを新しい番号で登録してください。",
    "which_company": "会社名や住所、名義人が変わったときも「登録」を選びます。",
    "which_authority": "認証局が違うときも「登録」を選びます。",
    # --- several categories, several agencies
    "each_category": "2つ以上の{category}に参加するときは、それぞれで手続きをしてください。",
    "register_other": "「{names}」にも参加するときは、そちらでも登録してください。",
    "repeat_other": "「{names}」にも登録があるときは、そちらでも同じ手続きをしてください。",
    "next_category.title": "続けて登録",
    "next_category.question": "「{name}」にも参加資格があり、まだ登録されていません。続けて登録しますか。",
    "next_category.yes": "続けて登録する",
    "next_category.no": "終わる",
    "one_agency": "申請している{agency}のどれか1つを選んでください。登録は、翌日までにほかの{agency}にも反映されます。",
    "added_agency": "申請を更新して{agency}を追加したときは、追加した{agency}のどれか1つで、もう一度登録してください。",
    "at_once": "すぐに使う{agency}があるときは、その{agency}を選んで登録してください。",
    "others_tomorrow": "ほかの{agency}には翌日までに反映されます。すぐに使う{agency}があるときは、そこでも登録してください。",
    "others_chosen": "反映を選んだため、ほかの{agency}にも翌日までに反映されます。",
    "others_not_chosen": "反映を選ばなかったため、ほかの{agency}には反映されません。",
    # --- the card
    "serial": "ICカードの番号ではありません",
    "serial_row": "{label}は、ICカードの番号ではありません。気にする必要はありません。",
    "issuing": "カードの発行や再発行には、2週間ほどかかることがあります。早めに認証局に相談してください。",
    "ends_soon": "期限に余裕がないときは、早めに発注元に相談してください。開札より前に期限が切れると、入札が無効になることがあります。",
    # --- under review
    "under_review": "このまま登録してかまいません。企業情報は、審査が終わると自動で更新されます。",
    "under_review_holder": "資格は審査中で、以前の企業情報と比べています。申請した新しい名義のカードなら、このまま登録してかまいません。",
    # --- 処理完了
    "log_in": "このICカードで、電子入札システムにログインできます。",
    "old_card": "これまでのICカードではログインできません。新しいカードを使ってください。",
    "check": "登録した内容は、メニューの「{status}」で確かめられます。",
    "close_windows": "電子入札システムを使うときは、画面をすべて閉じて入り直してください。",
    "keep_password": "新しいパスワードは、忘れないように各自で保管してください。",
    # --- a password that is lost or locked
    "password_elsewhere": "{service}でパスワードを再発行してください。できないときは、{contact}にお問い合わせください。",
    "password_application": "「{application}」を{contact}に提出してください。",
    "password_then": "初期化のあとは、パスワードを変更してから登録します。",
}
