"""A real certification authority made with openssl: root, issuing authority, lists over HTTP, and openssl's own OCSP responder."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.patience import long
from tests.server.signing import Card

HOST = "127.0.0.1"
POLICY = "1.2.392.200119.4.1"

CONFIG = """
[ca]
default_ca = this
[this]
dir = {directory}
database = $dir/index.txt
new_certs_dir = $dir/issued
serial = $dir/serial
crlnumber = $dir/crlnumber
certificate = $dir/ca.pem
private_key = $dir/ca.key
default_md = sha256
default_days = 365
default_crl_days = 7
policy = anything
unique_subject = no
copy_extensions = none
crl_extensions = crl_extensions
[anything]
countryName = optional
organizationName = optional
commonName = optional
[crl_extensions]
authorityKeyIdentifier = keyid:always
"""
AUTHORITY = "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign,digitalSignature\nsubjectKeyIdentifier=hash\n"
RESPONDER = "basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\n"
CARD = "basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"


def openssl(*arguments: str | Path, stdin: bytes | None = None) -> bytes:
    done = subprocess.run(["openssl", *map(str, arguments)], input=stdin, capture_output=True, timeout=long(), check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%y%m%d%H%M%SZ}"


@dataclass
class Authority:
    """One authority with its index of what it issued."""

    directory: Path
    name: str
    issuer: Authority | None = None
    extensions: str = ""
    """What its own certificate has beside an authority's."""

    def __post_init__(self) -> None:
        self.directory.mkdir()
        (self.directory / "issued").mkdir()
        (self.directory / "index.txt").write_text("")
        (self.directory / "serial").write_text("1000\n")
        (self.directory / "crlnumber").write_text("01\n")
        (self.directory / "openssl.cnf").write_text(CONFIG.format(directory=self.directory))
        key = ec.generate_private_key(ec.SECP384R1())
        (self.directory / "ca.key").write_bytes(pem_of(key))
        subject = f"/C=JP/O=AOSign TEST/CN={self.name}"
        if self.issuer is None:
            (self.directory / "ext").write_text(f"[v3]\n{AUTHORITY}")
            openssl(
                "req", "-x509", "-new", "-key", self.directory / "ca.key", "-subj", subject, "-days", "3650", "-sha256",
                "-config", self._request_config(), "-extensions", "v3", "-out", self.directory / "ca.pem",
            )  # fmt: skip
        else:
            (self.directory / "ca.pem").write_bytes(self.issuer.sign(key, subject, AUTHORITY + self.extensions))

    def _request_config(self) -> Path:
        path = self.directory / "req.cnf"
        path.write_text(f"[req]\ndistinguished_name=dn\n[dn]\n[v3]\n{AUTHORITY}")
        return path

    @property
    def der(self) -> bytes:
        return x509.load_pem_x509_certificate((self.directory / "ca.pem").read_bytes()).public_bytes(serialization.Encoding.DER)

    def sign(self, key: ec.EllipticCurvePrivateKey, subject: str, extensions: str, hashed: str = "sha256") -> bytes:
        """A certificate (PEM) for a key."""
        request, extra, out, keyfile = (self.directory / name for name in ("request", "extra", "out", "request.key"))
        keyfile.write_bytes(pem_of(key))
        extra.write_text(extensions)
        openssl("req", "-new", "-key", keyfile, "-subj", subject, "-utf8", "-config", self._request_config(), "-out", request)
        openssl(
            "ca", "-batch", "-notext", "-config", self.directory / "openssl.cnf", "-in", request, "-extfile", extra, "-out", out,
            "-md", hashed,
        )  # fmt: skip
        return out.read_bytes()

    def revoke(self, der: bytes, reason: str = "keyCompromise") -> None:
        path = self.directory / "revoked.pem"
        path.write_bytes(x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM))
        openssl("ca", "-config", self.directory / "openssl.cnf", "-revoke", path, "-crl_reason", reason)

    def forget(self) -> None:
        """It does not know any more what it issued."""
        (self.directory / "index.txt").write_text("")

    def crl(self, begins: datetime | None = None, ends: datetime | None = None) -> bytes:
        """Its list, DER; of now and for a week."""
        out = self.directory / "crl.pem"
        now = datetime.now(UTC)  # real clock: openssl dates by it all else that the authority issues
        begins, ends = begins or now - timedelta(minutes=1), ends or now + timedelta(days=7)
        openssl(
            "ca", "-gencrl", "-config", self.directory / "openssl.cnf", "-crl_lastupdate", moment(begins),
            "-crl_nextupdate", moment(ends), "-out", out,
        )  # fmt: skip
        return x509.load_pem_x509_crl(out.read_bytes()).public_bytes(serialization.Encoding.DER)


