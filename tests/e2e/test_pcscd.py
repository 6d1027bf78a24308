"""`ebid-tui plain` with a card in a real `pcscd`, against a real `ebid-tui serve`; the signed evidence judged by openssl."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ebid_tui.demo.cards import Wallet
from ebid_tui.messages import t
from tests.card.pcscd import CardProcess, PrivatePcscd, missing
from tests.e2e import answers
from tests.e2e.office import Office, script
from tests.e2e.program import Talk, run
from tests.patience import long

pytestmark = [pytest.mark.pcscd, pytest.mark.skipif(bool(missing()), reason=missing() or "-")]


@pytest.fixture
def office(short_dir: Path, wallet: Wallet) -> Iterator[Office]:
    with PrivatePcscd(short_dir) as pcscd, CardProcess(pcscd.ports[0], demo=wallet) as cards:
        office = Office(short_dir, wallet, pcscd, cards)
        office.open()
        yield office


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
        assert t("plain.tries", tries=3) in talk.until("<pin>: ")
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
        assert t("plain.tries", tries=3) in talk.until("<pin>: ")
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
        assert "残り2回" in talk.until("<pin>: ")
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
    office.lose_server()
    with Talk(*office.command, env=office.environment) as talk:
        talk.answer_all("category: 1\nentry: 1\n")
        talk.until(t("plain.waiting_clock"))
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
    assert ": OK" in openssl("verify", "-CAfile", str(office.server.trust / "test-ca.pem"), str(files["card.pem"]))
    files["message"].write_bytes(files["message"].read_bytes() + b"A")
    assert "Verified OK" not in openssl(*verify, str(files["message"]))


def openssl(*arguments: str) -> str:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, timeout=long(), check=False)
    return done.stdout
