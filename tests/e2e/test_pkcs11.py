"""A whole registration with a PKCS#11 token, in line mode and without any `pcscd`, against a real `ebid-tui serve`."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from ebid_tui.demo.cards import Wallet
from ebid_tui.demo.virtual_card import SlotKey
from ebid_tui.domain import certificate as certificates
from tests.card import softhsm
from tests.card.softhsm import SoftHsm, Stored, verified
from tests.e2e import answers
from tests.e2e.program import Talk, run
from tests.e2e.served import served
from tests.server.running_server import ORIGIN
from tests.server.signing import demo_card

pytestmark = pytest.mark.skipif(not softhsm.module() or not shutil.which("pkcs11-tool"), reason="softhsm2 or opensc is not installed")

TOKEN_PIN = f"pin: {softhsm.PIN.decode()}\n"
ENTRANCE = answers.ENTRANCE + answers.REAL_CARD
REST = answers.SEARCH + answers.FORM + answers.END


class Office:
    """The server's process (`served`) and a token that holds the key of one of the demo's cards."""

    def __init__(self, directory: Path, wallet: Wallet) -> None:
        self.directory, self.server = directory, served(wallet)
        self.card = demo_card(wallet, "ise-new")
        self.hsm = SoftHsm(directory)
        self.hsm.token("ise", Stored(SlotKey(self.card.key, self.card.der)))

    @property
    def command(self) -> list[str]:
        return ["plain", "--system", "ise", "--server", ORIGIN, "--server-socket", str(self.server.socket)]

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PCSCLITE_CSOCK_NAME": str(self.directory / "no-pcscd"),
            "SOFTHSM2_CONF": str(self.hsm.config),
            "EBID_TUI_PKCS11_MODULES": softhsm.module(),
        }

    def script(self, text: str) -> list[str]:
        (file := self.directory / "script").write_text(text, encoding="utf-8")
        return [*self.command, "--script", str(file)]


@pytest.fixture
def office(short_dir: Path, wallet: Wallet) -> Office:
    return Office(short_dir, wallet)


def test_a_registration_with_a_token(office: Office) -> None:
    ran = run(*office.script(ENTRANCE + TOKEN_PIN + REST), env=office.environment)
    assert ran.code == 0, ran.out + ran.err
    assert ran.receipt
    assert "残り回数は分かりません" in ran.out
    assert not any(secret in ran.out + ran.err for secret in (softhsm.PIN.decode(), "Demo-pass1"))
    with sqlite3.connect(f"file:{office.server.database}?mode=ro", uri=True) as database:
        row = database.execute("SELECT statement, certificate FROM evidence WHERE receipt_id = ?", (ran.receipt,)).fetchone()
    signed, der = json.loads(row[0]), row[1]
    assert der == office.card.der
    (signature,) = signed["signatures"]
    message = f"{signature['protected']}.{signed['payload']}".encode()
    assert verified(der, message, _unb64(signature["signature"]))
    payload = json.loads(_unb64(signed["payload"]))
    assert payload["card"]["serial"] == certificates.read(der).record.serial


def test_a_wrong_pin_is_told_with_what_is_known_of_the_tries(office: Office) -> None:
    with Talk(*office.command, env=office.environment) as talk:
        talk.answer_all(ENTRANCE)
        talk.answer("pin", "abc")
        assert "E-PIN-UNUSABLE" in talk.until("<pin>: ")
        talk.say("Wrong-1234")
        again = talk.until("<pin>: ")
        assert "E-WRONG-PIN" in again
        assert "間違えた回数があります" in again
        talk.say(softhsm.PIN.decode())
        talk.until("<search.vendor_no>: ")
        talk.interrupt()
        assert talk.end().code == 130


def test_a_module_that_is_missing_is_named(office: Office) -> None:
    ran = run(*office.script(ENTRANCE + TOKEN_PIN), env=office.environment | {"EBID_TUI_PKCS11_MODULES": "/nowhere/libcard.so"})
    assert ran.code != 0
    assert "E-MODULE-MISSING" in ran.out
    assert "libcard.so" in ran.out
    assert "Traceback" not in ran.out + ran.err


def test_the_card_command_tells_of_the_token_and_changes_its_pin(office: Office) -> None:
    ran = run("card", "--json", env=office.environment)
    assert ran.code == 0, ran.err
    (told,) = json.loads(ran.out)
    assert told["reader"].endswith("[ise]")
    assert (told["card"]["kind"], told["card"]["accepted"], told["card"]["tries_left"]) == ("pkcs11", True, None)
    with Talk("card", "change-pin", "--plain", env=office.environment) as talk:
        talk.answer("card", "ok")
        for prompt, typed in (("pin", softhsm.PIN.decode()), ("new_pin", "Fresh-5678"), ("new_pin_again", "Fresh-5678")):
            talk.answer(prompt, typed)
        assert talk.end().code == 0
    ran = run(*office.script(ENTRANCE + "pin: Fresh-5678\n" + REST), env=office.environment)
    assert ran.code == 0, ran.out + ran.err


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