Page = Callable[[bytes], tuple[int, bytes] | tuple[int, bytes, dict[str, str]]]
"""Answers a request's body with a status, a body, and headers where there are any."""


def missing(_: bytes) -> tuple[int, bytes]:
    return 404, b""


@dataclass
class Web:
    """HTTP on loopback: what is served at which path, and how often it was asked."""

    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def url(self, path: str) -> str:
        return f"http://{HOST}:{self.port}{path}"

    def put(self, path: str, body: bytes) -> None:
        self.pages[path] = lambda _: (200, body)

    def down(self, path: str) -> None:
        self.pages[path] = lambda _: (503, b"")


@contextmanager
def web() -> Iterator[Web]:
    made = Web()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            made.asked.append(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, content, *headers = made.pages.get(self.path, missing)(body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            for name, value in (headers[0] if headers else {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class LocalCa:
    """Root → issuing authority → cards, with everything an authority publishes."""

    def __init__(self, directory: Path, served: Web) -> None:
        self.web = served
        self.directory = directory
        self.root = Authority(directory / "root", "AOSign Root")
        points = f"crlDistributionPoints=URI:{served.url('/root.crl')}\ncertificatePolicies={POLICY}\n"
        self.sub = Authority(directory / "sub", "AOSign Sub", self.root, points)
        self._responders: dict[str, Path] = {}
        self.publish()

    @property
    def anchors(self) -> tuple[bytes, ...]:
        """What stands in the file of `serve --trust`."""
        return self.root.der, self.sub.der

    def publish(self) -> None:
        """Lists of now, and a responder that its authority made one."""
        self.web.put("/root.crl", self.root.crl())
        self.web.put("/sub.crl", self.sub.crl())
        self.respond("responder", self.sub, RESPONDER + "noCheck=ignored\n")

    def respond(self, name: str, issuer: Authority, extensions: str, *options: str, path: str = "/ocsp") -> None:
        """Let openssl answer, in the name of a certificate with these extensions."""
        if name not in self._responders:
            key = ec.generate_private_key(ec.SECP256R1())
            (self.directory / f"{name}.key").write_bytes(pem_of(key))
            (self.directory / f"{name}.pem").write_bytes(issuer.sign(key, f"/C=JP/O=AOSign TEST/CN={name}", extensions))
        self._responders[name] = self.directory / f"{name}.pem"
        sub = self.sub.directory

        def answer(request: bytes) -> tuple[int, bytes]:
            reply = openssl(
                "ocsp", "-index", sub / "index.txt", "-CA", sub / "ca.pem", "-rsigner", self.directory / f"{name}.pem",
                "-rkey", self.directory / f"{name}.key", "-reqin", "/dev/stdin", "-respout", "/dev/stdout",
                *(options or ("-nmin", "60")), stdin=request,
            )  # fmt: skip
            return 200, reply

        self.web.pages[path] = answer

    def card(self, *, crl: bool = True, ocsp: bool = False, company: str = "TEST", extensions: str = "") -> Card:
        """A card that names a list, a responder, or both."""
        if crl:
            extensions += f"crlDistributionPoints=URI:{self.web.url('/sub.crl')}\n"
        if ocsp:
            extensions += f"authorityInfoAccess=OCSP;URI:{self.web.url('/ocsp')}\n"
        key = ec.generate_private_key(ec.SECP256R1())
        made = self.sub.sign(key, f"/C=JP/O={company}/CN=TEST JURO", CARD + extensions)
        return Card(key, x509.load_pem_x509_certificate(made).public_bytes(serialization.Encoding.DER))

    def revoke(self, card: Card) -> None:
        self.sub.revoke(card.der)


def long_crl(authority: Authority, entries: int, now: datetime, ends: datetime) -> bytes:
    """A list of so many serial numbers, which openssl would take minutes to make."""
    certificate = x509.load_der_x509_certificate(authority.der)
    key = serialization.load_pem_private_key((authority.directory / "ca.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    builder = x509.CertificateRevocationListBuilder(certificate.subject, now - timedelta(minutes=1), ends)
    builder = builder.add_extension(x509.CRLNumber(9), critical=False)
    revoked = [
        x509.RevokedCertificateBuilder(10**20 + n, now - timedelta(days=1)).build()  # none of them a card's
        for n in range(entries)
    ]
    builder._revoked_certificates = revoked  # adding one by one copies the list each time
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
