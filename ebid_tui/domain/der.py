"""The little of ASN.1's DER (X.690) that is needed to read a certificate's names where a stricter reader gives up.

Old authorities write TeletexString with bytes of Latin-1, and such a name must not hide whose card it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from types import MappingProxyType

Attribute = tuple[str, str]
"""OID and text."""
Name = tuple[tuple[Attribute, ...], ...]
"""An X.501 name: relative distinguished names in the order of the certificate, each of one or several attributes."""

_ENCODINGS = {
    0x0C: ("utf-8", "latin-1"),  # UTF8String
    0x12: ("ascii", "utf-8", "latin-1"),  # NumericString
    0x13: ("ascii", "utf-8", "latin-1"),  # PrintableString
    0x14: ("ascii", "utf-8", "latin-1"),  # TeletexString: T.61 by the book, Latin-1 or UTF-8 in certificates
    0x16: ("ascii", "utf-8", "latin-1"),  # IA5String
    0x1A: ("ascii", "utf-8", "latin-1"),  # VisibleString
    0x1C: ("utf-32-be",),  # UniversalString
    0x1E: ("utf-16-be",),  # BMPString
}
LARGEST = 65_536
"""Bytes: no certificate comes near it."""

_LONGEST_OID = 128
"""Bytes; reading one takes as long as its length squared."""

_DEEPEST, _MOST_ITEMS, _MOST_EXTENSIONS = 24, 2000, 48
"""Of one certificate, what stands inside its extensions included; a card's has about 12 levels, 150 items and 10 extensions."""

_SEQUENCE, _SET, _INTEGER, _OID, _BOOLEAN, _BIT_STRING, _OCTET_STRING = 0x30, 0x31, 0x02, 0x06, 0x01, 0x03, 0x04
_CONSTRUCTED = 0x20
_VERSION, _EXTENSIONS, _DIRECTORY_NAME = 0xA0, 0xA3, 0xA4


@dataclass(frozen=True, slots=True)
class Extension:
    """`value` is what stands inside the OCTET STRING."""

    critical: bool
    value: bytes


@dataclass(frozen=True, slots=True)
class CertificateParts:
    """What is read of a certificate here (RFC 5280, 4.1)."""

    serial: int
    issuer: Name
    subject: Name
    extensions: Mapping[str, Extension]


def parts(certificate: bytes) -> CertificateParts:
    """Serial, names and extensions. Raises ValueError for what is no certificate, has an extension twice, or is out of all bounds."""
    refuse_excess(certificate)
    body = list(_items(_one(_one(certificate, _SEQUENCE), _SEQUENCE)))
    if [tag for tag, _ in body[:1]] == [_VERSION]:
        del body[0]
    if [tag for tag, _ in body[:6]] != [_INTEGER, *[_SEQUENCE] * 5]:
        raise ValueError("no certificate")
    (_, serial), _, (_, issuer), _, (_, subject), _, *rest = body
    found: dict[str, Extension] = {}
    for content in (content for tag, content in rest if tag == _EXTENSIONS):
        for _, extension in _items(_one(content, _SEQUENCE)):
            oid, read = _extension(extension)
            if oid in found or len(found) == _MOST_EXTENSIONS:
                raise ValueError(f"extension {oid} twice, or too many")
            found[oid] = read
    return CertificateParts(int.from_bytes(serial, "big", signed=True), _name(issuer), _name(subject), MappingProxyType(found))


def refuse_excess(certificate: bytes) -> None:
    """Raises ValueError for DER that no certificate needs: nested deeper, or of more items, than is read in good time.

    Names, policies, constraints and whatever else a certificate lists are items, so their number is bounded here as well. What
    stands in an OCTET STRING counts where it is DER itself (every extension's value). Looked at before anything reads further.
    """
    if len(certificate) > LARGEST:
        raise ValueError("too long")
    left = [(certificate, 0)]
    count = 0
    while left:
        data, depth = left.pop()
        for tag, content in _items(data):
            count += 1
            if depth == _DEEPEST or count > _MOST_ITEMS:
                raise ValueError("too deep, or too many items")
            if tag & _CONSTRUCTED or (tag == _OCTET_STRING and _is_der(content)):
                left.append((content, depth + 1))


