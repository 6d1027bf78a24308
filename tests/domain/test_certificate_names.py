"""Whose card it is, however its authority writes names; and certificates that are not to be used, before any PIN (R-34)."""

from __future__ import annotations

import contextlib
import warnings
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.name import _ASN1Type as Kind
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.card import tlv
from ebid_tui.domain import der as der_reader
from ebid_tui.domain import rules
from ebid_tui.domain.certificate import Certificate, read
from ebid_tui.domain.text.cleaning import LONGEST, odd, tidy
from ebid_tui.errors import CertificateUnreadable, RuleError
from tests.domain.test_certificate import make, name

KEY = ec.generate_private_key(ec.SECP256R1())
NOW = datetime(2026, 11, 21, tzinfo=UTC)
SIGNS = x509.KeyUsage(True, False, False, False, False, False, False, False, False)


def certificate(
    subject: x509.Name,
    san: x509.Name | None = None,
    *,
    issuer: str | x509.Name = "OU=TEST CA,O=TEST CA,C=JP",
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey | None = None,
    extension: tuple[str, bool] | None = None,
    not_before: datetime = NOW - timedelta(days=9),
) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(x509.Name.from_rfc4514_string(issuer) if isinstance(issuer, str) else issuer)
        .public_key(key or KEY.public_key())
        .serial_number(683)
        .not_valid_before(not_before)
        .not_valid_after(NOW + timedelta(days=365))
        .add_extension(SIGNS, critical=True)
    )
    if san is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DirectoryName(san)]), critical=False)
    if extension is not None:
        unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier(extension[0]), b"\x05\x00")
        builder = builder.add_extension(unknown, critical=extension[1])
    return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def common_name(text: str, kind: Kind) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text, _type=kind)])


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.UTF8String, "個人　十郎"),
        (Kind.BMPString, "個人　十郎"),
        (Kind.UniversalString, "個人　十郎𠮷"),
        (Kind.T61String, "Juro Kojin"),
        (Kind.PrintableString, "Juro Kojin"),
        (Kind.IA5String, "Juro_Kojin@1"),
        (Kind.VisibleString, "Juro Kojin"),
    ],
)
@pytest.mark.parametrize("place", ["subject", "san"])
def test_every_kind_of_string(kind: Kind, text: str, place: str) -> None:
    written = common_name(text, kind)
    card = read(certificate(written) if place == "subject" else certificate(name("C=JP"), written))
    assert card.holder == text
    assert card.may_sign


@pytest.mark.parametrize("place", ["subject", "san", "issuer"])
def test_bytes_that_are_no_text_of_their_kind_do_not_hide_the_card(place: str) -> None:
    subject = common_name("JuroX", Kind.T61String)
    if place == "issuer":
        der = certificate(name("C=JP/CN=Juro")).replace(b"TEST CA", b"T\xcaST CA")
        card = read(der)
        assert "O=TÊST CA" in card.issuer
    else:
        der = certificate(subject) if place == "subject" else certificate(name("C=JP/O=A"), subject)
        card = read(der.replace(b"JuroX", b"Jur\xf6X"))
        assert card.holder == "JuröX"
    assert card.may_sign


def test_several_and_multi_valued_rdns_and_rfc_4514_escapes() -> None:
    units = [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, text) for text in ("一課", ' #"x"\\; ')]
    both = x509.RelativeDistinguishedName(
        [x509.NameAttribute(NameOID.COMMON_NAME, "A, B+C"), x509.NameAttribute(NameOID.SERIAL_NUMBER, "7")]
    )
    subject = x509.Name([x509.RelativeDistinguishedName([units[0]]), x509.RelativeDistinguishedName([units[1]]), both])
    card = read(certificate(subject))
    assert card.holder == "A, B+C"
    assert card.subject in (
        r"SERIALNUMBER=7+CN=A\, B\+C,OU=\ #\"x\"\\\;\ ,OU=一課",
        r"CN=A\, B\+C+SERIALNUMBER=7,OU=\ #\"x\"\\\;\ ,OU=一課",
    )


