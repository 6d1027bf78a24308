"""The chains of `limbo.py`, made from x509-limbo's descriptions of its tests (C2SP/x509-limbo, Apache-2.0)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from asn1crypto import x509
from cryptography import x509 as made
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from tests.clock import NOW
from tests.fuzz.mutants import replaced
from tests.server.pki.limbo import Chain
from tests.server.pki.papers import DAY, Key, key, usage

Extensions = dict[type[made.ExtensionType], tuple[made.ExtensionType, bool]]
"""By kind: the extension, and whether it is critical."""
ODD = made.UnrecognizedExtension(made.ObjectIdentifier("1.3.6.1.4.1.55738.666.1"), b"")
SECOND = timedelta(seconds=1)
CLIENT, MAIL, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.SERVER_AUTH
_numbers = count(1)


@dataclass(frozen=True)
class Party:
    """Somebody with a key and a certificate."""

    subject: made.Name
    key: Any
    certificate: x509.Certificate


def cn(text: str) -> made.Name:
    return made.Name([made.NameAttribute(NameOID.COMMON_NAME, text)])


def party(
    by: Party | None,
    extensions: Extensions,
    *,
    subject: made.Name | None = None,
    issuer: made.Name | None = None,
    theirs: Key | None = None,
    without: Sequence[type[made.ExtensionType]] = (),
    also: Sequence[tuple[made.ExtensionType, bool]] = (),
    begins: datetime = NOW - DAY,
    ends: datetime = NOW + DAY,
) -> Party:
    """With both identifiers of keys, unless they are left out; what is given `also` takes the place of another of its kind."""
    theirs = theirs or key()
    subject = cn(f"limbo {next(_numbers)}") if subject is None else subject
    signs = theirs if by is None else by.key
    identifiers = (
        made.AuthorityKeyIdentifier.from_issuer_public_key(signs.public_key()),
        made.SubjectKeyIdentifier.from_public_key(theirs.public_key()),
    )
    wanted: Extensions = (
        {type(one): (one, False) for one in identifiers} | extensions | {type(one): (one, critical) for one, critical in also}
    )
    builder = made.CertificateBuilder(
        (subject if by is None else by.subject) if issuer is None else issuer,
        subject,
        theirs.public_key(),
        made.random_serial_number(),
        begins,
        ends,
    )
    for kind, (extension, critical) in wanted.items():
        if kind not in without:
            builder = builder.add_extension(extension, critical=critical)
    der = builder.sign(signs, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    return Party(subject, theirs, x509.Certificate.load(der))


def authority(by: Party | None = None, *, pathlen: int | None = None, nc: made.NameConstraints | None = None, **options: Any) -> Party:
    base = made.BasicConstraints(True, pathlen)
    extensions: Extensions = {made.BasicConstraints: (base, True), made.KeyUsage: (usage("key_cert_sign"), False)}
    if nc is not None:
        extensions[made.NameConstraints] = (nc, True)
    return party(by, extensions, **options)


def card(by: Party, *names: made.GeneralName, eku: Sequence[made.ObjectIdentifier] = (CLIENT,), **options: Any) -> Party:
    extensions: Extensions = {
        made.BasicConstraints: (made.BasicConstraints(False, None), True),
        made.KeyUsage: (usage("digital_signature"), False),
        made.ExtendedKeyUsage: (made.ExtendedKeyUsage(eku), False),
        made.SubjectAlternativeName: (made.SubjectAlternativeName(names or [made.DNSName("example.com")]), False),
    }
    return party(by, extensions, **options)


def resigned(one: Party, by: Party, edit: Callable[[x509.TbsCertificate], None], outside: str = "sha256_ecdsa") -> Party:
    """The same with something that no builder writes, signed anew."""
    tbs = x509.TbsCertificate.load(one.certificate["tbs_certificate"].dump())
    edit(tbs)
    return around(one, by, tbs.dump(force=True), outside)


def around(one: Party, by: Party, inside: bytes, outside: str = "sha256_ecdsa") -> Party:
    """A certificate with this inside, signed."""
    signature = by.key.sign(inside, ec.ECDSA(hashes.SHA256()))
    tbs = x509.TbsCertificate.load(inside)
    whole = x509.Certificate({"tbs_certificate": tbs, "signature_algorithm": {"algorithm": outside}, "signature_value": signature})
    return Party(one.subject, one.key, x509.Certificate.load(whole.dump()))


def chain(identity: str, valid: bool, anchors: Party | Sequence[Party], between: Sequence[Party], leaf: Party, at: datetime = NOW) -> Chain:
    trusted = [anchors] if isinstance(anchors, Party) else anchors
    return Chain(identity, valid, [one.certificate for one in trusted], [one.certificate for one in between], leaf.certificate, at)


def rfc(identity: str, valid: bool, anchors: Party | Sequence[Party], between: Sequence[Party], leaf: Party) -> Chain:
    return chain(f"rfc5280::{identity}", valid, anchors, between, leaf)


def numbered(tbs: x509.TbsCertificate, number: int) -> None:
    tbs["serial_number"] = number


def path_lengths() -> Iterator[Chain]:
    root = authority()
    for length in (0, 1, 2):
        one = authority(root, pathlen=length)
        yield chain(f"pathlen::ee-with-intermediate-pathlen-{length}", True, root, [one], card(one))
    for identity, valid, lengths in (
        ("intermediate-violates-pathlen-0", False, (0, 0)),
        ("intermediate-pathlen-may-increase", True, (1, 2)),
        ("intermediate-pathlen-too-long", False, (1, 0, 0)),
    ):
        between: list[Party] = []
        for length in lengths:
            between.append(authority(between[-1] if between else root, pathlen=length))
        yield chain(f"pathlen::{identity}", valid, root, between, card(between[-1]))
    first = authority(root, pathlen=1)
    second = authority(first, pathlen=1, subject=first.subject)
    third = authority(second, pathlen=0)
    yield chain("pathlen::self-issued-certs-pathlen", True, root, [first, second, third], card(third))


def certificates_as_such() -> Iterator[Chain]:
    root, plain = authority(), made.BasicConstraints(False, None)
    yield rfc("ee-empty-issuer", False, root, [], card(root, issuer=made.Name([])))
    nameless = authority(subject=made.Name([]))
    yield rfc("ca-empty-subject", False, nameless, [], card(nameless))
    yield rfc("unknown-critical-extension-ee", False, root, [], card(root, also=[(ODD, True)]))
    odd = authority(also=[(ODD, True)])
    yield rfc("unknown-critical-extension-root", False, odd, [], card(odd))
    odd = authority(root, pathlen=0, also=[(ODD, True)])
    yield rfc("unknown-critical-extension-intermediate", False, root, [odd], card(odd))
    stranger = authority(root, pathlen=0)
    yield rfc("chain-untrusted-root", False, authority(), [root, stranger], card(stranger))
    for identity, options in {
        "intermediate-ca-without-ca-bit": {"also": [(plain, True)]},
        "intermediate-ca-missing-basic-constraints": {"without": [made.BasicConstraints]},
        "ica-ku-keycertsign": {"pathlen": 0, "also": [(usage(), False)]},
    }.items():
        one = authority(root, **options)  # type: ignore[arg-type]
        yield rfc(identity, False, root, [one], card(one))
    for identity, options in {
        "root-missing-basic-constraints": {"without": [made.BasicConstraints]},
        "root-non-critical-basic-constraints": {"also": [(made.BasicConstraints(True, None), False)]},
        "root-inconsistent-ca-extensions": {"also": [(usage(), False)]},
    }.items():
        one = authority(**options)  # type: ignore[arg-type]
        yield rfc(identity, False, one, [], card(one))
    yield rfc("leaf-ku-keycertsign", False, root, [], card(root, also=[(usage("digital_signature", "key_cert_sign"), False)]))
    access = made.AuthorityInformationAccess(
        [made.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, made.DNSName("example.com"))]
    )
    yield rfc("ee-aia", True, root, [], card(root, also=[(access, False)]))
    yield rfc("ee-critical-aia-invalid", False, root, [], card(root, also=[(access, True)]))
    yield rfc(
        "duplicate-extensions", False, root, [], resigned(card(root), root, lambda tbs: tbs["extensions"].append(tbs["extensions"][-1]))
    )
    yield rfc("no-keyusage", True, root, [], card(root, without=[made.KeyUsage]))
    yield rfc("no-basicconstraints", True, root, [], card(root, without=[made.BasicConstraints]))
    yield rfc("mismatching-signature-algorithm", False, root, [], resigned(card(root), root, lambda _: None, "sha384_ecdsa"))
    one = authority(root)
    yield rfc("root-and-intermediate-swapped", True, one, [root], card(one))
    yield rfc("eku::ee-wrong-eku", False, root, [], card(root, eku=[SERVER]))
    yield rfc("eku::ee-without-eku", True, root, [], card(root, without=[made.ExtendedKeyUsage]))
    unreadable = made.UnrecognizedExtension(made.ObjectIdentifier("2.5.29.17"), b"example.com")
    yield rfc("san::malformed", False, root, [], card(root, without=[made.SubjectAlternativeName], also=[(unreadable, False)]))
    yield rfc("san::noncritical-with-empty-subject", False, root, [], card(root, subject=made.Name([])))
    for identity, number in (("too-long", 1 << 170), ("zero", 0), ("negative", -5)):
        yield rfc(
            f"serial::serial-number-{identity}",
            False,
            root,
            [],
            resigned(card(root), root, partial(numbered, number=number)),
        )


def identifiers_of_keys() -> Iterator[Chain]:
    root, aki, ski = authority(), made.AuthorityKeyIdentifier, made.SubjectKeyIdentifier
    theirs = key()
    critical = authority(theirs=theirs, also=[(aki.from_issuer_public_key(theirs.public_key()), True)])
    yield chain("rfc5280::aki::critical-aki", False, critical, [], card(critical))
    yield chain("rfc5280::aki::leaf-missing-aki", False, root, [], card(root, without=[aki]))
    one = authority(root, pathlen=0, without=[aki])
    yield chain("rfc5280::aki::intermediate-missing-aki", False, root, [one], card(one))
    one = authority(without=[aki])
    yield chain("rfc5280::aki::self-signed-root-missing-aki", True, one, [], card(one))
    one = authority(root, pathlen=0, without=[aki])
    yield chain("rfc5280::aki::cross-signed-root-missing-aki", False, one, [], card(one))
    critical = authority(theirs=theirs, also=[(ski.from_public_key(theirs.public_key()), True)])
    yield chain("rfc5280::ski::critical-ski", False, critical, [], card(critical))
    one = authority(without=[ski])
    yield chain("rfc5280::ski::root-missing-ski", False, one, [], card(one))
    one = authority(root, without=[ski])
    yield chain("rfc5280::ski::intermediate-missing-ski", False, root, [one], card(one))
    one = authority(root, also=[(made.PolicyConstraints(3, None), False)])
    yield chain("rfc5280::pc::ica-noncritical-pc", False, root, [one], card(one))


def periods() -> Iterator[Chain]:
    early, late = NOW - 30 * DAY, NOW + 30 * DAY
    for which in ("root", "intermediate", "leaf"):
        ends = {one: NOW - DAY if one == which else late for one in ("root", "intermediate", "leaf")}
        root = authority(begins=early, ends=ends["root"])
        one = authority(root, begins=early, ends=ends["intermediate"])
        yield chain(f"rfc5280::validity::expired-{which}", False, root, [one], card(one, begins=early, ends=ends["leaf"]))
    root = authority(begins=NOW, ends=late)
    one = authority(root, begins=NOW, ends=late)
    leaf = card(one, begins=NOW, ends=late)
    yield chain("rfc5280::validity::notbefore-exact", True, root, [one], leaf, NOW)
    yield chain("rfc5280::validity::notbefore-fractional", False, root, [one], leaf, NOW - SECOND / 1000)
    yield chain("rfc5280::validity::notafter-exact", True, root, [one], leaf, late)
    yield chain("rfc5280::validity::notafter-fractional", True, root, [one], leaf, late + SECOND / 200)


def cycles() -> Iterator[Chain]:
    root, second = authority(), authority()
    again = authority(second, pathlen=1, subject=root.subject, theirs=root.key, begins=NOW - 9 * DAY, ends=NOW - DAY)
    yield chain("pathological::multiple-chains-expired-intermediate", True, [root, second], [again], card(root))
    for identity, names in (
        ("distinct-cas", ("one", "other")),
        ("distinct-cas-max-depth", ("one", "other")),
        ("same-logical-ca", ("same", "same")),
    ):
        one, other = (Party(cn(name), key(), root.certificate) for name in names)
        pair = [authority(by, subject=of.subject, theirs=of.key) for of, by in ((one, other), (other, one))]
        yield chain(f"pathological::intermediate-cycle-{identity}", False, root, pair, card(pair[0]))
    a, b, c = (Party(cn(name), key(), root.certificate) for name in ("Root A", "Root B", "Root C"))
    trusted = authority(subject=a.subject, theirs=a.key)
    crossed = [authority(by, subject=of.subject, theirs=of.key) for of in (a, b, c) for by in (a, b, c) if of is not by]
    below = [authority(by, subject=cn(name)) for by, name in ((a, "A1"), (b, "B1"), (c, "C1"))]
    yield chain(
        "cve::cve-2024-0567",
        True,
        trusted,
        [*below, *crossed],
        card(below[0], also=[(made.SubjectAlternativeName([made.DNSName("a.example")]), True)], subject=made.Name([])),
    )
    whole = authority(root)
    tbs, there = whole.certificate["tbs_certificate"].dump(), whole.certificate.public_key.dump()
    at = tbs.index(there)
    empty = bytes.fromhex("3012300d06092a864886f70d01010105000301") + b"\x00"  # RSA, without a key
    broken = around(whole, root, replaced(tbs, at, at + len(there), empty))
    yield chain("invalid::invalid-issuer-key", False, authority(), [broken], card(broken))


def mail_cards() -> Iterator[Chain]:
    root, name = authority(), made.RFC822Name("user@example.com")
    signs = ("digital_signature",)
    yield chain("smime::eku::ee-email-protection", True, root, [], card(root, name, eku=[MAIL]))
    one = authority(root, pathlen=0, also=[(made.ExtendedKeyUsage([SERVER]), False)])
    yield chain("smime::eku::intermediate-missing-email-protection", False, root, [one], card(one, name, eku=[MAIL]))
    long = rsa.generate_private_key(65537, 2048)
    for identity, valid, granted, theirs in (
        ("signing-only-rsa-digital-signature", True, signs, long),
        ("signing-only-rsa-with-nonrepudiation", True, (*signs, "content_commitment"), long),
        ("key-management-only-rsa", True, ("key_encipherment",), long),
        ("dual-use-rsa", True, (*signs, "key_encipherment"), long),
        ("signing-only-ec", True, signs, None),
        ("key-management-only-ec", True, ("key_agreement",), None),
        ("ee-key-cert-sign", False, (*signs, "key_cert_sign"), None),
    ):
        yield chain(f"smime::ku::{identity}", valid, root, [], card(root, name, eku=[MAIL], theirs=theirs, also=[(usage(*granted), True)]))
    yield chain("smime::ku::ee-missing-key-usage", False, root, [], card(root, name, eku=[MAIL], without=[made.KeyUsage]))
    one = authority(root, pathlen=0, also=[(usage("crl_sign"), True)])
    yield chain("smime::ku::intermediate-missing-key-cert-sign", False, root, [one], card(one, name, eku=[MAIL]))


def chains() -> list[Chain]:
    """All but those about name constraints."""
    makers = (path_lengths, certificates_as_such, identifiers_of_keys, periods, cycles, mail_cards)
    return [one for make in makers for one in make()]
