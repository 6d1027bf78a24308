"""BER-TLV as cards speak it (ISO/IEC 7816-4, 5.2.2): tags of one or two bytes, lengths up to three."""

from __future__ import annotations

from collections.abc import Iterator

from ebid_tui.errors import CardGarbled


def encode(tag: int, value: bytes) -> bytes:
    """One object: `tag` as it is written (0x53, 0x7F49), then length and value."""
    head = tag.to_bytes(2 if tag > 0xFF else 1, "big")
    size = len(value)
    if size < 0x80:
        return head + bytes((size,)) + value
    if size < 0x100:
        return head + bytes((0x81, size)) + value
    return head + b"\x82" + size.to_bytes(2, "big") + value


def objects(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and value of each object in `data`, one level deep. Raises CardGarbled where lengths do not fit the data."""
    at = 0
    while at < len(data):
        tag, at = _tag(data, at)
        size, at = _length(data, at)
        if at + size > len(data):
            raise CardGarbled("TLV longer than its data")
        yield tag, data[at : at + size]
        at += size


def find(data: bytes, tag: int) -> bytes | None:
    """The value of the first object with this tag, or None. Raises CardGarbled as `objects` does."""
    return next((value for found, value in objects(data) if found == tag), None)


def _tag(data: bytes, at: int) -> tuple[int, int]:
    first = data[at]
    if first & 0x1F != 0x1F:
        return first, at + 1
    if at + 1 >= len(data):
        raise CardGarbled("TLV ends in its tag")
    return first << 8 | data[at + 1], at + 2


def _length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise CardGarbled("TLV ends before its length")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    if not 1 <= count <= 3 or at + 1 + count > len(data):
        raise CardGarbled("TLV with an impossible length")
    return int.from_bytes(data[at + 1 : at + 1 + count], "big"), at + 1 + count
