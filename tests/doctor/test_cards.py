"""The readers' service in every state it may be found in, then readers and cards through a real `pcscd`."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from ebid_tui.card.interface import CardLook
from ebid_tui.doctor import cards, pcsc_socket
from ebid_tui.doctor.finding import Finding
from ebid_tui.doctor.probing import ProbeContext
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.settings import Settings
from tests.card.pcscd import CardProcess, PrivatePcscd, missing
from tests.clock import NOW
from tests.doctor.daemons import FalseDaemon, Manner
from tests.e2e.program import run, unhurried
from tests.patience import long, scaled
from tests.wallets import of_today

SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}


def service(path: Path, more: Mapping[str, str] | None = None) -> Finding:
    return pcsc_socket.ask({pcsc_socket.VARIABLE: str(path), **(more or {})}).finding


def doctor(path: Path, *, silent: bool = False) -> dict[str, dict[str, Any]]:
    """Every check of a program run in a process, whose service is at this socket. `silent`: it may be so."""

    def ask() -> str:
        return run("doctor", "--json", "--system", "ise", env={"PCSCLITE_CSOCK_NAME": str(path), "LANG": "C.UTF-8"}).out

    return {check["id"]: check for check in json.loads(ask() if silent else unhurried(ask))["checks"]}


# ---- the socket ------------------------------------------------------------------------------------------------------


def test_nothing_is_there(short_dir: Path) -> None:
    assert service(short_dir / "none").reason == "missing"
    assert service(short_dir / "none", SSH).reason == "missing_forwarded"
    assert service(short_dir / ("x" * 120)).reason == "path_too_long"


def test_a_socket_that_nobody_listens_on(short_dir: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(short_dir / "s"))
        left_behind.listen()
    assert service(short_dir / "s").reason == "stale"
    assert service(short_dir / "s", SSH).reason == "stale_forwarded"


def test_a_file_in_its_place(short_dir: Path) -> None:
    (short_dir / "s").write_text("")
    assert service(short_dir / "s").reason in ("stale", "no_socket")
    assert pcsc_socket.private({pcsc_socket.VARIABLE: str(short_dir / "s")}).reason == "no_socket"


def test_a_socket_that_is_not_for_us(short_dir: Path) -> None:
    with FalseDaemon(short_dir / "s", "silent"):
        (short_dir / "s").chmod(0)
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            if os.geteuid() == 0:
                os.setuid(65534)  # root is refused nothing
            os.write(tell, service(short_dir / "s").reason.encode())
            os._exit(0)
        os.waitpid(child, 0)
        os.close(tell)
        with os.fdopen(told) as answer:
            assert answer.read() == "denied"


def test_a_forwarded_socket_whose_other_end_is_closed(short_dir: Path) -> None:
    with FalseDaemon(short_dir / "s", "closing"):
        assert service(short_dir / "s").reason == "closed"
        assert service(short_dir / "s", SSH).reason == "closed_forwarded"


def test_whose_reader_it_is(short_dir: Path) -> None:
    assert pcsc_socket.whose_reader({}).reason == "local"
    assert pcsc_socket.whose_reader(SSH).reason == "far"
    assert pcsc_socket.whose_reader({**SSH, pcsc_socket.VARIABLE: str(short_dir)}).reason == "own"


@pytest.mark.parametrize(
    ("manner", "check", "reason"),
    [
        ("silent", "pcsc.service", "silent"),
        ("closing", "pcsc.service", "closed"),
        ("other_version", "pcsc.version", "mismatch"),
        ("denying", "pcsc.service", "polkit"),
    ],
)
def test_a_service_of_no_use(short_dir: Path, manner: Manner, check: str, reason: str) -> None:
    with FalseDaemon(short_dir / "s", manner):
        begun = time.monotonic()
        found = doctor(short_dir / "s", silent=True)
        assert time.monotonic() - begun < scaled(9)
    assert (found[check]["status"], found[check]["reason"]) == ("failure", reason)
    assert found["reader.present"]["status"] in ("skipped", "failure")


def test_a_service_that_talks_nonsense_hangs_nothing(short_dir: Path) -> None:
    with FalseDaemon(short_dir / "s", "garbage"):
        found = doctor(short_dir / "s", silent=True)
    assert "failure" in {found["pcsc.service"]["status"], found["pcsc.version"]["status"], found["reader.present"]["status"]}


# ---- readers and cards -----------------------------------------------------------------------------------------------


@pytest.fixture
def reader(short_dir: Path) -> Iterator[tuple[PrivatePcscd, CardProcess]]:
    if lacking := missing():
        pytest.skip(lacking)
    with PrivatePcscd(short_dir) as daemon, CardProcess(daemon.ports[0], demo=of_today(short_dir / "keys")) as process:
        yield daemon, process


def inserted(daemon: PrivatePcscd, process: CardProcess, name: str) -> dict[str, dict[str, Any]]:
    """What doctor finds once the reader has noticed the card."""
    process.insert(name)
    end = time.monotonic() + long()
    while (found := doctor(daemon.socket_path))["card.present"]["reason"] == "none" and time.monotonic() < end:
        time.sleep(0.05)
    return found


@pytest.mark.pcscd
def test_a_good_card_and_its_removal(reader: tuple[PrivatePcscd, CardProcess]) -> None:
    daemon, process = reader
    assert doctor(daemon.socket_path)["card.present"]["reason"] == "none"
    found = inserted(daemon, process, "ise-new")
    for check in ("pcsc.service", "pcsc.library", "pcsc.version", "reader.present", "card.present", "card.kind", "card.tries"):
        assert found[check]["status"] == "ok", found[check]
    assert found["reader.present"]["values"] == {"count": 2}
    assert found["card.tries"]["values"] == {"n": 3}
    assert found["card.certificate"]["values"] == {"key": "RSA-2048"}
    assert found["card.authority"]["status"] == "ok"
    assert found["card.expiry"]["status"] == "ok"
    assert process.tries_left() == 3


@pytest.mark.pcscd
def test_a_my_number_card_is_refused_by_one_select(reader: tuple[PrivatePcscd, CardProcess]) -> None:
    daemon, process = reader
    inserted(daemon, process, "mynumber")
    counted = process.count()
    found = doctor(daemon.socket_path)
    assert process.count() == counted + 1
    assert (found["card.kind"]["status"], found["card.kind"]["reason"]) == ("failure", "mynumber")


@pytest.mark.pcscd
def test_a_service_that_hangs(reader: tuple[PrivatePcscd, CardProcess]) -> None:
    daemon, _ = reader
    daemon.freeze()
    try:
        begun = time.monotonic()
        found = doctor(daemon.socket_path, silent=True)
        assert time.monotonic() - begun < scaled(9)
    finally:
        daemon.freeze(False)
    assert found["pcsc.service"]["reason"] == "silent"


@pytest.mark.pcscd
def test_a_card_that_stalls(reader: tuple[PrivatePcscd, CardProcess]) -> None:
    daemon, process = reader
    inserted(daemon, process, "ise-new")
    process.accident(1, "mute")
    found = doctor(daemon.socket_path, silent=True)
    assert found["pcsc.service"]["status"] == "ok"
    assert (found["reader.present"]["status"], found["reader.present"]["reason"]) == ("failure", "silent")


# ---- what a card may be ----------------------------------------------------------------------------------------------

ISSUER = "OU=TEST CA,O=TEST CA,C=JP"


def certificate(
    key: Any = None,
    issuer: str = ISSUER,
    ends: timedelta = timedelta(days=365),
    begins: timedelta = timedelta(days=-30),
    signing: bool = True,
) -> bytes:
    usage = x509.KeyUsage(signing, False, not signing, False, False, False, False, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name.from_rfc4514_string("CN=KOJIN JURO,O=TEST KOJI,C=JP"))
        .issuer_name(x509.Name.from_rfc4514_string(issuer))
        .public_key((key or ec.generate_private_key(ec.SECP256R1())).public_key())
        .serial_number(683)
        .not_valid_before(NOW + min(begins, ends - timedelta(days=1)))
        .not_valid_after(NOW + ends)
        .add_extension(usage, critical=True)
        .sign(rsa.generate_private_key(65537, 2048), hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def judged(*ders: bytes, system: str = "ise", **changes: Any) -> dict[str, Finding]:
    values: dict[str, Any] = {"reader": "r", "kind": "piv", "accepted": True, "reason": "", "tries_left": 3, "certificates": ders}
    profile = profile_of(system) if system else None
    return {finding.id: finding for finding in cards.card(CardLook(**(values | changes)), ProbeContext(Settings(), {}, profile), NOW)}


@pytest.mark.parametrize(
    ("changes", "check", "status", "reason"),
    [
        ({}, "card.expiry", "ok", "ok"),
        ({"ends": timedelta(days=20)}, "card.expiry", "warning", "soon"),
        ({"ends": timedelta(days=-3)}, "card.expiry", "failure", "expired"),
        ({"begins": timedelta(days=3)}, "card.expiry", "failure", "not_yet"),
        ({"issuer": "CN=Nobody,C=JP"}, "card.authority", "failure", "unknown"),
        ({"issuer": "OU=Organization CA U8,O=LGPKI,C=JP"}, "card.authority", "failure", "not_trusted"),
        ({"signing": False}, "card.certificate", "failure", "not_for_signing"),
        ({"key": rsa.generate_private_key(65537, 1024)}, "card.certificate", "failure", "weak_key"),
        ({"key": ec.generate_private_key(ec.SECP521R1())}, "card.certificate", "failure", "weak_key"),
    ],
)
def test_certificates(changes: dict[str, Any], check: str, status: str, reason: str) -> None:
    finding = judged(certificate(**changes))[check]
    assert (finding.status, finding.reason) == (status, reason)
    assert finding.detail


def test_a_certificate_signed_with_sha_1(tmp_path: Path) -> None:
    subject = ["-subj", "/C=JP/O=TEST CA/OU=TEST CA", "-addext", "keyUsage=digitalSignature"]
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        str(tmp_path / "key"),
        "-sha1",
        *subject,
        "-outform",
        "DER",
    ]
    der = subprocess.run(command, capture_output=True, check=True).stdout
    finding = judged(der)["card.certificate"]
    assert (finding.status, finding.reason) == ("failure", "weak_hash")


def test_the_best_of_several_certificates_counts() -> None:
    old, good = certificate(ends=timedelta(days=-3)), certificate()
    assert judged(old, b"nonsense", good)["card.expiry"].status == "ok"
    assert judged(b"nonsense")["card.certificate"].reason == "unreadable"
    assert judged()["card.certificate"].reason == "none"
    assert judged(good, system="")["card.authority"].status == "skipped"


@pytest.mark.parametrize(("left", "status"), [(None, "ok"), (3, "ok"), (1, "warning"), (0, "failure")])
def test_tries(left: int | None, status: str) -> None:
    assert judged(certificate(), tries_left=left)["card.tries"].status == status


@pytest.mark.parametrize(("kind", "code"), [("mynumber", "R-23"), ("corporate", "R-23"), ("unknown", "R-34"), ("piv", "R-34")])
def test_refused_kinds(kind: str, code: str) -> None:
    finding = judged(accepted=False, kind=kind, reason=code)["card.kind"]
    assert finding.status == "failure"
    assert code in finding.detail
