"""`ebid-tui card` as a process, with real readers: what is in them, what it prints, how it ends, and that no try is spent."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ebid_tui.card.interface import CardLook
from ebid_tui.commands.card import (
    NO_CARD,
    NOT_LOOKED,
    NOT_USABLE,
    USABLE,
    as_json,
    exit_code,
    lines,
)
from ebid_tui.demo.cards import Wallet
from ebid_tui.demo.packaged import DEMO_CARDS
from ebid_tui.messages import t
from tests.card import softhsm
from tests.card.pcscd import CardProcess, PrivatePcscd, missing
from tests.card.plastic import CertificateAuthority
from tests.clock import STARTED
from tests.doctor.daemons import FalseDaemon
from tests.e2e.office import noticed
from tests.e2e.program import COMMAND, ROOT, run, unhurried
from tests.patience import long, scaled
from tests.wallets import today

CARD_KEYS = ["kind", "accepted", "reason", "tries_left", "certificates"]
CERTIFICATE_KEYS = [
    *("serial", "serial_hex", "issuer", "subject", "not_after", "days_left", "company", "holder", "address", "fingerprint"),
]
NOW = datetime(2026, 4, 1, tzinfo=UTC)


class Readers:
    """A `pcscd` with two readers and the demo's cards."""

    def __init__(self, daemon: PrivatePcscd, first: CardProcess, second: CardProcess) -> None:
        self.daemon, self.first, self.second = daemon, first, second

    def json(self, *options: str) -> tuple[int, Any]:
        ran = run("card", "--json", *options, env={"PCSCLITE_CSOCK_NAME": str(self.daemon.socket_path)})
        return ran.code, json.loads(ran.out)

    def insert(self, cards: CardProcess, name: str) -> None:
        """Put a card in and wait until the reader has noticed."""
        cards.insert(name)
        noticed(self.daemon, self.daemon.readers[0 if cards is self.first else 1], "present")


@pytest.fixture
def readers(short_dir: Path, wallet: Wallet) -> Iterator[Readers]:
    if lacking := missing():
        pytest.skip(lacking)
    with (
        PrivatePcscd(short_dir) as daemon,
        CardProcess(daemon.ports[0], demo=wallet) as first,
        CardProcess(daemon.ports[1], demo=wallet) as second,
    ):
        yield Readers(daemon, first, second)


@pytest.mark.pcscd
def test_a_card_with_all_that_its_certificate_says(readers: Readers, wallet: Wallet) -> None:
    readers.insert(readers.first, "ise-new")
    counted = readers.first.count()
    days_before = today()
    code, told = readers.json()
    assert code == USABLE
    assert [entry["reader"] for entry in told] == list(readers.daemon.readers)
    assert told[1] == {"reader": readers.daemon.readers[1], "card": None}
    card = told[0]["card"]
    assert list(card) == CARD_KEYS
    assert (card["kind"], card["accepted"], card["reason"], card["tries_left"]) == ("piv", True, "", 3)
    certificate, second = card["certificates"]
    assert list(certificate) == CERTIFICATE_KEYS
    assert list(second) == CERTIFICATE_KEYS
    assert certificate["serial"] == "683"
    assert certificate["serial_hex"] == "2ab"
    assert certificate["issuer"] == "OU=TEST CA,O=TEST CA,C=JP"
    not_after = DEMO_CARDS["ise-new"].on(wallet.day).not_after
    assert certificate["not_after"] == not_after.isoformat()
    # The program counts from the day on its own clock, which a midnight may have changed meanwhile.
    assert certificate["days_left"] in {(not_after.date() - day).days for day in (days_before, today())}
    assert certificate["company"] == "テスト工事業者０１"
    assert certificate["holder"] == "個人　十郎"
    assert certificate["address"] == "Tokyo-To Minato-ku Shibaura"
    assert re.fullmatch("[0-9a-f]{64}", certificate["fingerprint"])
    assert readers.first.count() > counted
    assert readers.first.tries_left() == 3


