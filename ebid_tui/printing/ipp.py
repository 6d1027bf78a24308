"""The Internet Printing Protocol's messages (RFC 8010): a request as bytes, and an answer's attributes.

Only what asking a print server needs: one request a message, the document behind it, values as text, numbers or truth.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

Value = str | int | bool
Attributes = Mapping[str, tuple[Value, ...]]


class Operation(IntEnum):
    """RFC 8011, 5.4.15; the last two are CUPS's own."""

    PRINT_JOB = 0x0002
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    CUPS_GET_DEFAULT = 0x4001
    CUPS_GET_PRINTERS = 0x4002


VERSION = b"\x02\x00"

OPERATION_GROUP, JOB_GROUP, END = 0x01, 0x02, 0x03
GROUPS_BELOW = 0x10
"""Tags below it begin a group (RFC 8010, 3.5.1)."""

INTEGER, BOOLEAN, ENUM = 0x21, 0x22, 0x23
BEGIN_COLLECTION, END_COLLECTION = 0x34, 0x37
NAME_WITH_LANGUAGE = (0x35, 0x36)
TAGS = {"keyword": 0x44, "uri": 0x45, "charset": 0x47, "natural_language": 0x48, "mime": 0x49, "name": 0x42, "text": 0x41}
TEXTS = range(0x40, 0x60)


class MalformedIpp(ValueError):
    """What came back is no IPP message."""


@dataclass(frozen=True, slots=True)
class IppAnswer:
    """A status (RFC 8011, B.1: below 0x0100 is success) and the attributes, group by group."""

    status: int
    groups: tuple[tuple[int, Attributes], ...]

    @property
    def succeeded(self) -> bool:
        return self.status < 0x0100

    def of(self, group: int) -> tuple[Attributes, ...]:
        """Every group of this tag."""
        return tuple(attributes for tag, attributes in self.groups if tag == group)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a request; `kind` is a key of TAGS, or `integer` or `boolean`."""

    kind: str
    name: str
    values: tuple[Value, ...]

    def encoded(self) -> bytes:
        return b"".join(self._one(value, self.name if n == 0 else "") for n, value in enumerate(self.values))

    def _one(self, value: Value, name: str) -> bytes:
        if self.kind == "boolean":
            tag, raw = BOOLEAN, bytes((bool(value),))
        elif self.kind == "integer":
            tag, raw = INTEGER, struct.pack(">i", value)
        else:
            tag, raw = TAGS[self.kind], str(value).encode()
        return struct.pack(">BH", tag, len(name)) + name.encode("ascii") + struct.pack(">H", len(raw)) + raw


def request(
    operation: Operation, operation_attributes: tuple[Attribute, ...], job: tuple[Attribute, ...] = (), document: bytes = b""
) -> bytes:
    """A request's bytes. Charset and language come first, as RFC 8011, 4.1.4 wants it."""
    first = (Attribute("charset", "attributes-charset", ("utf-8",)), Attribute("natural_language", "attributes-natural-language", ("en",)))
    parts = [VERSION, struct.pack(">HI", operation, 1), bytes((OPERATION_GROUP,))]
    parts += [attribute.encoded() for attribute in (*first, *operation_attributes)]
    if job:
        parts += [bytes((JOB_GROUP,)), *(attribute.encoded() for attribute in job)]
    return b"".join((*parts, bytes((END,)), document))


def answer(data: bytes) -> IppAnswer:
    """An answer's attributes. Members of collections are left out. Raises MalformedIpp."""
    if len(data) < 9:
        raise MalformedIpp("too short")
    (status,) = struct.unpack_from(">H", data, 2)
    groups: list[tuple[int, dict[str, tuple[Value, ...]]]] = []
    last, depth = "", 0
    for tag, name, raw in _items(data):
        if tag < GROUPS_BELOW:
            groups.append((tag, {}))
            last, depth = "", 0
            continue
        if tag == BEGIN_COLLECTION:
            depth += 1
        elif tag == END_COLLECTION:
            depth = max(depth - 1, 0)
        elif depth == 0 and groups:
            last = name or last
            value = _value(tag, raw)
            if last and value is not None:
                groups[-1][1][last] = (*groups[-1][1].get(last, ()), value)
    return IppAnswer(status, tuple(groups))


def _items(data: bytes) -> Iterator[tuple[int, str, bytes]]:
    """(tag, name, value) of everything in a message; a group's beginning has neither name nor value."""
    at = 8
    while at < len(data):
        tag = data[at]
        at += 1
        if tag == END:
            return
        if tag < GROUPS_BELOW:
            yield tag, "", b""
            continue
        name, at = _string(data, at)
        value, at = _string(data, at)
        yield tag, name.decode("ascii", "replace"), value
    raise MalformedIpp("no end")


def _string(data: bytes, at: int) -> tuple[bytes, int]:
    if at + 2 > len(data):
        raise MalformedIpp("cut off")
    (length,) = struct.unpack_from(">H", data, at)
    end = at + 2 + length
    if end > len(data):
        raise MalformedIpp("cut off")
    return data[at + 2 : end], end


def _value(tag: int, raw: bytes) -> Value | None:
    """None for what says nothing (no-value, unknown) and for kinds that nobody here asks about."""
    if tag in (INTEGER, ENUM):
        if len(raw) != 4:
            raise MalformedIpp("a number of another length")
        return int(struct.unpack(">i", raw)[0])
    if tag == BOOLEAN:
        return raw != b"\x00"
    if tag in TEXTS:
        return raw.decode("utf-8", "replace")
    if tag in NAME_WITH_LANGUAGE:
        _, at = _string(raw, 0)
        text, _ = _string(raw, at)
        return text.decode("utf-8", "replace")
    return None
