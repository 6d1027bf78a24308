"""What the kiosk says."""

TEXTS = {
    "start.title": "電子入札 利用者登録",
    "start.card": "ICカードをカードリーダーに差してください。",
    "start.key": "カードなしで始めるときは、Enterキーを押してください。",
    "start.left": "カードが差さったままです。抜いてから、差し直してください。",
    "start.help": "カードを差すか、Enterキーを押すと始まります。",
    "idle.question": "操作がありません。続けますか？",
    "idle.left": "あと{seconds}秒で、入力した内容を消して最初の画面に戻ります。",
    "idle.key": "続けるときは、どれかキーを押してください。",
    "secret.title": "管理者用: キオスクの終了",
    "secret.ask": "管理者の暗証を入力し、Enterキーを押してください。Escで戻ります。",
    "secret.wrong": "暗証が違います。{seconds}秒待って、入力し直してください。",
    "secret.wait": "あと{seconds}秒待って、入力し直してください。",
    "set.new": "管理者の暗証（{shortest}文字以上）: ",
    "set.again": "もう一度: ",
    "set.short": "{shortest}文字以上にしてください。",
    "set.differ": "2回の入力が違います。もう一度お試しください。",
    "set.done": "暗証を保存しました: {file}",
    "secret.none": "暗証が設定されていません。管理者が ebid-tui kiosk --set-secret で設定してください。",
}
