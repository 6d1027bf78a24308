"""The ways a PIN gets into the program, each up to where it has been used: how many copies there are while it is typed, and after.

Each way is a function of a `Place`; its command, its screens or its lines are the real ones. Besides the program, the processes that
hold the PKCS#11 module are looked at as long as they live.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from ebid_tui.messages import t
from ebid_tui.plain.run import COMPLETED, UNEXPECTED
from tests.e2e import answers
from tests.e2e.program import COMMAND, ROOT, Talk
from tests.traces.glass import Glass
from tests.traces.memory import Found, scan
from tests.traces.place import (
    INITIAL,
    PASSWORD,
    Place,
    find_the_company,
    module_hosts,
    random_pin,
    to_the_pin,
    to_the_receipt,
    to_the_search,
    type_the_search,
)

ENTRANCE = answers.ENTRANCE + answers.REAL_CARD
DELETE = "\x7f"


@dataclass(frozen=True)
class Traces:
    """Copies in the program: while the PIN is typed but not entered (None: that cannot be seen), and after its use; and in its children."""

    typed: list[Found] | None
    after: list[Found]
    children: list[Found]


def _children(pid: int, secret: str) -> list[Found]:
    return [found for process in module_hosts(pid) if process.alive for found in scan(process.pid, secret)]


def _on_screens(place: Place, enter: Callable[[Glass, str], None]) -> Traces:
    with place.glass() as glass:
        to_the_pin(glass)
        assert scan(glass.pid, place.pin) == []
        enter(glass, place.pin)
        glass.wait("*" * len(place.pin))
        typed = scan(glass.pid, place.pin)
        glass.keys("\r")
        to_the_search(glass)
        return Traces(typed, scan(glass.pid, place.pin), _children(glass.pid, place.pin))


def key_by_key(place: Place) -> Traces:
    return _on_screens(place, lambda glass, pin: glass.keys(*pin))


def at_once(place: Place) -> Traces:
    """Faster than anybody reads: all keys are in the terminal's buffer together."""
    return _on_screens(place, lambda glass, pin: glass.at_once(pin))


def corrected(place: Place) -> Traces:
    """Mistyped, taken back, and typed on, all at once."""
    return _on_screens(place, lambda glass, pin: glass.at_once(f"{pin[:7]}xy{DELETE * 2}{pin[7:]}zz{DELETE * 2}"))


def pasted_first(place: Place) -> Traces:
    """From a clipboard, which the dialog refuses; then typed."""

    def enter(glass: Glass, pin: str) -> None:
        glass.at_once(f"\x1b[200~{pin}\x1b[201~")
        glass.wait("貼り付け")
        assert scan(glass.pid, pin) == [], "a paste that nobody takes is kept"
        glass.at_once(pin)

    return _on_screens(place, enter)


def cancelled(place: Place) -> Traces:
    """Typed, and then キャンセル instead of OK."""
    with place.glass() as glass:
        to_the_pin(glass)
        glass.at_once(place.pin)
        glass.wait("*" * len(place.pin))
        typed = scan(glass.pid, place.pin)
        glass.keys("\x1b")
        glass.wait("利用者登録メニュー")
        return Traces(typed, scan(glass.pid, place.pin), _children(glass.pid, place.pin))


def wrong(place: Place) -> Traces:
    """One that the card refuses: it may be another card's PIN."""
    other = random_pin()
    with place.glass() as glass:
        to_the_pin(glass)
        glass.at_once(other)
        glass.wait("*" * len(other))
        typed = scan(glass.pid, other)
        glass.keys("\r")
        glass.wait("PIN番号が違います")
        return Traces(typed, scan(glass.pid, other), _children(glass.pid, other))


def changed(place: Place) -> Traces:
    """`card change-pin`: the old PIN, and a new one twice."""
    new = random_pin()
    with place.glass(*COMMAND, "card", "change-pin", "--system", "ise") as glass:
        glass.look(1.0)
        for number, secret in enumerate((place.pin, new, new)):
            glass.wait("現在のPIN番号を" if number == 0 else "新しい", "PIN番号", gone="*" * 12)
            glass.at_once(secret)
            glass.wait("*" * 12)
            glass.keys("\r")
            glass.look(0.3)
        glass.wait("変更しました")
        place.pin, old = new, place.pin
        secrets = (old, new)
        return Traces(
            None,
            [found for secret in secrets for found in scan(glass.pid, secret)],
            [found for secret in secrets for found in _children(glass.pid, secret)],
        )


def line_at_a_terminal(place: Place) -> Traces:
    with place.glass(*COMMAND, "plain", *place.server) as glass:
        for answer in ("1", "1", "1", "ok"):
            glass.look(0.4)
            glass.keys(answer, "\r")
        glass.wait(t("plain.pin_length", min=4, max=64).split("。")[0], "PIN番号:")  # its first sentence: the rest is wrapped
        glass.at_once(place.pin + "\r")
        glass.wait("資格審査情報検索")
        assert place.pin not in glass.text
        return Traces(None, scan(glass.pid, place.pin), _children(glass.pid, place.pin))


