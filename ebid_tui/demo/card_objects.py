"""What a virtual PIV card has to tell: its ATR and the data objects that GET DATA can be asked for (SP 800-73-4, part 1, 3)."""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Mapping

from ebid_tui.card.tlv import encode

PIV_AID = bytes.fromhex("A000000308000010000100")
CERTIFICATES = {0x9A: bytes.fromhex("5FC105"), 0x9C: bytes.fromhex("5FC10A")}
"""The objects that hold the slots' certificates."""

_CHUID = bytes.fromhex("5FC102")
_CAPABILITIES = bytes.fromhex("5FC107")
_DISCOVERY = b"\x7e"

_FASC_N = bytes.fromhex("D4E739DA739CED39CE739D836858210842108421C84210C3EB")
"""The number of a card that belongs to no agency (part 1, 3.1.2)."""

_GZIP = b"\x01"


def data_objects(certificates: Mapping[int, tuple[bytes, bool]], serial: int) -> dict[bytes, bytes]:
    """Objects by tag. `certificates`: slot to (DER, whether stored compressed); `serial` makes the card's own identifier."""
    guid = uuid.uuid5(uuid.NAMESPACE_OID, str(serial)).bytes
    found = {
        _CHUID: encode(0x53, _chuid(guid)),
        _CAPABILITIES: encode(0x53, _capabilities(guid)),
        _DISCOVERY: encode(0x7E, encode(0x4F, PIV_AID) + encode(0x5F2F, b"\x40\x00")),
    }
    for slot, (certificate, compressed) in certificates.items():
        stored, info = (gzip.compress(certificate), _GZIP) if compressed else (certificate, b"\x00")
        found[CERTIFICATES[slot]] = encode(0x53, encode(0x70, stored) + encode(0x71, info) + encode(0xFE, b""))
    return found


def _chuid(guid: bytes) -> bytes:
    fields = {0x30: _FASC_N, 0x34: guid, 0x35: b"99991231", 0x3E: b"", 0xFE: b""}
    return b"".join(encode(tag, value) for tag, value in fields.items())


def _capabilities(guid: bytes) -> bytes:
    fields = {0xF0: b"\xa0\x00\x00\x01\x16\xff\x02" + guid[:14], 0xF1: b"\x21", 0xF2: b"\x21", 0xF3: b"", 0xF4: b"\x00", 0xF5: b"\x10"}
    empty = (0xF6, 0xF7, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE)
    return b"".join(encode(tag, value) for tag, value in fields.items()) + b"".join(encode(tag, b"") for tag in empty)


def make_atr(*, extended: bool) -> bytes:
    """T=1, card capabilities in the historical bytes: command chaining, and extended length fields or not."""
    historical = b"\x80\x73\xc0\x21" + (b"\xc0" if extended else b"\x80") + b"\x54eBID"
    body = bytes((0x80 | len(historical), 0x01)) + historical
    check = 0
    for byte in body:
        check ^= byte
    return b"\x3b" + body + bytes((check,))
