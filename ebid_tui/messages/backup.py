"""What is said when a database is made, backed up and restored."""

TEXTS = {
    "init": "データベースを作る。もうあるときは、何もしない",
    "backup": "サーバーを動かしたまま、データベースのバックアップを取る（SQLiteの1ファイル）",
    "restore": "バックアップを、空のデータベースに復元する（SQLite・PostgreSQLのどちらでも）",
    "output": "バックアップのファイル（まだないもの）",
    "file": "バックアップのファイル",
    "there": "データベースはもうあります（{revision}）。",
    "foreign": "ほかの表があります",
    "not_empty": "復元先のデータベースが空ではありません",
    "damaged": "バックアップが壊れています",
    "written": "{rows}件をバックアップしました: {file}",
    "restored": "{rows}件を復元しました。サーバーを動かす前に「ebid-tui admin verify-evidence --database URL」で確かめてください。",
}
