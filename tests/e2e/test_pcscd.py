"""`ebid-tui plain` with a card in a real `pcscd`, against a real `ebid-tui serve`; the signed evidence judged by openssl."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ebid_tui.demo import cards as demo_cards
from ebid_tui.demo.cards import Wallet
from ebid_tui.server.settings import Settings
from tests.card.pcscd import CardProcess, PrivatePcscd, missing
from tests.e2e import answers
from tests.e2e.program import COMMAND, ROOT, Talk, run
from tests.patience import long, wait_until
from tests.server.running import ORIGIN, seed

pytestmark = [pytest.mark.pcscd, pytest.mark.skipif(bool(missing()), reason=missing() or "-")]

WATCH = """
import sys
from smartcard import scard
reader, present = sys.argv[1], sys.argv[2] == "present"
_, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
state = scard.SCARD_STATE_UNAWARE
while True:
    _, [(_, state, _)] = scard.SCardGetStatusChange(context, 10000, [(reader, state)])
    if bool(state & scard.SCARD_STATE_PRESENT) == present:
        break
"""
"""Returns when the reader knows that its card has come or gone: the virtual one looks every 400 ms."""


def noticed(pcscd: PrivatePcscd, reader: str, state: str) -> None:
    """Wait until a reader is `present` or `empty` for those who ask."""
    subprocess.run([sys.executable, "-c", WATCH, reader, state], env=pcscd.env, timeout=long(), check=True)


class Office:
    """A server process on a unix socket, its database, a `pcscd`, and cards for the first of its two readers."""

    def __init__(self, directory: Path, wallet: Wallet, pcscd: PrivatePcscd, cards: CardProcess) -> None:
        self.directory, self.wallet, self.pcscd, self.cards = directory, wallet, pcscd, cards
        self.socket = directory / "http"
        self.trust = directory / "trust"
        self._server: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        database = f"sqlite:///{self.directory / 'ebid.db'}"
        seed(Settings(database=database, origins=(ORIGIN,), anchors={}), self.wallet)
        self.trust.mkdir()
        for name, der in demo_cards.trust_anchors(self.wallet).items():
            (self.trust / f"{name}.pem").write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))
        command = [*COMMAND, "serve", "--database", database, "--uds", str(self.socket), "--trust", str(self.trust), "--always-open"]
        with (self.directory / "log").open("wb") as log:
            self._server = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
        wait_until(lambda: "listening" in (self.directory / "log").read_text(), "the server did not start")

    def close(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait(long())

    def insert(self, name: str) -> None:
        """Put a demo card in, and wait until the reader knows."""
        self.cards.insert(name)
        noticed(self.pcscd, self.pcscd.readers[0], "present")

    def remove(self) -> None:
        self.cards.remove()
        noticed(self.pcscd, self.pcscd.readers[0], "empty")

    @property
    def command(self) -> list[str]:
        return ["plain", "--system", "ise", "--server", ORIGIN, "--server-socket", str(self.socket)]

    @property
    def environment(self) -> dict[str, str]:
        return {"PCSCLITE_CSOCK_NAME": str(self.pcscd.socket_path)}

    def evidence(self, receipt: str) -> tuple[dict[str, Any], bytes]:
        """What the server kept for a receipt: the signed statement and the certificate (DER)."""
        with sqlite3.connect(f"file:{self.directory / 'ebid.db'}?mode=ro", uri=True) as database:
            statement, der = database.execute("SELECT statement, certificate FROM evidence WHERE receipt_id = ?", (receipt,)).fetchone()
        return json.loads(statement), der


@pytest.fixture
def office(short_dir: Path, wallet: Wallet) -> Iterator[Office]:
    with PrivatePcscd(short_dir) as pcscd, CardProcess(pcscd.ports[0], demo=wallet) as cards:
        office = Office(short_dir, wallet, pcscd, cards)
        try:
            office.open()
            yield office
        finally:
            office.close()


def script(office: Office, text: str) -> list[str]:
    (file := office.directory / "script").write_text(text, encoding="utf-8")
    return [*office.command, "--script", str(file)]


WHOLE = answers.WHOLE.replace(answers.CARD, answers.REAL_CARD)


def test_a_registration_with_a_real_reader_and_evidence_that_openssl_accepts(office: Office) -> None:
    office.insert("ise-new")
    ran = run(*script(office, WHOLE), env=office.environment)
    assert ran.code == 0, ran.out + ran.err
    assert ran.receipt
    assert "リーダー" in ran.out
    assert not any(secret in ran.out + ran.err for secret in answers.SECRETS)
    assert office.cards.tries_left() == 3
    signed, der = office.evidence(ran.receipt)
    payload = json.loads(unb64(signed["payload"]))
    assert payload["operation"] == "registration"
    assert payload["vendor"] == "1000000001"
    assert payload["blocks"]["representative_contact"]["email"] == "hanako@example.co.jp"
    assert payload["card"]["serial"] == "683"
    openssl_accepts(office, signed, der)

    # the server remembers, and says so right after the PIN.
    again = run(*script(office, WHOLE), env=office.environment)
    assert again.code != 0
    assert "R-05" in again.out
    assert "資格審査情報検索" not in again.out


def test_no_card_then_a_refused_one_then_the_right_one(office: Office) -> None:
    with Talk(*office.command, env=office.environment) as talk:
        talk.answer_all(answers.ENTRANCE)
        talk.answer("card", "ok")
        assert "E-NO-CARD" in talk.until("<card>: ")
        office.insert("mynumber")
        talk.say("ok")
        assert "R-23" in talk.until("<card>: ")
        office.remove()
        office.insert("ise-new")
        talk.say("ok")
        assert "3 回" in talk.until("<pin>: ")
        talk.say(":cancel")


def test_the_card_pulled_while_it_signs(office: Office) -> None:
    office.insert("ise-new")
    with Talk(*office.command, env=office.environment) as talk:
        talk.answer_all(WHOLE, up_to="review")
        office.cards.accident(0, "remove")
        talk.say("submit")
        assert "E-CARD-REMOVED" in talk.until("<card>: ")
        office.remove()
        office.insert("ise-new")
        talk.say("ok")
        assert "3 回" in talk.until("<pin>: ")
        talk.say("123456")
        talk.answer("done", "close")
        ran = talk.end()
    assert ran.code == 0, ran.out + ran.err
    signed, der = office.evidence(ran.receipt)
    openssl_accepts(office, signed, der)


def test_a_wrong_pin_costs_one_try_and_a_short_one_none(office: Office) -> None:
    office.insert("ise-new")
    with Talk(*office.command, env=office.environment) as talk:
        talk.answer_all(answers.ENTRANCE + answers.REAL_CARD)
        talk.answer("pin", "12345")
        assert "E-PIN-UNUSABLE" in talk.until("<pin>: ")
        assert office.cards.tries_left() == 3
        talk.say("999999")
        assert "残り 2 回" in talk.until("<pin>: ")
        assert office.cards.tries_left() == 2
        talk.say("123456")
        talk.until("<search.vendor_no>: ")
        assert office.cards.tries_left() == 3
        talk.interrupt()
        assert talk.end().code == 130


def test_no_server_and_no_reader_service_are_told(office: Office) -> None:
    office.pcscd.stop()
    ran = run(*script(office, WHOLE), env=office.environment)
    assert ran.code != 0
    assert "E-NO-PCSCD" in ran.out
    assert "Traceback" not in ran.out + ran.err
    office.close()
    with Talk(*office.command, env=office.environment) as talk:
        talk.answer_all("category: 1\nentry: 1\n")
        talk.until("サーバーの日時を待っています")
        talk.interrupt()
        ran = talk.end()
    assert ran.code == 130
    assert "Traceback" not in ran.out + ran.err


# ---- judged without our own code -------------------------------------------------------------------------------------


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def openssl_accepts(office: Office, signed: dict[str, Any], der: bytes) -> None:
    """The signature over what was kept is right, and by a key that the authority has certified for the kept certificate."""
    assert shutil.which("openssl")
    (signature,) = signed["signatures"]
    header = json.loads(unb64(signature["protected"]))
    assert header["alg"] == "RS256"
    assert base64.b64decode(header["x5c"][0]) == der
    card = x509.load_der_x509_certificate(der)
    files = {name: office.directory / name for name in ("public.pem", "signature", "message", "card.pem")}
    files["public.pem"].write_bytes(card.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    files["card.pem"].write_bytes(card.public_bytes(Encoding.PEM))
    files["signature"].write_bytes(unb64(signature["signature"]))
    files["message"].write_bytes(f"{signature['protected']}.{signed['payload']}".encode())
    verify = ["dgst", "-sha256", "-verify", str(files["public.pem"]), "-signature", str(files["signature"])]
    assert "Verified OK" in openssl(*verify, str(files["message"]))
    assert ": OK" in openssl("verify", "-CAfile", str(office.trust / "test-ca.pem"), str(files["card.pem"]))
    files["message"].write_bytes(files["message"].read_bytes() + b"A")
    assert "Verified OK" not in openssl(*verify, str(files["message"]))


def openssl(*arguments: str) -> str:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, timeout=long(), check=False)
    return done.stdout
