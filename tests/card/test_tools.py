"""The independent judges: OpenSC's tools and `yubico-piv-tool` take the virtual card in a real `pcscd` for a card."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.card.pcscd import CardProcess, PrivatePcscd
from tests.card.plastic import CertificateAuthority
from tests.card.vpcd import save_card
from tests.clock import NOW
from tests.patience import long

TOOLS = ("opensc-tool", "pkcs15-tool", "pkcs11-tool", "yubico-piv-tool", "openssl")
MODULES = [Path(f"/usr/lib/{machine}/opensc-pkcs11.so") for machine in ("x86_64-linux-gnu", "aarch64-linux-gnu")]
MODULE = next((path for path in MODULES if path.exists()), None)

pytestmark = [
    pytest.mark.pcscd,
    pytest.mark.skipif(any(shutil.which(tool) is None for tool in TOOLS), reason=f"not all installed: {', '.join(TOOLS)}"),
]


class Bench:
    """A card in a reader, and the tools to try it with."""

    def __init__(self, daemon: PrivatePcscd, cards: CardProcess, directory: Path) -> None:
        self._daemon = daemon
        self.cards = cards
        self.directory = directory

    def insert(self, name: str) -> None:
        self.cards.remove()
        self._wait("No")
        self.cards.insert(name)
        self._wait("Yes")

    def _wait(self, present: str) -> None:
        for _ in range(200):
            if f"0    {present} " in self.run("opensc-tool", "--list-readers").stdout:
                return
            time.sleep(0.02)
        raise TimeoutError

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=self._daemon.env, capture_output=True, text=True, timeout=long(), check=False)

    def ok(self, *command: str) -> str:
        done = self.run(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def pkcs11(self, *options: str) -> str:
        assert MODULE is not None, "opensc-pkcs11 is not where Debian puts it"
        return self.ok("pkcs11-tool", "--module", str(MODULE), *options)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Cards of every kind of key: 9A first, 9C second."""
    ca = CertificateAuthority(now=NOW)
    root = tmp_path_factory.mktemp("cards")
    save_card(root / "rsa", {0x9A: ca.slot("rsa2048"), 0x9C: ca.slot("p384")})
    save_card(root / "ec", {0x9A: ca.slot("p256"), 0x9C: ca.slot("rsa2048", owner="second")})
    save_card(root / "short", {0x9A: ca.slot("rsa2048"), 0x9C: ca.slot("rsa2048", owner="second")}, extended=False)
    return {name: root / name for name in ("rsa", "ec", "short")}


@pytest.fixture
def bench(pcscd: PrivatePcscd, stock: dict[str, Path], tmp_path: Path) -> Iterator[Bench]:
    with CardProcess(pcscd.ports[0], stock) as cards:
        yield Bench(pcscd, cards, tmp_path)


def certificate(stock: dict[str, Path], name: str, slot: str) -> x509.Certificate:
    return x509.load_der_x509_certificate((stock[name] / f"{slot}.cert.der").read_bytes())


@pytest.mark.parametrize("name", ["rsa", "ec", "short"])
def test_opensc_knows_it_and_lists_its_certificates(bench: Bench, name: str) -> None:
    bench.insert(name)
    assert "Personal Identity Verification Card" in bench.ok("opensc-tool", "--name")
    listed = bench.ok("pkcs15-tool", "--list-certificates")
    assert "Certificate for PIV Authentication" in listed
    assert "Certificate for Digital Signature" in listed
    assert "02AB" in listed


@pytest.mark.parametrize(
    ("name", "slot", "mechanism"),
    [
        ("rsa", "9a", "SHA256-RSA-PKCS"),
        ("rsa", "9c", "ECDSA-SHA384"),
        ("ec", "9a", "ECDSA-SHA256"),
        ("ec", "9c", "SHA256-RSA-PKCS"),
        ("short", "9a", "SHA256-RSA-PKCS"),
        ("short", "9c", "SHA256-RSA-PKCS"),
    ],
)
def test_pkcs11_tool_logs_in_and_signs_and_openssl_verifies(
    bench: Bench, stock: dict[str, Path], name: str, slot: str, mechanism: str
) -> None:
    bench.insert(name)
    message, signature, public = (bench.directory / part for part in ("message", "signature", "public.pem"))
    message.write_bytes("利用者登録".encode())
    key = certificate(stock, name, slot).public_key()
    public.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    identifier = {"9a": "01", "9c": "02"}[slot]
    bench.pkcs11(
        *("--login", "--pin", "123456", "--sign", "--id", identifier, "--mechanism", mechanism, "--signature-format", "openssl"),
        *("--input-file", str(message), "--output-file", str(signature)),
    )
    digest = "-sha384" if "384" in mechanism else "-sha256"
    assert "Verified OK" in bench.ok("openssl", "dgst", digest, "-verify", str(public), "-signature", str(signature), str(message))


def test_pkcs11_tool_reads_the_certificate(bench: Bench, stock: dict[str, Path]) -> None:
    bench.insert("rsa")
    read = bench.directory / "read.der"
    bench.pkcs11("--read-object", "--type", "cert", "--id", "01", "--output-file", str(read))
    assert read.read_bytes() == certificate(stock, "rsa", "9a").public_bytes(Encoding.DER)


def test_yubico_piv_tool_shows_its_status(bench: Bench, stock: dict[str, Path]) -> None:
    bench.insert("rsa")
    status = bench.ok("yubico-piv-tool", "--reader", "Virtual", "--action", "status")
    assert "Algorithm:\tRSA2048" in status
    assert "Algorithm:\tECCP384" in status
    assert "O=TEST CA, OU=TEST CA" in status
    assert "PIN tries left:\t3" in status


def test_yubico_piv_tool_verifies_the_pin_and_counts_wrong_ones(bench: Bench) -> None:
    bench.insert("ec")

    def verify(pin: str) -> subprocess.CompletedProcess[str]:
        return bench.run("yubico-piv-tool", "--reader", "Virtual", "--action", "verify-pin", "--pin", pin)

    assert verify("123456").returncode == 0
    wrong = verify("999999")
    assert wrong.returncode != 0
    assert "2 tries left" in wrong.stderr
    assert verify("123456").returncode == 0
    assert bench.cards.tries_left() == 3
    for _ in range(3):
        verify("999999")
    assert bench.cards.tries_left() == 0
    assert verify("123456").returncode != 0


def test_yubico_piv_tool_changes_the_pin(bench: Bench) -> None:
    bench.insert("ec")
    tool = ("yubico-piv-tool", "--reader", "Virtual")

    def change(old: str, new: str) -> subprocess.CompletedProcess[str]:
        return bench.run(*tool, "--action", "change-pin", "--pin", old, "--new-pin", new)

    assert change("123456", "87654321").returncode == 0
    assert bench.run(*tool, "--action", "verify-pin", "--pin", "87654321").returncode == 0
    wrong = change("123456", "111111")
    assert wrong.returncode != 0
    assert bench.cards.tries_left() == 2
    assert change("87654321", "123456").returncode == 0
    assert bench.cards.tries_left() == 3


def test_yubico_piv_tool_signs_with_the_key_of_the_certificate(bench: Bench) -> None:
    bench.insert("rsa")
    read = bench.directory / "read.pem"
    read.write_text(bench.ok("yubico-piv-tool", "--reader", "Virtual", "--action", "read-certificate", "--slot", "9a"))
    bench.ok(
        *("yubico-piv-tool", "--reader", "Virtual", "--action", "verify-pin", "--pin", "123456"),
        *("--action", "test-signature", "--slot", "9a", "--algorithm", "RSA2048", "--input", str(read)),
    )
