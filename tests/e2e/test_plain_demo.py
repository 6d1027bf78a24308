"""`ebid-tui demo --plain`: pipes, a terminal, secrets by descriptor and Ctrl+C in a process of its own; what scripts meet, in this one."""

from __future__ import annotations

import os
import signal
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from ebid_tui.__main__ import main
from ebid_tui.messages import t
from ebid_tui.plain.run import COMPLETED, INTERRUPTED, NOT_COMPLETED, UNEXPECTED
from tests.benchmarks.pty_bytes import Terminal
from tests.e2e import answers
from tests.e2e.program import COMMAND, Ran, Talk, below, run, server_below
from tests.patience import wait_until
from tests.server.running_server import Running
from tests.wallets import ends, today

LEAVE = "search.password: :cancel\nmenu: :cancel\n"


Demo = Callable[[str], Ran]


def clean(ran: Ran) -> Ran:
    """The same; it holds nothing that no output may hold."""
    assert "Traceback" not in ran.out + ran.err
    assert not any(secret in ran.out + ran.err for secret in answers.SECRETS)
    return ran


@pytest.fixture
def demo(tmp_path: Path, server_runs: None, kept: tuple[object, Running], capsys: pytest.CaptureFixture[str]) -> Demo:
    """The demo in line mode with a script, on a server that runs: what this is about is neither the process nor the server's start."""

    def run_script(script: str) -> Ran:
        (file := tmp_path / "script").write_text(script, encoding="utf-8")
        kept[1].restore()
        capsys.readouterr()
        code = main(["demo", "--plain", "--script", str(file)])
        said = capsys.readouterr()
        return clean(Ran(code, said.out, said.err))

    return run_script


def test_the_whole_way_ends_with_a_receipt(tmp_path: Path, own_tmp: Path) -> None:
    began = today()
    (file := tmp_path / "script").write_text(answers.WHOLE.replace("done: close", "done: print\ndone: close"), encoding="utf-8")
    ran = clean(run("demo", "--plain", "--script", str(file)))
    assert ran.code == COMPLETED, ran.err
    assert ran.receipt
    assert f"受付番号: {ran.receipt}" in ran.out
    assert "683 (10進) / 2ab (16進)" in ran.out
    assert "OU=TEST CA,O=TEST CA,C=JP" in ran.out
    assert any(end in ran.out for end in ends("ise-new", began))
    assert list(own_tmp.iterdir()) == [], "the server's directory stayed"


def test_r33_five_wrong_passwords_lock_the_account(demo: Demo) -> None:
    wrong = answers.SEARCH.replace("Demo-pass1", "Wrong-pass1") + "search.password: Wrong-pass1\n" * 4
    ran = demo(answers.ENTRANCE + answers.CARD + answers.PIN + wrong + "search.password: Demo-pass1\n" + LEAVE)
    assert ran.code == NOT_COMPLETED
    asked = ran.out.split("資格審査情報検索")
    assert ["コード R-28" in told for told in asked[1:]] == [True, True, True, True, False, False, False]
    assert ["コード R-33" in told for told in asked[1:]] == [False, False, False, False, True, True, False]
    assert [t("mending.tries_left", n=n) in told for n, told in zip((4, 3, 2), asked[1:4], strict=True)] == [True] * 3
    assert t("mending.tries_left_last") in asked[4]
    assert "0596-21-5525" in asked[5], "whom to call"


def test_r03_an_unchanged_initial_password_names_the_way(demo: Demo) -> None:
    search = answers.SEARCH.replace("1000000001", "1000000002").replace("０１", "０２").replace("Demo-pass1", "Init-pass1")
    ran = demo(answers.ENTRANCE + "card: ise-second\n" + answers.PIN + search + LEAVE)
    assert ran.code == NOT_COMPLETED
    assert "コード R-03" in ran.out
    assert t("server.initial_password") in ran.out
    assert t("mending.password", label="パスワード変更") in ran.out


def test_r28_an_unknown_vendor_is_told_every_likely_cause(demo: Demo) -> None:
    search = answers.SEARCH.replace("1000000001", "1000000009")
    ran = demo(answers.ENTRANCE + answers.CARD + answers.PIN + search + LEAVE)
    assert ran.code == NOT_COMPLETED
    told = ran.out[ran.out.index(t("error.R-28.title")) :]
    causes = [line for line in told.splitlines() if line.startswith("　・")]
    for rule, word in {"R-13": "省略", "R-14": "大文字", "R-28": "調達区分", "R-29": "全角"}.items():
        assert any(word in cause for cause in causes), f"{rule}: {causes}"
    assert "業者番号: 1000000009" in told, "what was asked for"


def test_r06_goods_with_a_card_of_another_name(demo: Demo) -> None:
    """The goods vendor of the demo has no card of its own: any accepted one will do, with an explicit answer."""
    entrance = answers.ENTRANCE.replace("建設工事、測量・コンサル", "物品・業務委託")
    search = answers.SEARCH.replace("1000000001", "2000000001").replace("工事業者", "物品業者")
    script = entrance + answers.CARD + answers.PIN + search + "holder: yes\n" + answers.FORM + answers.END
    ran = demo(script)
    assert ran.code == COMPLETED, ran.err
    assert ran.receipt
    assert "企業名称: テスト物品業者０１" in ran.out


def test_r05_a_registered_card_is_told_right_after_the_pin(demo: Demo) -> None:
    ran = demo(answers.ENTRANCE + "card: ise-current\n" + answers.PIN + "menu: :cancel\n")
    assert ran.code == NOT_COMPLETED
    assert "R-05" in ran.out
    assert "資格審査情報検索" not in ran.out