@given(
    st.lists(
        st.tuples(
            st.sampled_from("O OU CN L".split()), st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Z")), min_size=1)
        ),
        max_size=4,
    )
)
def test_names_are_shown_as_rfc_4514_has_them(attributes: list[tuple[str, str]]) -> None:
    oids = {"O": NameOID.ORGANIZATION_NAME, "OU": NameOID.ORGANIZATIONAL_UNIT_NAME, "CN": NameOID.COMMON_NAME, "L": NameOID.LOCALITY_NAME}
    texts = [(short, text[:60]) for short, text in attributes]
    subject = x509.Name([x509.NameAttribute(oids[short], text, _validate=False) for short, text in texts])
    assert read(certificate(subject)).subject == tidy(subject.rfc4514_string()).text


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("\x1b\x07\x9b\u202e\u200b\n"), min_size=1, max_size=40), st.booleans())
def test_whatever_stands_in_its_names_is_shown_as_text(said: str, alternative: bool) -> None:
    """Subject, subjectAltName and issuer: nothing that a terminal would take for a command."""
    named = x509.Name([x509.NameAttribute(oid, said, _validate=False) for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)])
    card = read(certificate(named, named if alternative else None, issuer=named))
    shown = (card.subject, card.issuer, card.company or "", card.holder or "", *card.card_holder.values(), card.record.issuer)
    assert [odd(text) for text in shown] == [None] * len(shown)


@pytest.mark.filterwarnings("ignore:Attribute's length")
def test_a_name_without_an_end_is_cut() -> None:
    endless = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "あ" * 3000, _validate=False)])
    assert read(certificate(endless)).holder == "あ" * (LONGEST - 1) + "…"


@pytest.mark.parametrize(
    ("text", "shown"),
    [(" ", "\\ "), ("  ", "\\ \\ "), ("   ", "\\  \\ "), ("a ", "a\\ "), (" a", "\\ a"), ("#", "\\#"), ("a#", "a#"), ("# ", "\\#\\ ")],
)
def test_spaces_and_a_hash_at_the_ends_are_escaped_once(text: str, shown: str) -> None:
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, text)])
    assert read(certificate(subject)).subject == f"O={shown}"


def test_an_attribute_that_says_nothing_leaves_no_space() -> None:
    units = [x509.NameAttribute(NameOID.COMMON_NAME, text) for text in (" ", "港", "　", "一郎")]
    assert read(certificate(x509.Name(units))).holder == "港 一郎"


@pytest.mark.parametrize("empty", ["", "C=JP", "C=JP/O= /CN=　"])
def test_a_missing_part_is_missing_and_no_word(empty: str) -> None:
    card = read(certificate(name(empty)))
    assert (card.company, card.holder, card.company_address, card.holder_address) == (None, None, None, None)
    assert set(card.card_holder.values()) == {""}
    assert "null" not in card.subject + card.issuer
    assert "None" not in card.subject + card.issuer


def test_bits_that_key_usage_does_not_have_are_passed_over() -> None:
    """RFC 5280, 4.2.1.3 has nine."""
    usage = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.15"), bytes.fromhex("0303 00 80 ff"))
    builder = x509.CertificateBuilder().subject_name(name("C=JP")).issuer_name(name("C=JP")).public_key(KEY.public_key()).serial_number(1)
    builder = builder.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1)).add_extension(usage, critical=True)
    card = read(builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER))
    assert card.key_usage == {"digitalSignature", "decipherOnly"}


@pytest.mark.parametrize("spoilt", ["", "03", "0303 00 80", "0380", "0382 00", "1f01 00", "0481 02 00 80", "0385 0000000002 00 80"])
def test_what_is_no_der_is_refused(spoilt: str) -> None:
    """Cut, longer than its data, of indefinite length, of a long tag, of another type, of a length that nobody needs."""
    with pytest.raises(ValueError, match=r".+"):
        der_reader.bits(bytes.fromhex(spoilt))


@pytest.mark.parametrize("whole", ["0302 00 80", "0381 02 00 80", "0384 00000002 00 80", "0302 00 80 0500"])
def test_every_form_of_a_length_is_read(whole: str) -> None:
    assert der_reader.bits(bytes.fromhex(whole)) == {0}


def test_bits_are_read_up_to_the_eighth_byte() -> None:
    assert der_reader.bits(bytes.fromhex("030a00" + "ff" * 9)) == set(range(64))
    assert der_reader.bits(bytes.fromhex("03030601 40")) == {7, 9}


def test_an_oid_is_read_as_it_is_written_and_has_a_longest() -> None:
    assert der_reader._oid(bytes.fromhex("5504 0a".replace(" ", ""))) == "2.5.4.10"
    assert [der_reader._oid(bytes([first])) for first in (0, 39, 40, 79, 80, 127)] == ["0.0", "0.39", "1.0", "1.39", "2.0", "2.47"]
    assert der_reader._oid(b"\x88\x37\x81\x00") == "2.999.128"
    assert der_reader._oid(b"\x01" * 128).count(".") == 128
    for wrong in (b"", b"\x81", b"\x2a\x81", b"\x01" * 129):
        with pytest.raises(ValueError, match="OID"):
            der_reader._oid(wrong)


