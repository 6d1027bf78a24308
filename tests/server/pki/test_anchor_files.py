"""What may stand in a file of trusted authorities, what is refused and why, and how one is written."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509
from cryptography import x509 as made
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ebid_tui.domain import certificate as certificates
from ebid_tui.domain.certificate import Certificate
from ebid_tui.errors import EbidError
from ebid_tui.messages import t
from ebid_tui.server.pki import anchor_files
from tests.clock import NOW
from tests.server.pki.papers import DAY, certificate, key, usage

CA = made.BasicConstraints(True, None)
ROOTS = key()


def authority(name: str = "ROOT", theirs: Any = ROOTS, *extensions: made.ExtensionType, **dates: Any) -> Certificate:
    return certificates.read(certificate(name, theirs, name, theirs, *(extensions or (CA,)), **dates).dump())


def below(name: str, *extensions: made.ExtensionType) -> Certificate:
    return certificates.read(certificate(name, key(), "ROOT", ROOTS, *(extensions or (CA,))).dump())


ROOT, OTHER = authority(), authority("OTHER", key())
SUB = below("SUB")


def altered(one: Certificate) -> Certificate:
    """With another signature, though one that can be read."""
    other = x509.Certificate.load(one.der)
    other["signature_value"] = ROOTS.sign(b"", ec.ECDSA(hashes.SHA256()))
    return certificates.read(other.dump(force=True))


def why(*found: Certificate, now: datetime = NOW, fingerprint: str | None = None) -> str:
    """Why they are refused; empty if they are not."""
    try:
        anchor_files.refuse_unfit(Path("f.pem"), found, now, fingerprint)
    except EbidError as error:
        return error.detail if error.code == "E-CA" else error.code
    return ""


@pytest.mark.parametrize(
    "make",
    [
        lambda: ROOT,
        lambda: SUB,
        lambda: authority("RSA", rsa.generate_private_key(65537, 2048)),
        lambda: authority("P-384", ec.generate_private_key(ec.SECP384R1())),
        lambda: authority("USAGE", ROOTS, CA, usage("key_cert_sign")),
        lambda: altered(SUB),
    ],
)
def test_an_authoritys_certificate_is_taken(make: Callable[[], Certificate]) -> None:
    assert why(make()) == ""


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda: authority("NO", ROOTS, made.BasicConstraints(False, None)), "no_ca"),
        (lambda: authority("NO", ROOTS, usage("key_cert_sign")), "no_ca"),
        (lambda: authority("NO", ROOTS, CA, usage("crl_sign")), "no_ca"),
        (lambda: authority("NO", ROOTS, made.BasicConstraints(False, None), usage("key_cert_sign")), "no_ca"),
        (lambda: authority("WEAK", rsa.generate_private_key(65537, 2040)), "weak"),
        (lambda: authority("WEAK", ec.generate_private_key(ec.SECP521R1())), "weak"),
        (lambda: altered(ROOT), "signature"),
    ],
)
def test_anything_else_is_refused_also_beside_a_good_one(make: Callable[[], Certificate], fault: str) -> None:
    assert why(make()) == why(ROOT, make()) == t(f"admin.ca_{fault}")


def test_from_its_first_second_to_its_last() -> None:
    second = NOW.resolution * 1_000_000
    one = authority(begins=NOW - DAY, ends=NOW + DAY)
    for now, fault in ((NOW - DAY, ""), (NOW + DAY, ""), (NOW - DAY - second, "not_yet"), (NOW + DAY + second, "expired")):
        assert why(one, now=now) == (fault and t(f"admin.ca_{fault}"))


def test_one_of_them_has_the_fingerprint_that_was_published() -> None:
    digits = ROOT.fingerprint
    spelt = " ".join(digits[i : i + 2].upper() for i in range(0, 64, 2)).replace(" ", ":", 5)
    for fingerprint in (digits, spelt, None):
        assert why(OTHER, ROOT, fingerprint=fingerprint) == ""
    for fingerprint in ("", "0" * 64):
        assert why(ROOT, fingerprint=fingerprint) == t("admin.ca_other_fingerprint")


def test_what_a_person_compares() -> None:
    subject, itself, fingerprint, period, by = anchor_files.described(ROOT)
    assert subject == t("admin.ca_subject", name=ROOT.subject)
    assert itself == t("admin.ca_itself")
    digits = ROOT.fingerprint.upper()
    assert fingerprint == t("admin.ca_fingerprint", fingerprint=":".join(digits[i : i + 2] for i in range(0, 64, 2)))
    assert period == t("admin.ca_period", begins=ROOT.not_before, ends=ROOT.not_after)
    assert by == t("admin.ca_key", key="P-256")
    assert list(anchor_files.described(SUB))[1] == t("admin.ca_issuer", name=ROOT.subject)


# --- files


def test_added_once_in_whatever_file_is_there(tmp_path: Path) -> None:
    trust = tmp_path / "a" / "trust"
    assert anchor_files.keep(trust, "aosign", [ROOT]) == (trust / "aosign.pem", 1)
    assert anchor_files.keep(trust, "aosign", [ROOT, SUB]) == (trust / "aosign.pem", 1)
    before = (trust / "aosign.pem").stat().st_ino
    assert anchor_files.keep(trust, "aosign", [ROOT, SUB]) == (trust / "aosign.pem", 0)
    assert (trust / "aosign.pem").stat().st_ino == before, "nothing new is nothing written"
    assert anchor_files.load(trust) == {"aosign": (ROOT.der, SUB.der)}
    assert stat.S_IMODE((trust / "aosign.pem").stat().st_mode) == 0o644
    assert [path.name for path in trust.iterdir()] == ["aosign.pem"]
    lines = (trust / "aosign.pem").read_text("ascii").splitlines()
    assert {len(line) for line in lines if not line.startswith("-") and not line.endswith("=")} >= {64}
    assert max(map(len, lines)) == 64
    (trust / "toinx.der").write_bytes(OTHER.der)
    assert anchor_files.keep(trust, "toinx", [ROOT]) == (trust / "toinx.der", 1)
    assert anchor_files.load(trust)["toinx"] == (OTHER.der, ROOT.der)


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EbidError, match="E-TRUST") as caught:
        anchor_files.keep(tmp_path / "file" / "trust", "aosign", [ROOT])
    assert caught.value.detail == os.strerror(20)

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(EbidError, match="E-TRUST") as caught:
        anchor_files.keep(tmp_path / "trust", "aosign", [ROOT])
    assert caught.value.detail == os.strerror(28)
    assert list((tmp_path / "trust").iterdir()) == []

    def gone(name: str, _: object) -> None:
        Path(name).unlink()
        full()

    monkeypatch.setattr(os, "replace", gone)
    with pytest.raises(EbidError, match="E-TRUST"):
        anchor_files.keep(tmp_path / "trust", "aosign", [ROOT])


def refused(work: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(EbidError) as caught:
        work()
    return caught.value.code, caught.value.detail


def test_what_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unreadable = ("E-CA", t("admin.ca_unreadable"))
    file = tmp_path / "aosign.pem"
    assert refused(lambda: anchor_files.read(file)) == ("E-CA", os.strerror(2))
    for content in (b"", b"x", b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"):
        file.write_bytes(content)
        assert refused(lambda: anchor_files.read(file)) == unreadable
    with pytest.raises(ValueError, match="PEM"):
        anchor_files.split(content)
    monkeypatch.setattr(Path, "open", lambda *_: (_ for _ in ()).throw(OSError("odd")))
    assert refused(lambda: anchor_files.read(file)) == unreadable, "an error that says nothing of itself"


def test_a_file_is_read_as_far_as_certificates_can_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "aosign.der"
    file.write_bytes(ROOT.der)
    monkeypatch.setattr(anchor_files, "LARGEST", len(ROOT.der))
    assert anchor_files.read(file) == (ROOT,)
    file.write_bytes(anchor_files._pem(ROOT.der) + anchor_files._pem(ROOT.der) + anchor_files._pem(SUB.der))
    monkeypatch.setattr(anchor_files, "LARGEST", 10**6)
    assert anchor_files.read(file) == (ROOT, SUB), "none twice"


def test_a_directory_that_says_nothing(tmp_path: Path) -> None:
    assert refused(lambda: anchor_files.load(tmp_path / "none")) == ("E-TRUST", os.strerror(2))
    assert refused(lambda: anchor_files.load(tmp_path))[0] == "E-TRUST"
    (tmp_path / "aosign.txt").write_bytes(ROOT.der)
    (tmp_path / "a.pem").mkdir()
    assert refused(lambda: anchor_files.load(tmp_path))[0] == "E-TRUST"
    for name, one in (("aosign.CER", ROOT), ("aosign.crt", SUB), ("b.DER", OTHER)):
        (tmp_path / name).write_bytes(one.der)
    assert anchor_files.load(tmp_path) == {"aosign": (ROOT.der, SUB.der), "b": (OTHER.der,)}


def test_only_authorities_that_a_system_can_trust(tmp_path: Path) -> None:
    anchor_files.refuse_unknown("aosign", [])
    assert refused(lambda: anchor_files.refuse_unknown("nobody", [tmp_path]))[0] == "E-CA"
    with pytest.raises(EbidError, match="E-CA") as caught:
        anchor_files.refuse_unknown("jpki", [])
    assert caught.value.values["reason"] == t("admin.ca_refused")


def test_an_authority_that_stands_beside_further_profiles_may_be_trusted(tmp_path: Path) -> None:
    table = tmp_path / "issuers.toml"
    table.write_text('[[issuers]]\nid = "harbour"\nname = "港町認証局"\nkind = "core"\nnames = ["CN=Harbour CA,C=JP"]\n', "utf-8")
    try:
        anchor_files.refuse_unknown("harbour", [tmp_path])
    finally:
        table.unlink()
        assert refused(lambda: anchor_files.refuse_unknown("harbour", [tmp_path]))[0] == "E-CA"
