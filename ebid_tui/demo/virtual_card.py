"""A virtual PIV card for the demo and the tests: answers APDUs as NIST SP 800-73-4 (part 2) has it, with real keys and certificates.

In process it sits in a `virtual_reader.VirtualReader`; plugged into a real `pcscd` by `tests/card/vpcd.py`, OpenSC and `yubico-piv-tool`
take it for a card.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from ebid_tui.card import tlv
from ebid_tui.demo.card_objects import CERTIFICATES, PIV_AID, data_objects, make_atr
from ebid_tui.errors import CardGarbled

JPKI_AID = bytes.fromhex("D392F000260100000001")

__all__ = ["JPKI_AID", "PIV_AID", "SlotKey", "VirtualCard"]

_OK = 0x9000
_ECC_CODES = {256: 0x11, 384: 0x14}
_RSA_CODES = {2048: 0x07, 3072: 0x05, 4096: 0x16}
_LONGEST_CHAIN = 4096
_YUBICO_VERSION = bytes((5, 2, 4))


@dataclass(frozen=True, slots=True)
class SlotKey:
    """A key of the card and its certificate (DER); `compressed` stores it gzip'd as some issuers do."""

    private_key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = field(repr=False)
    certificate: bytes = field(repr=False)
    compressed: bool = False

    @property
    def code(self) -> int:
        """PIV's algorithm identifier."""
        codes = _RSA_CODES if isinstance(self.private_key, rsa.RSAPrivateKey) else _ECC_CODES
        return codes[self.private_key.key_size]


