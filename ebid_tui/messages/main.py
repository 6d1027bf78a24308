"""What the command line says of itself."""

TEXTS = {
    "description": "電子入札のICカードを利用者登録します。",
    "demo": "設定なしで試す（組み込みのサーバーと仮想リーダー）",
    "plain": "行ごとの対話で登録する（読み上げソフト、台本）",
    "serve": "サーバーを動かす（serve --help）",
    "admin": "サーバーを管理する: 夜間反映、メール送信、システム定義の確認（admin --help）",
    "system": "電子入札システムのID（システム定義ファイルの名前）",
    "server": "サーバーのURL",
    "server_socket": "サーバーのunixソケット",
    "systems_directory": "追加のシステム定義ファイルの場所",
    "theme": "配色",
    "demo_plain": "画面を使わず、行ごとに対話する",
    "script": "問いに答える台本（1行に「id: value」）",
    "secrets_fd": "PIN番号・パスワードを読むファイル記述子（1行に「id: value」）",
}
