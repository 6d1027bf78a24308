"""Line mode's answers for a whole registration with the demo's first card, piece by piece."""

from __future__ import annotations

from collections.abc import Iterable

ENTRANCE = """\
category: 建設工事、測量・コンサル
entry: 利用者登録
menu: 登録
"""
CARD = "card: ise-new\n"
REAL_CARD = "card: ok\n"
PIN = "pin: 123456\n"
SEARCH = """\
search.vendor_no: 1000000001
search.trade_name: テスト工事業者０１
search.password: Demo-pass1
"""
FORM = """\
representative_contact.name: 営業部
representative_contact.postal_code: 516-0018
representative_contact.address: 三重県伊勢市岩渕一丁目
representative_contact.person: 担当　花子
representative_contact.phone: 0596-00-0001
representative_contact.fax: 0596-00-0002
representative_contact.email: hanako@example.co.jp
company.department: 工事部
"""
END = """\
review: submit
done: close
"""
WHOLE = ENTRANCE + CARD + PIN + SEARCH + FORM + END

SECRETS = ("123456", "Demo-pass1")
"""What no output may ever show."""


def values(answers: str) -> Iterable[tuple[str, str]]:
    """(prompt id, answer) of each line."""
    for line in answers.splitlines():
        prompt, _, value = line.partition(":")
        yield prompt, value.strip()
