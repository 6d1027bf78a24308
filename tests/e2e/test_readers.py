"""Whole flows through a real `pcscd` with two readers, keys on one or both: nothing is swapped; with keys no PIN is given here."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ebid_tui.demo.cards import Wallet, certificate
from ebid_tui.domain import certificate as certificates
from ebid_tui.messages import t
from tests.card import pin_pad
from tests.card.pcscd import CardProcess, PrivatePcscd, missing
from tests.card.pin_pad import PinPad
from tests.e2e import answers
from tests.e2e.office import Office, script
from tests.e2e.program import COMMAND, ROOT, run
from tests.e2e.test_pcscd import openssl_accepts
from tests.patience import long

pytestmark = [pytest.mark.pcscd, pytest.mark.skipif(bool(missing() or pin_pad.missing()), reason=missing() or pin_pad.missing() or "-")]

REGISTRATION = answers.ENTRANCE + answers.REAL_CARD + answers.SEARCH + answers.FORM + answers.END
RENEWAL = answers.ENTRANCE.replace("menu: 登録", "menu: ICカード更新") + "card: ok\n{first}card: ok\n{second}holder: yes\n" + answers.END
PIN = answers.PIN


class Desk:
    """A server, a daemon with two slots, and the hands at both."""

    def __init__(self, office: Office, pad: PinPad, second: CardProcess) -> None:
        self.office, self.pad, self.second = office, pad, second

    def insert_both(self, first: str, second: str) -> None:
        self.second.insert(second)
        self.office.insert(first)


@pytest.fixture
def desk_with(short_dir: Path, wallet: Wallet) -> Iterator[Callable[[int], Desk]]:
    """A desk; the bits say which slots have keys."""
    with ExitStack() as stack:

        def desk(slots: int) -> Desk:
            pad = stack.enter_context(PinPad(short_dir, slots=slots))
            pcscd = stack.enter_context(PrivatePcscd(short_dir, driver=pad.driver, environment=pad.environment))
            first, second = (stack.enter_context(CardProcess(port, demo=wallet)) for port in pcscd.ports)
            office = Office(short_dir, wallet, pcscd, first)
            office.open()
            return Desk(office, pad, second)

        yield desk


def test_a_registration_whose_pin_never_enters_this_machine(desk_with: Callable[[int], Desk]) -> None:
    at = desk_with(0b01)
    at.office.insert("ise-new")
    at.pad.press("keys 123456")
    ran = run(*script(at.office, REGISTRATION), env=at.office.environment)
    assert ran.code == 0, ran.out + ran.err
    assert "リーダーのキーで" in ran.out
    assert len(at.pad.structures) == 1
    openssl_accepts(at.office, *at.office.evidence(ran.receipt))


def test_a_script_that_has_a_pin_all_the_same_is_told_that_it_was_not_needed(desk_with: Callable[[int], Desk]) -> None:
    at = desk_with(0b01)
    at.office.insert("ise-new")
    at.pad.press("keys 123456")
    ran = run(*script(at.office, answers.WHOLE.replace(answers.CARD, answers.REAL_CARD)), env=at.office.environment)
    assert ran.code == 0, ran.out + ran.err
    assert t("plain.passed_over", id="pin") in ran.out


def test_a_wrong_pin_the_cancel_key_and_nobody_at_all(desk_with: Callable[[int], Desk]) -> None:
    at = desk_with(0b01)
    at.office.insert("ise-new")
    at.pad.press("keys 999999")
    at.pad.press("cancel")
    ran = run(*script(at.office, REGISTRATION), env=at.office.environment)
    assert ran.code != 0
    assert "残り2回" in ran.out
    at.pad.press("timeout")
    ran = run(*script(at.office, REGISTRATION.replace("card: ok\n", "card: ok\nretry: no\n")), env=at.office.environment)
    assert ran.code != 0
    assert "E-PIN-PAD-TIMEOUT" in ran.out
    assert at.office.cards.tries_left() == 2


def test_pin_pad_false_takes_the_pin_from_the_keyboard(desk_with: Callable[[int], Desk]) -> None:
    at = desk_with(0b01)
    at.office.insert("ise-new")
    command = script(at.office, answers.WHOLE.replace(answers.CARD, answers.REAL_CARD))
    ran = run(*command, env={**at.office.environment, "EBID_TUI_PIN_PAD": "false"})
    assert ran.code == 0, ran.out + ran.err
    assert at.pad.structures == []


@pytest.mark.parametrize("slots", [0b00, 0b01, 0b10, 0b11])
def test_a_renewal_without_a_swap(desk_with: Callable[[int], Desk], slots: int) -> None:
    """Both cards are in from the start, the new one in the first reader: which is which is asked, and the PINs go to the right ones."""
    at = desk_with(slots)
    at.insert_both("ise-next", "ise-current")
    for _ in range(slots.bit_count()):
        at.pad.press("keys 123456")
    current, new = ("" if slots & 0b10 else PIN), ("" if slots & 0b01 else PIN)
    choose = f"which_card: {certificates.read(certificate(at.office.wallet, 'ise-current')).serial_decimal}\n"
    ran = run(*script(at.office, RENEWAL.format(first=choose + current, second=new)), env=at.office.environment)
    assert ran.code == 0, ran.out + ran.err
    assert at.office.pcscd.readers[1] in ran.out.split("PIN番号入力ダイアログ")[1]
    assert at.office.pcscd.readers[0] in ran.out.split("PIN番号入力ダイアログ")[2]
    assert len(at.pad.structures) == slots.bit_count()
    assert (at.office.cards.tries_left(), at.second.tries_left()) == (3, 3)


def test_a_person_at_a_terminal_gives_up_while_the_pad_waits(desk_with: Callable[[int], Desk]) -> None:
    at = desk_with(0b01)
    at.office.insert("ise-new")
    master, line = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *at.office.command], stdin=line, stdout=line, stderr=line, env={**os.environ, **at.office.environment}, cwd=ROOT
    ) as program:
        os.close(line)
        said = b""

        def until(text: str) -> None:
            nonlocal said
            end = time.monotonic() + long()
            while text.encode() not in said:
                assert select.select([master], [], [], max(0.0, end - time.monotonic()))[0], said.decode(errors="replace")
                said += os.read(master, 65536)
            said = said.partition(text.encode())[2]

        for prompt, answer in (("調達区分", "1"), ("利用者登録／", "1"), ("処理選択", "1"), ("ok と答えて", "ok")):
            until(prompt)
            until(": ")
            os.write(master, answer.encode() + b"\n")
        until("リーダーのキーで")
        at.pad.wait_for_entry()
        os.write(master, b"135790\n")
        until("リーダーのキーで")
        os.write(master, b":cancel\n")
        until("リーダーの取消キーも")
        at.pad.press("cancel")
        until("リーダーの入力が終わりました")
        assert b"135790" not in said
        program.terminate()
        program.wait(long())
    os.close(master)
    assert at.office.cards.tries_left() == 3
