"""PIN番号の変更 from the card to the new PIN, in every way a person can go wrong on it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ebid_tui.card.piv.card import PivCard
from ebid_tui.demo.virtual_card import VirtualCard
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.errors import CardError
from ebid_tui.flows.pin_change import change_pin
from ebid_tui.flows.ui import Confirm, Nav, PinRequest, Question, Report
from ebid_tui.messages import t
from tests.card.plastic import CertificateAuthority, pin
from tests.clock import NOW
from tests.flows.conftest import Desk
from tests.flows.script import ScriptUi
from tests.flows.test_which_card import whose

OLD, NEW = b"123456", b"87654321"
ENTRIES = (("pin", OLD), ("new_pin", NEW), ("new_pin_again", NEW))


async def changed(desk: Desk, *answers: tuple[str, Any], card: str | VirtualCard = "ise-new") -> tuple[bool, ScriptUi]:
    ui = ScriptUi(("card", desk.inserting(card)), *answers)
    done = await change_pin(ui, desk.cards)
    assert ui.answers == []
    assert not desk.cards._sessions, "a card was not let go of"
    return done, ui


def sent(desk: Desk) -> list[str]:
    """Commands that can spend a try."""
    return [str(e) for e in desk.cards.trace.exchanges if e.header[1] in (0x20, 0x24) and e.sent]


@pytest.fixture(autouse=True)
def own_pin(desk: Desk) -> Any:
    """A demo card is made once: its PIN is put back."""
    yield
    for name in ("ise-new", "ise-second"):
        desk.make(name)._pin[:] = OLD.ljust(8, b"\xff")
        desk.make(name).tries_left = 3


async def test_it_is_changed_and_said(desk: Desk) -> None:
    done, ui = await changed(desk, *ENTRIES, ("pin_changed", None))
    assert done
    assert len(sent(desk)) == 1
    assert bytes(desk.make("ise-new")._pin) == NEW
    first, second, third = ui.asked(PinRequest)
    assert (first.tries_left, first.chosen) == (3, False)
    assert second.chosen
    assert third.chosen
    assert dict(first.card)["取得者氏名"] == "個人　十郎"
    assert "変更しました" in ui.asked(Report)[0].title


@pytest.mark.parametrize("at", range(4))
async def test_giving_up_anywhere_sends_nothing(desk: Desk, at: int) -> None:
    answers = [*ENTRIES]
    if at == 0:
        ui = ScriptUi(("card", Nav.CANCEL))
        assert not await change_pin(ui, desk.cards)
    else:
        done, _ = await changed(desk, *answers[: at - 1], (answers[at - 1][0], Nav.CANCEL))
        assert not done
    assert sent(desk) == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ((("new_pin", OLD),), "E-NEW-PIN-SAME"),
        ((("new_pin", b"1234"),), "E-PIN-UNUSABLE"),
        ((("new_pin", b"123456789"),), "E-PIN-UNUSABLE"),
        ((("new_pin", b"abcdef"),), "E-PIN-UNUSABLE"),
        ((("new_pin", NEW), ("new_pin_again", b"87654320")), "E-NEW-PIN-DIFFERS"),
        ((("new_pin", NEW), ("new_pin_again", b"8765432")), "E-NEW-PIN-DIFFERS"),
    ],
)
async def test_a_new_pin_that_will_not_do_is_asked_again_and_never_sent(desk: Desk, wrong: Any, code: str) -> None:
    done, ui = await changed(desk, ENTRIES[0], *wrong, *ENTRIES[1:], ("pin_changed", None))
    assert done
    again = ui.asked(PinRequest)[1 + len(wrong)]
    assert again.problem.code == code
    assert len(sent(desk)) == 1


async def test_r07_a_wrong_old_pin_is_told_with_the_tries_and_the_last_one_asks_first(desk: Desk) -> None:
    wrong = (("pin", b"999999"), *ENTRIES[1:])
    done, ui = await changed(desk, *wrong, *wrong, ("last_try", True), *ENTRIES, ("pin_changed", None))
    assert done
    asked = [request for request in ui.asked(PinRequest) if request.id == "pin"]
    assert [request.tries_left for request in asked] == [3, 2, 1]
    assert [request.problem and request.problem.code for request in asked] == [None, "E-WRONG-PIN", "E-WRONG-PIN"]


async def test_r07_the_last_try_is_not_spent_where_nobody_wants_it(desk: Desk) -> None:
    desk.make("ise-new").tries_left = 1
    done, ui = await changed(desk, ("last_try", False))
    assert not done
    assert sent(desk) == []
    assert ui.asked(Confirm)[0].preset == ""


async def test_r07_a_locked_card_says_whom_to_ask(desk: Desk) -> None:
    done, ui = await changed(desk, ("trouble", "cancel"), card="blocked")
    assert not done
    assert sent(desk) == []
    assert ui.told[0].code == "R-07"
    assert "試験用認証局（TEST CA）" in ui.told[0].causes[0]


async def test_r07_the_try_that_locks_it_says_so(desk: Desk) -> None:
    desk.make("ise-new").tries_left = 1
    done, ui = await changed(desk, ("last_try", True), ("pin", b"999999"), *ENTRIES[1:], ("trouble", "cancel"))
    assert not done
    assert ui.told[0].code == "R-07"


@pytest.mark.parametrize("card", ["mynumber", "other-ca"])
async def test_r23_r34_a_refused_card_gets_no_pin(desk: Desk, card: str) -> None:
    done, ui = await changed(desk, ("card", Nav.CANCEL), card=card)
    assert not done
    assert ui.told[0].code in ("R-23", "R-34")
    assert not [header for header in desk.cards.trace.headers() if header[2:4] in ("20", "24")]


async def test_a_card_whose_pin_is_fixed_names_its_authority(desk: Desk) -> None:
    card = desk.make("ise-new")
    whole = card.answer
    card.answer = lambda apdu: b"\x69\x85" if apdu[1] == 0x24 else whole(apdu)  # type: ignore[method-assign]
    try:
        done, ui = await changed(desk, *ENTRIES, ("card", Nav.CANCEL))
    finally:
        card.answer = whole  # type: ignore[method-assign]
    assert not done
    assert ui.told[0].code == "E-PIN-FIXED"
    assert "試験用認証局（TEST CA）" in ui.told[0].remedy


async def test_a_card_that_says_so_before_is_asked_for_no_pin(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.reader.insert(desk.make("ise-new"))
    monkeypatch.setattr(PivCard, "pin_changeable", False)
    done, ui = await changed(desk, ("card", Nav.CANCEL))
    assert not done
    assert [error.code for error in ui.told] == ["E-PIN-FIXED"]
    assert "試験用認証局（TEST CA）" in ui.told[0].remedy
    assert ui.asked(PinRequest) == []


async def test_pulled_while_the_new_one_is_typed_starts_over_and_spends_nothing(desk: Desk) -> None:
    pulled = ("new_pin_again", desk.removing(NEW))
    done, ui = await changed(desk, *ENTRIES[:2], pulled, ("card", desk.inserting("ise-new")), *ENTRIES, ("pin_changed", None))
    assert done
    assert ui.told[0].code == "E-CARD-REMOVED"
    assert len(sent(desk)) == 1


async def test_another_card_in_between_gets_neither_pin(desk: Desk) -> None:
    def swap(_: Any) -> bytes:
        desk.reader.insert(desk.make("ise-second"))
        return NEW

    done, ui = await changed(desk, *ENTRIES[:2], ("new_pin_again", swap), ("card", Nav.CANCEL))
    assert not done
    assert ui.told[0].code == "E-CARD-CHANGED"
    assert sent(desk) == []


@pytest.mark.parametrize("what", ["remove", "mute", b"\x12\x34"], ids=str)
@pytest.mark.parametrize("at", range(8))
async def test_an_accident_at_any_apdu_is_told_and_spends_no_try(desk: Desk, at: int, what: Any) -> None:
    card = desk.make("ise-new")
    desk.reader.insert(card)
    desk.reader.accident(at, what)
    ui = ScriptUi(("card", True), *ENTRIES, ("pin_changed", None))
    try:
        await change_pin(ui, desk.cards)
    except AssertionError as stopped:
        assert "the script expects" in str(stopped)  # noqa: PT017 - the card is asked for again, with the reason
        assert ui.told or isinstance(ui.requests[-1].problem, CardError)
    assert card.tries_left == 3
    assert bytes(card._pin) in (OLD.ljust(8, b"\xff"), NEW)


async def test_two_peoples_certificates_are_asked_about(desk: Desk) -> None:
    ca = CertificateAuthority(now=NOW)
    card = VirtualCard({0x9A: ca.slot("p256", owner=" ICHIRO"), 0x9C: ca.slot("p256", owner=" JIRO")}, OLD)

    def second(question: Question) -> str:
        assert ["ICHIRO" in option.label for option in question.options] == [True, False]
        assert "発行者" in question.options[1].explanation
        return question.options[1].id

    done, ui = await changed(desk, ("certificate", second), *ENTRIES, ("pin_changed", None), card=card)
    assert done
    assert "JIRO" in dict(ui.asked(PinRequest)[0].card)["取得者氏名"]
    card.reset()
    done, _ = await changed(desk, ("certificate", Nav.BACK), card=card)
    assert not done


async def test_two_readers_which_card_is_asked(wide_desk: Desk) -> None:
    reader: VirtualReader = wide_desk.readers[1]
    wide_desk.readers[0].insert(wide_desk.make("ise-second"))
    reader.insert(CertificateAuthority(now=NOW).card())
    await asyncio.to_thread(wide_desk.wait_for_cards)
    ui = ScriptUi(("card", True), ("which_card", whose(reader.name)), *ENTRIES, ("pin_changed", None))
    assert await change_pin(ui, wide_desk.cards)
    (asked,) = [question for question in ui.asked(Question) if question.id == "which_card"]
    assert asked.lead == t("flow.which_card.lead", count=2)
    session = await wide_desk.cards.open(reader.name)
    await session.verify(pin(NEW))
    await session.close()
