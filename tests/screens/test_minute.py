"""The header's clock goes on by itself while a page is open."""

from __future__ import annotations

from ebid_tui.widgets.clock import ServerClock
from tests.screens import scripted
from tests.screens.stage import asking, stage


async def test_the_header_changes_with_the_minute_and_nothing_else_does() -> None:
    passed = [0.0]
    clock = ServerClock(monotonic=lambda: passed[0])
    flow, _ = asking(lambda ui: ui.fill(scripted.search()))
    async with stage(flow, clock=clock) as s:
        before = await s.until("18時11分")
        passed[0] += 60.0
        s.app._minute_passed()
        after = await s.until("18時12分")
        assert before.replace("18時11分", "18時12分") == after
