"""The demo's cards are those of "Demo constants", their keys are made once and stay private."""

import json
import multiprocessing
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key

from ebid_tui.card.pin import Pin
from ebid_tui.card.worker import CardWorker
from ebid_tui.demo import cards
from ebid_tui.demo.cards import Wallet, certificate, make_virtual, trust_anchors
from ebid_tui.demo.packaged import DEMO_CARDS
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.domain.certificate import Certificate, read
from ebid_tui.domain.issuers import known_issuers
from ebid_tui.errors import CardBlocked, CardRefused, EbidError, WrongPin
from tests.wallets import documented, slots

PIV = [name for name, card in DEMO_CARDS.items() if card.kind == "piv"]


@pytest.fixture(scope="module")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    return documented(tmp_path_factory.mktemp("demo") / "keys")


def card(wallet: Wallet, name: str) -> Certificate:
    return read(certificate(wallet, name))


@pytest.mark.parametrize(
    ("name", "serial", "issuer", "not_after", "company", "holder", "address"),
    [
        ("ise-new", 683, "OU=TEST CA,O=TEST CA,C=JP", "2028/02/29", "テスト工事業者０１", "個人　十郎", "Tokyo-To Minato-ku Shibaura"),
        ("ise-second", 684, "OU=TEST CA,O=TEST CA,C=JP", "2028/02/29", "テスト工事業者０２", "テスト　二郎", "Tokyo-To Minato-ku Shibaura"),
        (
            "ise-current",
            659,
            "OU=TEST CA,O=TEST CA,C=JP",
            "2028/02/29",
            "テスト０６株式会社",
            "テスト　六郎",
            "Tokyo-To Minato-ku Shibaura",
        ),
        ("ise-next", 673, "OU=TEST CA,O=TEST CA,C=JP", "2028/02/29", "テスト２０株式会社", "テスト　二十郎", "Tokyo-To Minato-ku Shibaura"),
        (
            "aomori-current",
            246187065731116185158328469941009070494604893755,
            "OU=bidca4,O=pki4,ST=Kanagawa,C=JP",
            "2029/12/13",
            "bidca4",
            "ARServer4",
            "Kanagawa Kawasaki",
        ),
        (
            "aomori-next",
            246187065731116185158328469941009070494604893767,
            "OU=bidca4,O=pki4,ST=Kanagawa,C=JP",
            "2029/12/13",
            "bidca4",
            "ARServer4",
            "Kanagawa Kawasaki",
        ),
        (
            "saitama-current",
            0x3435373536,
            "OU=Organization CA U8,O=LGPKI,C=JP",
            "2028/03/27",
            "株式会社○○建設",
            "△△　太郎",
            "Saitama Saitama-shi, Urawa-ku, Takasago",
        ),
        (
            "saitama-next",
            0x3436393834,
            "OU=Organization CA U8,O=LGPKI,C=JP",
            "2028/09/09",
            "株式会社○○建設",
            "△△　太郎",
            "Saitama Saitama-shi, Urawa-ku, Takasago",
        ),
        (
            "saitama-new",
            224248018997,
            "OU=Organization CA U8,O=LGPKI,C=JP",
            "2028/09/09",
            "株式会社○○建設",
            "△△　太郎",
            "Saitama Saitama-shi, Urawa-ku, Takasago",
        ),
        (
            "nagasaki-current",
            1234,
            "OU=TEST CA2,O=TEST CA2,C=JP",
            "2027/03/31",
            "長崎テスト建設株式会社",
            "長崎　太郎",
            "Nagasaki Nagasaki-shi Onoue-machi",
        ),
    ],
)
def test_the_certificates_say_what_the_documents_print(
    wallet: Wallet, name: str, serial: int, issuer: str, not_after: str, company: str, holder: str, address: str
) -> None:
    shown = card(wallet, name)
    assert (shown.serial, shown.issuer, shown.not_after_text) == (serial, issuer, not_after)
    assert (shown.company, shown.holder, shown.holder_address) == (company, holder, address)


def test_aomoris_card_has_a_company_address(wallet: Wallet) -> None:
    assert card(wallet, "aomori-current").company_address == "Minato Akasaka"


def test_the_further_cards(wallet: Wallet) -> None:
    assert card(wallet, "stranger").company == "他社テスト株式会社"
    assert card(wallet, "stranger").holder == "他社　太郎"
    assert card(wallet, "stranger").issuer == card(wallet, "ise-new").issuer
    assert known_issuers().find(card(wallet, "other-ca").issuer) is None
    assert make_virtual(wallet, "blocked").tries_left == 0
    assert make_virtual(wallet, "mynumber").slots == {}


