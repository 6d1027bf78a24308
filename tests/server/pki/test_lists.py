"""What is taken of a list of revoked certificates (RFC 5280, section 5), and where a certificate says that one is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from asn1crypto import x509
from cryptography import x509 as made
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID as Access

from ebid_tui.server.pki import answers, obtaining, sources
from ebid_tui.server.pki.answers import AnswerPeriod, BadAnswer
from ebid_tui.server.pki.authorities import authorities
from tests.clock import NOW
from tests.server.pki.papers import DAY, certificate, key, listed, named, otherwise, revoked, usage

SECOND = timedelta(seconds=1)
MINE, OTHERS = key(), key()
ISSUER = certificate("CA", MINE, "CA", MINE)
MAY = certificate("CA", MINE, "CA", MINE, usage("crl_sign", "key_cert_sign"))
MAY_NOT = certificate("CA", MINE, "CA", MINE, usage("key_cert_sign"))
ANOTHER = certificate("OTHER", OTHERS, "OTHER", OTHERS)
SAME_NAME = certificate("CA", OTHERS, "CA", OTHERS)
CARD = certificate("CARD", key(), "CA", MINE, serial=4711)
URL = made.UniformResourceIdentifier("http://ca.example/a.crl")


def span(body: bytes, issuers: Iterable[x509.Certificate] = (ISSUER,), now: datetime = NOW) -> AnswerPeriod:
    return answers.crl_span(answers.crl_of(body), issuers, now)


def refused(body: bytes, issuers: Iterable[x509.Certificate] = (ISSUER,), now: datetime = NOW) -> str:
    with pytest.raises(BadAnswer) as caught:
        span(body, issuers, now)
    return str(caught.value)


def part(**members: object) -> made.IssuingDistributionPoint:
    of = {"full_name": None, "relative_name": None, "only_some_reasons": None, "indirect_crl": False}
    of |= dict.fromkeys(("only_contains_user_certs", "only_contains_ca_certs", "only_contains_attribute_certs"), False)
    return made.IssuingDistributionPoint(**of | members)  # type: ignore[arg-type]


@pytest.mark.parametrize("issuers", [[ISSUER], [MAY], [ANOTHER, SAME_NAME, MAY_NOT, ISSUER], [ISSUER, SAME_NAME]])
def test_a_list_by_one_of_the_authoritys_keys(issuers: list[x509.Certificate]) -> None:
    assert span(listed("CA", MINE), issuers) == AnswerPeriod(NOW - DAY, NOW + DAY)


@pytest.mark.parametrize("extension", [part(only_contains_user_certs=True), part(full_name=[URL])])
def test_one_of_some_certificates_or_at_one_place_is_a_whole_one(extension: made.IssuingDistributionPoint) -> None:
    assert span(listed("CA", MINE, extensions=[extension]))


@pytest.mark.parametrize(
    ("body", "issuers", "why"),
    [
        (listed("CA", MINE, extensions=[made.DeltaCRLIndicator(1)]), [ISSUER], "delta"),
        (listed("CA", MINE, extensions=[part(indirect_crl=True)]), [ISSUER], "partial"),
        (listed("CA", MINE, extensions=[part(only_some_reasons=frozenset([made.ReasonFlags.key_compromise]))]), [ISSUER], "partial"),
        (listed("OTHER", OTHERS), [ISSUER], "issuer"),
        (listed("CA", MINE), [], "issuer"),
        (listed("CA", MINE), [MAY_NOT], "signature"),
        (listed("CA", MINE), [SAME_NAME], "signature"),
        (otherwise(listed("CA", MINE), MINE, hashes.SHA1()), [ISSUER], "signature"),
    ],
)
def test_what_is_no_whole_list_of_the_authority(body: bytes, issuers: list[x509.Certificate], why: str) -> None:
    assert refused(body, issuers) == why


def test_a_weak_key_lists_nothing() -> None:
    weak = ec.generate_private_key(ec.SECP224R1())
    assert refused(listed("CA", weak), [certificate("CA", weak, "CA", weak)]) == "signature"


def test_it_holds_from_a_minute_before_it_begins_until_its_end() -> None:
    body, minute = listed("CA", MINE, begins=NOW, ends=NOW + DAY), timedelta(minutes=1)
    assert span(body, now=NOW - minute) == AnswerPeriod(NOW, NOW + DAY)
    assert refused(body, now=NOW - minute - SECOND) == "future"
    assert span(body, now=NOW + DAY - SECOND)
    assert refused(body, now=NOW + DAY) == "stale"


def test_one_that_does_not_say_when_the_next_comes_never_ends_and_is_none() -> None:
    body = otherwise(listed("CA", MINE), MINE, hashes.SHA256(), endless=True)
    assert refused(body) == "no next update"


def test_in_pem_it_is_the_same() -> None:
    der = listed("CA", MINE)
    pem = made.load_der_x509_crl(der).public_bytes(Encoding.PEM)
    for body in (der, pem, b"\r\n\n" + pem):
        assert answers.crl_of(body).dump() == der


@pytest.mark.parametrize("body", [b"", b"\x30\x00", b"-----BEGIN X509 CRL-----\n!!\n-----END X509 CRL-----\n", listed("CA", MINE) + b"\0"])
def test_what_is_no_list(body: bytes) -> None:
    assert refused(body) == "unreadable"


def test_every_altered_byte_is_noticed_and_is_no_crash() -> None:
    body = listed("CA", MINE, revoked(1), extensions=[part(only_contains_user_certs=True)])
    for at in range(len(body)):
        assert refused(body[:at] + bytes([body[at] ^ 0x11]) + body[at + 1 :]), at


# --- who is on it


@pytest.mark.parametrize(
    ("entries", "named_there"),
    [
        ([], False),
        ([revoked(4712)], False),
        ([revoked(1), revoked(4711), revoked(2)], True),
        ([revoked(4711, at=NOW + 365 * DAY)], True),
        ([revoked(4711, made.CRLReason(made.ReasonFlags.certificate_hold))], True),
        ([revoked(4711, made.CRLReason(made.ReasonFlags.remove_from_crl))], False),
        ([revoked(4711, made.UnrecognizedExtension(made.CRLReason.oid, b"\x05\x00"))], True),
    ],
)
def test_whoever_is_on_the_list_is_revoked_unless_it_is_to_be_taken_off(entries: list[made.RevokedCertificate], named_there: bool) -> None:
    assert answers.on_list(CARD, listed("CA", MINE, *entries)) is named_there


def test_on_what_is_no_list_nobody_is() -> None:
    with pytest.raises(BadAnswer, match="unreadable"):
        answers.on_list(CARD, b"\x30\x00")


# --- where it is


def at(*points: made.DistributionPoint) -> tuple[str, ...]:
    return sources.crl_urls(certificate("CARD", key(), "CA", MINE, made.CRLDistributionPoints(points)))


def point(*names: str, **other: object) -> made.DistributionPoint:
    full = [made.UniformResourceIdentifier(name) for name in names]
    return made.DistributionPoint(**{"full_name": full, "relative_name": None, "reasons": None, "crl_issuer": None} | other)  # type: ignore[arg-type]


def test_the_addresses_of_whole_lists_by_the_issuer_in_their_order() -> None:
    assert sources.crl_urls(CARD) == ()
    assert at(point("http://b/", "https://a/"), point("http://c/")) == ("http://b/", "https://a/", "http://c/")
    assert at(point("http://a/", "http://a/"), point("http://a/")) == ("http://a/",)
    some, others = frozenset([made.ReasonFlags.key_compromise]), [made.DirectoryName(named("OTHER"))]
    assert at(point("http://some/", reasons=some), point("http://a/"), point("http://others/", crl_issuer=others)) == ("http://a/",)
    relative = made.RelativeDistinguishedName([*named("CA")])
    assert at(point(full_name=None, relative_name=relative), point(full_name=None, crl_issuer=others), point("http://a/")) == ("http://a/",)
    assert at(point(full_name=[made.DirectoryName(named("CA")), made.UniformResourceIdentifier("http://a/")])) == ("http://a/",)


def test_only_what_can_be_asked_for_and_not_for_ever() -> None:
    longest = "http://a/" + "x" * (sources.LONGEST - 9)
    assert at(point("ldap://a/", "ftp://a/", "file:///a", longest, longest + "x")) == (longest,)
    assert at(point(*(f"http://{n}/" for n in range(6)))) == ("http://0/", "http://1/", "http://2/", "http://3/")


def test_the_addresses_of_the_responders() -> None:
    def described(method: object, where: made.GeneralName) -> made.AccessDescription:
        return made.AccessDescription(method, where)  # type: ignore[arg-type]

    def urls(*of: made.AccessDescription) -> tuple[str, ...]:
        return sources.ocsp_urls(certificate("CARD", key(), "CA", MINE, made.AuthorityInformationAccess(of)))

    a, b = (made.UniformResourceIdentifier(f"http://{name}/") for name in "ab")
    assert sources.ocsp_urls(CARD) == ()
    assert urls(described(Access.OCSP, a), described(Access.CA_ISSUERS, URL), described(Access.OCSP, b)) == ("http://a/", "http://b/")
    assert urls(described(Access.OCSP, made.DirectoryName(named("CA"))), described(Access.OCSP, b)) == ("http://b/",)


# --- under which name an answer is kept, and which certificates are anchors


def test_answers_are_kept_apart_by_address_authority_and_card() -> None:
    authority = certificate("SUB", key(), "CA", MINE, made.BasicConstraints(True, None))
    one = [
        obtaining.crl_source("http://a/", CARD, ISSUER),
        obtaining.crl_source("http://b/", CARD, ISSUER),
        obtaining.crl_source("http://a/", CARD, ANOTHER),
        obtaining.file_source(ISSUER),
        obtaining.ocsp_source("http://a/", CARD, ISSUER),
        obtaining.ocsp_source("http://b/", CARD, ISSUER),
        obtaining.ocsp_source("http://a/", CARD, SAME_NAME),
        obtaining.ocsp_source("http://a/", authority, ISSUER),
    ]
    assert len({source.key for source in one}) == len(one)
    assert obtaining.crl_source("http://a/", authority, ISSUER).key == one[0].key, "the same list for all cards of an authority"
    assert obtaining.crl_source("http://a/", CARD, SAME_NAME).key == one[0].key, "and of all its keys"
    assert [source.ahead for source in one] == [True] * 4 + [False] * 3 + [True], "a card's word is asked for when the card comes"
    assert (one[4].kind, one[4].url, one[4].certificate, one[4].issuer) == ("ocsp", "http://a/", CARD.dump(), ISSUER.dump())
    assert (one[3].kind, one[3].url, one[3].certificate, one[3].issuer) == ("crl", "", ISSUER.dump(), ISSUER.dump())


def test_a_certificate_whose_issuer_stands_beside_it_is_no_anchor() -> None:
    sub = certificate("SUB", key(), "CA", MINE)
    alone = certificate("ALONE", key(), "FAR AWAY", OTHERS)
    files = {"aosign": [sub.dump(), ISSUER.dump(), alone.dump()], "test-ca": [ANOTHER.dump()], "toinx": [SAME_NAME.dump()]}
    found = authorities(("aosign", "test-ca", "nobody"), files)
    assert [one.dump() for one in found.anchors] == [ISSUER.dump(), alone.dump(), ANOTHER.dump()]
    assert [one.dump() for one in found.between] == [sub.dump()]
    assert found.silent == {ANOTHER.sha256}, "the demo's authority publishes nothing"
