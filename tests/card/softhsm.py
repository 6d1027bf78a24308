"""SoftHSM 2, a real PKCS#11 module, with tokens of a test's own; `rogue` puts a module before it that misbehaves as told."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from ebid_tui.card.pkcs11.module_process import ModuleProcess
from ebid_tui.card.worker import CardWorker
from ebid_tui.demo.virtual_card import SlotKey
from tests.patience import long

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so")
OPENSC = ("/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so", "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so", "/usr/lib64/opensc-pkcs11.so")
PIN = b"Secret-1234"
SO_PIN = "so-87654321"

Start = Callable[..., CardWorker]
"""The fixture `start`: a card thread over these modules (none named: SoftHSM)."""


def module(paths: Sequence[str] = MODULES) -> str:
    """The first that is installed; empty if none."""
    return next((path for path in paths if Path(path).exists()), "")


@dataclass(frozen=True)
class Stored:
    """What goes into a token under one CKA_ID; without `key`: the certificate alone."""

    slot_key: SlotKey
    id: str = "01"
    key: bool = True
    public: bool = False
    certificate: bool = True


class SoftHsm:
    """A directory of tokens. `env` is where programs find them; `use` sets it in this process."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / "tokens").mkdir(parents=True, exist_ok=True)
        self.config = directory / "softhsm2.conf"
        self.config.write_text(f"directories.tokendir = {directory / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "SOFTHSM2_CONF": str(self.config)}

    def token(self, label: str, *stored: Stored, pin: bytes = PIN, always: bool = False) -> None:
        """A token with these keys and certificates; `always`: its keys want the PIN before each signature."""
        text = pin.decode()
        self._run("softhsm2-util", "--init-token", "--free", "--label", label, "--pin", text, "--so-pin", SO_PIN)
        for one in stored:
            file = self.directory / "object"
            if one.key:
                file.write_bytes(one.slot_key.private_key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
                more = ["--always-auth"] if always else []
                self._write(label, text, file, "privkey", one.id, *more)
            if one.public:
                public = one.slot_key.private_key.public_key()
                file.write_bytes(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
                self._write(label, text, file, "pubkey", one.id)
            if one.certificate:
                file.write_bytes(one.slot_key.certificate)
                self._write(label, text, file, "cert", one.id)

    def _write(self, label: str, pin: str, file: Path, kind: str, key_id: str, *more: str) -> None:
        where = ["--module", module(), "--token-label", label, "--login", "--pin", pin]
        self._run("pkcs11-tool", *where, "--write-object", str(file), "--type", kind, "--id", key_id, *more)

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=long(), check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def build_rogue(directory: Path) -> Path:
    """The module that misbehaves (`rogue_module.c`), compiled."""
    library = directory / "librogue.so"
    source = Path(__file__).with_name("rogue_module.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl", "-lpthread"], check=True, timeout=long())
    return library


def verified(der: bytes, message: bytes, signature: bytes) -> bool:
    """By the certificate's key, in JWS form; raises InvalidSignature."""
    key = x509.load_der_x509_certificate(der).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        return True
    assert isinstance(key, ec.EllipticCurvePublicKey)
    size = key.curve.key_size // 8
    assert len(signature) == 2 * size
    raw = encode_dss_signature(int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))
    key.verify(raw, message, ec.ECDSA(hashes.SHA384() if size == 48 else hashes.SHA256()))
    return True


class Rogue:
    """SoftHSM behind the module that misbehaves."""

    def __init__(self, path: Path, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = str(path)
        self._orders, self._log = directory / "orders", directory / "calls"
        self.order()
        for name, value in {"ROGUE": self._orders, "ROGUE_LOG": self._log, "ROGUE_REAL": module()}.items():
            monkeypatch.setitem(os.environ, name, str(value))

    def order(self, *lines: str) -> None:
        """What happens from the next call on."""
        self._orders.write_text("".join(line + "\n" for line in lines))

    @property
    def calls(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []


def logins(rogue: Rogue) -> int:
    """How often a PIN reached the module."""
    return sum(line.startswith("login") for line in rogue.calls)


def process_of(worker: CardWorker) -> ModuleProcess:
    """Of the first module."""
    assert worker._tokens is not None
    return worker._tokens.modules()[0]
