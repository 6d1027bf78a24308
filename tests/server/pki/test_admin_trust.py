"""`admin trust-ca` and `admin refresh-revocation`."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from ebid_tui.errors import EbidError
from ebid_tui.server.admin.command_line import main
from ebid_tui.server.pki import anchor_files
from tests.clock import STARTED
from tests.server.pki.conftest import Desk
from tests.server.pki.local_ca import HOST, LocalCa

Capture = pytest.CaptureFixture[str]


def pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM)


def trust_ca(directory: Path, file: Path, *options: str, authority: str = "aosign") -> int:
    return main(["trust-ca", "--trust", str(directory), "--authority", authority, *options, str(file)])


def test_an_authority_is_described_and_added(ca: LocalCa, tmp_path: Path, capsys: Capture) -> None:
    file, directory = tmp_path / "root.cer", tmp_path / "trust"
    file.write_bytes(ca.root.der)
    assert trust_ca(directory, file) == 0
    out = capsys.readouterr().out
    parsed = x509.load_der_x509_certificate(ca.root.der)
    digits = parsed.fingerprint(hashes.SHA256()).hex().upper()
    assert ":".join(digits[i : i + 2] for i in range(0, 64, 2)) in out
    assert "CN=AOSign Root" in out
    assert f"{parsed.not_valid_after_utc:%Y/%m/%d}" in out
    assert "P-384" in out
    assert anchor_files.load(directory) == {"aosign": (ca.root.der,)}
    assert [path.name for path in directory.iterdir()] == ["aosign.pem"]


def test_a_second_certificate_joins_the_first_and_none_twice(ca: LocalCa, tmp_path: Path, capsys: Capture) -> None:
    file, directory = tmp_path / "both.pem", tmp_path / "trust"
    file.write_bytes(pem(ca.root.der))
    assert trust_ca(directory, file) == 0
    file.write_bytes(pem(ca.root.der) + pem(ca.sub.der))
    assert trust_ca(directory, file) == 0
    assert anchor_files.load(directory) == {"aosign": (ca.root.der, ca.sub.der)}
    capsys.readouterr()
    assert trust_ca(directory, file) == 0
    assert "すでに同じ証明書" in capsys.readouterr().out


def test_only_looked_at(ca: LocalCa, tmp_path: Path) -> None:
    file = tmp_path / "root.pem"
    file.write_bytes(pem(ca.root.der))
    assert trust_ca(tmp_path / "trust", file, "--check") == 0
    assert not (tmp_path / "trust").exists()


def test_nobody_else_can_add_an_authority(ca: LocalCa, tmp_path: Path, capsys: Capture, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the umask; what was opened to others is told by a check (3: a person has to look) and by `serve`'s log."""
    file, directory = tmp_path / "root.pem", tmp_path / "above" / "trust"
    file.write_bytes(pem(ca.root.der))
    for mask, authority in ((0o000, "aosign"), (0o077, "toinx")):
        before = os.umask(mask)
        try:
            assert trust_ca(directory, file, authority=authority) == 0
        finally:
            os.umask(before)
    made_here = [directory.parent, directory, directory / "aosign.pem", directory / "toinx.pem"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in made_here] == [0o755, 0o755, 0o644, 0o644]
    anchor_files.load(directory)
    assert not caplog.records
    directory.chmod(0o777)
    (directory / "toinx.pem").chmod(0o664)
    capsys.readouterr()
    assert trust_ca(directory, file, "--check") == 3
    told = capsys.readouterr().out.splitlines()[-2:]
    assert [line.partition(" ")[0] for line in told] == [str(directory), str(directory / "toinx.pem")]
    assert trust_ca(directory, file) == 3
    anchor_files.load(directory)
    assert [record.args for record in caplog.records] == [(directory,), (directory / "toinx.pem",)]