@pytest.mark.parametrize("extensions", [1, 2])
def test_an_extension_stands_once(extensions: int) -> None:
    """RFC 5280, 4.2."""
    body = [tlv.encode(0x02, b"\x01"), *[tlv.encode(0x30, b"")] * 5]
    one = tlv.encode(0x30, bytes.fromhex("0603551d0f 0402 0500".replace(" ", "")))
    body.append(tlv.encode(0xA3, tlv.encode(0x30, one * extensions)))
    der = tlv.encode(0x30, tlv.encode(0x30, b"".join(body)))
    if extensions == 1:
        assert der_reader.parts(der).extensions == {"2.5.29.15": der_reader.Extension(False, bytes.fromhex("0500"))}
    else:
        with pytest.raises(ValueError, match="twice"):
            der_reader.parts(der)


@pytest.mark.parametrize("body", ["", "a000", "3000", "020101" + "3000" * 4, "020101" + "3000" * 4 + "3100", "a000" + "3000" * 5])
def test_what_lacks_a_part_is_no_certificate(body: str) -> None:
    with pytest.raises(ValueError, match="no "):
        der_reader.parts(tlv.encode(0x30, tlv.encode(0x30, bytes.fromhex(body))))


@pytest.mark.parametrize("version", ["", "a003020102"])
def test_a_certificate_of_the_first_version_says_none(version: str) -> None:
    parts = der_reader.parts(tlv.encode(0x30, tlv.encode(0x30, bytes.fromhex(version + "020107" + "3000" * 5))))
    assert (parts.serial, parts.issuer, parts.subject, dict(parts.extensions)) == (7, (), (), {})


@pytest.mark.parametrize("first", [0x80, 0xFD, 0xFF])
def test_a_serial_number_that_is_not_positive_is_unreadable_without_a_warning(first: int) -> None:
    der = bytearray(make(serial=683))
    at = der.index(bytes.fromhex("020202ab"))
    der[at + 2] = first
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(CertificateUnreadable):
            read(bytes(der))


def test_serials_up_to_twenty_octets() -> None:
    for serial in (1, 2**63, 2**159 - 1):
        card = read(make(serial=serial))
        assert (int(card.serial_decimal), int(card.serial_hex, 16)) == (serial, serial)


@pytest.mark.parametrize("at", range(0, 400, 7))
def test_a_certificate_cut_anywhere_is_unreadable(at: int) -> None:
    with pytest.raises(CertificateUnreadable):
        read(make()[:at])


@given(st.integers(0, 600), st.integers(0, 255))
def test_a_changed_byte_is_read_or_unreadable_and_nothing_else(at: int, value: int) -> None:
    der = bytearray(WHOLE)
    der[at % len(der)] = value
    with contextlib.suppress(CertificateUnreadable):
        assert isinstance(read(bytes(der)), Certificate)


WHOLE = make()


def refusal(der: bytes) -> RuleError:
    with pytest.raises(RuleError) as refused:
        rules.refuse_unusable(read(der), NOW)
    assert refused.value.code == "R-34"
    return refused.value


def test_r34_a_good_one_is_not_refused() -> None:
    rules.refuse_unusable(read(certificate(name("C=JP/CN=A"))), NOW)
    rules.refuse_unusable(read(certificate(name("C=JP/CN=A"), extension=("1.2.3.4", False))), NOW)


def test_r34_weak_keys_and_hashes() -> None:
    weak = rsa.generate_private_key(65537, 1024).public_key()
    assert "RSA-1024" in refusal(certificate(name("C=JP"), key=weak)).causes[0]
    curve = ec.generate_private_key(ec.SECP521R1()).public_key()
    assert "P-521" in refusal(certificate(name("C=JP"), key=curve)).causes[0]
    assert "sha1" in refusal(as_sha1(certificate(name("C=JP")))).causes[0]


def as_sha1(der: bytes) -> bytes:
    """The same, said to be signed by ecdsa-with-SHA1 (a signature that nobody looks at here)."""
    parsed = x509.load_der_x509_certificate(der)
    sha256, sha1 = bytes.fromhex("300a06082a8648ce3d040302"), bytes.fromhex("300906072a8648ce3d0401")
    ((_, content),) = der_reader._items(parsed.tbs_certificate_bytes)
    signature = b"\x00" + parsed.signature
    return tlv.encode(0x30, tlv.encode(0x30, content.replace(sha256, sha1, 1)) + sha1 + tlv.encode(0x03, signature))


