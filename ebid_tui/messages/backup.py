"""What is said when a database is made, backed up and restored."""

TEXTS = {
    "init": "データベースを作る。もうあるときは、何もしません",
    "backup": "サーバーを動かしたまま、データベースの控えを取る（SQLiteの1ファイル）",
    "restore": "控えを、空のデータベースに戻す（SQLite・PostgreSQLのどちらでも）",
    "output": "控えのファイル（まだないもの）",
    "file": "控えのファイル",
    "there": "データベースはもうあります（{revision}）。",
    "foreign": "ほかの表があります",
    "not_empty": "戻す先のデータベースが空ではありません",
    "damaged": "控えが壊れています",
    "written": "{rows}件を控えました: {file}",
    "restored": "{rows}件を戻しました。サーバーを動かす前に「ebid-tui admin verify-evidence --database URL」で確かめてください。",
}
