"""TLS 1.3 and nothing before it; a new certificate without a restart."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ebid_tui.client.api import HttpServer
from ebid_tui.client.http_request import ServerAddress
from ebid_tui.demo.cards import Wallet
from ebid_tui.server import cli
from tests.clock import STARTED
from tests.patience import long
from tests.server.serving import Served, serve


def write(directory: Path, serial: int) -> None:
    """A key and a certificate of its own for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), serial, STARTED - timedelta(days=1), STARTED + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (directory / "key.pem").write_bytes(private)
    (directory / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
        return free


@pytest.fixture
async def served(short_dir: Path, card_directory: Wallet, port: int) -> Iterator[Served]:  # type: ignore[misc]
    write(short_dir, 1)
    files = ["--tls-certificate", str(short_dir / "certificate.pem"), "--tls-key", str(short_dir / "key.pem")]
    with serve(short_dir, card_directory, "--listen", f"localhost:{port}", *files) as made:
        origin = f"https://localhost:{port}"
        await made.answers(HttpServer(ServerAddress(origin, allowed_origins=(origin,), authorities=str(short_dir / "certificate.pem"))))
        yield made


def handshake(port: int, *options: str) -> subprocess.CompletedProcess[str]:
    command = ["openssl", "s_client", "-connect", f"localhost:{port}", "-brief", *options]
    return subprocess.run(command, input="", capture_output=True, text=True, timeout=long(), check=False)


def serial(port: int) -> int:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("localhost", port)) as plain, context.wrap_socket(plain, server_hostname="localhost") as secure:
        der = secure.getpeercert(binary_form=True)
        assert der is not None
        assert secure.version() == "TLSv1.3"
        return x509.load_der_x509_certificate(der).serial_number


async def test_1_3_and_nothing_before(served: Served, port: int) -> None:
    spoken = handshake(port, "-tls1_3")
    assert spoken.returncode == 0
    assert "TLSv1.3" in spoken.stdout + spoken.stderr
    for older in ("-tls1_2", "-tls1_1", "-tls1"):
        refused = handshake(port, older, "-cipher", "ALL:@SECLEVEL=0")
        assert refused.returncode != 0, older
        assert "CONNECTION ESTABLISHED" not in refused.stdout + refused.stderr


async def test_a_new_certificate_with_sighup_and_a_broken_one_changes_nothing(served: Served, short_dir: Path, port: int) -> None:
    assert serial(port) == 1
    write(short_dir, 2)
    assert served.process is not None
    served.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + long()
    while serial(port) != 2:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    (short_dir / "key.pem").write_text("nothing")
    served.process.send_signal(signal.SIGHUP)
    log = short_dir / "log"
    while "certificate kept" not in log.read_text():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert serial(port) == 2
    assert served.process.poll() is None


@pytest.mark.parametrize("files", [["--tls-certificate"], ["--tls-key"], ["--tls-certificate", "--tls-key"]])
def test_files_that_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str], files: list[str]) -> None:
    """One without the other is never plain HTTP by mistake, not even on loopback."""
    (tmp_path / "file.pem").write_text("nothing")
    given = [part for option in files for part in (option, str(tmp_path / "file.pem"))]
    assert cli.main(["--database", "sqlite:////nowhere/x", "--trust", str(tmp_path), *given]) == 1
    assert "E-TLS" in capsys.readouterr().err
