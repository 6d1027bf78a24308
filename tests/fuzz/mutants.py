"""Hypothesis strategies for what cards hand out: whole DER and TLV, spoilt by byte and by structure."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import cache

from hypothesis import strategies as st

from tests.card.plastic import CertificateAuthority
from tests.clock import NOW

FOREVER = datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)


@cache
def authority() -> CertificateAuthority:
    return CertificateAuthority(now=NOW)


@cache
def whole() -> tuple[bytes, ...]:
    """Certificates as they should be."""
    ca = authority()
    return (
        ca.certificate("rsa2048"),
        ca.certificate("p256", usage=None, padding=40),
        ca.certificate("p384", serial=2**158, not_after=FOREVER),
        ca.certificate("rsa1024"),
    )


def nodes(der: bytes, begin: int = 0, end: int | None = None) -> Iterator[tuple[int, int, int]]:
    """(start, start of the content, end) of every item, those inside included, as far as it can be read."""
    at, end = begin, len(der) if end is None else end
    while at + 2 <= end:
        size, content = der[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, content = int.from_bytes(der[content : content + count], "big"), content + count
        if content + size > end:
            return
        yield at, content, content + size
        if der[at] & 0x20 or der[at] == 0x04:
            yield from nodes(der, content, content + size)
        at = content + size


def length(size: int) -> bytes:
    if size < 0x80:
        return bytes((size,))
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(octets),)) + octets


def replaced(der: bytes, start: int, end: int, by: bytes) -> bytes:
    """With another item in that one's place, and every length around it made right."""
    for outer, content, outer_end in sorted(nodes(der), key=lambda node: node[1], reverse=True):
        if outer < start and content <= start and end <= outer_end:
            inside = der[content:start] + by + der[end:outer_end]
            by, start, end = der[outer : outer + 1] + length(len(inside)) + inside, outer, outer_end
    return der[:start] + by + der[end:]


@st.composite
def by_structure(draw: st.DrawFn, sources: tuple[bytes, ...]) -> bytes:
    """One or two items of another type, content or number, in a frame that fits."""
    der = draw(st.sampled_from(sources))
    for _ in range(draw(st.integers(1, 2))):
        found = list(nodes(der))
        if not found:
            break
        start, content, end = draw(st.sampled_from(found))
        tag = draw(st.one_of(st.just(der[start]), st.integers(0, 255)))
        inside = draw(st.one_of(st.binary(max_size=40), st.just(der[content:end]), st.just(der[content:end] * 2), st.just(b"\xff" * 300)))
        twice = draw(st.booleans())
        item = bytes((tag,)) + length(len(inside)) + inside
        der = replaced(der, start, end, item + item if twice else item)
    return der


@st.composite
def by_byte(draw: st.DrawFn, sources: tuple[bytes, ...]) -> bytes:
    """Some bytes changed, put in, left out; the end cut off."""
    data = bytearray(draw(st.sampled_from(sources)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.integers(0, 3)):
            case 0 if data:
                data[at] = draw(st.integers(0, 255))
            case 1:
                data[at:at] = draw(st.binary(min_size=1, max_size=8))
            case 2:
                del data[at : at + draw(st.integers(1, 16))]
            case _:
                del data[max(at, 1) :]
    return bytes(data)


def mutants(sources: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    return st.one_of(by_structure(sources), by_byte(sources), st.binary(max_size=200))
