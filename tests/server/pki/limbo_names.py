"""The chains of `limbo.py` about name constraints, made from x509-limbo's descriptions of its tests (C2SP/x509-limbo, Apache-2.0)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from cryptography import x509 as made

from tests.server.pki.limbo import Chain
from tests.server.pki.limbo_cases import authority, card, cn, rfc
from tests.server.pki.papers import key

OTHER_NAME = made.OtherName(made.ObjectIdentifier("1.3.6.1.4.1.55738.666.3"), b"\x05\x00")


def unchecked(permitted: made.GeneralName) -> made.NameConstraints:
    """With a name that the builder would not take."""
    constraints = made.NameConstraints([made.DNSName("example.com")], None)
    constraints._permitted_subtrees = [permitted]
    return constraints


def only(*permitted: made.GeneralName) -> made.NameConstraints:
    return made.NameConstraints(permitted, None)


def but(*excluded: made.GeneralName) -> made.NameConstraints:
    return made.NameConstraints(None, excluded)


def dns(text: str) -> made.DNSName:
    return made.DNSName(text)


def at_the_anchor() -> Iterator[tuple[str, bool, made.NameConstraints, tuple[made.GeneralName, ...], made.Name | None]]:
    """Id, whether valid, the root's constraints, the card's alternative names and its subject."""
    foo, other = made.DirectoryName(cn("foo")), made.DirectoryName(cn("not-foo"))
    v4, v6 = made.IPAddress(IPv4Network("192.0.2.0/24")), made.IPAddress(IPv6Network("::1/128"))
    yield "permitted-dns-mismatch", False, only(dns("example.com")), (dns("not-example.com"),), None
    yield "permitted-dns-match", True, only(dns("example.com")), (dns("example.com"),), None
    yield "permitted-dns-match-more", True, only(dns("example.com")), (dns("foo.bar.example.com"),), None
    yield (
        "excluded-dns-match-second",
        False,
        but(dns("not-allowed.example.com")),
        (dns("example.com"), dns("not-allowed.example.com")),
        None,
    )
    yield "permitted-ip-mismatch", False, only(v4), (made.IPAddress(IPv4Address("192.0.3.1")),), None
    yield "excluded-ipv4-match", False, but(v4), (made.IPAddress(IPv4Address("192.0.2.1")),), None
    yield "excluded-ipv6-match", False, but(v6), (made.IPAddress(IPv6Address("::1")),), None
    yield "permitted-ipv4-match", True, only(v4), (made.IPAddress(IPv4Address("192.0.2.1")),), None
    yield "permitted-ipv6-match", True, only(v6), (made.IPAddress(IPv6Address("::1")),), None
    yield "permitted-dn-mismatch", False, only(foo), (other,), other.value
    yield "excluded-dn-match", False, but(foo), (foo,), foo.value
    yield "permitted-dn-match", True, only(foo), (foo,), foo.value
    yield "permitted-dn-match-subject-san-mismatch", False, only(foo), (foo,), other.value
    yield "excluded-dn-match-sub-mismatch", False, but(foo), (other,), foo.value
    both = made.NameConstraints([dns("example.com")], [dns("example.com")])
    yield "excluded-match-permitted-and-excluded", False, both, (dns("example.com"),), None
    yield "permitted-different-constraint-type", True, only(v4), (dns("example.com"),), None
    yield "excluded-different-constraint-type", True, but(v4), (dns("example.com"),), None
    yield "invalid-dnsname-wildcard", False, unchecked(dns("*.example.com")), (dns("foo.example.com"),), None
    yield "invalid-dnsname-leading-period", False, unchecked(dns(".example.com")), (dns("foo.example.com"),), None
    alone = made.IPAddress(IPv4Address("127.0.0.1")), made.IPAddress(IPv6Address("::1"))
    yield "invalid-ipv4-address", False, unchecked(alone[0]), (alone[0],), None
    yield "invalid-ipv6-address", False, unchecked(alone[1]), (alone[1],), None
    mail = made.RFC822Name._init_without_validation("invalid@invalid@example.com")
    yield "invalid-email-address", False, unchecked(mail), (made.RFC822Name("example@example.com"),), None


def below_the_anchor() -> Iterator[tuple[str, bool, made.NameConstraints, tuple[made.GeneralName, ...]]]:
    """Id, whether valid, the issuing authority's constraints and the card's alternative names."""
    mail = made.RFC822Name
    yield "excluded-dns-match", False, but(dns("example.com")), (dns("example.com"),)
    yield "nc-permits-invalid-dns-san", False, only(dns("example.com")), (dns(".example.com"), dns("foo.example.com"))
    v4 = made.IPAddress(IPv4Network("192.0.2.0/24"))
    yield "nc-permits-invalid-ip-san", False, only(v4), (v4, made.IPAddress(IPv4Address("192.0.2.1")))
    odd = mail._init_without_validation("invalid@address@example.com")
    yield "nc-permits-invalid-email-san", False, only(mail("example.com")), (mail("good@example.com"), odd)
    yield "nc-permits-email-exact", True, only(mail("foo@example.com")), (mail("foo@example.com"),)
    yield "nc-permits-email-domain", True, only(mail("example.com")), (mail("foo@example.com"),)
    forbids = made.NameConstraints([dns("example.com")], [OTHER_NAME])
    yield "nc-forbids-othername", False, forbids, (dns("example.com"), OTHER_NAME)
    yield "nc-forbids-othername-noop", True, forbids, (dns("example.com"),)


def constraints() -> Iterator[Chain]:
    plain, kind = authority(), made.SubjectAlternativeName
    for identity, valid, nc, names, subject in at_the_anchor():
        root = authority(nc=nc)
        yield rfc(f"nc::{identity}", valid, root, [], card(root, *names, subject=subject))
    for identity, valid, nc, names in below_the_anchor():
        one = authority(plain, nc=nc)
        yield rfc(f"nc::{identity}", valid, plain, [one], card(one, *names))
    root = authority(also=[(only(dns("example.com")), False)])
    yield rfc("nc::permitted-dns-match-noncritical", False, root, [], card(root))
    for identity, critical in (("noncritical", False), ("critical", True)):
        yield rfc(f"nc::not-allowed-in-ee-{identity}", False, plain, [], card(plain, also=[(only(dns("example.com")), critical)]))
    elsewhere = (kind([dns("not-example.com")]), False)
    root = authority(nc=only(dns("example.com")), subject=cn("not-example.com"), also=[elsewhere])
    one = authority(root, subject=root.subject, also=[elsewhere])
    yield rfc("nc::permitted-self-issued", True, root, [one], card(one))
    yield rfc("nc::excluded-self-issued-leaf", False, root, [one], card(one, dns("not-example.com"), subject=one.subject))
    both = made.NameConstraints([dns("permitted.example.com")], [dns("forbidden.example.com")])
    forbidden = (kind([dns("forbidden.example.com")]), False)
    first = authority(plain, nc=both)
    second = authority(first, also=[forbidden])
    yield rfc(
        "nc::intermediate-with-san-rejected-by-intermediate-nc", False, plain, [first, second], card(second, dns("permitted.example.com"))
    )
    root = authority(nc=both)
    first = authority(root)
    second = authority(first, also=[forbidden])
    yield rfc("nc::intermediate-with-san-rejected-by-root-nc", False, root, [first, second], card(second, dns("permitted.example.com")))
    wide, narrow = only(dns("foo.example.com"), dns("bar.example.com")), only(dns("bar.example.com"))
    for identity, upper, lower in (("narrows", wide, narrow), ("widens", narrow, wide)):
        first = authority(plain, nc=upper)
        second = authority(first, nc=lower)
        yield rfc(
            f"nc::restrictive-permits-in-intermediates-{identity}", False, plain, [first, second], card(second, dns("foo.example.com"))
        )
    shared, name = key(), cn("an-intermediate")
    lost = authority(authority(), subject=name, theirs=shared, also=[forbidden])
    first = authority(plain, nc=both)
    good = authority(first, subject=name, theirs=shared)
    yield rfc("nc::nc-forbids-alternate-chain-ica", True, plain, [first, lost, good], card(lost, dns("permitted.example.com")))
    first, free = authority(plain, nc=but(dns("forbidden.example.com"))), authority()
    bad = authority(first, subject=name, theirs=shared, also=[forbidden])
    good = authority(free, subject=name, theirs=shared)
    yield rfc("nc::nc-forbids-same-chain-ica", True, [plain, free], [first, bad, good], card(bad, dns("unconstrained.example.com")))