class _Refusal(Exception):
    """Ends a command with this status word."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"{sw:04X}")
        self.sw = sw


class VirtualCard:
    """`slots`: 0x9A and 0x9C, each with key and certificate. `pin`: 6 to 8 digits. `tries_left` 0 is a blocked card.

    `extended` False: knows short APDUs only. `aids`: the applications that answer SELECT; one without PIV's answers nothing
    else (`aids=(JPKI_AID,)` is what a My Number card looks like from outside).
    """

    def __init__(
        self,
        slots: Mapping[int, SlotKey],
        pin: bytes = b"123456",
        *,
        tries: int = 3,
        tries_left: int | None = None,
        extended: bool = True,
        aids: Iterable[bytes] = (PIV_AID,),
        atr: bytes | None = None,
        serial: int = 0x01020304,
    ) -> None:
        self.slots = dict(slots)
        self.tries = tries
        self.tries_left = tries if tries_left is None else tries_left
        self.extended = extended
        self.aids = tuple(aids)
        self.atr = atr or make_atr(extended=extended)
        self.serial = serial
        self._pin = bytearray(pin.ljust(8, b"\xff"))
        self._objects = data_objects({slot: (key.certificate, key.compressed) for slot, key in self.slots.items()}, serial)
        self.reset()

    def reset(self) -> None:
        """What a reset or a power cut leaves: nothing selected, no PIN, no chain; the tries stay as they are."""
        self._selected: bytes | None = None
        self._verified = False
        self._fresh = False
        self._chain: tuple[bytes, bytearray] | None = None
        self._pending = b""

    def answer(self, apdu: bytes) -> bytes:
        """Data and status word (two bytes) for one APDU."""
        try:
            cla, ins, p1, p2, data, le = self._decode(apdu)
            if ins == 0xC0:
                return self._more(le)
            self._pending = b""
            fresh, self._fresh = self._fresh, self._fresh and bool(cla & 0x10)
            whole = self._chained(cla, apdu[1:4], data)
            if whole is None:
                self._fresh = fresh
                return _OK.to_bytes(2, "big")
            answer = self._command(ins, p1, p2, whole, fresh)
        except _Refusal as refusal:
            self._chain = None
            return refusal.sw.to_bytes(2, "big")
        self._pending = answer
        return self._more(le)

    def _decode(self, apdu: bytes) -> tuple[int, int, int, int, bytes, int]:
        """Header, data and Le (0 where none is given), short or extended (ISO/IEC 7816-4, 5.1)."""
        if len(apdu) < 4:
            raise _Refusal(0x6700)
        cla, ins, p1, p2 = apdu[:4]
        if cla & ~0x10:
            raise _Refusal(0x6E00)
        body = apdu[4:]
        if not body:
            return cla, ins, p1, p2, b"", 0
        if len(body) == 1:
            return cla, ins, p1, p2, b"", body[0] or 256
        if body[0]:
            size, rest = body[0], body[1:]
            data, tail = rest[:size], rest[size:]
            if len(data) == size and len(tail) <= 1:
                return cla, ins, p1, p2, bytes(data), (tail[0] or 256) if tail else 0
            raise _Refusal(0x6700)
        if not self.extended or len(body) < 3:
            raise _Refusal(0x6700)
        number = int.from_bytes(body[1:3], "big")
        if len(body) == 3:
            return cla, ins, p1, p2, b"", number or 65536
        data, tail = body[3 : 3 + number], body[3 + number :]
        if not number or len(data) != number or len(tail) not in (0, 2):
            raise _Refusal(0x6700)
        return cla, ins, p1, p2, bytes(data), (int.from_bytes(tail, "big") or 65536) if tail else 0

    def _chained(self, cla: int, header: bytes, data: bytes) -> bytes | None:
        """The whole data of a chained command once its last part is there, else None."""
        if self._chain and self._chain[0] != header:
            self._chain = None
        if not cla & 0x10 and not self._chain:
            return data
        if self._chain is None:
            self._chain = (bytes(header), bytearray())
        self._chain[1].extend(data)
        if len(self._chain[1]) > _LONGEST_CHAIN:
            raise _Refusal(0x6700)
        if cla & 0x10:
            return None
        whole, self._chain = bytes(self._chain[1]), None
        return whole

    def _more(self, le: int) -> bytes:
        """As much of the pending answer as `le` allows; 61xx while there is more."""
        size = le or 256
        part, self._pending = self._pending[:size], self._pending[size:]
        if not self._pending:
            return part + _OK.to_bytes(2, "big")
        return part + bytes((0x61, min(len(self._pending), 256) & 0xFF))

    def _command(self, ins: int, p1: int, p2: int, data: bytes, fresh: bool) -> bytes:
        if ins == 0xA4:
            return self._select(p1, p2, data)
        if self._selected != PIV_AID:
            raise _Refusal(0x6D00)
        match ins:
            case 0xCB:
                return self._get_data(p1, p2, data)
            case 0x20:
                return self._verify(p1, p2, data)
            case 0x24:
                return self._change_pin(p1, p2, data)
            case 0x2C:
                raise _Refusal(0x6983)
            case 0x87:
                return self._authenticate(p1, p2, data, fresh)
            case 0xFD:
                return _YUBICO_VERSION
            case 0xF7 if p1 == 0x00 and p2 == 0x80:
                return tlv.encode(0x06, bytes((self.tries, self.tries_left)))
            case 0xF8:
                return self.serial.to_bytes(4, "big")
            case _:
                raise _Refusal(0x6D00)

    def _select(self, p1: int, p2: int, data: bytes) -> bytes:
        if p1 != 0x04 or p2 not in (0x00, 0x0C):
            raise _Refusal(0x6A86)
        aid = next((aid for aid in self.aids if len(data) >= 5 and aid.startswith(data)), None)
        if aid is None:
            raise _Refusal(0x6A82)
        if aid != self._selected:
            self._verified = False
        self._selected = aid
        if aid != PIV_AID or p2 == 0x0C:
            return b""
        authority = tlv.encode(0x79, tlv.encode(0x4F, PIV_AID[:5]))
        return tlv.encode(0x61, tlv.encode(0x4F, PIV_AID[5:]) + authority)

    def _get_data(self, p1: int, p2: int, data: bytes) -> bytes:
        if (p1, p2) != (0x3F, 0xFF):
            raise _Refusal(0x6A86)
        try:
            tag = tlv.find(data, 0x5C)
        except CardGarbled as error:
            raise _Refusal(0x6A80) from error
        content = self._objects.get(tag or b"")
        if content is None:
            raise _Refusal(0x6A82)
        return content

    def _verify(self, p1: int, p2: int, data: bytes) -> bytes:
        if p2 != 0x80:
            raise _Refusal(0x6A88)
        if p1 == 0xFF and not data:
            self._verified = False
            return b""
        if p1 != 0x00:
            raise _Refusal(0x6A86)
        if not data:
            if self._verified:
                return b""
            raise _Refusal(0x63C0 | self.tries_left if self.tries_left else 0x6983)
        self._compare(data)
        self._verified = self._fresh = True
        return b""

    def _compare(self, block: bytes) -> None:
        """One try. Raises the card's refusal: 6A80 for a block that is no PIN (no try), 6983 blocked, 63Cx wrong."""
        if not _is_pin(block):
            raise _Refusal(0x6A80)
        if not self.tries_left:
            raise _Refusal(0x6983)
        if not hmac.compare_digest(bytes(self._pin), block):
            self.tries_left -= 1
            self._verified = False
            raise _Refusal(0x63C0 | self.tries_left)
        self.tries_left = self.tries

    def _change_pin(self, p1: int, p2: int, data: bytes) -> bytes:
        if p1 != 0x00:
            raise _Refusal(0x6A86)
        if p2 != 0x80:
            raise _Refusal(0x6983)
        if len(data) != 16 or not _is_pin(data[8:]):
            raise _Refusal(0x6A80)
        self._compare(data[:8])
        self._pin[:] = data[8:]
        return b""

    def _authenticate(self, p1: int, p2: int, data: bytes, fresh: bool) -> bytes:
        """GENERAL AUTHENTICATE: a raw private key operation on what tag 81 holds (part 2, 3.2.4)."""
        key = self.slots.get(p2)
        if key is None or p1 != key.code:
            raise _Refusal(0x6A86 if p2 in CERTIFICATES else 0x6A88)
        try:
            template = dict(tlv.objects(tlv.find(data, 0x7C) or b""))
        except CardGarbled as error:
            raise _Refusal(0x6A80) from error
        challenge = template.get(0x81)
        if 0x82 not in template or not challenge:
            raise _Refusal(0x6A80)
        if not self._verified or (p2 == 0x9C and not fresh):
            raise _Refusal(0x6982)
        return tlv.encode(0x7C, tlv.encode(0x82, _private_operation(key.private_key, challenge)))


