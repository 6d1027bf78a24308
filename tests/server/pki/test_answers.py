"""Answers that are none: old, forged, somebody else's, or about somebody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.server.pki.conftest import Desk, refused
from tests.server.pki.local_ca import CARD, RESPONDER, Authority, LocalCa

HOUR = timedelta(hours=1)


async def test_a_list_that_has_ended_is_none(ca: LocalCa, desk: Desk) -> None:
    now = desk.now()
    ca.web.put("/sub.crl", ca.sub.crl(now - timedelta(days=2), now - HOUR))
    assert (await refused(desk, ca.card()))[0] == "E-REVOCATION"
    assert "stale" in {row.failure for row in desk.rows()}


async def test_a_list_of_tomorrow_is_none(ca: LocalCa, desk: Desk) -> None:
    now = desk.now()
    ca.web.put("/sub.crl", ca.sub.crl(now + HOUR, now + 2 * HOUR))
    assert (await refused(desk, ca.card()))[0] == "E-REVOCATION"
    assert "future" in {row.failure for row in desk.rows()}


async def test_a_list_by_another_key_of_the_same_name_is_none(ca: LocalCa, desk: Desk) -> None:
    forger = Authority(ca.directory / "forger", "AOSign Sub")
    ca.web.put("/sub.crl", forger.crl())
    assert (await refused(desk, ca.card()))[0] == "E-REVOCATION"
    assert "signature" in {row.failure for row in desk.rows()}


async def test_another_authoritys_list_is_none(ca: LocalCa, desk: Desk) -> None:
    ca.web.put("/sub.crl", ca.root.crl())
    assert (await refused(desk, ca.card()))[0] == "E-REVOCATION"


async def test_nobody_turns_the_authoritys_clock_back(ca: LocalCa, desk: Desk) -> None:
    from ebid_tui.server.pki.refresh import refresh

    card, old = ca.card(), ca.sub.crl(desk.now() - HOUR)
    ca.revoke(card)
    ca.publish()
    assert (await refused(desk, card))[0] == "R-09"
    ca.web.put("/sub.crl", old)  # still good, and from before the revocation
    failures = {one.failure for one in refresh(desk.direct(), desk.settings, desk.now, everything=True)}
    assert failures == {"", "older"}
    assert (await refused(desk, card))[0] == "R-09"


@pytest.mark.parametrize("body", [b"", b"<html>", b"\x30\x82\xff\xff\x00", b"\x30\x03\x02\x01\x01", b"-----BEGIN X509 CRL-----\n!\n"])
async def test_garbage_is_none(ca: LocalCa, desk: Desk, body: bytes) -> None:
    ca.web.put("/sub.crl", body)
    ca.web.put("/ocsp", body)
    assert (await refused(desk, ca.card(ocsp=True)))[0] == "E-REVOCATION"


async def test_a_list_in_pem_is_one(ca: LocalCa, desk: Desk) -> None:
    ca.sub.crl()
    ca.web.put("/sub.crl", (ca.sub.directory / "crl.pem").read_bytes())
    assert (await desk.accept(ca.card())).revocation == "good"


async def test_a_responder_that_nobody_authorised(ca: LocalCa, desk: Desk) -> None:
    card = ca.card(crl=False, ocsp=True)
    ca.respond("impostor", ca.sub, CARD)
    assert (await refused(desk, card))[0] == "E-REVOCATION"
    assert "unauthorised" in {row.failure for row in desk.rows()}


async def test_a_responder_that_another_authority_authorised(ca: LocalCa, desk: Desk) -> None:
    card = ca.card(crl=False, ocsp=True)
    ca.respond("uncle", ca.root, RESPONDER + "noCheck=ignored\n")
    assert (await refused(desk, card))[0] == "E-REVOCATION"


async def test_a_responder_that_may_be_revoked_itself_is_looked_up_too(ca: LocalCa, desk: Desk) -> None:
    card = ca.card(crl=False, ocsp=True)
    listed = f"crlDistributionPoints=URI:{ca.web.url('/sub.crl')}\n"
    ca.respond("checked", ca.sub, RESPONDER + listed)
    verdict = await desk.accept(card)
    assert (verdict.revocation, len(verdict.crls), len(verdict.ocsp)) == ("good", 2, 1)


async def test_a_revoked_responder_says_nothing(ca: LocalCa, desk: Desk) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    card = ca.card(crl=False, ocsp=True)
    ca.respond("fallen", ca.sub, RESPONDER + f"crlDistributionPoints=URI:{ca.web.url('/sub.crl')}\n")
    responder = x509.load_pem_x509_certificate((ca.directory / "fallen.pem").read_bytes())
    ca.sub.revoke(responder.public_bytes(Encoding.DER))
    ca.web.put("/sub.crl", ca.sub.crl())
    assert (await refused(desk, card))[0] == "R-34"


async def test_a_card_that_its_authority_does_not_know_is_refused(ca: LocalCa, desk: Desk) -> None:
    card = ca.card(ocsp=True)
    ca.sub.forget()
    for rule in ("require", "record"):
        desk.rules["revocation"] = rule
        assert await refused(desk, card) == ("R-34", "unknown")


async def test_an_old_answer_of_a_responder_is_none(ca: LocalCa, desk: Desk) -> None:
    card = ca.card(crl=False, ocsp=True)
    ca.respond("responder", ca.sub, "", "-nmin", "1")
    await desk.accept(card)
    replayed = next(row.body for row in desk.rows() if row.kind == "ocsp")
    ca.web.put("/ocsp", replayed)
    desk.ahead = timedelta(minutes=3)
    assert (await refused(desk, card))[0] == "E-REVOCATION"
    # Another's nonce, or too old: both are refused.
    assert {row.failure for row in desk.rows() if row.kind == "ocsp"} <= {"nonce", "stale"}


async def test_a_response_about_another_card_is_none(ca: LocalCa, desk: Desk) -> None:
    one, other = ca.card(crl=False, ocsp=True), ca.card(crl=False, ocsp=True)
    await desk.accept(one)
    ca.web.put("/ocsp", next(row.body for row in desk.rows() if row.kind == "ocsp"))
    assert (await refused(desk, other))[0] == "E-REVOCATION"


async def test_a_responder_without_nonces_is_believed(ca: LocalCa, desk: Desk) -> None:
    from asn1crypto import ocsp

    answer = ca.web.pages["/ocsp"]

    def without_nonce(request: bytes) -> tuple[int, bytes]:
        asked = ocsp.OCSPRequest.load(request)
        bare = ocsp.OCSPRequest({"tbs_request": {"request_list": asked["tbs_request"]["request_list"]}})
        return answer(bare.dump())[:2]

    ca.web.pages["/ocsp"] = without_nonce
    assert (await desk.accept(ca.card(crl=False, ocsp=True))).revocation == "good"
