"""`ebid-tui serve` as a process: killed and started again, over TLS, and refusing to start."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import func, select

from ebid_tui.client.api import HttpServer
from ebid_tui.demo.cards import Wallet
from ebid_tui.errors import EbidError, ServerError, TlsRefused
from ebid_tui.server import cli
from ebid_tui.server.serving import Where
from ebid_tui.server.store import schema
from tests.clock import STARTED
from tests.patience import scaled
from tests.server.running import Bidder, Running, sign_in_content
from tests.server.serving import on_socket, serve
from tests.server.signing import Card


def registrations(server: Running) -> int:
    with server.database() as connection:
        return connection.execute(select(func.count()).select_from(schema.receipts)).scalar_one()


@pytest.mark.usefixtures("database_kind")
async def test_killed_after_the_receipt_the_repeat_gives_the_same(
    short_dir: Path, card_directory: Wallet, card: Callable[[str], Card]
) -> None:
    with serve(short_dir, card_directory, "--uds", str(short_dir / "s")) as served:
        bidder = Bidder(on_socket(short_dir), card("ise-new"))
        await served.answers(bidder.client)
        await bidder.sign_in()
        signed = bidder.card.signed(await bidder.statement(await bidder.search()))
        receipt = await bidder.client.register(signed, "key-of-a-test")
        assert served.end(signal.SIGKILL) == -signal.SIGKILL
        served.start()
        await served.answers(bidder.client)
        # The session, too, is in the database: nobody has to sign in again.
        assert await bidder.client.register(signed, "key-of-a-test") == receipt
        assert registrations(bidder.server) == 1


@pytest.mark.usefixtures("database_kind")
async def test_killed_while_registering_nothing_is_half_done(short_dir: Path, card_directory: Wallet, card: Callable[[str], Card]) -> None:
    with serve(short_dir, card_directory, "--uds", str(short_dir / "s")) as served:
        bidder = Bidder(on_socket(short_dir), card("ise-new"))
        await served.answers(bidder.client)
        await bidder.sign_in()
        signed = bidder.card.signed(await bidder.statement(await bidder.search()))
        sending = asyncio.ensure_future(bidder.client.register(signed, "key-of-a-test"))
        await asyncio.sleep(0.005)
        served.end(signal.SIGKILL)
        served.start()
        await asyncio.gather(sending, return_exceptions=True)
        await served.answers(bidder.client)
        receipt = await bidder.client.register(signed, "key-of-a-test")
        assert registrations(bidder.server) == 1
        with bidder.server.database() as connection:
            assert connection.execute(select(schema.evidence.c.receipt_id)).scalar_one() == receipt.id
            assert connection.execute(select(func.count()).select_from(schema.mail_outbox)).scalar_one() == 1


@pytest.mark.usefixtures("database_kind")
async def test_it_stops_when_told(short_dir: Path, card_directory: Wallet) -> None:
    with serve(short_dir, card_directory, "--uds", str(short_dir / "s")) as served:
        await served.answers(on_socket(short_dir).client())
        started = time.monotonic()
        assert served.end(signal.SIGTERM) == 0
        assert time.monotonic() - started < scaled(5)


async def test_on_an_ipv6_address_it_goes_by_a_name_with_brackets(
    short_dir: Path, card_directory: Wallet, card: Callable[[str], Card]
) -> None:
    """S10: its origin was `http://::1:P`, and every sign-in ended after the PIN. Whoever knows it by another name hears so before."""
    origin = f"http://[::1]:{_free_port('::1')}"
    with serve(short_dir, card_directory, "--listen", origin.removeprefix("http://")) as served:
        client = HttpServer(origin, allowed_origins=(origin,))
        await served.answers(client)
        said = sign_in_content((await client.challenge("ise")).nonce, origin=origin)
        assert (await client.sign_in(card("ise-new").signed(said))).token
        other = HttpServer(origin, "http://localhost", allowed_origins=("http://localhost",))
        with pytest.raises(ServerError, match="E-ORIGIN-OTHER") as told:
            await other.challenge("ise")
        assert origin in told.value.title
        await client.close()
        await other.close()


async def test_over_tls(short_dir: Path, card_directory: Wallet) -> None:
    key, certificate = _tls(short_dir)
    origin = f"https://localhost:{_free_port()}"
    options = ["--listen", origin.removeprefix("https://"), "--tls-certificate", str(certificate), "--tls-key", str(key)]
    with serve(short_dir, card_directory, *options) as served:
        client = HttpServer(origin, allowed_origins=(origin,), authorities=str(certificate))
        await served.answers(client)
        with pytest.raises(TlsRefused):
            await HttpServer(origin, allowed_origins=(origin,)).clock()


@pytest.mark.parametrize("where", ["0.0.0.0:8080", "192.0.2.1:8080", "example.jp:80", "[::]:80"])
def test_plain_http_stays_on_the_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str], where: str) -> None:
    assert cli.main(["--database", "sqlite:////nowhere/x", "--trust", str(tmp_path), "--listen", where]) == 1
    assert "E-PLAIN-HTTP" in capsys.readouterr().err


def test_without_trusted_authorities_it_does_not_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--database", "sqlite:////nowhere/x", "--trust", str(tmp_path)]) == 1
    assert "E-TRUST" in capsys.readouterr().err


def test_its_names_are_written_as_clients_write_them() -> None:
    at = Where(host="2001:db8::1", port=443, certificate=Path("x"))
    assert cli._origins([], at) == ("https://[2001:db8::1]",)
    assert cli._origins([], Where(uds=Path("/run/s"))) == ("http://localhost",)
    assert cli._origins(["https://Toroku.Example.jp:443/", "http://[0:0::1]:80"], at) == ("https://toroku.example.jp", "http://[::1]")
    with pytest.raises(EbidError, match="E-ORIGIN-URL"):
        cli._origins(["toroku.example.jp"], at)


def test_an_address_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--database", "sqlite:////nowhere/x", "--trust", str(tmp_path), "--listen", "8080"]) == 1
    assert "E-LISTEN" in capsys.readouterr().err


def _free_port(host: str = "127.0.0.1") -> int:
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        port: int = probe.getsockname()[1]
        return port


def _tls(directory: Path) -> tuple[Path, Path]:
    """A key and a certificate of its own for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, STARTED - timedelta(days=1), STARTED + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = directory / "key.pem", directory / "certificate.pem"
    files[0].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    files[1].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return files
