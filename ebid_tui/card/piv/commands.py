"""PIV cards (NIST SP 800-73-4, part 2): certificate, PIN, signature.

Pure command sequences over a `Processor`; who owns the card, and whether it is still the same one, is the session's affair.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509

from ebid_tui.card import signing, tlv
from ebid_tui.card.apdu import EXTENDED, OK, Apdu, Processor
from ebid_tui.card.choice import read
from ebid_tui.card.interface import Algorithm, PinRules
from ebid_tui.card.pin import Pin, wipe
from ebid_tui.card.refused_cards import refuse_my_number, select
from ebid_tui.errors import CardBlocked, CardError, CardGarbled, CardRefused, CardReset, CertificateUnreadable, PinUnusable, WrongPin
from ebid_tui.messages import t

AID: Final = bytes.fromhex("A000000308000010000100")
PARTIAL_AID: Final = AID[:9]
VERIFY_HEADER: Final = bytes.fromhex("00200080")
PIN_RULES: Final = PinRules(min_length=6, max_length=8, digits_only=True)

_OBJECTS: Final = {0x9A: bytes.fromhex("5FC105"), 0x9C: bytes.fromhex("5FC10A")}
"""The two signing keys in the order of preference (9A needs the PIN once, 9C before every signature) and their objects."""

_CODES: Final = {2048: 0x07, 3072: 0x05, 4096: 0x16, 256: 0x11, 384: 0x14}
"""PIV's algorithm identifiers by the size of the key: RSA, then P-256 and P-384."""

_LARGEST_CERTIFICATE: Final = 32768


@dataclass(frozen=True, slots=True)
class PivKey:
    """One key of the card that can sign, with its certificate; `code` is PIV's algorithm identifier."""

    slot: int
    der: bytes
    algorithm: Algorithm
    code: int
    public_key: signing.PublicKey = field(repr=False)

    @property
    def pin_before_each_signature(self) -> bool:
        return self.slot == 0x9C


def find(card: Processor) -> bool:
    """SELECT the PIV application, by its full name or, for cards that know only that, by the right-truncated one."""
    return select(card, AID) or select(card, PARTIAL_AID)


def signing_keys(card: Processor, fingerprint: str = "") -> tuple[PivKey, ...]:
    """The keys that can sign, in the order of preference: 9A and 9C, as far as their certificates are for signatures. No PIN.

    9D and 9E are not looked at: they decrypt, and sign without a PIN for whoever asks. With `fingerprint` reading ends at the
    certificate that has it. One that is none (cut short, of another format) does not stand in another's way.

    Raises CardRefused (R-23) for a My Number certificate; where none can sign, what is wrong with the first: CardGarbled with code
    E-CERT for one that is none, CardRefused (R-34) for one whose key is too weak.
    """
    found: list[PivKey] = []
    reason: CardError | None = None
    for slot in _OBJECTS:
        try:
            der = read_certificate(card, slot)
            key = None if der is None else _signing_key(slot, der)
        except (CardGarbled, CardRefused) as error:
            if error.code not in (CertificateUnreadable.code, "R-34"):
                raise  # a My Number certificate, or the answer is garbled: it may be another one the next time
            reason = reason or error
            continue
        if key is not None:
            found.append(key)
            if fingerprint and hashlib.sha256(key.der).hexdigest() == fingerprint:
                return (key,)
    if reason and not found:
        raise reason
    return tuple(found)


def _signing_key(slot: int, der: bytes) -> PivKey | None:
    """The slot's key, if its certificate is one for signatures. Raises CardGarbled (E-CERT), CardRefused (R-23, R-34)."""
    certificate = read(der)
    if certificate.key_usage and not certificate.may_sign:  # one that names no usage restricts none (RFC 5280, 4.2.1.3)
        refuse_my_number(certificate)
        return None
    key = _key(slot, der) if certificate.algorithm else None
    if key is None:
        cause = t("card.unusable_weak_key", key=certificate.key)
        raise CardRefused("weak_key", code="R-34", what=t("card.what_weak_key"), causes=(cause,))
    return key


def read_certificate(card: Processor, slot: int) -> bytes | None:
    """The certificate of a slot, DER, unpacked where it is stored compressed; None where the slot has none."""
    data, sw = card.send(Apdu(0x00, 0xCB, 0x3F, 0xFF, tlv.encode(0x5C, _OBJECTS[slot]), le=EXTENDED))
    if sw in (0x6A82, 0x6A88):
        return None
    if sw != OK:
        raise CardGarbled(f"GET DATA answered {sw:04X}")
    content = tlv.find(data, 0x53)
    if content is None:
        raise CardGarbled("GET DATA without its object")
    packed = tlv.find(content, 0x70)
    if not packed:
        return None
    info = tlv.find(content, 0x71)
    return _unpack(packed) if info and info[0] & 0x01 else packed


def tries_left(card: Processor) -> int | None:
    """PIN tries left, by VERIFY without data (costs no try on PIV cards); 0: blocked; None: the PIN is verified at present."""
    _, sw = card.send(Apdu(0x00, 0x20, 0x00, 0x80, once=True))
    if sw == OK:
        return None
    if sw >> 4 == 0x63C:
        return sw & 0x0F
    if sw == 0x6983:
        return 0
    raise CardGarbled(f"VERIFY without data answered {sw:04X}")


def tries_full(card: Processor) -> bool:
    """Whether the counter stands at its maximum, by Yubico's GET METADATA (which no VERIFY comes near); False where unknown."""
    data, sw = card.send(Apdu(0x00, 0xF7, 0x00, 0x80))
    if sw != OK:
        return False
    counts = tlv.find(data, 0x06)
    return counts is not None and len(counts) == 2 and counts[0] == counts[1] > 0


