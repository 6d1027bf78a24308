"""What waits for its acceptance: what is still to be done, and what became of it."""

TEXTS = {
    "papers": "まだ仮登録です。次の書類を提出してください。受理されると、手続きが完了します。",
    "approval": "承認を待っています。承認されると、手続きが完了します。",
    "paper": "・{paper}",
    "answered": "結果は、メールでお知らせします。",
    "registration_until": "それまで、このICカードでできるのは、登録状況の確認と、登録内容の変更だけです。",
    "registration_until_card_free": "それまで、できるのは登録内容の変更だけです。",
    "amendment_until": "それまでは、変更前の内容が有効です。もう一度変更すると、新しい内容だけが審査されます。",
    "renewal_until": "それまでは、これまでのICカードをお使いください。",
    "subject": "{what}を受け付けました（受理待ち）",
    "lead": "{what}を受け付けました。手続きはまだ完了していません。内容は次のとおりです。",
    "accepted_subject": "{what}が受理されました",
    "accepted_lead": "{what}が受理され、手続きが完了しました。内容は次のとおりです。",
    "refused_subject": "{what}は受理されませんでした",
    "refused_lead": "{what}は受理されませんでした。理由を確かめて、もう一度手続きをしてください。",
    "reason": "理由",
    "title": "受付完了（受理待ち）",
    "waiting": "{what}は受理を待っています（{date}に受付）。",
    "refused": "{what}は受理されませんでした（{date}）。理由: {reason}",
    "to_do": "受理の状態",
}