def _is_der(content: bytes) -> bool:
    """Whether it holds items to its end, or more than may be; a plain one hides none."""
    try:
        return bool(content) and bool(content[0] & _CONSTRUCTED) and len(list(islice(_items(content), _MOST_ITEMS + 1))) > 0
    except ValueError:
        return False


def directory_names(alternative_name: bytes) -> tuple[Name, ...]:
    """Every directoryName of a subjectAltName's value. Raises ValueError."""
    return tuple(_name(_one(content, _SEQUENCE)) for tag, content in _items(_one(alternative_name, _SEQUENCE)) if tag == _DIRECTORY_NAME)


def oids(value: bytes) -> tuple[str, ...]:
    """A SEQUENCE of OIDs, and of nothing else. Raises ValueError."""
    items = list(_items(_one(value, _SEQUENCE)))
    if any(tag != _OID for tag, _ in items):
        raise ValueError("no OIDs")
    return tuple(_oid(content) for _, content in items)


def bits(value: bytes) -> frozenset[int]:
    """The numbers of the bits that are set in the first eight bytes of a BIT STRING, 0 for the first. Raises ValueError."""
    content = _one(value, _BIT_STRING)[:9]
    return frozenset(8 * at + bit for at, byte in enumerate(content[1:]) for bit in range(8) if byte & 0x80 >> bit)


def _extension(content: bytes) -> tuple[str, Extension]:
    items = list(_items(content))
    if [tag for tag, _ in items] not in ([_OID, _OCTET_STRING], [_OID, _BOOLEAN, _OCTET_STRING]):
        raise ValueError("no extension")
    return _oid(items[0][1]), Extension(len(items) == 3 and any(items[1][1]), items[-1][1])


def _name(content: bytes) -> Name:
    found = []
    for tag, rdn in _items(content):
        if tag != _SET:
            raise ValueError("no name")
        attributes = []
        for _, attribute in _items(rdn):
            items = list(_items(attribute))
            if len(items) != 2 or items[0][0] != _OID:
                raise ValueError("no attribute")
            attributes.append((_oid(items[0][1]), _text(*items[1])))
        found.append(tuple(attributes))
    return tuple(found)


def _text(tag: int, content: bytes) -> str:
    """The text of a string type, whatever it takes; another type as `#` and hex (RFC 4514, 2.4)."""
    encodings = _ENCODINGS.get(tag, ())
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode(encodings[-1], "replace") if encodings else f"#{content.hex()}"


@lru_cache(maxsize=512)
def _oid(content: bytes) -> str:
    numbers: list[int] = []
    number = 0
    if len(content) > _LONGEST_OID:
        raise ValueError("OID too long")
    for byte in content:
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(number)
            number = 0
    if not numbers or content[-1] & 0x80:
        raise ValueError("no OID")
    first = min(numbers[0] // 40, 2)
    return ".".join(str(n) for n in (first, numbers[0] - 40 * first, *numbers[1:]))


def _one(data: bytes, tag: int) -> bytes:
    """The content of the first item. Raises ValueError where it is another."""
    items = list(_items(data))
    if not items or items[0][0] != tag:
        raise ValueError(f"not {tag:#x}")
    return items[0][1]


def _items(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each item, one level deep: tags of one byte, definite lengths. Raises ValueError."""
    at = 0
    while at < len(data):
        if at + 2 > len(data) or data[at] & 0x1F == 0x1F:
            raise ValueError("no DER")
        tag, size, at = data[at], data[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            if not 1 <= count <= 4 or at + count > len(data):
                raise ValueError("no DER length")
            size, at = int.from_bytes(data[at : at + count], "big"), at + count
        if at + size > len(data):
            raise ValueError("longer than its data")
        yield tag, data[at : at + size]
        at += size
