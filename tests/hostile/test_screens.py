"""Whatever a server says, a terminal gets from the screens only what they themselves send: by a pty, in every voice that has screens."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from ebid_tui.demo.cards import Wallet
from tests.hostile.everywhere import EVERYTHING, Everywhere
from tests.hostile.figures import note
from tests.hostile.liar import Liar, liar
from tests.hostile.test_answers import REFUSAL
from tests.hostile.texts import MARK, ORDER, UNSEEN, left
from tests.server.operating import PASSWORD, Clerk
from tests.server.running_server import Running
from tests.traces.glass import Glass
from tests.traces.place import F5, F10, PAGE_DOWN, fill_in_and_confirm, find_the_company

ALL = os.environ.get("HOSTILE") == "all"
OWN = re.compile(r"\x1b(?:\[[<=>?]?[0-9;]*[$ ]?[@-~]|[78=>M]|\([0B]|\]22;default\x07)")
"""ECMA-48, 5.4: what the screens may send. Of strings that a terminal would keep only the pointer's shape, which is a constant."""
SAMPLE = "refusal"
F7, F8, END = "\x1b[18~", "\x1b[19~", "\x1b[F"


def faults(raw: bytes) -> Iterator[str]:
    sent = raw.decode("utf-8", "surrogateescape")
    yield from (f"sequence {own!r}" for own in OWN.findall(sent) if MARK in own or ORDER in own)
    text = re.sub(f"[\r\b]|(?<!{MARK})\x07", "", OWN.sub("", sent))  # the program rings the bell, too
    if (found := left(text)) is not None:
        at = next(i for i, char in enumerate(text) if left(char))
        yield f"{found}: {text[max(0, at - 60) : at + 30]!r}"


def to_the_card(glass: Glass) -> None:
    glass.wait("調達区分", "建設工事")
    glass.keys("\r")
    glass.wait("利用者登録／電子入札選択")
    glass.keys("\r")
    glass.wait("利用者登録メニュー", "利用者登録処理", gone="確認しています")
    glass.keys("1")


def pin(glass: Glass) -> None:
    glass.wait("PIN番号入力ダイアログ", "残り回数")
    glass.keys(*"123456", "\r")


def with_the_demos_card(glass: Glass) -> None:
    to_the_card(glass)
    glass.wait("デモ用カード", "ise-new")
    glass.keys("\r")
    pin(glass)


def to_the_receipt(glass: Glass) -> None:
    """With everything that stands in it."""
    find_the_company(glass)
    fill_in_and_confirm(glass)
    glass.keys(F8)
    glass.wait("利用者情報")
    glass.keys(PAGE_DOWN, PAGE_DOWN, END)


def registration(glass: Glass, _: Clerk) -> None:
    with_the_demos_card(glass)
    to_the_receipt(glass)


def refusal(glass: Glass, _: Clerk) -> None:
    """A problem document for an answer."""
    with_the_demos_card(glass)
    glass.wait("R-28")


def kiosk(glass: Glass, _: Clerk) -> None:
    """Its first visitor."""
    glass.wait("差してください")
    glass.keys("\r")
    to_the_card(glass)
    pin(glass)
    to_the_receipt(glass)


def desk(glass: Glass, clerk: Clerk) -> None:
    """The search, a vendor's page in all its parts, an application and the list of them."""
    glass.wait("職員のログイン")
    glass.keys("1")
    glass.wait("職員ID", "認証コード")
    for text in (clerk.name, PASSWORD, clerk.code()):
        glass.at_once(text)
        glass.look()
        glass.keys("\r")
    glass.wait("業者検索", "調べ方")
    glass.at_once("山田")
    glass.wait("4100000001", MARK)
    glass.keys("\r")
    glass.wait("【資格】")
    glass.keys(F5)
    glass.wait("申請書の番号")
    glass.at_once("R8-1\r")
    glass.wait("申請内容の確認")
    glass.keys(F10)
    glass.wait("新しい初期パスワード")
    glass.keys("\r")
    glass.wait("もう表示できません")
    glass.keys("\r")
    glass.wait("【")
    for key in "1234567":
        glass.keys(key, END)
    glass.keys("\x1b")
    glass.wait("業者検索")
    glass.keys(F7)
    glass.wait("承認・実施を待つ申請")
    glass.keys("d")
    glass.wait("完了した申請", "R8-1")
    glass.keys("\r")
    glass.wait("パスワード初期化", MARK, gone="完了した申請")


VISITS: dict[str, Callable[[Glass, Clerk], None]] = {each.__name__: each for each in (refusal, registration, kiosk, desk)}
RECEIPT = "POST /v1/registrations"
SHOWN = {
    "refusal": {"POST /v1/sessions"},
    "registration": {RECEIPT},
    "kiosk": {RECEIPT},
    "desk": {f"{one} /v1/desk/{path}" for one, path in {"POST": "vendors/search", "GET": "requests?stage=done"}.items()},
}
"""What is asked in a visit and answered with texts that can be recognised on the screen."""
PROBLEMS = {"refusal": {"/v1/sessions": (409, msgspec.to_builtins(REFUSAL))}}


@pytest.fixture
def between(counter: Running, short_dir: Path) -> Iterator[Liar]:
    with liar(short_dir / "lies", counter.socket) as made:
        yield made


@pytest.mark.parametrize("visit", VISITS if ALL else [SAMPLE])
def test_nothing_of_any_answer_is_left_on_a_terminal(between: Liar, counter: Running, wallet: Wallet, visit: str) -> None:
    attack = Everywhere(PROBLEMS.get(visit))
    between.begin(attack)
    voice = visit if visit in ("desk", "kiosk") else "bidder"
    command = (sys.executable, "-m", "tests.hostile.screens_app", voice, str(between.socket), str(wallet.directory), wallet.day.isoformat())
    with Glass(command, {}) as glass:
        VISITS[visit](glass, Clerk(counter))
        glass.look()
        raw = glass.terminal.raw
    bad = [*faults(raw)]
    note("screens", len(attack.placed), len(bad))
    assert bad == [], [f"{number}: {place}" for number, place in enumerate(attack.placed)]
    seen = {attack.placed[int(number)][0] for number in re.findall(f"{MARK}([0-9]+)[.]", OWN.sub("", raw.decode("utf-8", "replace")))}
    assert seen >= SHOWN[visit], "what can be seen of it is shown"


def test_what_is_looked_for_would_be_found() -> None:
    for hostile in (*UNSEEN.values(), EVERYTHING):
        assert list(faults(f"あ{hostile}".replace("\n", "").replace("\r", "").encode())) or "\r\n" in hostile, hostile
