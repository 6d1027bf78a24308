"""A PKCS#15 card that is not made of plastic, for OpenSC: files by ISO/IEC 7816-15, commands as the IsoApplet's (a Java Card applet).

`save` writes a directory, `Pkcs15Process` puts such cards in. PIV does not know such a card: only a
PKCS#11 module speaks with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from ebid_tui.card import tlv
from ebid_tui.demo.virtual_card import SlotKey, VirtualCard, _Refusal
from tests.card.pcscd import CardProcess

APPLET = bytes.fromhex("F276A288BCFBA69D34F31001")
PKCS15 = bytes.fromhex("A000000063504B43532D3135")
_ATR = bytes.fromhex("3B8880014542494450313501")
_EXTENDED_AND_ECC = 0x05
_PIN_REFERENCE = 0x01


def sequence(*parts: bytes, tag: int = 0x30) -> bytes:
    return tlv.encode(tag, b"".join(parts))


def number(value: int, tag: int = 0x02) -> bytes:
    return tlv.encode(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def bits(*places: int) -> bytes:
    last = max(places)
    value = sum(1 << (last // 8 * 8 + 7 - place) for place in places)
    return tlv.encode(0x03, bytes([7 - last % 8]) + value.to_bytes(last // 8 + 1, "big"))


def octets(value: bytes) -> bytes:
    return tlv.encode(0x04, value)


def path(*names: int) -> bytes:
    return sequence(octets(b"".join(name.to_bytes(2, "big") for name in (0x3F00, 0x5015, *names))))


def label(text: str) -> bytes:
    return tlv.encode(0x0C, text.encode())


def files_of(slots: Mapping[int, SlotKey], *, consent: bool, minimum: int) -> dict[int, bytes]:
    """The elementary files by their names. Keys and certificates have ids and references from 1."""
    odf = b"".join(sequence(path(name), tag=tag) for tag, name in ((0xA8, 0x4401), (0xA0, 0x4402), (0xA4, 0x4403)))
    info = sequence(number(0), octets(b"\x01\x23\x45\x67"), label("EBID"), tlv.encode(0x80, b"EBID TEST"), bits(2))
    pin = sequence(bits(0, 1, 4), tlv.encode(0x0A, b"\x01"), number(minimum), number(8), number(8), number(_PIN_REFERENCE, 0x80), path())
    aodf = sequence(sequence(label("PIN"), bits(0, 1)), sequence(octets(b"\x01")), sequence(pin, tag=0xA1))
    files = {0x5031: odf, 0x5032: info, 0x4401: aodf, 0x4402: b"", 0x4403: b""}
    for place, key in slots.items():
        name = label(f"key {place}")
        common = sequence(name, bits(0), octets(b"\x01"), *([number(1)] if consent else []))
        usage = sequence(octets(bytes([place])), bits(2, 9), number(place))
        size = number(key.private_key.key_size)
        described = sequence(common, usage, sequence(sequence(path(), size), tag=0xA1))
        if isinstance(key.private_key, ec.EllipticCurvePrivateKey):
            described = tlv.encode(0xA0, described[len(described) - _content(described) :])
        files[0x4402] += described
        files[0x4403] += sequence(
            sequence(name, bits(1)), sequence(octets(bytes([place]))), sequence(sequence(path(0x4500 + place)), tag=0xA1)
        )
        files[0x4500 + place] = key.certificate
    return files


def _content(encoded: bytes) -> int:
    return len(next(iter(tlv.objects(encoded)))[1])


class Pkcs15Card(VirtualCard):
    """`slots`: keys by reference (1, 2 …). `consent`: each signature wants the PIN."""

    def __init__(self, slots: Mapping[int, SlotKey], pin: bytes = b"123456", *, consent: bool = False, tries: int = 3) -> None:
        self._files = files_of(slots, consent=consent, minimum=6)
        self._consent = consent
        self._file: bytes | None = None
        self._reference = 0
        super().__init__({}, pin, tries=tries, aids=(APPLET, PKCS15), atr=_ATR)
        self._pin = bytearray(pin)
        self.keys = dict(slots)

    def reset(self) -> None:
        super().reset()
        self._file, self._reference = None, 0

    def _command(self, ins: int, p1: int, p2: int, data: bytes, fresh: bool) -> bytes:
        if ins == 0xA4:
            return self._choose(p1, p2, data)
        if self._selected is None:
            raise _Refusal(0x6D00)
        match ins:
            case 0xB0 if self._file is not None:
                return self._file[p1 << 8 | p2 :]
            case 0x20:
                return self._enter(p1, p2, data)
            case 0x22 if (p1, p2) == (0x41, 0xB6):
                self._reference = (tlv.find(data, 0x84) or b"\x00")[0]
                return b""
            case 0x2A if (p1, p2) == (0x9E, 0x9A):
                return self._signature(data)
            case 0x24:
                return self._exchange(p2, data)
            case _:
                raise _Refusal(0x6D00)

    def _choose(self, p1: int, p2: int, data: bytes) -> bytes:
        if p1 == 0x04:
            if data not in self.aids:
                raise _Refusal(0x6A82)
            self._selected = data
            return bytes((0x00, 0x06, _EXTENDED_AND_ECC)) if data == APPLET else self._description(0x5015, None, p2)
        if self._selected is None or p1 not in (0x00, 0x08) or len(data) % 2:
            raise _Refusal(0x6A86 if self._selected is not None else 0x6A82)
        name = int.from_bytes(data[-2:], "big") if data else 0x3F00
        if name in (0x3F00, 0x5015):
            return self._description(name, None, p2)
        if name not in self._files:
            raise _Refusal(0x6A82)
        self._file = self._files[name]
        return self._description(name, self._file, p2)

    def _description(self, name: int, content: bytes | None, p2: int) -> bytes:
        if p2 & 0x0C == 0x0C:
            return b""
        kind = tlv.encode(0x82, b"\x38" if content is None else b"\x01")
        size = b"" if content is None else tlv.encode(0x80, len(content).to_bytes(2, "big"))
        return tlv.encode(0x6F, size + kind + tlv.encode(0x83, name.to_bytes(2, "big")) + tlv.encode(0x8A, b"\x05"))

    def _enter(self, p1: int, p2: int, data: bytes) -> bytes:
        if p2 & 0x7F != _PIN_REFERENCE or p1:
            raise _Refusal(0x6A88)
        if not data:
            if self._verified:
                return b""
            raise _Refusal(0x63C0 | self.tries_left if self.tries_left else 0x6983)
        self._try(data)
        self._verified = True
        return b""

    def _try(self, entered: bytes) -> None:
        if not self.tries_left:
            raise _Refusal(0x6983)
        if entered != bytes(self._pin):
            self.tries_left -= 1
            self._verified = False
            raise _Refusal(0x63C0 | self.tries_left)
        self.tries_left = self.tries

    def _exchange(self, p2: int, data: bytes) -> bytes:
        if p2 & 0x7F != _PIN_REFERENCE:
            raise _Refusal(0x6A88)
        old = len(self._pin)
        self._try(data[:old])
        self._pin[:] = data[old:]
        return b""

    def _signature(self, data: bytes) -> bytes:
        if not self._verified:
            raise _Refusal(0x6982)
        if self._reference not in self.keys:
            raise _Refusal(0x6A88)
        self._verified = not self._consent
        key = self.keys[self._reference].private_key
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(data, PKCS1v15(), NoDigestInfo())
        return key.sign(data, ec.ECDSA(Prehashed(SHA384() if key.key_size == 384 else SHA256())))


def save(directory: Path, *keys: SlotKey, consent: bool = False) -> None:
    """Write a card; the first key has reference 1."""
    directory.mkdir(parents=True)
    for place, key in enumerate(keys, 1):
        (directory / f"{place}.pem").write_bytes(key.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        (directory / f"{place}.der").write_bytes(key.certificate)
    if consent:
        (directory / "consent").touch()


def load(directory: Path) -> Pkcs15Card:
    slots = {}
    for file in sorted(directory.glob("*.pem")):
        key = load_pem_private_key(file.read_bytes(), None)
        assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        slots[int(file.stem)] = SlotKey(key, file.with_suffix(".der").read_bytes())
    return Pkcs15Card(slots, consent=(directory / "consent").exists())


class Pkcs15Process(CardProcess):
    """PKCS#15 cards at one slot's port."""

    kind = "pkcs15"