@pytest.mark.pcscd
def test_for_people_it_is_one_thing_a_line(readers: Readers) -> None:
    readers.insert(readers.first, "ise-new")
    ran = run("card", env={"PCSCLITE_CSOCK_NAME": str(readers.daemon.socket_path)})
    assert ran.code == USABLE
    told = ran.out.splitlines()
    assert f"リーダー: {readers.daemon.readers[0]}" in told
    assert "利用者登録への使用: できます" in told
    assert f"PIN番号の残り回数: {t('card_command.tries', n=3)}" in told
    assert "証明書シリアル番号: 683 (10進) / 2ab (16進)" in told
    assert "ICカード企業名称: テスト工事業者０１" in told
    assert told[-2:] == [f"リーダー: {readers.daemon.readers[1]}", "カード: 入っていません"]
    assert not ran.err


@pytest.mark.pcscd
def test_two_cards_and_one_of_them_will_do(readers: Readers) -> None:
    readers.insert(readers.first, "mynumber")
    readers.insert(readers.second, "ise-current")
    counted = readers.first.count()
    code, (first, second) = readers.json()
    assert code == USABLE
    assert first["card"] == {"kind": "mynumber", "accepted": False, "reason": "R-23", "tries_left": None, "certificates": []}
    assert second["card"]["certificates"][0]["serial"] == "659"
    assert readers.first.count() == counted + 1  # one SELECT, and nothing after it


@pytest.mark.pcscd
@pytest.mark.parametrize(
    ("name", "system", "kind", "accepted", "reason", "tries"),
    [
        ("mynumber", "ise", "mynumber", False, "R-23", None),
        ("blocked", "ise", "piv", True, "", 0),
        ("other-ca", "ise", "piv", False, "R-34", None),
        ("nagasaki-expired", "nagasaki", "piv", True, "", 3),
    ],
)
def test_a_card_that_cannot_be_used(
    readers: Readers, name: str, system: str, kind: str, accepted: bool, reason: str, tries: int | None
) -> None:
    readers.insert(readers.first, name)
    code, told = readers.json("--system", system)
    assert code == NOT_USABLE
    card = told[0]["card"]
    assert (card["kind"], card["accepted"], card["reason"], card["tries_left"]) == (kind, accepted, reason, tries)
    ran = run("card", "--system", system, env={"PCSCLITE_CSOCK_NAME": str(readers.daemon.socket_path)})
    assert ran.code == NOT_USABLE
    assert "対処:" in ran.out or "期限切れ" in ran.out


@pytest.mark.pcscd
def test_no_card_no_service(readers: Readers) -> None:
    code, told = readers.json()
    assert code == NO_CARD
    assert [entry["card"] for entry in told] == [None, None]
    readers.daemon.stop()
    ran = run("card", "--json", env={"PCSCLITE_CSOCK_NAME": str(readers.daemon.socket_path)})
    assert (ran.code, json.loads(ran.out)) == (NOT_LOOKED, [])
    assert "E-NO-PCSCD" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.pcscd
def test_a_card_that_answers_nonsense_does_not_hide_the_other(readers: Readers) -> None:
    readers.insert(readers.first, "ise-current")
    readers.insert(readers.second, "ise-new")
    readers.first.accident(0, "1234")
    code, (first, second) = readers.json()
    assert code == USABLE
    assert first["card"] is not None
    assert not first["card"]["accepted"]
    assert first["card"]["reason"] == "E-CARD-GARBLED"
    assert second["card"]["accepted"]


def test_a_service_that_hangs_is_told_at_once(short_dir: Path) -> None:
    with FalseDaemon(short_dir / "s", "silent"):
        begun = time.monotonic()
        ran = run("card", "--json", env={"PCSCLITE_CSOCK_NAME": str(short_dir / "s")})
        assert time.monotonic() - begun < scaled(6)
    assert (ran.code, json.loads(ran.out)) == (NOT_LOOKED, [])
    assert "応答しません" in ran.err


