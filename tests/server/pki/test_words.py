"""What is taken of a responder's word about a card (RFC 6960): whose it is, about whom, and of when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from asn1crypto import ocsp, x509
from cryptography import x509 as made
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp as reading
from cryptography.x509.oid import ExtendedKeyUsageOID

from ebid_tui.server.pki import answers
from ebid_tui.server.pki.answers import AnswerPeriod, BadAnswer, OcspAnswer
from tests.clock import NOW
from tests.server.pki.papers import DAY, RESPONDER, UNCHECKED, about, certificate, key, response, word

SECOND = timedelta(seconds=1)
MINE, OTHERS, DELEGATED = key(), key(), key()
ISSUER = certificate("CA", MINE, "CA", MINE)
CARD = certificate("CARD", key(), "CA", MINE)
OTHER = certificate("OTHER", key(), "CA", MINE)
NONCE = b"n" * 32


def taken(body: bytes, now: datetime = NOW, nonce: bytes | None = None, issuer: x509.Certificate = ISSUER) -> OcspAnswer:
    return answers.ocsp_answer(body, CARD, issuer, now, nonce)


def refused(body: bytes, now: datetime = NOW, nonce: bytes | None = None, issuer: x509.Certificate = ISSUER) -> str:
    with pytest.raises(BadAnswer) as caught:
        taken(body, now, nonce, issuer)
    return str(caught.value)


def by_issuer(*said: dict[str, Any], **options: Any) -> bytes:
    return word(MINE, ISSUER, *(said or (about(CARD, ISSUER),)), **options)


@pytest.mark.parametrize("by_key", [False, True])
@pytest.mark.parametrize("status", ["good", "revoked", "unknown"])
def test_the_issuers_own_word(by_key: bool, status: str) -> None:
    found = taken(by_issuer(about(CARD, ISSUER, status=status), by_key=by_key))
    assert (found.status, found.span, found.responder) == (status, AnswerPeriod(NOW - DAY, NOW + DAY), None)
    assert found.response.dump()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "unreadable"),
        (response(ocsp.OCSPResponse.load(by_issuer())["response_bytes"]["response"].parsed.dump(), "1.2.3.4"), "unreadable"),
        (response(b"\x30\x00"), "unreadable"),
        (by_issuer() + b"\0", "unreadable"),
        (by_issuer(hashed=hashes.SHA1()), "signature"),
        (word(OTHERS, ISSUER, about(CARD, ISSUER)), "signature"),
        (word(OTHERS, OTHER, about(CARD, ISSUER)), "unauthorised"),
        (word(MINE, OTHER, about(CARD, ISSUER), by_key=True), "unauthorised"),
        (by_issuer(about(OTHER, ISSUER)), "another certificate"),
        (by_issuer(about(CARD, OTHER)), "another certificate"),
        (by_issuer(about(CARD, ISSUER, issuer_name_hash=b"x" * 20)), "another certificate"),
        (by_issuer(about(CARD, ISSUER, "md5")), "another certificate"),
    ],
)
def test_what_is_no_word_of_the_issuer_about_the_card(body: bytes, why: str) -> None:
    assert refused(body) == why


@pytest.mark.parametrize("status", ["malformed_request", "internal_error", "try_later", "sign_required", "unauthorized"])
def test_a_responder_that_answers_nothing(status: str) -> None:
    assert refused(response(b"", status=status)) == status


@pytest.mark.parametrize("hashed", ["sha1", "sha256", "sha384", "sha512"])
def test_the_card_is_found_among_others_and_by_any_hash(hashed: str) -> None:
    said = [about(OTHER, ISSUER, status="revoked"), about(CARD, ISSUER, "md5", status="unknown"), about(CARD, ISSUER, hashed)]
    assert taken(by_issuer(*said)).status == "good"


def test_a_nonce_that_was_sent_is_the_one_that_comes_back_or_none() -> None:
    assert taken(by_issuer(nonce=NONCE), nonce=NONCE).status == "good"
    assert taken(by_issuer(), nonce=NONCE).status == "good"
    assert taken(by_issuer(nonce=NONCE)).status == "good", "read again from the database: nobody asked just now"
    assert refused(by_issuer(nonce=b"m" * 32), nonce=NONCE) == "nonce"


def test_it_holds_from_a_minute_before_it_begins_until_its_end() -> None:
    body = by_issuer(about(CARD, ISSUER, begins=NOW, ends=NOW + DAY))
    minute = timedelta(minutes=1)
    assert taken(body, NOW - minute).span == AnswerPeriod(NOW, NOW + DAY)
    assert refused(body, NOW - minute - SECOND) == "future"
    assert taken(body, NOW + DAY - SECOND).status == "good"
    assert refused(body, NOW + DAY) == "stale"


def test_one_that_does_not_say_when_the_next_comes_holds_half_an_hour() -> None:
    body = by_issuer(about(CARD, ISSUER, begins=NOW, ends=None))
    assert taken(body).span == AnswerPeriod(NOW, NOW + timedelta(minutes=30))
    assert refused(body, NOW + timedelta(minutes=30)) == "stale"


def responder(
    *extensions: made.ExtensionType, name: str = "RESPONDER", issuer: str = "CA", by: Any = MINE, **dates: Any
) -> x509.Certificate:
    return certificate(name, DELEGATED, issuer, by, *(extensions or (RESPONDER,)), **dates)


@pytest.mark.parametrize("by_key", [False, True])
def test_a_responder_with_the_issuers_order_is_believed_and_looked_up_unless_that_is_waived(by_key: bool) -> None:
    ordered, waived = responder(), responder(RESPONDER, UNCHECKED)
    answer = taken(word(DELEGATED, ordered, about(CARD, ISSUER), along=[OTHER, ordered], by_key=by_key))
    assert answer.responder is not None
    assert answer.responder.dump() == ordered.dump()
    assert taken(word(DELEGATED, waived, about(CARD, ISSUER), along=[waived], by_key=by_key)).responder is None


UNORDERED: dict[str, Callable[[], x509.Certificate]] = {
    "no usage": lambda: responder(made.BasicConstraints(False, None)),
    "another usage": lambda: responder(made.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])),
    "of another authority": lambda: responder(issuer="OTHER"),
    "signed by another": lambda: responder(by=OTHERS),
    "expired": lambda: responder(ends=NOW - SECOND),
    "not begun": lambda: responder(begins=NOW + SECOND),
}


@pytest.mark.parametrize("kind", UNORDERED)
def test_a_responder_without_the_issuers_order(kind: str) -> None:
    impostor = UNORDERED[kind]()
    assert refused(word(DELEGATED, impostor, about(CARD, ISSUER), along=[impostor])) == "unauthorised"


def test_a_responder_whose_key_names_no_curve() -> None:
    ordered = responder()
    ordered["tbs_certificate"]["subject_public_key_info"]["algorithm"]["parameters"] = None
    impostor = x509.Certificate.load(ordered.dump(force=True))
    assert refused(word(DELEGATED, impostor, about(CARD, ISSUER), along=[impostor])) == "unauthorised"


@pytest.mark.parametrize("dates", [{"begins": NOW}, {"ends": NOW}])
def test_a_responders_order_holds_from_its_first_second_to_its_last(dates: dict[str, Any]) -> None:
    ordered = responder(**dates)
    assert taken(word(DELEGATED, ordered, about(CARD, ISSUER), along=[ordered])).status == "good"


def test_an_order_that_came_along_for_another_is_none() -> None:
    ordered = responder()
    assert refused(word(DELEGATED, responder(name="X"), about(CARD, ISSUER), along=[ordered])) == "unauthorised"
    assert refused(word(DELEGATED, ordered, about(CARD, ISSUER))) == "unauthorised", "it did not come along"


def test_a_weak_key_says_nothing() -> None:
    weak = ec.generate_private_key(ec.SECP224R1())
    theirs = certificate("CA", weak, "CA", weak)
    assert refused(word(weak, theirs, about(CARD, theirs)), issuer=theirs) == "unauthorised"
    ordered = certificate("RESPONDER", weak, "CA", MINE, RESPONDER)
    assert refused(word(weak, ordered, about(CARD, ISSUER), along=[ordered])) == "unauthorised"


@pytest.mark.parametrize("along", [[], [responder()]])
def test_of_every_altered_byte_something_is_said_that_is_no_crash(along: list[x509.Certificate]) -> None:
    signer, by = (along[0], DELEGATED) if along else (ISSUER, MINE)
    body = word(by, signer, about(CARD, ISSUER), along=along)
    said: set[str] = set()
    for at in range(len(body)):
        try:
            said.add(taken(body[:at] + bytes([body[at] ^ 0x11]) + body[at + 1 :]).status)
        except BadAnswer as error:
            said.add(str(error))
    assert {"unreadable", "signature", "unauthorised", "another certificate"} <= said
    assert not said & {"", "revoked", "unknown"}


def test_what_is_asked() -> None:
    asked = reading.load_der_ocsp_request(answers.ocsp_request(CARD, ISSUER, NONCE))
    assert asked.serial_number == CARD.serial_number
    assert isinstance(asked.hash_algorithm, hashes.SHA1)
    assert (asked.issuer_name_hash, asked.issuer_key_hash) == (ISSUER.subject.sha1, ISSUER.public_key.sha1)
    (nonce,) = asked.extensions
    assert (nonce.value, nonce.critical) == (made.OCSPNonce(NONCE), False)
