"""Signed requests that are not quite what a person confirmed with a card: every way to say one thing twice, differently, or unsigned."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ebid_tui.domain import statement
from ebid_tui.domain.statement import Role, Signature, Signed
from tests.server.signing import Card

By = Sequence[tuple[Card, Role]]
Forgery = tuple[str, Signed]

SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "bytes behind": lambda raw: raw + b"\0",
    "a second value": lambda raw: raw + b"{}",
    "a byte order mark": lambda raw: b"\xef\xbb\xbf" + raw,
    "UTF-16": lambda raw: raw.decode().encode("utf-16-le"),
    "Latin-1": lambda raw: raw.replace(b'":"', b'":"\xe9', 1),
    "half a pair": lambda raw: raw.replace(b'":"', b'":"\\ud800', 1),
    "a NUL": lambda raw: raw.replace(b'":"', b'":"\\u0000', 1),
    "a number that is none of ours": lambda raw: raw[:-1] + b',"n":1.0}',
    "NaN": lambda raw: raw[:-1] + b',"n":NaN}',
    "a member that nobody knows": lambda raw: raw[:-1] + b',"more":"1"}',
    "an empty name": lambda raw: raw[:-1] + b',"":""}',
    "a list": lambda raw: b"[" + raw + b"]",
    "nothing": lambda _: b"",
    "null": lambda _: b"null",
    "a comma": lambda raw: raw[:-1] + b",}",
    "a comment": lambda raw: raw + b"//",
}
"""What is done to the bytes of a payload or header before they are signed."""
VERSIONS = (b"1.0", b"1e0", b"10e-1", b"true", b'"1"', b"2", b"-1", b"1" * 40)
HEADERS: dict[str, Any] = {
    "crit": ["b64"], "b64": False, "jwk": {}, "jku": "https://evil.example/", "kid": "1", "x5u": "https://evil.example/", "x5t": "AA",
    "zip": "DEF", "cty": "JWT", "role": "admin", "alg": "none", "typ": "JWT", "x5c": [],
}  # fmt: skip
SIGNATURES: dict[str, Callable[[str], str]] = {
    "padded": lambda text: text + "=",
    "with a line end": lambda text: text + "\n",
    "with a space": lambda text: text[:4] + " " + text[4:],
    "in the other alphabet": lambda text: text + "+/",
    "cut": lambda text: text[:-4],
    "longer": lambda text: text + "AAAA",
    "none": lambda _: "",
    "zeros": lambda text: "A" * len(text),
    "another": lambda text: ("B" if text[0] == "A" else "A") + text[1:],
}


def forgeries(payload: str, by: By, stranger: Card) -> Iterator[Forgery]:
    """Each with its name. `by` are the right cards in their roles, `stranger` one that has nothing to say here."""
    raw = statement.unb64(payload)
    for name, spoilt in spoilt_payloads(raw):
        yield f"payload, {name}", signed(statement.b64(spoilt), by)
    yield "payload, padded", signed(payload + "=", by)
    yield "payload, with a space", signed(payload[:4] + " " + payload[4:], by)
    yield "payload, after it was signed", Signed(statement.b64(raw.replace(b'"v":1', b'"v":1 ')), signed(payload, by).signatures)
    for name, header in spoilt_headers(by[0]):
        yield f"header, {name}", Signed(payload, (_over(payload, header, by[0][0]), *signed(payload, by[1:]).signatures))
    good = signed(payload, by).signatures
    for name, change in SIGNATURES.items():
        yield f"signature, {name}", Signed(payload, (Signature(good[0].protected, change(good[0].signature)), *good[1:]))
    yield "nobody signed", Signed(payload, ())
    yield "signed once more", Signed(payload, (*good, good[0]))
    yield "signed by a stranger", signed(payload, [(stranger, role) for _, role in by])
    yield "a stranger beside", Signed(payload, (*good, stranger.signature(payload, "new")))
    pretended = Card(stranger.key, by[0][0].der)
    yield "a stranger under this certificate", signed(payload, [(pretended, by[0][1]), *by[1:]])
    yield "in other roles", signed(payload, [(card, "new" if role != "new" else "card") for card, role in by])
    if isinstance(by[0][0].key, ec.EllipticCurvePrivateKey):
        half = len(sign := statement.unb64(good[0].signature)) // 2
        der = encode_dss_signature(int.from_bytes(sign[:half]), int.from_bytes(sign[half:]))
        yield "as DER", Signed(payload, (Signature(good[0].protected, statement.b64(der)), *good[1:]))


def spoilt_payloads(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Every member once more, at the front and behind, however deep; and what no reader of ours takes."""
    for path in _objects(json.loads(raw)):
        for name in _at(json.loads(raw), path):
            for last in (False, True):
                yield f"{'.'.join((*path, name))} twice, {'last' if last else 'first'}", _doubled(raw, path, name, last)
    for number in VERSIONS:
        yield f"v {number.decode()}", raw.replace(b'"v":1', b'"v":' + number, 1)
    for name, change in SPOILT.items():
        yield name, change(raw)


def spoilt_headers(by: tuple[Card, Role]) -> Iterator[tuple[str, bytes]]:
    card, role = by
    raw = statement.unb64(statement.protected(card.alg, role, card.der))
    for name in json.loads(raw):
        for last in (False, True):
            yield f"{name} twice, {'last' if last else 'first'}", _doubled(raw, (), name, last)
    for name, value in HEADERS.items():
        yield f"{name} {value}", json.dumps(json.loads(raw) | {name: value}).encode()
    der = base64.b64encode(card.der).decode()
    for name, x5c in {"in lines": [f"{der[:64]}\n{der[64:]}"], "not alone": [der] * 5, "with bytes behind": [der + "AAAA"]}.items():
        yield f"x5c {name}", json.dumps(json.loads(raw) | {"x5c": x5c}).encode()
    for name, change in SPOILT.items():
        yield name, change(raw)


def signed(payload: str, by: By) -> Signed:
    return Signed(payload, tuple(card.signature(payload, role) for card, role in by))


def _over(payload: str, header: bytes, card: Card) -> Signature:
    protected = statement.b64(header)
    return Signature(protected, statement.b64(card.sign(statement.signing_input(payload, protected))))


def _objects(found: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(found, dict):
        yield path
        for name, value in found.items():
            yield from _objects(value, (*path, name))


def _at(found: Any, path: Sequence[str]) -> Any:
    for step in path:
        found = found[step]
    return found


def _doubled(raw: bytes, path: Sequence[str], name: str, last: bool) -> bytes:
    """The bytes with a member a second time in one object, with another value."""
    mark = '"HERE":0'
    whole = json.loads(raw)
    holder = _at(whole, path)
    value = holder[name]
    kept = dict(holder)
    holder.clear()
    holder.update({**kept, "HERE": 0} if last else {"HERE": 0, **kept})
    other = json.dumps({name: f"{value}9" if isinstance(value, str) else not value if isinstance(value, bool) else value})[1:-1]
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).replace(mark, other).encode()