def test_a_token_of_a_module_without_any_reader(short_dir: Path) -> None:
    if not softhsm.module():
        pytest.skip("softhsm2 is not installed")
    tokens = softhsm.SoftHsm(short_dir)
    tokens.token("card", softhsm.Stored(CertificateAuthority(now=STARTED).slot("p256")))
    environment = tokens.env | {"PCSCLITE_CSOCK_NAME": str(short_dir / "none"), "EBID_TUI_PKCS11_MODULES": softhsm.module()}
    ran = run("card", "--json", env=environment)
    assert ran.code == USABLE, ran.out + ran.err
    (card,) = (entry["card"] for entry in json.loads(ran.out) if entry["card"])
    assert (card["kind"], card["accepted"], list(card)) == ("pkcs11", True, CARD_KEYS)
    assert card["certificates"][0]["serial"] == "683"
    said = unhurried(lambda: run("doctor", "--json", "--system", "ise", env=environment).out)
    checked = {check["id"]: check for check in json.loads(said)["checks"]}
    assert checked["pcsc.service"]["status"] == "failure"
    assert checked["pkcs11.modules"]["status"] == "ok"
    assert checked["card.kind"]["values"] == {"kind": "pkcs11"}
    assert checked["card.authority"]["status"] == "ok"


# ---- without a reader ------------------------------------------------------------------------------------------------


def look(**changes: Any) -> CardLook:
    values: dict[str, Any] = {
        "reader": "r",
        "kind": "piv",
        "accepted": True,
        "reason": "",
        "tries_left": None,
        "certificates": (b"no certificate",),
    }
    return CardLook(**(values | changes))


def test_a_certificate_that_cannot_be_read_has_every_key_and_no_value() -> None:
    looks = [("r", look())]
    (entry,) = json.loads(as_json(looks, NOW))
    (certificate,) = entry["card"]["certificates"]
    assert list(certificate) == CERTIFICATE_KEYS
    assert {key: value for key, value in certificate.items() if value is not None}.keys() == {"fingerprint"}
    assert exit_code(looks, NOW) == NOT_USABLE
    assert any("E-CERT" in line for line in lines(looks, NOW))


def test_no_reader_at_all() -> None:
    assert json.loads(as_json([], NOW)) == []
    assert exit_code([], NOW) == NO_CARD
    assert t("plain.code", code="E-NO-READER") in list(lines([], NOW))


@pytest.mark.parametrize("kind", ["piv", "pkcs11", "mynumber", "corporate", "unknown", "mute", "busy"])
@pytest.mark.parametrize("reason", ["", "R-23", "R-34", "E-CARD-MUTE", "E-CARD-BUSY", "E-CARD-GARBLED", "E-SEVERAL-CERTIFICATES"])
def test_every_kind_and_reason_has_words(kind: str, reason: str) -> None:
    told = "\n".join(lines([("r\x1b[2J", look(kind=kind, reason=reason, accepted=not reason, certificates=()))], NOW))
    assert "None" not in told
    assert "\x1b" not in told
    assert not reason or reason in told


def test_a_stdout_that_is_not_utf8_gets_its_json_all_the_same(short_dir: Path) -> None:
    environment = {**os.environ, "PCSCLITE_CSOCK_NAME": str(short_dir / "none"), "PYTHONIOENCODING": "euc_jp"}
    ran = subprocess.run([*COMMAND, "card", "--json"], env=environment, cwd=ROOT, capture_output=True, timeout=long(), check=False)
    assert json.loads(ran.stdout) == []
    assert "E-NO-PCSCD" in ran.stderr.decode("euc_jp")
    assert as_json([("リーダー", None)], NOW, ascii_only=True).isascii()


def test_the_exit_codes_are_documented() -> None:
    table = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8").partition("ebid-tui card")[2]
    assert {int(code) for code in re.findall(r"^\| (\d) \|", table, re.MULTILINE)} >= {USABLE, NOT_LOOKED, NO_CARD, NOT_USABLE}