def test_which_cards_are_registered() -> None:
    registered = {name: demo.vendor for name, demo in DEMO_CARDS.items() if demo.registered}
    assert registered == {
        "ise-current": "1000000005",
        "ise-soon": "1000000005",
        "aomori-current": "990000001",
        "nagasaki-current": "3000000001",
        "nagasaki-expired": "3000000001",
        "saitama-current": "4000000001",
    }


@pytest.mark.parametrize("name", PIV)
def test_both_slots_hold_a_key_and_its_certificate_by_the_cards_authority(wallet: Wallet, name: str) -> None:
    material = slots(wallet, name)
    assert list(material) == [0x9A, 0x9C]
    first, second = (read(material[slot][1]) for slot in (0x9A, 0x9C))
    assert first.key == second.key == DEMO_CARDS[name].key
    assert second.serial == first.serial + 1_000_000
    assert first.key_usage == {"digitalSignature"}
    assert second.key_usage == {"nonRepudiation"}
    assert first.card_holder == second.card_holder
    anchor = trust_anchors(wallet).get(DEMO_CARDS[name].authority)
    assert (anchor is None) == (name == "other-ca")
    for private_key, der in material.values():
        held = x509.load_der_x509_certificate(der)
        if anchor is not None:
            held.verify_directly_issued_by(x509.load_der_x509_certificate(anchor))
        key = load_der_private_key(private_key, None)
        spki = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert key.public_key().public_bytes(*spki) == held.public_key().public_bytes(*spki)


def test_no_certificate_is_valid_longer_than_five_years() -> None:
    assert all((demo.not_after - demo.not_before).days <= 5 * 366 for demo in DEMO_CARDS.values() if demo.kind == "piv")


def test_the_accepted_authorities_are_those_of_the_issuers_table(wallet: Wallet) -> None:
    assert set(trust_anchors(wallet)) == {i.id for i in known_issuers().issuers if i.kind == "demo"}
    for authority_id, der in trust_anchors(wallet).items():
        assert known_issuers().find(read(der).subject) == known_issuers().by_id(authority_id)


def test_every_card_has_a_line_in_the_list() -> None:
    assert all(demo.description for demo in DEMO_CARDS.values())
    assert len({demo.description for demo in DEMO_CARDS.values()}) == len(DEMO_CARDS)


def test_an_unknown_card_is_no_card(wallet: Wallet) -> None:
    for ask in (make_virtual, certificate):
        with pytest.raises(KeyError):
            ask(wallet, "nobody")
    with pytest.raises(KeyError):
        certificate(wallet, "mynumber")


# -- in a reader -----------------------------------------------------------------------------------------------------


@pytest.fixture
def reader() -> VirtualReader:
    return VirtualReader("virtual reader")


@pytest.fixture
def worker(reader: VirtualReader) -> Iterator[CardWorker]:
    worker = CardWorker(reader)
    worker.start()
    yield worker
    worker.stop()


def pin(digits: str) -> Pin:
    return Pin.from_bytes(bytearray(digits, "ascii"))


@pytest.mark.parametrize("name", ["ise-new", "aomori-current"])
async def test_a_demo_card_signs_in_the_virtual_reader(wallet: Wallet, reader: VirtualReader, worker: CardWorker, name: str) -> None:
    reader.insert(make_virtual(wallet, name))
    session = await worker.open()
    assert session.certificate == certificate(wallet, name)
    assert await session.tries_left() == 3
    with pytest.raises(WrongPin):
        await session.verify(pin("654321"))
    await session.verify(pin("123456"))
    signature = await session.sign(b"message")
    key = x509.load_der_x509_certificate(session.certificate).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, b"message", padding.PKCS1v15(), SHA256())
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        key.verify(encode_dss_signature(r, s), b"message", ec.ECDSA(SHA256()))


async def test_the_blocked_card_is_blocked(wallet: Wallet, reader: VirtualReader, worker: CardWorker) -> None:
    reader.insert(make_virtual(wallet, "blocked"))
    session = await worker.open()
    assert await session.tries_left() == 0
    with pytest.raises(CardBlocked):
        await session.verify(pin("123456"))


async def test_r_23_the_my_number_card_is_refused(wallet: Wallet, reader: VirtualReader, worker: CardWorker) -> None:
    reader.insert(make_virtual(wallet, "mynumber"))
    with pytest.raises(CardRefused) as refused:
        await worker.open()
    assert refused.value.code == "R-23"


