"""What is said of evidence and of the audit log: their commands, and everything that can be wrong with them."""

TEXTS = {
    "export": "署名の証跡と監査記録を、あとで検証できるファイルに書き出す",
    "verify": "書き出した証跡（またはデータベース）を検証する。ネットワークは使わない",
    "verify_audit": "監査記録のつながりを検証する",
    "head": "監査記録の末尾（番号とハッシュ）を表示する。別の場所に控えておくと、末尾を消されても分かる",
    "output": "書き出すファイル（まだないもの）",
    "file": "書き出したファイル",
    "database": "ファイルのかわりに検証するデータベース",
    "trust": "信頼する認証局の証明書のディレクトリー。指定しないときは、証跡にある認証局をそのまま使う",
    "no_head": "「番号:ハッシュ」の形で、控えた行をそのまま書いてください。",
    "kept_head": "控えておいた監査記録の末尾（番号:ハッシュ）。何回でも指定できる",
    # --- what was done
    "exported": "{receipts}件の受付と{rows}件の監査記録を書き出しました。末尾は次のとおりです。別の場所に控えてください。",
    "verified_rows": "監査記録 {rows}件、受付 {receipts}件（署名 {signatures}、パスワード {passwords}）を検証しました。",
    "verified_revocation": "証明書の失効: 失効していないことを確かめた {looked_up}件、確かめずに受け付けた {unlooked}件。",
    "verified_unrecorded": "{n}件は、証明書の確認の記録を残す前の受付です。署名だけを検証しました。",
    "anchors_given": "信頼の起点: {directory} の認証局",
    "anchors_own": "信頼の起点: 証跡にある認証局（--trust で、自分で用意した認証局を指定できます）",
    "whole": "変えられたところはありません。",
    "damaged": "{n}か所が正しくありません。",
    "head_is": "監査記録の末尾: {head}",
    "which": "ファイルか --database のどちらか1つを指定してください",
    # --- places
    "fault_field": "{where}: {field}: {reason}",
    "row": "監査記録 {number}",
    "rows": "監査記録 {first}～{last}",
    "of_receipt": "（受付 {receipt}）",
    "receipt": "受付 {receipt}",
    "line": "{entry} {line}行目 ",
    "at": "{where}（{offset}バイト目）",
    "offset": "{offset}バイト目",
    # --- of the audit log
    "row_removed": "記録がありません（消されています）。",
    "row_repeated": "同じか前の番号の記録が、もう一度あります。",
    "row_altered": "記録が書き換えられています（内容かハッシュ）。",
    "row_head": "控えてある末尾と違います。",
    "row_cut": "末尾の記録がありません（切り落とされています）。",
    # --- of a receipt and its evidence
    "missing": "受付か証跡がありません（消されています）。",
    "unexpected": "監査記録にない証跡が付いています。",
    "untold": "監査記録にない受付です（書き足されています）。",
    "content": "受付か証跡が、監査記録にあるものと違います（書き換えられています）。",
    "field": "書き換えられています。",
    "unreadable": "読み取れません。",
    "differs": "ほかの記録と食い違っています。",
    "signature": "署名が正しくありません。",
    "path_other": "別の証明書についての確認の記録です。",
    "path_missing": "確認に使った証明書・失効情報がありません。",
    "path_untrusted": "指定された認証局につながりません。",
    "path_broken": "認証局までつながりません（受付時点）。",
    "path_revoked": "失効しています。",
    "path_undetermined": "残されている失効情報では、失効していないことを確かめられません。",
    "blob": "内容が名前（SHA-256）と違います。",
    "unused": "どの受付からも使われていません（書き足されています）。",
    # --- of the exported file
    "archive_header": "項目の見出しが書き換えられています。",
    "archive_filling": "項目のあとの余白が書き換えられています。",
    "archive_end": "ファイルの終わりが正しくありません。",
    "archive_cut": "項目が途中で切れています。",
    "archive_name": "項目の名前が正しくありません。",
    "entry": "内容が名前（SHA-256）と違います（書き換えられています）。",
    "entry_twice": "同じ項目が2つあります。",
    "entry_order": "項目の順番が違います。",
    "entry_gap": "この前の項目がありません。",
    "entry_count": "項目の数が違います。",
    "foreign": "この形式にない項目です（書き足されています）。",
    "broken_line": "行を読み取れません。",
    "format": "この版では検証できない形式です。新しい版のプログラムをお使いください。",
    "no_format": "項目がありません。証跡のファイルではないか、消されています。",
    "readme": """\
電子入札 利用者登録の証跡

この tar ファイルには、利用者登録・変更・ICカード更新の署名と、監査記録のすべてが入っています。
「ebid-tui admin verify-evidence このファイル」で、データベースもネットワークも使わずに検証できます。

項目の名前には、内容のSHA-256が入っています（名前-SHA256.拡張子）。
- format-….json       この形式の名前と版、監査記録の末尾（番号とハッシュ）、項目の数
- certificates/….der  認証局の証明書（DER）
- crls/….der          失効リスト（DER）
- ocsp/….der          OCSP応答（DER）
- journal/番号-….jsonl 監査記録。1行に1件（JSON）。受付の行には、受付とその証跡（evidence）が付きます
- untold/番号-….jsonl  監査記録にない受付。正しいデータベースには、ありません

監査記録のハッシュ（hash）は、次のもののSHA-256です。
  前の行のhash（先頭の行は「0」64文字）、改行（LF）、
  JSON配列 [number, at, system, event, actor, subject, receipt_id, agency, content]
  at はUTCでマイクロ秒まで（2026-04-01T00:00:00.000000+00:00）。JSONは空白を入れず、UTF-8のままです。
content は、evidence の digests（項目名と、その値のSHA-256）を項目名の順に並べたJSONのSHA-256です。
文字列はUTF-8、証明書はDER、時刻は at と同じ形にしてからハッシュします。
statement は、カードが署名したJWS（RFC 7515、General JSON）を、届いたとおりに残したものです。
verdicts は、署名ごとの確認の記録です。path は認証局（起点）からカードの証明書まで、crls と ocsp は使った失効情報で、どれもSHA-256です。
""",
}
