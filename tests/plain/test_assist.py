"""Less typing in line mode: an address is taken by its number."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from ebid_tui.flows.ui import Fill
from ebid_tui.messages import t
from ebid_tui.plain.answers import UnexpectedPrompt
from ebid_tui.plain.assist import taken
from ebid_tui.plain.script import Script
from ebid_tui.plain.voice import PlainUi
from tests.screens import scripted
from tests.screens.plastic import Hand

CONTACT = """company.department: 営業部
representative_contact.name: 営業部
representative_contact.postal_code: 5160018
representative_contact.address: {address}
representative_contact.person: 個人　十郎
representative_contact.phone: 0596-00-0001
representative_contact.fax: 0596-00-0002
representative_contact.email: test01@example.co.jp
"""


async def filled(script: str, tmp_path: Path) -> dict[str, dict[str, str]]:
    (tmp_path / "script.txt").write_text(script, encoding="utf-8")
    blocks = await PlainUi(Script(tmp_path / "script.txt"), Hand()).fill(scripted.registration())
    assert isinstance(blocks, dict)
    return blocks


async def test_an_address_is_listed_and_taken_by_its_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = await filled(CONTACT.format(address=":1 １２３番地"), tmp_path)
    assert blocks["representative_contact"]["address"] == "三重県伊勢市黒瀬町１２３番地"
    assert blocks["card_contact"] == blocks["representative_contact"]
    lines = capsys.readouterr().out.splitlines()
    listed = lines.index("候補 :1 三重県伊勢市黒瀬町")
    assert "連絡先住所" in lines[listed + 1], "said before its prompt"
    assert lines.count("候補 :1 三重県伊勢市黒瀬町") == 1, "not where a preset stands"


async def test_an_address_that_is_typed_is_taken_as_it_is(tmp_path: Path) -> None:
    blocks = await filled(CONTACT.format(address="東京都千代田区１"), tmp_path)
    assert blocks["representative_contact"]["address"] == "東京都千代田区１"


async def test_nothing_is_taken_that_nobody_said(tmp_path: Path) -> None:
    """A script without a line for the address still ends there."""
    with pytest.raises(UnexpectedPrompt):
        await filled(CONTACT.replace("representative_contact.address: {address}\n", ""), tmp_path)


@pytest.mark.parametrize(
    ("answer", "value"),
    [(":1", "甲"), ("：２", "乙"), (":2 三番地", "乙三番地"), (":3", ":3"), ("1", "1"), (":back", ":back"), ("甲:1", "甲:1")],
)
def test_only_a_colon_and_a_listed_number_take_one(answer: str, value: str) -> None:
    assert taken(answer, ("甲", "乙")) == value


def test_before_an_addresss_domain_stands_what_is_typed() -> None:
    assert taken(":1", ("hanako@example.com",)) == "hanako@example.com"
    assert taken(":1 taro", ("hanako@example.com",)) == "taro@example.com", "never hanako@example.comtaro"
    assert taken(":1 taro", ("@example.com",)) == "taro@example.com"


@pytest.mark.parametrize(
    ("first", "then"), [("hanako", ":1"), ("ｈａｎａｋｏ＠", ":1"), ("tarou", ":1 hanako"), (":1", ":1 hanako"), ("a@b@c", ":1 hanako")]
)
async def test_r12_a_domain_is_offered_again_where_its_lack_was_the_fault(
    first: str, then: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form = scripted.registration()
    form = replace(form, fills=(*form.fills, Fill("last_card", "card_contact", {"email": "email"}, {"email": "keiri@example.com"})))
    script = CONTACT.format(address="１").replace("test01@example.co.jp", f"{first}\nrepresentative_contact.email: {then}")
    (tmp_path / "script.txt").write_text(script, encoding="utf-8")
    blocks = await PlainUi(Script(tmp_path / "script.txt"), Hand()).fill(form)
    assert isinstance(blocks, dict)
    assert blocks["representative_contact"]["email"] == "hanako@example.com"
    said = capsys.readouterr().out
    assert t("plain.known", number=1, value="@example.com") in said
    if then == ":1":
        assert t("plain.known", number=1, value="hanako@example.com") in said


async def test_an_odd_telephone_number_is_noted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await filled(CONTACT.format(address="１").replace("0596-00-0001", "0596-00-001").replace("0596-00-0002", "+81-596-00-0002"), tmp_path)
    said = capsys.readouterr().out
    assert t("plain.warning", text=t("field.phone_count", count=9, usual=10)) in said
    assert t("plain.warning", text=t("field.phone_abroad", number="0596-00-0002")) in said


async def test_a_long_list_says_how_many_more_there_are_and_is_narrowed_by_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = CONTACT.format(address=":find 宮重町\nrepresentative_contact.address: :1 ５").replace("5160018", "4520961")
    blocks = await filled(script, tmp_path)
    assert blocks["representative_contact"]["address"] == "愛知県清須市春日宮重町５"
    out = capsys.readouterr().out
    assert t("assist.more_in_lines", count=57) in out
    assert "候補 :1 愛知県清須市春日宮重町\n" in out


async def test_a_code_of_another_place_is_a_note_and_no_refusal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = await filled(CONTACT.format(address="三重県伊勢市岩渕１"), tmp_path)
    assert blocks["representative_contact"]["address"] == "三重県伊勢市岩渕１"
    assert t("assist.code_elsewhere", code="516-0018", address="三重県伊勢市黒瀬町") in capsys.readouterr().out
