"""業者検索: results as one types; typing never waits; what is newer wins; the search is there again as it was left."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ebid_tui.client.desk import DeskServer
from ebid_tui.client.http_request import ServerAddress
from ebid_tui.domain.desk import Hits
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import Qualification, Vendor
from ebid_tui.errors import ServerAway
from ebid_tui.flows.desk.finding import kinds, place_name
from ebid_tui.messages import t
from ebid_tui.server.store import vendors
from tests.desk.counter import counter
from tests.server.operating import CATEGORY, HERE, SYSTEM, audit
from tests.server.running_server import ORIGIN, Running


class Slow(DeskServer):
    """Answers when it is let; `asked` is what it was asked, `given_up` what nobody waited for any more."""

    def __init__(self, server: Running) -> None:
        super().__init__(ServerAddress(ORIGIN, ORIGIN, server.socket, (ORIGIN,)))
        self.gate = asyncio.Event()
        self.asked: list[tuple[str, str, str]] = []
        self.given_up: list[str] = []
        self.error: Exception | None = None

    async def find(self, by: Any, q: str, reason: Any, **where: Any) -> Hits:
        self.asked.append((by, q, where.get("after", "")))
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.given_up.append(q)
            raise
        if self.error is not None:
            raise self.error
        return await super().find(by, q, reason, **where)


def enter(office: Running, count: int) -> None:
    with office.database(writing=True) as connection:
        for number in range(count):
            vendor = Vendor(system=SYSTEM, agency=HERE, category=CATEGORY, number=f"43{number:08d}")
            name = f"株式会社長い一覧{number:03d}"
            vendors.add_qualification(connection, Qualification(vendor=vendor, state="approved", trade_name=name, company={}))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("山田", ("name", "holder")),
        ("4100000001", ("number", "serial")),
        ("４１００", ("number", "serial")),
        ("7", ("number",)),
        ("2ab", ("number", "serial", "name", "holder")),
        ("02:ab", ("serial", "name", "holder")),
        ("0x2AB", ("number", "serial", "name", "holder")),
        ("ABC電機", ("name", "holder")),
        ("KDK", ("number", "name", "holder")),
    ],
)
def test_what_is_typed_says_what_it_may_be(text: str, found: tuple[str, ...]) -> None:
    assert kinds(text, "auto") == found
    assert kinds(text, "serial") == ("serial",)


async def test_results_come_as_one_types_and_each_search_is_on_record(office: Running) -> None:
    async with counter(office) as s:
        shown = await s.sign_in()
        assert "職員 desk（担当）操作を記録しています" in shown
        shown = await s.search("山田", "株式会社山田建設", "川越　三郎", "2件")
        assert "> 4100000001" in shown
    finds = [row for row in audit(office) if row[0].startswith("desk_find")]
    assert finds == [("desk_find:inquiry", "operator:desk", f"{by}:山田", None) for by in ("name", "holder")]


async def test_by_number_serial_holder_and_name(office: Running) -> None:
    async with counter(office) as s:
        await s.sign_in()
        for text in ("41000", "４１０００", "abc1", "0xABC1", "43969", "川越　三郎", "㈱山田"):
            await s.search(text, f"[{text}", "> 4100000001", "株式会社山田建設")
            await s.search("ぬ", "見つかりません")


async def test_typing_stays_responsive_while_the_answer_is_slow(office: Running) -> None:
    """Every key is on the screen at once, and the older questions are given up."""
    desk = Slow(office)
    async with counter(office, desk=desk) as s:
        await s.sign_in()
        await s.type("山")
        await s.came(lambda: desk.asked)
        for typed, char in (("山田", "田"), ("山田建", "建"), ("山田建設", "設")):
            assert f"[{typed}" in await s.type(char)
            assert "検索しています" in s.text()
        await s.came(lambda: desk.asked[-1][1] == "山田建設")
        assert desk.given_up[0] == "山"
        assert "山田建設" not in desk.given_up
        desk.gate.set()
        await s.until("株式会社山田建設", "2件")
        assert "検索しています" not in s.text()
        assert [q for _, q, _ in desk.asked].count("山") == 1


async def test_an_older_answer_never_stands_under_a_newer_question(office: Running) -> None:
    desk = Slow(office)
    async with counter(office, desk=desk) as s:
        await s.sign_in()
        await s.type("山田")
        await s.came(lambda: desk.asked)
        await s.type("ぬ")
        desk.gate.set()
        await s.until("見つかりません")
        assert "株式会社山田建設" not in s.text()


async def test_a_server_that_is_away_is_said_and_typing_goes_on(office: Running) -> None:
    desk = Slow(office)
    desk.gate.set()
    desk.error = ServerAway()
    async with counter(office, desk=desk) as s:
        await s.sign_in()
        await s.search("山", "! サーバーに接続できません")
        desk.error = None
        await s.type("田")
        shown = await s.until("株式会社山田建設")
        assert "接続できません" not in shown


async def test_nothing_that_can_be_looked_for_is_not_found(office: Running) -> None:
    async with counter(office) as s:
        await s.sign_in()
        await s.search("　・", "見つかりません")
        await s.search("ぬるぬる", "見つかりません")


async def test_the_list_goes_on_as_one_moves_down(office: Running) -> None:
    enter(office, 120)
    async with counter(office) as s:
        await s.sign_in()
        await s.search("長い一覧", "50件以上", "> 43")
        for _ in range(40):
            await s.press("pagedown")
            if "120件" in s.text():
                break
            await s.came(lambda: not s.page.place.marks or s.page._asking is None or s.page._asking.done())
        await s.until("120件")
        await s.press("pagedown", "pagedown", "pagedown", "pagedown", "pagedown", "pagedown", "pagedown", "pagedown")
        assert "長い一覧119" in s.text()
        await s.press("pageup", "up", "ctrl+n")
        assert " > " in s.text()


async def test_the_way_and_the_reason_are_chosen_by_key(office: Running) -> None:
    async with counter(office) as s:
        await s.sign_in()
        await s.press("f4")
        await s.until("調べ方: 名称")
        await s.press("ctrl+y")
        await s.until("理由: 申請")
        await s.search("山田", "1件")
    assert [row[0] for row in audit(office) if row[0].startswith("desk_find")] == ["desk_find:application"]


async def test_coming_back_finds_the_search_as_it_was_without_asking_again(office: Running) -> None:
    async with counter(office) as s:
        await s.sign_in()
        await s.search("山田", "2件")
        await s.press("down", "enter")
        await s.until("【資格】")
        before = len([row for row in audit(office) if row[0].startswith("desk_find")])
        await s.press("escape")
        shown = await s.until("2件", "[山田")
        assert [line[:13] for line in shown.splitlines() if " > " in line] == [" > 4100000001"[:13]]
        assert s.page.table.chosen == 1
        assert len([row for row in audit(office) if row[0].startswith("desk_find")]) == before


async def test_a_code_gives_its_meaning_and_what_to_tell_without_asking_the_server(office: Running) -> None:
    async with counter(office) as s:
        await s.sign_in()
        await s.search("r33", "> R-33")
        await s.press("enter")
        shown = await s.until("利用者の方への答え", "考えられる原因", "対処", "意味")
        assert t("desk_codes.code.R-33.causes") in shown
        await s.press("escape")
        await s.until("[r33")
        await s.search("E-CARD", "E-CARD-REMOVED")
        await s.press("down", "enter")
        await s.until(t("desk.codes.title", code="E-CARD-"))
    assert not [row for row in audit(office) if row[0].startswith("desk_find")]


async def test_help_names_every_way(office: Running) -> None:
    async with counter(office) as s:
        await s.sign_in()
        await s.press("f1")
        await s.until("シリアル番号", "ヘルプ: 業者検索")
        await s.press("f1")
        await s.until("調べ方")


async def test_the_list_takes_the_room_there_is(office: Running) -> None:
    enter(office, 40)
    async with counter(office) as s:
        await s.sign_in()
        shown = await s.search("長い一覧", "40件")
        before = sum("長い一覧" in line for line in shown.splitlines())
        await s.pilot.resize_terminal(120, 40)
        await s.came(lambda: sum("長い一覧" in line for line in s.text().splitlines()) == before + 16)
        await s.pilot.resize_terminal(80, 24)
        await s.came(lambda: sum("長い一覧" in line for line in s.text().splitlines()) == before)
        assert "> 43" in s.text()


async def test_another_theme_and_another_language_change_the_list_where_one_is(office: Running) -> None:
    async with counter(office) as s:
        await s.sign_in()
        await s.search("山田", "2件")
        ground = s.page.table.rich_style
        await s.press("alt+t")
        assert s.page.table.rich_style != ground
        assert "> 4100000001" in s.text()
        await s.press("down", "alt+l")
        shown = await s.until("株式会社山田建設")
        assert "商号又は名称" not in shown
        assert s.page.table.chosen == 1
        await s.press("enter")
        await s.until("4100000001")
        await s.came(lambda: "Qualification" in s.text() or "qualification" in s.text())
        await s.press("alt+l")
        await s.until("【資格】")


@pytest.mark.parametrize(
    ("system", "agency", "shown"), [("ise", "ise", "工事"), ("saitama", "saitama-pref", "埼玉県 工事"), ("saitama", "gone", "gone 工事")]
)
def test_a_place_names_its_agency_where_there_are_several(system: str, agency: str, shown: str) -> None:
    profile = profile_of(system)
    for category in profile.categories:
        found = place_name(profile, Vendor(system=system, agency=agency, category=category.id, number="1"))
        assert found == shown.replace("工事", category.name)