def whole_registration(place: Place) -> tuple[Traces, dict[str, int]]:
    """From the first menu to the receipt and back; also how many copies of the search's password there are, and when."""
    counts: dict[str, int] = {}
    with place.glass() as glass:
        to_the_pin(glass)
        glass.at_once(place.pin)
        glass.wait("*" * len(place.pin))
        typed = scan(glass.pid, place.pin)
        glass.keys("\r")
        find_the_company(glass)
        counts["the company was found"] = len(scan(glass.pid, PASSWORD))
        to_the_receipt(glass)
        counts["the receipt was shown, and the next visitor's menu"] = len(scan(glass.pid, PASSWORD))
        return Traces(typed, scan(glass.pid, place.pin), _children(glass.pid, place.pin)), counts


def password_changed_from_the_search(place: Place, new: str) -> dict[str, int]:
    """R-03: an initial password is refused, changed there, and the search goes on: copies of both passwords then."""
    with place.glass() as glass:
        to_the_pin(glass)
        glass.at_once(place.pin)
        glass.wait("*" * len(place.pin))
        glass.keys("\r")
        type_the_search(glass, "1000000002", "テスト工事業者０２", INITIAL)
        glass.wait("R-03")
        glass.keys("\r")
        glass.wait("新しいパスワード(確認)")
        for _ in range(2):
            glass.keys(*new, pause=0.01)
            glass.keys("\r")
        glass.wait("パスワードを変更しました")
        glass.keys("\r")
        glass.wait("資格審査情報検索", "テスト工事業者０２")
        return {"old": len(scan(glass.pid, INITIAL)), "new": len(scan(glass.pid, new))}


def _in_lines(place: Place, talk: Talk) -> Traces:
    talk.until("<search.vendor_no>: ")
    pid = talk.process.pid
    traces = Traces(None, scan(pid, place.pin), _children(pid, place.pin))
    talk.interrupt()
    said = talk.end()
    assert place.pin not in said.out + said.err
    return traces


def line_in_a_pipe(place: Place) -> Traces:
    """All answers at once, as a program writes them."""
    with Talk("plain", *place.server, env=place.environment) as talk:
        talk.say("".join(f"{value}\n" for _, value in answers.values(ENTRANCE)) + place.pin)
        return _in_lines(place, talk)


def secrets_descriptor(place: Place) -> Traces:
    read, write = os.pipe()
    os.write(write, f"pin: {place.pin}\nlogin.password: unused\n".encode())
    os.close(write)
    try:
        with Talk("plain", *place.server, "--secrets-fd", str(read), env=place.environment, pass_fds=(read,)) as talk:
            talk.answer_all(ENTRANCE)
            return _in_lines(place, talk)
    finally:
        os.close(read)


ENDED = """
import sys
from ebid_tui.__main__ import main
print("ended", main(sys.argv[1:]), flush=True)
sys.stdin.read()
"""


def _by_script(place: Place, command: list[str], text: str, code: int, *used: str) -> Traces:
    """A script to its end with this exit code, in a process that then waits to be looked at."""
    (file := place.directory / "script").write_text(text, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", ENDED, *command, "--script", str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **place.environment},
        cwd=ROOT,
    )
    with process:
        try:
            assert process.stdin
            assert process.stdout
            said = b""
            while not (line := process.stdout.readline()).startswith(b"ended"):
                assert line, said.decode()
                said += line
            assert line == f"ended {code}\n".encode(), said.decode()
            assert not any(secret.encode() in said for secret in used)
            return Traces(
                None,
                [found for secret in used for found in scan(process.pid, secret)],
                [found for secret in used for found in _children(process.pid, secret)],
            )
        finally:
            file.unlink()
            process.kill()


def script(place: Place) -> Traces:
    """One that ends before its last line: the PIN it did not use is forgotten, too."""
    unused = random_pin()
    text = f"{ENTRANCE}pin: {place.pin}\n{answers.SEARCH}pin: {unused}\n"
    return _by_script(place, ["plain", *place.server], text, UNEXPECTED, place.pin, unused)


def changed_by_script(place: Place) -> Traces:
    old, new = place.pin, random_pin()
    text = f"card: ok\npin: {old}\nnew_pin: {new}\nnew_pin_again: {new}\n"
    traces = _by_script(place, ["card", "change-pin", "--system", "ise"], text, COMPLETED, old, new)
    place.pin = new
    return traces


PIV_WAYS: dict[str, Callable[[Place], Traces]] = {
    "screens, all at once": at_once,
    "line mode, through a pipe": line_in_a_pipe,
}
WAYS: dict[str, Callable[[Place], Traces]] = {
    "screens, key by key": key_by_key,
    "screens, all at once": at_once,
    "screens, with corrections": corrected,
    "screens, pasted and then typed": pasted_first,
    "screens, cancelled": cancelled,
    "screens, a wrong PIN": wrong,
    "screens, PIN change": changed,
    "line mode, at a terminal": line_at_a_terminal,
    "line mode, through a pipe": line_in_a_pipe,
    "line mode, --secrets-fd": secrets_descriptor,
    "line mode, a script that stops before its end": script,
    "line mode, PIN change by a script": changed_by_script,
}
