"""A second operator's approval, where the server wants it."""

from __future__ import annotations

from tests.desk.counter import Counter, counter
from tests.server.operating import audit
from tests.server.running_server import Running


async def entered(server: Running, number: str) -> int:
    """An application for a reset, by `desk`; the code that was used last."""
    async with counter(server) as s:
        await s.sign_in()
        await s.search("41000", "> 4100000001")
        await s.press("enter")
        await s.until("【資格】")
        await s.press("f5")
        await s.until("申請書の番号")
        await s.type(number)
        await s.press("enter")
        await s.until("申請内容の確認")
        await s.press("f10")
        shown = await s.until("別の承認者が承認すると", "承認待ち", number)
        assert "初期パスワード " not in shown
        await s.press("escape")
        await s.until("【資格】")
        return s.clerk.used


async def listed(s: Counter) -> None:
    await s.press("f7")
    await s.until("承認・実施を待つ申請")


async def test_another_operator_approves_and_who_asked_carries_it_out(strict_office: Running) -> None:
    used = await entered(strict_office, "R8-200")
    async with counter(strict_office, "boss") as s:
        await s.sign_in()
        await listed(s)
        await s.until(">!承認待ち", "R8-200", "desk")
        await s.press("enter")
        await s.until("承認する", "却下する", "パスワード初期化")
        await s.press("1")
        await s.until("承認しますか")
        await s.press("down", "enter")
        await s.until("承認しました", "boss")
        await s.press("escape")
        await s.until("> 承認済み")
    async with counter(strict_office, used=used) as s:
        await s.sign_in()
        await listed(s)
        await s.until("> 承認済み")
        await s.press("enter")
        await s.until("実施する")
        await s.press("1")
        await s.until("実施しますか")
        await s.press("down", "enter")
        await s.until("新しい初期パスワード", "読み方")
        await s.press("enter", "enter")
        await s.until("申請はありません")
        await s.press("d")
        await s.until("完了した申請", "> 完了", "R8-200")
    events = [row[:2] for row in audit(strict_office) if row[0] in ("desk_approved:reset_password", "desk_done:reset_password")]
    assert events == [("desk_approved:reset_password", "operator:boss"), ("desk_done:reset_password", "operator:desk")]


async def test_nobody_approves_their_own_and_the_desk_approves_nothing(strict_office: Running) -> None:
    used = await entered(strict_office, "R8-201")
    async with counter(strict_office, used=used) as s:
        await s.sign_in()
        await listed(s)
        await s.press("enter")
        await s.until("承認者だけができます")
        await s.press("1")
        await s.until("いまは選べません")
        await s.press("3")
        await s.until("4100000001 株式会社山田建設", "【資格】")
        await s.press("escape")
        await s.until("承認・実施を待つ申請")


async def test_a_refused_one_is_finished(strict_office: Running) -> None:
    await entered(strict_office, "R8-202")
    async with counter(strict_office, "boss") as s:
        await s.sign_in()
        await listed(s)
        await s.press("enter")
        await s.until("却下する")
        await s.press("2")
        await s.until("却下しますか")
        await s.press("down", "enter")
        await s.until("却下しました")
        await s.press("escape")
        await s.until("申請はありません")