def test_r07_a_wrong_pin_again_and_again(demo: Demo) -> None:
    wrong = answers.ENTRANCE + answers.CARD + "pin: 999999\n" * 2
    ran = demo(wrong + "last_try: no\nmenu: :cancel\n")
    assert ran.code == NOT_COMPLETED
    assert "残り1回" in ran.out
    ran = demo(wrong + "last_try: yes\npin: 999999\nmenu: :cancel\n")
    assert ran.code == NOT_COMPLETED
    assert "R-07" in ran.out
    assert t("error.R-07.remedy") in ran.out, "the authority"


def test_a_script_that_does_not_fit_ends_with_2(demo: Demo) -> None:
    ran = demo(answers.ENTRANCE + answers.CARD + "review: submit\n")
    assert ran.code == UNEXPECTED
    assert "pin" in ran.err
    assert "5行目" in ran.err


def test_secrets_come_from_a_descriptor() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as source:
        source.write(b"search.password: Demo-pass1\npin: 123456\n")
    secret = ("pin", "search.password")
    script = "".join(line for line in answers.WHOLE.splitlines(keepends=True) if line.partition(":")[0] not in secret)
    with Talk("demo", "--plain", "--secrets-fd", str(reading), pass_fds=(reading,)) as talk:
        os.close(reading)
        talk.answer_all(script, given=secret)
        ran = talk.end()
    assert ran.code == COMPLETED, ran.err
    assert ran.receipt


def test_a_pipe_answers_everything_at_once() -> None:
    typed = [value for _, value in answers.values(answers.ENTRANCE + answers.CARD + answers.PIN + answers.SEARCH)]
    contact = [value for prompt, value in answers.values(answers.FORM) if prompt.startswith("representative_contact")]
    typed += ["", "", "工事部", *contact, *[""] * len(contact), "submit", "close"]
    ran = run("demo", "--plain", stdin="\n".join(typed) + "\n")
    assert ran.code == COMPLETED, ran.err
    assert ran.receipt
    told, _, said = ran.out.partition(t("flow.category.lead"))
    assert all(secret in told for secret in answers.SECRETS), "the demo tells what to type"
    assert not any(secret in said + ran.err for secret in answers.SECRETS)


def test_a_pipe_that_ends_too_early() -> None:
    ran = run("demo", "--plain", stdin="1\n1\n")
    assert ran.code == NOT_COMPLETED
    assert "手続きは完了していません" in ran.err


@pytest.mark.parametrize(("ends_in", "prompt"), [("123", "pin"), ("Demo-pa", "search.password")])
def test_a_secret_that_nobody_ended_is_never_sent(ends_in: str, prompt: str) -> None:
    """A writer that dies in the middle of the line: half a PIN would cost a try."""
    typed = [value for _, value in answers.values(answers.ENTRANCE + answers.CARD + answers.PIN + answers.SEARCH)]
    before = typed[:-1] if prompt == "search.password" else typed[:-4]
    ran = run("demo", "--plain", stdin="\n".join([*before, ends_in]))
    assert ran.code == NOT_COMPLETED
    assert t("plain.end_of_input") in ran.err
    assert not any(code in ran.out + ran.err for code in ("E-PIN", "E-WRONG-PIN", "R-28", "E-SERVER")), ran.out


@pytest.mark.parametrize("prompt", ["category", "pin", "search.trade_name", "review"])
def test_ctrl_c_at_any_prompt_leaves_nothing_behind(own_tmp: Path, prompt: str) -> None:
    with Talk("demo", "--plain") as talk:
        talk.answer_all(answers.WHOLE, up_to=prompt)
        server = server_below(talk.process.pid)
        family = below(talk.process.pid)
        talk.interrupt()
        ran = talk.end()
    assert ran.code == INTERRUPTED
    assert "Traceback" not in ran.out + ran.err
    assert ran.err
    assert server in family
    wait_until(lambda: not any(process.alive for process in family), "a process of the demo goes on")
    assert list(own_tmp.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_killed_from_outside_the_server_goes_too(own_tmp: Path, number: signal.Signals) -> None:
    with Talk("demo", "--plain") as talk:
        talk.until("<category>: ")
        server = server_below(talk.process.pid)
        talk.process.send_signal(number)
        assert talk.end().code == -number
    wait_until(lambda: not server.alive, "the demo's server goes on")
    wait_until(lambda: not list(own_tmp.iterdir()), "the server's directory stayed")


def test_a_terminal_does_not_echo_the_pin() -> None:
    with Terminal([*COMMAND, "demo", "--plain"]) as terminal:

        def wait_for(text: str) -> None:
            wait_until(lambda: text.encode() in terminal.raw + terminal.read(0.02, 0.1), text)

        for last_option in ("物品・業務委託", "パスワード変更", "ICカード更新", "stranger"):
            wait_for(last_option)
            terminal.send("1\r")
        wait_for("文字以内です")
        assert not echoes(terminal)
        before = len(terminal.raw)
        terminal.send("123456\r")
        wait_for("資格審査情報検索")
        assert b"123456" not in terminal.raw[before:]
        assert echoes(terminal)
        terminal.send("\x03")
        assert terminal.wait() == INTERRUPTED
        assert b"Traceback" not in terminal.raw


def echoes(terminal: Terminal) -> bool:
    """Whether a terminal shows what is typed."""
    return bool(termios.tcgetattr(terminal.descriptor)[3] & termios.ECHO)
