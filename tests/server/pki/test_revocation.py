"""A real authority revokes cards, falls silent, lies and comes back: what the server makes of it (R-09, R-34)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from ebid_tui.errors import RuleError
from ebid_tui.server.pki import trust
from tests.server.pki.conftest import Desk, desk_of, refused
from tests.server.pki.local_ca import LocalCa

HOUR = timedelta(hours=1)


async def test_a_good_card_is_accepted_on_both_authorities_lists(ca: LocalCa, desk: Desk) -> None:
    card = ca.card()
    verdict = await desk.accept(card)
    assert verdict.revocation == "good"
    assert verdict.path == (ca.root.der, ca.sub.der, card.der)
    assert len(verdict.crls) == 2
    assert verdict.ocsp == ()
    assert sorted(set(ca.web.asked)) == ["/root.crl", "/sub.crl"]


async def test_a_good_card_is_accepted_on_the_responders_word(ca: LocalCa, desk: Desk) -> None:
    verdict = await desk.accept(ca.card(ocsp=True))
    assert (verdict.revocation, len(verdict.crls), len(verdict.ocsp)) == ("good", 1, 1)
    assert ca.web.asked.count("/ocsp") == 1
    assert "/sub.crl" not in ca.web.asked
    assert verdict.valid_until <= desk.now() + HOUR + timedelta(minutes=1)


async def test_the_verdict_is_kept_until_the_next_update(ca: LocalCa, desk: Desk) -> None:
    card = ca.card()
    first = await desk.accept(card)
    asked = len(ca.web.asked)
    assert await desk.accept(card) is first
    assert len(ca.web.asked) == asked
    ca.publish()
    desk.ahead = timedelta(days=7, minutes=1)
    ca.web.put("/root.crl", ca.root.crl(desk.now() - HOUR, desk.now() + HOUR))
    ca.web.put("/sub.crl", ca.sub.crl(desk.now() - HOUR, desk.now() + HOUR))
    assert (await desk.accept(card)).valid_until > first.valid_until
    assert len(ca.web.asked) == asked + 2


async def test_not_every_card_that_ever_came_is_kept(ca: LocalCa, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "VERDICTS", 2)
    for _ in range(5):
        assert (await desk.accept(ca.card())).revocation == "good"
        assert 1 <= len(desk.trust._verdicts) <= 2


@pytest.mark.parametrize(("crl", "ocsp"), [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize("rule", ["require", "record"])
async def test_r_09_a_revoked_card_is_refused(ca: LocalCa, desk: Desk, crl: bool, ocsp: bool, rule: str) -> None:
    desk.rules["revocation"] = rule
    card = ca.card(crl=crl, ocsp=ocsp)
    ca.revoke(card)
    ca.publish()
    with pytest.raises(RuleError) as caught:
        await desk.accept(card)
    assert caught.value.code == "R-09"
    assert caught.value.title == "このICカードは失効しています"
    assert "登録" in caught.value.remedy


async def test_a_newer_list_ends_a_verdict_in_every_process(ca: LocalCa, desk: Desk) -> None:
    from ebid_tui.server.pki.refresh import refresh

    card = ca.card()
    other = desk_of(desk.url, desk.files, desk.settings)
    try:
        await desk.accept(card)
        await other.accept(card)
        ca.revoke(card)
        ca.publish()
        await desk.accept(card)  # nobody has told this server yet
        refreshed = list(refresh(desk.direct(), desk.settings, desk.now, everything=True))
        assert [one.failure for one in refreshed] == ["", ""]
        assert await refused(desk, card) == ("R-09", "revoked")
        assert await refused(other, card) == ("R-09", "revoked")
    finally:
        other.trust.stop()
        other.store.stop()


async def test_a_revocation_date_in_the_future_is_no_permission(ca: LocalCa, desk: Desk) -> None:
    card = ca.card()
    ca.revoke(card)
    index = ca.sub.directory / "index.txt"
    lines = [line.split("\t") for line in index.read_text().splitlines()]
    for line in lines:
        if line[0] == "R":
            line[2] = f"{desk.now() + timedelta(days=2):%y%m%d%H%M%SZ},keyCompromise"
    index.write_text("".join("\t".join(line) + "\n" for line in lines))
    ca.publish()
    assert await refused(desk, card) == ("R-09", "revoked")


async def test_a_revoked_authority_is_no_authority(ca: LocalCa, desk: Desk) -> None:
    ca.root.revoke(ca.sub.der)
    ca.publish()
    assert await refused(desk, ca.card()) == ("R-34", "revoked_authority")


# --- nobody can say


async def test_a_silent_authority_is_waited_for_and_its_return_noticed(ca: LocalCa, desk: Desk) -> None:
    card = ca.card()
    ca.web.down("/sub.crl")
    assert await refused(desk, card) == ("E-REVOCATION", "revocation")
    asked = len(ca.web.asked)
    assert (await refused(desk, card))[0] == "E-REVOCATION"
    assert len(ca.web.asked) == asked, "a failed question is not repeated at once"
    ca.publish()
    desk.ahead = desk.settings.retry + timedelta(seconds=1)
    assert (await desk.accept(card)).revocation == "good"


async def test_recorded_where_the_system_says_so(ca: LocalCa, desk: Desk) -> None:
    desk.rules["revocation"] = "record"
    card = ca.card()
    ca.web.down("/sub.crl")
    verdict = await desk.accept(card)
    assert verdict.revocation == "unavailable"
    assert len(verdict.crls) == 1, "what is known of the issuing authority is kept all the same"
    assert desk.audited() == [("revocation-unavailable", card.fingerprint, card.certificate.serial_decimal)]
    ca.publish()
    desk.ahead = desk.settings.retry + timedelta(seconds=1)
    assert (await desk.accept(card)).revocation == "good"
    assert len(desk.audited()) == 1


async def test_recorded_is_not_ignored_a_revoked_authority_is_found_although_the_card_cannot_be_looked_up(ca: LocalCa, desk: Desk) -> None:
    desk.rules["revocation"] = "record"
    ca.root.revoke(ca.sub.der)
    ca.publish()
    ca.web.down("/sub.crl")
    assert await refused(desk, ca.card()) == ("R-34", "revoked_authority")


async def test_off_asks_nobody(ca: LocalCa, desk: Desk) -> None:
    desk.rules["revocation"] = "off"
    card = ca.card(ocsp=True)
    ca.revoke(card)
    ca.publish()
    verdict = await desk.accept(card)
    assert (verdict.revocation, verdict.crls, verdict.ocsp) == ("unchecked", (), ())
    assert ca.web.asked == []


async def test_a_demo_authority_publishes_none_and_is_not_asked(ca: LocalCa, desk: Desk) -> None:
    desk.files["test-ca"] = desk.files.pop("aosign")
    assert (await desk.accept(ca.card())).revocation == "unchecked"
    assert ca.web.asked == []


async def test_a_card_that_names_nobody_cannot_be_looked_up(ca: LocalCa, desk: Desk) -> None:
    card = ca.card(crl=False)
    assert (await refused(desk, card))[0] == "E-REVOCATION"
    desk.rules["revocation"] = "record"
    assert (await desk.accept(card)).revocation == "unavailable"


async def test_the_list_does_where_the_responder_is_down(ca: LocalCa, desk: Desk) -> None:
    ca.web.down("/ocsp")
    verdict = await desk.accept(ca.card(ocsp=True))
    assert (verdict.revocation, len(verdict.crls), verdict.ocsp) == ("good", 2, ())


async def test_a_list_that_is_kept_does_until_it_ends(ca: LocalCa, desk: Desk) -> None:
    await desk.accept(ca.card())
    ca.web.down("/sub.crl")
    ca.web.down("/root.crl")
    assert (await desk.accept(ca.card())).revocation == "good"
    desk.ahead = timedelta(days=7, minutes=1)
    assert (await refused(desk, ca.card()))[0] == "E-REVOCATION"


async def test_cards_that_come_together_ask_once(ca: LocalCa, desk: Desk) -> None:
    cards = [ca.card() for _ in range(4)]
    verdicts = await asyncio.gather(*(desk.accept(card) for card in cards))
    assert [verdict.revocation for verdict in verdicts] == ["good"] * 4
    assert sorted(ca.web.asked) == ["/root.crl", "/sub.crl"]
