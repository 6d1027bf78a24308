"""The connection is lost in the middle: the program ends at once, the card is logged out, what was typed is there again."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest

from ebid_tui.messages import t
from ebid_tui.settings import state_directory
from tests.benchmarks.pty_bytes import HEIGHT, WIDTH, Terminal
from tests.e2e.program import PATIENCE, Process, below
from tests.patience import wait_until

DEMO = (sys.executable, "-m", "tests.e2e.demo_with_drafts", "demo")
FRESH = (sys.executable, "-m", "ebid_tui", "demo")
NOHUP = ("/bin/sh", "-c", f"trap '' HUP; exec {sys.executable} -m tests.e2e.demo_with_drafts demo")
PLAIN = (*DEMO, "--plain")
ENDS_WITHIN = 30.0
"""Seconds; it takes a third of one, but others may be working on this machine."""


class Person:
    """Somebody at a terminal of 80x24."""

    def __init__(self, command: tuple[str, ...] = DEMO) -> None:
        self.terminal = Terminal(command)
        self.glass = pyte.Screen(WIDTH, HEIGHT)
        self.stream = pyte.ByteStream(self.glass)
        self.family: list[Process] = []
        self._read = 0

    @property
    def screen(self) -> str:
        return "\n".join(self.glass.display)

    def wait(self, *texts: str) -> str:
        def there() -> bool:
            self.stream.feed(self.terminal.read(0.05, 0.2))
            return all(text in self.screen for text in texts)

        try:
            wait_until(there, "")
        except TimeoutError:
            raise TimeoutError(f"{texts} did not appear:\n{self.screen}") from None
        return self.screen

    def wait_raw(self, text: str) -> None:
        """Line mode: until this has come, behind what was waited for last."""

        def there() -> bool:
            self.terminal.read(0.05, 0.2)
            return text.encode() in self.terminal.raw[self._read :]

        try:
            wait_until(there, "")
        except TimeoutError:
            raise TimeoutError(f"{text} did not come:\n{self.terminal.raw[-2000:].decode(errors='replace')}") from None
        self._read = self.terminal.raw.index(text.encode(), self._read) + len(text.encode())

    def type(self, keys: str, *texts: str) -> str:
        os.write(self.terminal.descriptor, keys.encode())
        return self.wait(*texts)

    def to_the_search(self) -> None:
        self.wait("調達区分")
        self.type("\r", "電子入札選択")
        self.type("\r", "利用者登録メニュー")
        wait_until(lambda: "確認しています" not in self.wait("利用者登録メニュー") and "--年" not in self.screen, "no clock")
        self.type("1", "デモ用カード")
        self.type("\r", "PIN番号入力ダイアログ")
        self.type("123456", "****")
        self.type("\r", "資格審査情報検索")

    def search(self, *texts: str) -> None:
        self.type("1000000001\r", "> 商号")
        self.type("テスト工事業者０１\r", "> パスワード")
        self.type("Demo-pass1", "**********")
        self.type("\x13", *texts)

    def to_the_form(self) -> None:
        self.to_the_search()
        self.search("企業情報", "> 部署名")
        self.type("途中の部署", "途中の部署", "5/30")

    def ended(self, descriptor_open: bool = True) -> int:
        """The exit code; it must not take long, and nothing it started may stay."""
        code: list[int] = []

        def over() -> bool:
            if descriptor_open:
                self.terminal.read(0.01, 0.05)
            pid, status = os.waitpid(self.terminal.pid, os.WNOHANG)
            if pid:
                self.terminal.pid = 0
                code.append(os.waitstatus_to_exitcode(status))
            return bool(pid)

        wait_until(over, "it does not end")
        wait_until(lambda: not any(process.alive for process in self.family), "something it started stays")
        return code[0]


@pytest.fixture
def people(own_tmp: Path) -> Iterator[list[Person]]:
    made: list[Person] = []
    yield made
    for person in made:
        if person.terminal.pid:
            os.kill(person.terminal.pid, signal.SIGKILL)
            os.waitpid(person.terminal.pid, 0)
            person.terminal.pid = 0


def kept() -> list[Path]:
    return list((state_directory() / "drafts").glob("*.draft"))


@pytest.mark.parametrize("how", ["SIGHUP", "closed and deaf to SIGHUP"])
def test_what_was_typed_is_offered_at_the_next_start(people: list[Person], how: str) -> None:
    person = Person(NOHUP if "deaf" in how else DEMO)
    people.append(person)
    person.to_the_form()
    person.family = below(person.terminal.pid)
    assert person.family, "the server"
    begun = time.monotonic()
    if how.startswith("SIG"):
        os.kill(person.terminal.pid, signal.Signals[how])
    else:
        os.close(person.terminal.descriptor)
    assert person.ended(how.startswith("SIG")) == 0
    assert time.monotonic() - begun < ENDS_WITHIN < PATIENCE * 4
    (file,) = kept()
    assert "途中の部署".encode() not in file.read_bytes()
    if how != "SIGHUP":
        return
    again = Person()
    people.append(again)
    again.to_the_search()
    again.search("一時保存した入力", "続きから", "はじめから")
    again.type("1", "企業情報", "[途中の部署")
    os.write(again.terminal.descriptor, b"\x03\x03")
    again.ended()
    again.terminal.close()


def test_every_start_of_the_demo_is_a_fresh_one(people: list[Person]) -> None:
    """What is typed there is kept nowhere, and the question whether to quit says so."""
    person = Person(FRESH)
    people.append(person)
    person.to_the_form()
    person.type("\x03", "終了しますか", t("screen.quit.lost"))
    os.write(person.terminal.descriptor, b"\x03")
    assert person.ended() == 0
    assert list(state_directory().rglob("*.draft")) == []


def test_a_terminal_that_nobody_reads_does_not_hold_the_program_up(people: list[Person]) -> None:
    """A dead connection: nothing that is sent arrives, until the other end gives up."""
    person = Person()
    people.append(person)
    person.to_the_form()
    for _ in range(40):
        os.write(person.terminal.descriptor, b"\x0c\x0c\x0c")  # redraw, again and again, read by nobody
        time.sleep(0.01)
    os.close(person.terminal.descriptor)
    assert person.ended(descriptor_open=False) == 0
    assert kept()


def test_line_mode_keeps_what_was_answered(people: list[Person]) -> None:
    person = Person(PLAIN)
    people.append(person)
    for prompt, answer in (
        ("2 物品・業務委託", "1"),
        ("2 電子入札システム", "1"),
        ("3 ICカード更新", "1"),
        ("ise-new", "ise-new"),
        ("PIN番号: ", "123456"),
        ("業者番号", "1000000001"),
        ("商号又は名称", "テスト工事業者０１"),
        ("パスワード", "Demo-pass1"),
    ):
        say(person, prompt, answer)
    say(person, "代表電話番号", "")
    say(person, "代表FAX番号", "")
    say(person, "部署名", "行単位の部署")
    person.wait_raw("連絡先名称")
    os.kill(person.terminal.pid, signal.SIGHUP)
    assert person.ended() == -signal.SIGHUP
    (file,) = kept()
    assert file.stat().st_mode & 0o777 == 0o600


def say(person: Person, prompt: str, answer: str) -> None:
    """Wait for the prompt that names this, and answer."""
    person.wait_raw(prompt)
    os.write(person.terminal.descriptor, f"{answer}\n".encode())


def test_a_draft_never_holds_a_secret_not_even_of_the_search(people: list[Person]) -> None:
    person = Person()
    people.append(person)
    person.to_the_search()
    person.type("1000000001\r", "> 商号")
    person.type("テスト工事業者０１\r", "> パスワード")
    person.type("Demo-pass1", "**********")
    os.kill(person.terminal.pid, signal.SIGTERM)
    assert person.ended() == 0
    assert kept() == []
    for file in state_directory().rglob("*"):
        assert not file.is_file() or not re.search(rb"Demo-pass1|123456", file.read_bytes())
