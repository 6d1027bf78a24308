"""What a notified password is, where it is changed and until when it works: by what a system's file says."""

TEXTS = {
    # --- where it is changed
    "service": "{service}（{note}）",
    "initial_elsewhere": "{service}で初期パスワードを変更してください。変更したパスワードは、{contact}に届いてから使えます。",
    "nowhere": "通知されたパスワードを、そのまま使ってください。分からないときは、{contact}にお問い合わせください。",
    "none": "このシステムでは、パスワードを使わずに登録します。",
    # --- an expired one
    "expired_here": "パスワードを変更してから、もう一度お試しください。",
    "expired_elsewhere": "{service}でパスワードを変更してください。変更したパスワードは、{contact}に届いてから使えます。",
    "expired_nowhere": "{contact}に、新しいパスワードの発行を依頼してください。",
    "expired_row": "有効期限",
    "expired_on": "{until:%Y/%m/%d}まで（期限が切れています）",
    "expires_on": "{until:%Y/%m/%d}まで",
    # --- the desk's and the administrator's reset: what the vendor does next
    "reset_lead": "この画面だけに表示します。書き留めるか印刷して、業者に渡してください。{then}",
    "reset_must_change_here": "業者に、はじめにこのパスワードを変更するよう伝えてください。",
    "reset_must_change_elsewhere": "業者に、はじめに{service}でパスワードを変更するよう伝えてください。変更したパスワードは、名簿の取込のあとに使えます。",
    "reset_use_as_is": "業者は、このパスワードをそのまま使えます。",
    "reset_use_as_is_elsewhere": "業者は、このパスワードをそのまま使えます。{service}のパスワードは変わりません。"
    "次に名簿を取り込むと、名簿のパスワードに置き換わります。",
    "slip_must_change_elsewhere": "このパスワードは、{service}で変更しないと検索や登録に使えません。変更したら、この紙は裁断してください。",
    "cause_field": "「{label}」を、登録のとおりに入力していますか。",
    # --- a registered card stands in for the password
    "vouch_title": "業者の確認方法",
    "vouch_lead": "どの業者のICカードを登録するかを、どちらで確かめるか選んでください。",
    "vouch_search": "番号とパスワードで確かめる",
    "vouch_search_means": "資格審査情報検索で、番号とパスワードを入力します。",
    "vouch_card": "登録済みのICカードで確かめる",
    "vouch_card_means": "登録済みのICカードを先に入れます。番号とパスワードの入力はありません。",
    "vouch_insert": "登録済みのICカードをリーダーに入れてください。",
    "vouch_new_card": "次に、新しく登録するICカードをリーダーに入れてください。",
    "vouch_then_search": "番号とパスワードで確かめる",
    # --- 質問
    "answer_here": "先にパスワードを変更してください。条件: {policy}。",
    "answer_elsewhere": "先に{service}でパスワードを変更してください。",
    "lead_as_is": "いまのパスワードを変更できます。忘れたときは、{way}",
    "lead_must_change": "初期パスワードのままでは登録できません。忘れたときは、{way}",
    # --- 名簿
    "states": "パスワードの状態が分からない行のパスワードを、初期パスワード（initial）か、使用中のパスワード（in-force）として取り込む（初期値: initial）",
    "replace": "業者がこのプログラムで変更したパスワードも、名簿のパスワードに置き換える",
    "states_changed": "パスワードの状態か変更日だけを直す業者: {n}",
    "bad_date": "「{value}」は日付として読めません。「2026/11/30」か「令和8年11月30日」のように書いてください。",
    "future_date": "「{value}」は今日より後の日付です。変更した日を書いてください。",
    "dated_initial": "「{state}」に変更日があります。状態か変更日のどちらかを直してください。",
}