def _is_pin(block: bytes) -> bool:
    """Six to eight digits, filled up with FF (part 2, 2.4.3)."""
    digits = block.rstrip(b"\xff")
    return len(block) == 8 and len(digits) >= 6 and digits.isdigit()


def _private_operation(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, challenge: bytes) -> bytes:
    size = (key.key_size + 7) // 8
    if isinstance(key, rsa.RSAPrivateKey):
        return _rsa(key, challenge, size)
    if len(challenge) > size:
        raise _Refusal(0x6A80)
    digest = SHA256() if size == 32 else SHA384()
    return key.sign(challenge.rjust(size, b"\x00"), ec.ECDSA(Prehashed(digest)))


def _rsa(key: rsa.RSAPrivateKey, block: bytes, size: int) -> bytes:
    """The bare private operation. A block padded for a signature (as nearly all are) goes the library's way, 20 times faster."""
    numbers = key.private_numbers()
    if len(block) != size or int.from_bytes(block, "big") >= numbers.public_numbers.n:
        raise _Refusal(0x6A80)
    head, _, content = block[2:].partition(b"\x00")
    if block[:2] == b"\x00\x01" and content and head == b"\xff" * len(head) and len(head) >= 8:
        return key.sign(content, PKCS1v15(), NoDigestInfo())
    number = int.from_bytes(block, "big")
    m1 = pow(number, numbers.dmp1, numbers.p)
    m2 = pow(number, numbers.dmq1, numbers.q)
    return (m2 + (m1 - m2) * numbers.iqmp % numbers.p * numbers.q).to_bytes(size, "big")
