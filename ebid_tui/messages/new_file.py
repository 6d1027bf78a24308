"""What `ebid-tui system new` writes into a new file: comments for whoever mends it, and sentences that bidders read."""

TEXTS: dict[str, str] = {
    "source": "{name} {title}。出典: （もとにした文書の名前と日付を書いてください）",
    "trusted": "ICカードを使える認証局です（ほかのものは issuers.toml に書けます）。",
    "ids": "id は登録と一緒に保存されます。使いはじめる前に、分かりやすい名前（半角英小文字）に変えてください。",
    "realm": "realm が同じ調達区分では、1枚のカードを1つの番号にだけ登録できます。",
    "number_help": "通知された{label}です。",
    "name_help": "登録されている正式な名称です。省略せず、すべて全角で入力します。",
    "password_help": "通知されたパスワード、または変更したあとのパスワードです。",
    "password_first": "通知されたパスワードは、登録の前に変更が必要です。",
    "search_lead": "{asked}で、資格審査情報を探します。",
    "renewal": "いまのICカードを、新しいICカードに更新します。2枚とも必要です。",
    "renewal_not_for": "有効期限が過ぎているときは、「登録」を選んでください。更新すると、いまのカードではログインできなくなります。",
    "mail_footer": "このメールは自動で送信しています。返信はできません。",
}