def test_r34_of_no_use_for_signing() -> None:
    for usage in ("key_encipherment", None):
        assert refusal(make(usage=usage))


def test_r34_critical_extensions_that_nobody_understands() -> None:
    refused = refusal(certificate(name("C=JP"), extension=("1.2.3.4.5", True)))
    assert "1.2.3.4.5" in refused.causes[0]


def test_r34_not_yet_valid_says_from_when() -> None:
    refused = refusal(certificate(name("C=JP"), not_before=NOW + timedelta(days=3)))
    assert "2026/11/24" in refused.causes[0]


@pytest.mark.parametrize(
    ("rdn", "attribute", "taken"), [(0x31, 0x30, True), (0x30, 0x30, False), (0x31, 0x31, True), (0x04, 0x30, False), (0xA0, 0x30, False)]
)
def test_a_name_is_a_sequence_of_sets(rdn: int, attribute: int, taken: bool) -> None:
    """X.501: RDNSequence. What an attribute stands in is not looked at."""
    value = tlv.encode(attribute, b"\x06\x03\x55\x04\x0a" + b"\x0c\x01A")
    alternative = tlv.encode(0x30, tlv.encode(0xA4, tlv.encode(0x30, tlv.encode(rdn, value))))
    if taken:
        assert der_reader.directory_names(alternative) == (((("2.5.4.10", "A"),),),)
    else:
        with pytest.raises(ValueError, match="no name"):
            der_reader.directory_names(alternative)


ISSUER = x509.Name.from_rfc4514_string("OU=TEST CA,O=TEST CA,C=JP")


def used_for(*oids: str, value: bytes | None = None) -> bytes:
    usage: x509.ExtensionType = x509.ExtendedKeyUsage([x509.ObjectIdentifier(oid) for oid in oids or ("1.2",)])
    if value is not None:
        usage = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.37"), value)
    builder = (
        x509.CertificateBuilder(ISSUER, name("C=JP/CN=A"), KEY.public_key(), 1, NOW - timedelta(days=9), NOW + timedelta(days=9))
        .add_extension(SIGNS, critical=True)
        .add_extension(usage, critical=False)
    )
    return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize("task", [1, 3, 8, 9, 36], ids=["serverAuth", "codeSigning", "timeStamping", "OCSPSigning", "documentSigning"])
def test_r34_a_certificate_of_another_task(task: int) -> None:
    oid = f"1.3.6.1.5.5.7.3.{task}"
    refused = refusal(used_for(oid))
    assert (refused.detail, oid in refused.causes[0]) == ("other_usage", True)
    rules.refuse_unusable(read(used_for(oid)), NOW, [oid])
    for beside in ("1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.4", "2.5.29.37.0"):
        rules.refuse_unusable(read(used_for(oid, beside)), NOW)


@pytest.mark.parametrize("value", [b"\x30\x00", b"\x05\x00", b"", b"\x30\x03\x06\x01\x80", b"\x30\x02\x05\x00"])
def test_r34_a_usage_that_names_nothing_or_cannot_be_read(value: bytes) -> None:
    assert read(used_for(value=value)).extended_key_usage == ()
    assert refusal(used_for(value=value)).detail == "other_usage"
    assert read(certificate(name("C=JP"))).extended_key_usage is None


def nested(levels: int) -> bytes:
    inside = b""
    for _ in range(levels):
        inside = b"\x30\x82" + len(inside).to_bytes(2, "big") + inside
    return inside


@pytest.mark.parametrize("value", [nested(40), b"\x30\x82\x1f\x40" + b"\x05\x00" * 4000], ids=["deep", "many"])
def test_what_is_beyond_all_bounds_is_not_looked_into(value: bytes) -> None:
    with pytest.raises(CertificateUnreadable):
        read(used_for(value=value))
    assert read(used_for(value=nested(8))).extended_key_usage == ()


def test_as_many_extensions_as_a_certificate_may_have() -> None:
    def having(count: int) -> bytes:
        builder = x509.CertificateBuilder(name("C=JP"), name("C=JP"), KEY.public_key(), 1, NOW, NOW + timedelta(days=9))
        for number in range(count):
            builder = builder.add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier(f"1.2.{number}"), b""), critical=False)
        return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    assert read(having(48))
    with pytest.raises(CertificateUnreadable):
        read(having(49))
