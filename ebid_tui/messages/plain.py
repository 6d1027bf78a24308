"""What line mode says around the prompts."""

TEXTS = {
    "hello": "{name} {title}（1行ずつの入力）",
    "keys": "番号か名前で答えます。戻るときは :back、やめるときは :cancel、説明は :help と入力してください。",
    "words": (
        ":back または :戻る　前に戻ります。入力した内容は残ります。\n"
        ":cancel または :キャンセル　やめます。\n"
        ":help または :ヘルプ　説明を読みます。\n"
        ":help ことば　よくある質問と項目の説明から探します。\n"
        ":fill または :埋める　空の項目に企業情報か前のカードの値をコピーします。\n"
        ":copy または :コピー　代表窓口情報をICカード利用部署情報にコピーします。\n"
        ":1 など番号　候補を選びます。\n"
        ":find ことば　候補を絞り込みます。\n"
        ":more または :続き　長い一覧の続きを表示します。\n"
        "?　パスワードを1文字ずつ確かめます。パスワードの質問で使えます。\n"
        ":english　英語にします。\n"
        ":japanese または :日本語　日本語にします。\n"
        "Enter だけ　［ ］の中の答えを選びます。"
    ),
    "not_here": "この質問では、その言葉は使えません。",
    "language": "次の質問から日本語です。",
    "clock": "サーバーの日時: {now:%Y年%m月%d日 %H時%M分}",
    "waiting_clock": "サーバーの日時を確認しています。",
    "unavailable": "（{why}）",
    "caution": "注意: {text}",
    "preset": "［{value}］",
    "settled": "入力: {value}（{notes}）",
    "error": "エラー: {title}",
    "remedy": "　対処: {remedy}",
    "cause": "　・{cause}",
    "field_error": "　× {message}",
    "known": "候補 :{number} {value}",
    "not_a_choice": "選べる答え: {allowed}",
    "list_count": "全{count}件です。",
    "list_found": "「{query}」が名前にあるもの: {count}件中{found}件",
    "list_more": "ほかに{count}件あります。続きは「:more」、探すときは名前の一部（ひらがなも可）を入力してください。",
    "list_unknown": "当てはまるものがありません。番号か、名前の一部を入力してください。「:find」だけを入力すると、初めから表示します。",
    "tries": "PIN番号の残り回数: {tries}回",
    "tries_low": "残り回数は分かりませんが、間違えた回数があります。よく確かめて入力してください。",
    "tries_unknown": "残り回数は分かりません。",
    "pin_pad": "リーダーのキーでPIN番号を入力し、確定キーを押してください。やめるときは取消キーです。",
    "pin_pad_wait": "取り消します。リーダーの取消キーも押してください。",
    "pin_pad_done": "リーダーの入力が終わりました。",
    "pin_length": "PIN番号は{min}文字以上{max}文字以内です。入力した文字は表示しません。やめるときは、何も入力せずに Enter を押してください。",
    "pin_not_shown": "PIN番号は表示できません。",
    "card_question": "ICカードを入れたら ok と答えてください。",
    "warning": "！ {text}",
    "row.equal": "（同じ）",
    "row.changed": "（変わります）",
    "row.notable": "（確かめてください）",
    "receipt_id": "受付番号: {id}",
    "receipt_at": "受付日時: {at:%Y年%m月%d日 %H時%M分}",
    "receipt_check": "照合番号: {check}",
    "mail_to": "お知らせの宛先: {mail}",
    "retry": "もう一度試しますか",
    "way": "次にすること",
    "abandoned": "手続きは完了していません。終了します。",
    "pin_not_changed": "PIN番号は変更していません。終了します。",
    "interrupted": "中止しました。手続きは完了していません。登録状況で確かめてください。",
    "interrupted_unsure": "中止しました。",
    "output_gone": "表示先がなくなったため、終わりました。手続きは完了していません。登録状況で確かめてください。",
    "end_of_input": "入力が終わりました。手続きは完了していません。",
    "unexpected": "回答ファイルに、質問 {id} の答えがありません",
    "unexpected_allowed": "　答え方: {allowed}",
    "unexpected_line": "　{file} の{number}行目: {line}",
    "unexpected_end": "　{file} は{number}行で終わっています。",
    "script_syntax": "{file} の{number}行目が「id: value」の形ではありません。",
    "other_card": "回答ファイルの which_card のカード（{named}）がありません。PIN番号は送っていません。",
    "passed_over": "（回答ファイルの {id} は使いませんでした）",
    "any_text": "文字列",
    "secret": "（表示しません）",
    "secret_aloud": "次に入力するパスワードを、画面に表示して1文字ずつ確かめます。",
    "secret_typed": "入力したパスワード: {value}",
    "secret_spelled": "1文字ずつ: {characters}",
    "secret_confirm": "よければ Enter だけを押してください。直すときは、もう一度入力してください。",
    "spell.comma": "、",
    "spell.upper": "大文字の{char}",
    "spell.lower": "小文字の{char}",
    "spell.digit": "数字の{char}",
    "spell.symbol": "記号の{char}",
    "spell.space": "空白",
    "code": "　コード {code}",
}