def test_a_check_says_everything_that_it_finds_and_changes_nothing(ca: LocalCa, tmp_path: Path, capsys: Capture) -> None:
    """Exit code 1 where one of them would not be used."""
    file, directory = tmp_path / "all.pem", tmp_path / "trust"
    weak = made(rsa.generate_private_key(65537, 1024), sign=False, begins=-9, ends=-1)
    limited = made(p256(), further=x509.NameConstraints([x509.DNSName("good.example")], None))
    file.write_bytes(pem(limited))
    assert trust_ca(directory, file, "--check") == 0
    said = capsys.readouterr()
    assert "名前の制約: あり" in said.out
    assert "使えません" not in said.out
    file.write_bytes(pem(ca.root.der) + pem(weak) + pem(limited))
    assert trust_ca(directory, file, "--check") == 1
    said = capsys.readouterr()
    found = [line.partition(": ")[2] for line in said.out.splitlines() if "使えません" in line]
    assert [reason[:8] for reason in found] == ["有効期間が過ぎて", "認証局の証明書で", "鍵か署名の暗号が"]
    assert all(reason in said.err for reason in found)
    assert not directory.exists()


def test_the_published_fingerprint_must_fit(ca: LocalCa, tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "root.pem"
    file.write_bytes(pem(ca.root.der))
    right = x509.load_der_x509_certificate(ca.root.der).fingerprint(hashes.SHA256()).hex()
    assert trust_ca(tmp_path / "trust", file, "--fingerprint", "00" * 32) == 1
    assert "フィンガープリントが合いません" in capsys.readouterr().err
    assert not (tmp_path / "trust").exists()
    colons = ":".join(right[i : i + 2].upper() for i in range(0, 64, 2))
    assert trust_ca(tmp_path / "trust", file, "--fingerprint", colons) == 0


def made(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    *,
    ca: bool = True,
    begins: int = -1,
    ends: int = 365,
    sign: bool = True,
    further: x509.ExtensionType | None = None,
) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "AOSign")])
    usage = dict.fromkeys("content_commitment key_encipherment data_encipherment key_agreement encipher_only decipher_only".split(), False)
    usage |= {"digital_signature": not sign, "key_cert_sign": sign, "crl_sign": sign}
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(STARTED + timedelta(days=begins))
        .not_valid_after(STARTED + timedelta(days=ends))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
    )
    if further is not None:
        builder = builder.add_extension(further, critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def p256() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def altered(der: bytes) -> bytes:
    return der[:-1] + bytes([der[-1] ^ 1])


UNFIT: dict[str, tuple[Callable[[], bytes], str]] = {
    "no authority": (lambda: made(p256(), ca=False, sign=False), "認証局の証明書ではありません"),
    "may not certify": (lambda: made(p256(), sign=False), "認証局の証明書ではありません"),
    "weak RSA": (lambda: made(rsa.generate_private_key(65537, 1024)), "弱すぎます"),
    "weak curve": (lambda: made(ec.generate_private_key(ec.SECP224R1())), "弱すぎます"),
    "expired": (lambda: made(p256(), begins=-10, ends=-1), "過ぎています"),
    "of tomorrow": (lambda: made(p256(), begins=1), "始まっていません"),
    "altered": (lambda: altered(made(p256())), "署名が正しくありません"),
    "garbage": (lambda: b"garbage", "読み取れません"),
    "empty": (lambda: b"", "読み取れません"),
    "broken PEM": (lambda: b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n", "読み取れません"),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_what_is_unfit_is_refused_and_nothing_written(kind: str, ca: LocalCa, tmp_path: Path, capsys: Capture) -> None:
    make, words = UNFIT[kind]
    file = tmp_path / "file"
    der = make()
    file.write_bytes(pem(ca.root.der) + pem(der) if words.endswith(("弱すぎます", "いません")) and kind != "altered" else der)
    assert trust_ca(tmp_path / "trust", file) == 1
    said = capsys.readouterr().err
    assert "E-CA" in said
    assert words in said
    assert not (tmp_path / "trust").exists()


@pytest.mark.parametrize(("authority", "words"), [("nobody", "issuers.toml"), ("jpki", "R-23"), ("../../etc/x", "issuers.toml")])
def test_only_authorities_that_a_system_can_trust(authority: str, words: str, ca: LocalCa, tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "root.pem"
    file.write_bytes(pem(ca.root.der))
    assert trust_ca(tmp_path / "trust", file, authority=authority) == 1
    assert words in capsys.readouterr().err


def test_a_missing_file(tmp_path: Path, capsys: Capture) -> None:
    assert trust_ca(tmp_path / "trust", tmp_path / "none.pem") == 1
    assert "E-CA" in capsys.readouterr().err


def test_what_serve_reads(ca: LocalCa, tmp_path: Path) -> None:
    (tmp_path / "aosign.pem").write_bytes(pem(ca.root.der) + pem(ca.sub.der))
    (tmp_path / "toinx.der").write_bytes(ca.root.der)
    (tmp_path / "README").write_text("not a certificate")
    (tmp_path / "aosign.key").write_text("not a certificate either")
    assert anchor_files.load(tmp_path) == {"aosign": (ca.root.der, ca.sub.der), "toinx": (ca.root.der,)}
    (tmp_path / "broken.pem").write_bytes(b"garbage")
    with pytest.raises(EbidError) as caught:
        anchor_files.load(tmp_path)
    assert caught.value.code == "E-CA"
    assert "broken.pem" in caught.value.remedy


# --- refresh-revocation


def refresh(desk: Desk, *options: str) -> int:
    return main(["refresh-revocation", "--database", desk.url, "--revocation-host", HOST, *options])


async def test_everything_is_asked_again(ca: LocalCa, desk: Desk, capsys: Capture) -> None:
    assert refresh(desk) == 0
    assert "取り直すものはありません" in capsys.readouterr().out
    card = ca.card()
    await desk.accept(card)
    ca.revoke(card)
    ca.publish()
    assert refresh(desk) == 0
    out = capsys.readouterr().out
    assert f"CRL {ca.web.url('/sub.crl')}: OK" in out
    assert f"CRL {ca.web.url('/root.crl')}: OK" in out
    with pytest.raises(EbidError, match="R-09"):
        await desk.accept(card)


async def test_what_fails_is_named_and_asks_for_a_person(ca: LocalCa, desk: Desk, capsys: Capture) -> None:
    await desk.accept(ca.card())
    ca.web.down("/sub.crl")
    assert refresh(desk) == 3
    assert f"CRL {ca.web.url('/sub.crl')}: 取れませんでした（http 503）" in capsys.readouterr().out
    assert (await desk.accept(ca.card())).revocation == "good", "the list that was there is still good"


async def test_cards_responses_are_not_asked_again_but_dropped(ca: LocalCa, desk: Desk) -> None:
    from ebid_tui.server.pki.refresh import refresh as again

    await desk.accept(ca.card(crl=False, ocsp=True))
    assert sorted(one.source.kind for one in again(desk.direct(), desk.settings, desk.now, everything=True)) == ["crl"]
    assert len(desk.rows()) == 2
    ca.web.down("/root.crl")
    desk.ahead = timedelta(days=8)
    list(again(desk.direct(), desk.settings, desk.now))
    assert [row.kind for row in desk.rows()] == ["crl"]


async def test_a_list_brought_in_as_a_file(ca: LocalCa, desk: Desk, tmp_path: Path, capsys: Capture) -> None:
    trust, file = tmp_path / "trust", tmp_path / "sub.crl"
    trust.mkdir()
    (trust / "aosign.pem").write_bytes(pem(ca.root.der) + pem(ca.sub.der))
    card, other = ca.card(crl=False), ca.card(crl=False)
    with pytest.raises(EbidError, match="E-REVOCATION"):
        await desk.accept(card)
    ca.revoke(other)
    file.write_bytes(ca.sub.crl())
    assert refresh(desk, "--crl", str(file), "--trust", str(trust)) == 0
    assert (await desk.accept(card)).revocation == "good"
    with pytest.raises(EbidError, match="R-09"):
        await desk.accept(other)
    capsys.readouterr()
    file.write_bytes(ca.sub.crl(desk.now() - timedelta(days=2)))
    assert refresh(desk, "--crl", str(file), "--trust", str(trust)) == 1
    assert "older" in capsys.readouterr().err
    file.write_bytes(b"garbage")
    assert refresh(desk, "--crl", str(file), "--trust", str(trust)) == 1
    assert "E-CRL" in capsys.readouterr().err
    assert refresh(desk, "--crl", str(file)) == 1