# -- the keys --------------------------------------------------------------------------------------------------------


def test_the_first_use_of_a_card_makes_that_cards_keys_only(tmp_path: Path) -> None:
    slots(documented(tmp_path / "keys"), "aomori-next")
    made = {file.name for file in (tmp_path / "keys").iterdir()}
    assert made == {"ca-bidca4.json", "card-aomori-next-9a.json", "card-aomori-next-9c.json", "lock"}


def test_asking_again_gives_the_same_card(wallet: Wallet) -> None:
    assert slots(wallet, "aomori-next") == slots(wallet, "aomori-next")
    assert certificate(wallet, "aomori-next") == slots(wallet, "aomori-next")[0x9A][1]


def test_only_the_owner_can_read_them(wallet: Wallet) -> None:
    slots(wallet, "aomori-next")
    assert stat.S_IMODE(wallet.directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in wallet.directory.iterdir()} == {0o600}


def test_an_open_directory_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    slots(documented(tmp_path), "aomori-next")
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


EARLIER = b'{"stamp": "0f", "parts": {"key": "MA==", "certificate": "MA=="}}'
"""What an earlier version of the program kept: a certificate with its dates beside the key."""


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"key": 1}', b"\xff\xfe", b'{"key": "AAAA"}', b'{"sha256": "", "key": ""}', b"[" * 100_000, EARLIER]
)
def test_a_damaged_file_or_an_earlier_versions_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    wallet = documented(tmp_path)
    before = slots(wallet, "aomori-next")
    (file := tmp_path / "card-aomori-next-9a.json").write_bytes(damage)
    after = slots(wallet, "aomori-next")
    assert after[0x9A] != before[0x9A]
    assert after[0x9C] == before[0x9C]
    assert json.loads(file.read_bytes()).keys() == {"key", "sha256"}


def test_a_card_whose_facts_change_has_another_certificate(tmp_path: Path) -> None:
    wallet = documented(tmp_path)
    before = card(wallet, "nagasaki-next")
    changed = msgspec.structs.replace(DEMO_CARDS["nagasaki-next"], holder="長崎　次郎")
    after = card(Wallet(wallet.directory, wallet.day, lambda: {**DEMO_CARDS, "nagasaki-next": changed}), "nagasaki-next")
    assert (before.holder, after.holder) == ("長崎　太郎", "長崎　次郎")
    assert before.fingerprint != after.fingerprint


def test_a_new_authority_issues_its_cards_anew(tmp_path: Path) -> None:
    wallet = documented(tmp_path)
    before = certificate(wallet, "nagasaki-next")
    (tmp_path / "ca-test-ca2.json").unlink()
    after = x509.load_der_x509_certificate(certificate(wallet, "nagasaki-next"))
    assert after.fingerprint(SHA256()) != x509.load_der_x509_certificate(before).fingerprint(SHA256())
    after.verify_directly_issued_by(x509.load_der_x509_certificate(trust_anchors(wallet)["test-ca2"]))


def _everything(wallet: Wallet) -> list[object]:
    return [trust_anchors(wallet), slots(wallet, "ise-new"), slots(wallet, "aomori-next")]


def test_two_processes_may_ask_at_the_same_time_and_get_the_same(tmp_path: Path) -> None:
    """The app and its server do: neither hands the other a certificate."""
    wallet = documented(tmp_path / "keys")
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        answers = pool.map(_everything, [wallet] * 4)
    assert all(answer == _everything(wallet) for answer in answers)


def test_a_directory_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EbidError) as refused:
        slots(documented(tmp_path / "file" / "keys"), "aomori-next")
    assert refused.value.code == "E-DEMO-KEYS"
    assert "keys" in refused.value.remedy


def test_somebody_elses_directory_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(EbidError) as refused:
        slots(documented(tmp_path), "aomori-next")
    assert refused.value.code == "E-DEMO-KEYS"


def test_keys_are_not_printed(wallet: Wallet) -> None:
    material = make_virtual(wallet, "aomori-next").slots
    assert repr(material[0x9A].private_key) not in repr(material)
    assert "private_key" not in repr(material)


def test_looking_at_the_list_does_not_import_cryptography() -> None:
    code = "import sys, ebid_tui.demo.packaged as c; [d.description for d in c.DEMO_CARDS.values()]; print('cryptography' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


def test_nothing_of_it_is_shipped() -> None:
    package = Path(cards.__file__).parent
    assert not [f for f in package.rglob("*") if f.suffix in {".pem", ".der", ".key", ".p12", ".crt"}]
