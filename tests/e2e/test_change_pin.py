"""`ebid-tui card change-pin` with a card in a real `pcscd`, judged by `yubico-piv-tool`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.demo.cards import Wallet
from tests.card.pcscd import CardProcess, PrivatePcscd, missing
from tests.e2e.program import COMMAND, ROOT, Ran, run
from tests.patience import long, wait_until

pytestmark = [
    pytest.mark.pcscd,
    pytest.mark.skipif(bool(missing()), reason=missing() or "-"),
    pytest.mark.skipif(shutil.which("yubico-piv-tool") is None, reason="yubico-piv-tool is not installed"),
]
SCRIPT = "card: ok\npin: 123456\nnew_pin: 87654321\nnew_pin_again: 87654321\n"


class Table:
    """A reader with the demo's first card in it."""

    def __init__(self, directory: Path, daemon: PrivatePcscd, cards: CardProcess) -> None:
        self._directory = directory
        self.daemon = daemon
        self.cards = cards

    def insert(self, name: str) -> None:
        self.cards.insert(name)
        wait_until(lambda: "0    Yes" in self._tool("opensc-tool", "--list-readers").stdout)

    def change(self, script: str, *more: str) -> Ran:
        (file := self._directory / "script").write_text(script, encoding="utf-8")
        environment = {"PCSCLITE_CSOCK_NAME": str(self.daemon.socket_path)}
        return run("card", "change-pin", "--script", str(file), *more, env=environment)

    def takes(self, pin: str) -> bool:
        return self._tool("yubico-piv-tool", "--reader", "Virtual", "--action", "verify-pin", "--pin", pin).returncode == 0

    def _tool(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=self.daemon.env, capture_output=True, text=True, timeout=long(), check=False)


@pytest.fixture
def table(short_dir: Path, wallet: Wallet) -> Iterator[Table]:
    with PrivatePcscd(short_dir) as daemon, CardProcess(daemon.ports[0], demo=wallet) as cards:
        yield Table(short_dir, daemon, cards)


def test_it_is_changed_and_another_tool_knows(table: Table) -> None:
    table.insert("ise-new")
    ran = table.change(SCRIPT)
    assert ran.code == 0, ran.out + ran.err
    assert "PIN番号を変更しました" in ran.out
    assert "87654321" not in ran.out + ran.err
    assert table.cards.tries_left() == 3
    assert table.takes("87654321")
    assert not table.takes("123456")


@pytest.mark.parametrize(
    ("script", "tries", "said"),
    [
        (SCRIPT.replace("pin: 123456", "pin: 999999"), 2, "E-WRONG-PIN"),
        (SCRIPT.replace("again: 87654321", "again: 87654320"), 3, "E-NEW-PIN-DIFFERS"),
        (SCRIPT.replace("87654321", "123456"), 3, "E-NEW-PIN-SAME"),
        (SCRIPT.replace("87654321", "1234"), 3, "E-PIN-UNUSABLE"),
    ],
)
def test_what_goes_wrong_is_told_and_costs_what_it_says(table: Table, script: str, tries: int, said: str) -> None:
    table.insert("ise-new")
    ran = table.change(script)
    assert ran.code == 2, ran.out + ran.err
    assert said in ran.out
    assert table.cards.tries_left() == tries
    assert table.takes("123456")


@pytest.mark.parametrize(("card", "code"), [("blocked", "R-07"), ("mynumber", "R-23"), ("other-ca", "R-34")])
def test_a_card_that_must_not_be_asked_is_not(table: Table, card: str, code: str) -> None:
    table.insert(card)
    ran = table.change(SCRIPT)
    assert ran.code in (1, 2)
    assert code in ran.out
    assert "現在のPIN番号" not in ran.out


def test_r34_of_a_system_only_trusted_cards_are_taken(table: Table) -> None:
    table.insert("ise-new")
    ran = table.change(SCRIPT, "--system", "aomori")
    assert ran.code == 2
    assert "R-34" in ran.out
    assert table.takes("123456")


def test_both_pins_by_descriptor(table: Table) -> None:
    table.insert("ise-new")
    read, write = os.pipe()
    os.write(write, b"pin: 123456\nnew_pin: 654321\nnew_pin_again: 654321\n")
    os.close(write)
    command = [*COMMAND, "card", "change-pin", "--plain", "--secrets-fd", str(read)]
    ran = subprocess.run(
        command, env=table.daemon.env, cwd=ROOT, input="ok\n", pass_fds=(read,), capture_output=True, text=True, timeout=long()
    )
    os.close(read)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert table.takes("654321")


def test_a_pipe_that_ends_changes_nothing(table: Table) -> None:
    table.insert("ise-new")
    command = [*COMMAND, "card", "change-pin"]
    ran = subprocess.run(command, env=table.daemon.env, cwd=ROOT, input="ok\n123456\n", capture_output=True, text=True, timeout=long())
    assert ran.returncode == 1
    assert "PIN番号は変更していません" in ran.stderr
    assert table.takes("123456")
