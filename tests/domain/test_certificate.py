"""From X.509 to what the screens show."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from ebid_tui.card import tlv
from ebid_tui.domain import der as der_reader
from ebid_tui.domain import issuers
from ebid_tui.domain.certificate import JAPAN, Certificate, read
from ebid_tui.errors import CertificateUnreadable, EbidError, ProfileError

KEYS: dict[str, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey] = {
    "RSA-2048": rsa.generate_private_key(65537, 2048),
    "P-256": ec.generate_private_key(ec.SECP256R1()),
    "P-384": ec.generate_private_key(ec.SECP384R1()),
}
CA_KEY = KEYS["P-256"]
OIDS = {
    "C": NameOID.COUNTRY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "L": NameOID.LOCALITY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
}
END = datetime(2028, 2, 29, 23, 59, 59, tzinfo=JAPAN)


def name(text: str) -> x509.Name:
    """`C=JP/O=TEST CA` in the order of the certificate."""
    pairs = [part.split("=", 1) for part in text.split("/") if part]
    return x509.Name([x509.NameAttribute(OIDS[short], value) for short, value in pairs])


def make(
    subject: str = "C=JP/ST=Tokyo-To/L=Minato-ku Shibaura/O=Test 01/CN=Juro Kojin",
    san: str | None = "C=JP/O=テスト工事業者０１/CN=個人　十郎",
    issuer: str = "C=JP/O=TEST CA/OU=TEST CA",
    serial: int = 683,
    key: str = "RSA-2048",
    not_after: datetime = END,
    usage: str | None = "digital_signature",
) -> bytes:
    builder = (
        x509.CertificateBuilder(
            issuer_name=name(issuer), subject_name=name(subject), public_key=KEYS[key].public_key(), serial_number=serial
        )
        .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
        .not_valid_after(not_after)
    )
    if san is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DirectoryName(name(san))]), critical=False)
    if usage is not None:
        every = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"]
        every += ["key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
        builder = builder.add_extension(x509.KeyUsage(**{each: each == usage for each in every}), critical=True)
    return builder.sign(CA_KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def test_the_card_of_the_documents_is_shown_as_they_print_it() -> None:
    card = read(make())
    assert (card.serial_decimal, card.serial_hex) == ("683", "2ab")
    assert card.issuer == "OU=TEST CA,O=TEST CA,C=JP"
    assert card.not_after_text == "2028/02/29"
    assert card.company == "テスト工事業者０１"
    assert card.holder == "個人　十郎"
    assert card.holder_address == "Tokyo-To Minato-ku Shibaura"
    assert card.company_address is None
    assert len(card.fingerprint) == 64


def test_every_attribute_of_the_issuer_is_kept() -> None:
    card = read(make(issuer="C=JP/ST=Kanagawa/O=pki4/OU=bidca4"))
    assert card.issuer == "OU=bidca4,O=pki4,ST=Kanagawa,C=JP"


def test_serial_numbers_up_to_159_bits() -> None:
    serial = 246187065731116185158328469941009070494604893755
    assert read(make(serial=serial)).serial_decimal == str(serial)
    assert read(make(serial=2**159 - 1)).serial_hex == "7" + "f" * 39
    assert read(make(serial=224231109942)).serial_hex == "3435373536"


@pytest.mark.parametrize(
    ("not_after", "shown"),
    [
        (datetime(2028, 2, 29, 14, 59, 59, tzinfo=UTC), "2028/02/29"),
        (datetime(2028, 2, 28, 15, 0, 0, tzinfo=UTC), "2028/02/29"),
        (datetime(2028, 2, 28, 14, 59, 59, tzinfo=UTC), "2028/02/28"),
    ],
)
def test_the_last_day_is_japans(not_after: datetime, shown: str) -> None:
    assert read(make(not_after=not_after)).not_after_text == shown


def test_r_25_days_left_are_days_of_japans_calendar() -> None:
    card = read(make())
    assert card.days_left(datetime(2026, 11, 21, 8, 0, tzinfo=UTC)) == 465
    assert card.days_left(END - timedelta(hours=23)) == 0
    assert card.days_left(END) == 0
    assert not card.expired(END)


def test_r_09_negative_days_mean_expired() -> None:
    card = read(make(not_after=datetime(2028, 2, 29, 9, 0, tzinfo=JAPAN)))
    later_that_day = datetime(2028, 2, 29, 10, 0, tzinfo=JAPAN)
    assert card.expired(later_that_day)
    assert card.days_left(later_that_day) == -1


@given(st.integers(0, 7 * 366 * 86_400))
def test_days_left_are_negative_exactly_when_expired(seconds: int) -> None:
    now = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    assert (CARD.days_left(now) < 0) == CARD.expired(now)


CARD = read(make())


def test_romaji_of_the_subject_stands_in_where_there_is_no_japanese() -> None:
    card = read(make(san=None))
    assert (card.company, card.holder) == ("Test 01", "Juro Kojin")


def test_a_missing_part_is_missing() -> None:
    card = read(make(subject="C=JP", san=None))
    assert (card.company, card.company_address, card.holder, card.holder_address) == (None, None, None, None)
    assert card.card_holder == {"company": "", "company_address": "", "person": "", "address": ""}
    told = replace(card, company="社", company_address="三重県", holder="人", holder_address="伊勢市")
    assert told.card_holder == {"company": "社", "company_address": "三重県", "person": "人", "address": "伊勢市"}


def test_a_part_of_an_address_is_shown_without_null() -> None:
    assert read(make(subject="C=JP/ST=Saitama/CN=x")).holder_address == "Saitama"


def test_what_moves_a_cursor_is_not_shown() -> None:
    card = read(make(san="C=JP/O=\x1b[2Jテスト\u202e/CN=\x07個人", issuer="C=JP/O=A\x1b[31m"))
    assert (card.company, card.holder) == ("[2Jテスト", "個人")
    assert card.issuer.isprintable()


@pytest.mark.parametrize(("key", "algorithm"), [("RSA-2048", "RS256"), ("P-256", "ES256"), ("P-384", "ES384")])
def test_the_keys_that_are_taken(key: str, algorithm: str) -> None:
    card = read(make(key=key))
    assert (card.key, card.algorithm, card.signature_hash) == (key, algorithm, "sha256")


@pytest.mark.parametrize(("key", "algorithm"), [("RSA-2047", None), ("RSA-2048", "RS256"), ("RSA-4096", "RS256"), ("P-521", None)])
def test_an_rsa_key_has_2048_bits_or_more(key: str, algorithm: str | None) -> None:
    assert replace(CARD, key=key).algorithm == algorithm


def ed25519_signed(padding: int = 0) -> bytes:
    """Each byte of padding makes it a byte longer, from two bytes of length on."""
    key = ed25519.Ed25519PrivateKey.generate()
    more = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), bytes(1000 + padding))
    return (
        x509.CertificateBuilder(issuer_name=name("C=JP"), subject_name=name("C=JP"), public_key=key.public_key(), serial_number=5)
        .not_valid_before(END - timedelta(days=1))
        .not_valid_after(END)
        .add_extension(more, critical=False)
        .sign(key, None)
        .public_bytes(serialization.Encoding.DER)
    )


def test_other_keys_are_told_apart() -> None:
    card = read(ed25519_signed())
    assert (card.key, card.algorithm, card.signature_hash) == ("Ed25519", None, None)


def test_what_is_longer_than_any_cards_certificate_is_not_looked_at() -> None:
    longest = ed25519_signed(65_536 - len(ed25519_signed()))
    assert (len(longest), read(longest).serial) == (65_536, 5)
    with pytest.raises(CertificateUnreadable, match="too long"):
        read(ed25519_signed(65_537 - len(ed25519_signed())))


@pytest.mark.parametrize(("serial", "taken"), [("00", False), ("01", True), ("00" + "ff" * 32, True), ("01" + "00" * 32, False)])
def test_a_serial_number_is_positive_and_has_at_most_32_bytes(serial: str, taken: bool) -> None:
    assert (read_or_refuse(with_serial(ed25519_signed(), bytes.fromhex(serial))) is not None) is taken


def with_serial(der: bytes, serial: bytes) -> bytes:
    """The same with another serial number. (Nobody looks at the signature here.)"""
    ((_, whole),) = der_reader._items(der)
    (_, body), *rest = der_reader._items(whole)
    changed = body.replace(b"\x02\x01\x05", tlv.encode(0x02, serial), 1)
    return tlv.encode(0x30, tlv.encode(0x30, changed) + b"".join(tlv.encode(tag, content) for tag, content in rest))


@pytest.mark.parametrize(
    ("usage", "name_of_it", "may_sign"),
    [
        ("digital_signature", "digitalSignature", True),
        ("content_commitment", "nonRepudiation", True),
        ("key_encipherment", "keyEncipherment", False),
    ],
)
def test_key_usage(usage: str, name_of_it: str, may_sign: bool) -> None:
    card = read(make(usage=usage))
    assert card.key_usage == {name_of_it}
    assert card.may_sign is may_sign


def test_without_key_usage_a_certificate_is_not_taken() -> None:
    assert read(make(usage=None)).may_sign is False


def test_the_record_of_a_registration() -> None:
    record = CARD.record
    assert (record.serial, record.issuer, record.fingerprint, record.not_after) == ("683", CARD.issuer, CARD.fingerprint, END)


# -- garbage ---------------------------------------------------------------------------------------------------------


def read_or_refuse(der: bytes) -> Certificate | None:
    """None where it was refused as it should be; anything else escapes."""
    try:
        return read(der)
    except CertificateUnreadable:
        return None


@pytest.mark.parametrize("der", [b"", b"\x30", b"\x30\x82\xff\xff", b"0" * 100_000, make()[:-1], make() + b"\x00"])
def test_what_is_no_certificate_is_refused(der: bytes) -> None:
    with pytest.raises(CertificateUnreadable) as refused:
        read(der)
    assert refused.value.code == "E-CERT"
    assert isinstance(refused.value, EbidError)
    assert refused.value.title
    assert refused.value.remedy


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(der: bytes) -> None:
    assert read_or_refuse(der) is None


GOOD = make(key="P-256")


@settings(max_examples=400)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_certificate_is_read_or_refused(damage: list[tuple[int, int]]) -> None:
    der = bytearray(GOOD)
    for position, value in damage:
        der[position] = value
    card = read_or_refuse(bytes(der))
    if card is not None:
        assert card.issuer.isprintable()
        assert card.not_after_text
        assert int(card.serial_hex, 16) == card.serial
        assert isinstance(card.days_left(END), int)


# -- the table of issuers --------------------------------------------------------------------------------------------


def test_r_34_the_five_authorities_of_the_core_system_are_known() -> None:
    table = issuers.known_issuers()
    assert {i.id for i in table.issuers if i.kind == "core"} >= {"e-probatio-ps2", "diacert-plus", "tdb-type-a", "toinx", "aosign"}
    assert all(i.contact and i.name and i.service for i in table.issuers)


@pytest.mark.parametrize(
    ("issuer", "issuer_id"),
    [
        ("OU=TEST CA,O=TEST CA,C=JP", "test-ca"),
        ("ou=test ca, o=test ca, c=jp", "test-ca"),
        ("OU=TEST CA2,O=TEST CA2,C=JP", "test-ca2"),
        ("OU=DIACERT-PLUS CA,O=Example,C=JP", "diacert-plus"),
        ("O=JPKI,C=JP", "jpki"),
        ("OU=JPKI for user authentication,O=JPKI,C=JP", "jpki"),
        ("CN=Registrar of Tokyo Legal Affairs Bureau,OU=Ministry of Justice,O=Japanese Government,C=JP", "commercial-registry"),
    ],
)
def test_an_authority_is_found_by_its_issuer_name(issuer: str, issuer_id: str) -> None:
    found = issuers.known_issuers().find(issuer)
    assert found is not None
    assert found.id == issuer_id


def test_r_23_refused_authorities_say_which_rule_refuses_them() -> None:
    table = issuers.known_issuers()
    assert {i.id: i.rule for i in table.issuers if i.kind == "refused"} == {"jpki": "R-23", "commercial-registry": "R-23"}


@pytest.mark.parametrize("issuer", ["OU=OTHER CA,O=OTHER CA,C=JP", "O=TEST CA,C=JP", "", "OU=TEST CA,O=TEST CA,C=JP,DC=x"])
def test_r_34_anybody_else_is_unknown(issuer: str) -> None:
    assert issuers.known_issuers().find(issuer) is None


def test_where_a_part_stands_is_the_issuers_table(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[[issuers]]\nid = "x"\nname = "x"\nkind = "core"\nnames = ["OU=TEST CA,O=TEST CA,C=JP"]\n'
        '[issuers.places]\ncompany = ["subject:2.5.4.10"]\nholder_address = ["subject:L ST"]\n'
    )
    card = read(make(), issuers.load(issuers.PACKAGED, own))
    assert card.holder == "個人　十郎"
    assert issuers.load(issuers.PACKAGED, own).by_id("x").places["company"] == ("subject:2.5.4.10",)
    alone = read(make(), issuers.load(own))
    assert (alone.company, alone.holder, alone.holder_address) == ("Test 01", None, "Minato-ku Shibaura Tokyo-To")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[default]\ncompany = ['subject:XX']", "default.company"),
        ("[default]\ncompany = ['elsewhere:O']", "default.company"),
        ("[default]\nvendor = ['subject:O']", "default"),
        ("[[issuers]]\nid = 'a'\nname = 'a'\nkind = 'core'", "issuers[0].names"),
        ("[[issuers]]\nid = 'a'\nname = 'a'\nkind = 'refused'\nwords = ['a']", "issuers[0].rule"),
        (
            "[[issuers]]\nid = 'a'\nname = 'a'\nkind = 'core'\nwords = ['a']\n" * 2,
            "issuers[1].id",
        ),
        ("[[issuers]]\nid = 'a'", "issuers[0]"),
        ("colour = 1", "-"),
        ("=", "-"),
    ],
)
def test_a_broken_table_is_refused_with_file_key_and_reason(tmp_path: Path, text: str, key: str) -> None:
    file = tmp_path / "issuers.toml"
    file.write_text(text)
    with pytest.raises(ProfileError) as refused:
        issuers.load(file)
    assert refused.value.file == "issuers.toml"
    assert refused.value.key.startswith(key)
    assert refused.value.reason


def test_a_missing_table_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(ProfileError):
        issuers.load(tmp_path / "none.toml")
