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
from ebid_tui.client.http_request import ServerAddress
from ebid_tui.demo.cards import Wallet, trust_anchors
from ebid_tui.errors import EbidError, ServerError, TlsRefused
from ebid_tui.server import cli
from ebid_tui.server.running.serving import ListenAddress
from ebid_tui.server.store import schema
from tests.clock import STARTED
from tests.patience import scaled
from tests.server.running_server import Bidder, Running, sign_in_content
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
    with serve(short_dir, card_directory, "--uds", str(short_dir / "s"), interpreter=True) as served:
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
        client = HttpServer(ServerAddress(origin, allowed_origins=(origin,)))
        await served.answers(client)
        said = sign_in_content((await client.challenge("ise")).nonce, origin=origin)
        assert (await client.sign_in(card("ise-new").signed(said))).token
        other = HttpServer(ServerAddress(origin, "http://localhost", allowed_origins=("http://localhost",)))
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
        client = HttpServer(ServerAddress(origin, allowed_origins=(origin,), authorities=str(certificate)))
        await served.answers(client)
        with pytest.raises(TlsRefused):
            await HttpServer(ServerAddress(origin, allowed_origins=(origin,))).clock()


@pytest.mark.parametrize("where", ["0.0.0.0:8080", "192.0.2.1:8080", "example.jp:80", "[::]:80"])
def test_plain_http_stays_on_the_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str], where: str) -> None:
    assert cli.main(["--database", "sqlite:////nowhere/x", "--trust", str(tmp_path), "--listen", where]) == 1
    assert "E-PLAIN-HTTP" in capsys.readouterr().err


def test_without_trusted_authorities_it_does_not_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--database", "sqlite:////nowhere/x", "--trust", str(tmp_path)]) == 1
    assert "E-TRUST" in capsys.readouterr().err


def test_its_names_are_written_as_clients_write_them() -> None:
    at = ListenAddress(host="2001:db8::1", port=443, certificate=Path("x"))
    assert cli._origins([], at) == ("https://[2001:db8::1]",)
    assert cli._origins([], ListenAddress(uds=Path("/run/s"))) == ("http://localhost",)
    assert cli._origins(["https://Toroku.Example.jp:443/", "http://[0:0::1]:80"], at) == ("https://toroku.example.jp", "http://[::1]")
    good = "https://example.jp"
    for url in (
        "toroku.example.jp",
        "https://exa mple.jp",
        f"{good}/path",
        f"{good}//",
        f"{good}/?",
        f"{good}?x",
        f"{good}#",
        f"{good}/#x",
    ):
        with pytest.raises(EbidError, match="E-ORIGIN-URL"):
            cli._origins([url], at)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "0.0.0.0", "::"])
def test_an_address_that_makes_no_name_wants_one(host: str) -> None:
    """Port 0, or every address of the machine: no client can go by it."""
    port = 8443 if host in ("0.0.0.0", "::") else 0
    with pytest.raises(EbidError, match="E-LISTEN-ORIGIN"):
        cli._origins([], ListenAddress(host=host, port=port))
    assert cli._origins(["https://example.jp"], ListenAddress(host=host, port=port)) == ("https://example.jp",)


def test_an_address_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ports = ("70000", "65536", "99999999", "１８", "-1", "+1", " 1", "1_0", "", "9" * 5000)
    for where in ("8080", ":80", "[]:80", "[::1:80", *(f"{host}:{port}" for host in ("127.0.0.1", "[::1]", "localhost") for port in ports)):
        for option in ("--listen", "--metrics"):
            assert cli.main(["--database", "sqlite:////nowhere/x", "--trust", str(tmp_path), option, where]) == 1
            assert "E-LISTEN " in capsys.readouterr().err, where
    assert cli._address("[::1]:65535") == ("::1", 65535)


def test_an_address_that_cannot_be_had(tmp_path: Path, short_dir: Path, capsys: pytest.CaptureFixture[str], card_directory: Wallet) -> None:
    """Taken, not of this machine, no name at all, no directory: exit code 1 and what to do, not uvicorn's 3 and a line in English."""
    key, certificate = _tls(tmp_path)
    (tmp_path / "trust").mkdir()
    for name, der in trust_anchors(card_directory).items():
        (tmp_path / "trust" / f"{name}.der").write_bytes(der)
    stops = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        used = f"127.0.0.1:{taken.getsockname()[1]}"
        nowhere = ("--listen", used), ("--listen", "192.0.2.1:8443"), ("--listen", "a..b:8443"), ("--uds", str(short_dir / "none" / "s"))
        try:
            for option, where in nowhere:
                files = ["--tls-certificate", str(certificate), "--tls-key", str(key)] if option == "--listen" else []
                where_else = ["--database", f"sqlite:///{tmp_path / 'e.db'}", "--trust", str(tmp_path / "trust"), "--no-overnight"]
                assert cli.main([*where_else, option, where, *files]) == 1
                said = capsys.readouterr().err
                assert "E-LISTEN-TAKEN" in said
                assert f"{where} で待ち受けできません" in said
        finally:
            for number, stop in stops.items():
                signal.signal(number, stop)


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
