"""What is said about a draft: what was typed and not sent before a connection was lost."""

TEXTS: dict[str, str] = {
    "title": "一時保存した入力",
    "lead": "{when}に一時保存した入力が残っています。どちらから始めるか選んでください。",
    "when": "{month}月{day}日 {hour}時{minute}分",
    "resume": "続きから",
    "resume_means": "一時保存した内容を入れて、入力を続けます。送信前の確認はこれまでと同じです。",
    "anew": "はじめから",
    "anew_means": "一時保存した内容を消して、新しく入力します。",
    "unreadable_title": "一時保存を使えませんでした",
    "unreadable": "一時保存した入力を読み取れなかったため、消去しました。はじめから入力してください。",
}
