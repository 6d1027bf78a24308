"""A procurement office for one test: answers as the server would, and has the accidents that a test orders."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from ebid_tui.domain import statement
from ebid_tui.domain.certificate import JAPAN
from ebid_tui.domain.records import Challenge, Found, Qualification, Receipt, RegisteredCard, SignedIn, Vendor
from ebid_tui.domain.statement import Signed
from ebid_tui.errors import EbidError

VENDOR = Vendor(system="ise", agency="ise", category="construction", number="1000000001")
COMPANY = {
    "vendor_no": "1000000001",
    "name": "テスト工事業者０１",
    "postal_code": "516-0018",
    "address": "三重県伊勢市",
    "representative": "個人　十郎",
    "title": "代表取締役",
    "phone": "000-0000-001",
    "fax": "000-0000-001",
}


class Office:
    """`client.interface.Server`. `accidents[call]` are raised in order, one a call; None lets a call through.

    An accident of class `Lost` happens after the call was carried out: the reply is lost, not the request.
    """

    origin = "https://office.example"

    def __init__(self) -> None:
        self.accidents: dict[str, list[EbidError | None]] = {}
        self.lost: dict[str, list[EbidError | None]] = {}
        self.calls: list[str] = []
        self.registered: tuple[RegisteredCard, ...] = ()
        self.found = Found(
            qualification=Qualification(vendor=VENDOR, state="approved", trade_name=COMPANY["name"], company=dict(COMPANY)),
            representative_contact={},
            later_card=False,
        )
        self.receipts: dict[str, Receipt] = {}
        self.statements: list[statement.Statement] = []
        self.searches: list[Mapping[str, str]] = []

    def _accident(self, call: str) -> None:
        self.calls.append(call)
        _raise_next(self.accidents.get(call, []))

    async def clock(self) -> datetime:
        self._accident("clock")
        return datetime(2026, 11, 21, 18, 11, tzinfo=JAPAN)

    async def challenge(self, system: str, agency: str = "") -> Challenge:
        self._accident("challenge")
        return Challenge(nonce=f"nonce-{len(self.calls)}", expires_at=datetime.now(UTC) + timedelta(minutes=5))

    async def sign_in(self, signed: Signed) -> SignedIn:
        self._accident("sign_in")
        assert len(signed.signatures) == 1
        return SignedIn(token="token", expires_at=datetime.now(UTC) + timedelta(minutes=15), registered=self.registered)

    async def search(self, agency: str, category: str, values: Mapping[str, str]) -> Found:
        self._accident("search")
        self.searches.append(dict(values))
        return self.found

    async def register(self, signed: Signed, key: str) -> Receipt:
        self._accident("register")
        if key not in self.receipts:
            content = msgspec.json.decode(statement.unb64(signed.payload), type=statement.Statement)
            verify(signed)
            self.statements.append(content)
            self.receipts[key] = Receipt(
                id=f"ISE-{len(self.statements)}",
                operation="registration",
                vendor=VENDOR,
                blocks=content.blocks,
                card=content.card,
                company_id=None,
                mail_to=content.blocks["card_contact"]["email"],
                check=statement.check_value(signed.payload),
                at=datetime(2026, 11, 21, 18, 20, tzinfo=JAPAN),
            )
        _raise_next(self.lost.get("register", []))
        return self.receipts[key]

    async def sign_out(self) -> None:
        self.calls.append("sign_out")


def _raise_next(accidents: list[EbidError | None]) -> None:
    if accidents and (accident := accidents.pop(0)) is not None:
        raise accident


def verify(signed: Signed) -> None:
    """The one signature is by the certificate it names, over exactly this payload."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    (signature,) = signed.signatures
    header = msgspec.json.decode(statement.unb64(signature.protected), type=statement.Header)
    key = x509.load_der_x509_certificate(base64.b64decode(header.x5c[0])).public_key()
    message = statement.signing_input(signed.payload, signature.protected)
    raw = statement.unb64(signature.signature)
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(raw, message, padding.PKCS1v15(), SHA256())
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