def verify(card: Processor, pin: Pin) -> None:
    """Send the PIN, exactly once. Raises PinUnusable (before sending), WrongPin, CardBlocked, CardGarbled."""
    PIN_RULES.check(pin)
    block = pin.padded(PIN_RULES.max_length)
    try:
        data, sw = card.send(Apdu(0x00, 0x20, 0x00, 0x80, block, once=True))
    finally:
        wipe(block)
    if data:
        raise CardGarbled("VERIFY answered with data")
    judge_verify(sw)


def judge_verify(sw: int) -> None:
    """What the card said to VERIFY. Raises WrongPin, CardBlocked, PinUnusable, CardGarbled."""
    if _accepted(sw):
        return
    if sw == 0x6A80:
        raise PinUnusable("the card does not take such a PIN", min=PIN_RULES.min_length, max=PIN_RULES.max_length)
    raise CardGarbled(f"VERIFY answered {sw:04X}")


def _accepted(sw: int) -> bool:
    """Whether the card took the PIN; False: this is no answer to whether it is right. Raises WrongPin, CardBlocked."""
    if sw in (0x6983, 0x63C0):
        raise CardBlocked
    if sw >> 4 == 0x63C or sw == 0x6300:
        raise WrongPin(None if sw == 0x6300 else sw & 0x0F)
    return sw == OK


def change_pin(card: Processor, old: Pin, new: Pin) -> None:
    """CHANGE REFERENCE DATA (part 2, 3.2.2), exactly once. A wrong old PIN spends a try.

    Raises PinUnusable (before sending; E-NEW-PIN where the card does not take the new one), WrongPin, CardBlocked, CardError
    E-PIN-FIXED where this card's PIN is not to be changed this way, CardGarbled.
    """
    PIN_RULES.check(old)
    PIN_RULES.check(new)
    block = bytearray(b"\xff") * (2 * PIN_RULES.max_length)
    try:
        old.write_into(block)
        new.write_into(block, PIN_RULES.max_length)
        data, sw = card.send(Apdu(0x00, 0x24, 0x00, 0x80, block, once=True))
    finally:
        wipe(block)
    if data:
        raise CardGarbled("CHANGE REFERENCE DATA answered with data")
    if _accepted(sw):
        return
    if sw == 0x6A80:
        raise PinUnusable("the card does not take the new PIN", code="E-NEW-PIN")
    if sw in (0x6982, 0x6985, 0x6A81, 0x6A86, 0x6A88, 0x6D00):
        raise CardError(f"{sw:04X}", code="E-PIN-FIXED")
    raise CardGarbled(f"CHANGE REFERENCE DATA answered {sw:04X}")


def log_out(card: Processor) -> bool:
    """Make the card forget that the PIN was verified; whether it understood."""
    data, sw = card.send(Apdu(0x00, 0x20, 0xFF, 0x80, once=True))
    return sw == OK and not data


def sign(card: Processor, key: PivKey, message: bytes) -> bytes:
    """JWS signature over `message` (RFC 7518, 3.3 and 3.4). Raises CardReset where the PIN is wanted (again), CardGarbled."""
    challenge = _challenge(key, message)
    template = tlv.encode(0x7C, tlv.encode(0x82, b"") + tlv.encode(0x81, challenge))
    data, sw = card.send(Apdu(0x00, 0x87, key.code, key.slot, template, le=512 if len(challenge) >= 256 else 256))
    if sw == 0x6982:
        raise CardReset("PIN wanted")
    if sw != OK:
        if find(card) and tries_left(card) is not None:
            raise CardReset("another application was selected in between")
        raise CardGarbled(f"GENERAL AUTHENTICATE answered {sw:04X}")
    answer = tlv.find(data, 0x7C)
    signature = None if answer is None else tlv.find(answer, 0x82)
    if not signature:
        raise CardGarbled("GENERAL AUTHENTICATE without a signature")
    return signing.jws(key.public_key, message, signature)


def _challenge(key: PivKey, message: bytes) -> bytes:
    """What the card is given: EMSA-PKCS1-v1_5 (RFC 8017, 9.2) for RSA, the bare digest for ECDSA."""
    if key.algorithm != "RS256":
        return signing.digest(key.algorithm, message)
    info = signing.digest_info(message)
    return b"\x00\x01" + b"\xff" * (key.public_key.key_size // 8 - 3 - len(info)) + b"\x00" + info


def _key(slot: int, der: bytes) -> PivKey | None:
    """The slot's key if this program and PIV can use it."""
    try:
        public_key = x509.load_der_x509_certificate(der).public_key()
    except (ValueError, TypeError) as error:
        raise CardGarbled("no readable key in the certificate", code=CertificateUnreadable.code) from error
    algorithm = signing.algorithm_of(public_key)
    if algorithm is None or not isinstance(public_key, signing.PublicKey) or public_key.key_size not in _CODES:
        return None
    return PivKey(slot, der, algorithm, _CODES[public_key.key_size], public_key)


def _unpack(packed: bytes) -> bytes:
    """gzip, with a limit: a card must not be able to fill the memory."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        der = unpacker.decompress(packed, _LARGEST_CERTIFICATE)
    except zlib.error as error:
        raise CardGarbled("certificate does not unpack", code=CertificateUnreadable.code) from error
    if not unpacker.eof:
        raise CardGarbled("certificate does not unpack to the end", code=CertificateUnreadable.code)
    return der
