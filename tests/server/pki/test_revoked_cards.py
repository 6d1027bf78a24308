"""A revoked card at the counter: refused at signing in, at registering and at renewing, in words that say what to do (R-09)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ebid_tui.demo import cards
from ebid_tui.demo.cards import Wallet
from ebid_tui.errors import EbidError
from ebid_tui.server.settings import Overnight, RevocationSettings
from tests.patience import looking, scaled
from tests.server import databases
from tests.server.holder import Holder
from tests.server.pki.local_ca import HOST, LocalCa, web
from tests.server.running_server import NAME_1, Bidder, Running, running

REVOCATION = RevocationSettings(hosts=(HOST,), seconds=scaled(4.0))


@pytest.fixture
def ca(tmp_path: Path) -> Iterator[LocalCa]:
    (tmp_path / "ca").mkdir()
    with web() as served:
        yield LocalCa(tmp_path / "ca", served)


@pytest.fixture
def office(ca: LocalCa, card_directory: Wallet, database_kind: str) -> Iterator[Running]:
    """A server that trusts the authority beside the demo's."""
    anchors = {name: (der,) for name, der in cards.trust_anchors(card_directory).items()} | {"aosign": ca.anchors}
    with tempfile.TemporaryDirectory(prefix="ebid-") as directory:
        with running(Path(directory), card_directory, ca.root.der, anchors=anchors, revocation=REVOCATION) as made:
            yield made
        databases.forget()


async def refusal(doing: Callable[[], object]) -> EbidError:
    with pytest.raises(EbidError) as caught:
        await doing()  # type: ignore[misc]
    return caught.value


def fresh(server: Running) -> None:
    """Time passes until what is known is asked for again."""
    from ebid_tui.server.pki.refresh import refresh
    from ebid_tui.server.store.engine import writing_engine
    from ebid_tui.server.store.transactions import direct

    engine = writing_engine(server.settings.database)
    assert not [one.failure for one in refresh(direct(engine), REVOCATION, server.settings.now, everything=True) if one.failure]
    engine.dispose()


async def test_r_09_registered_then_revoked(ca: LocalCa, office: Running) -> None:
    card = ca.card(company=NAME_1)
    given = await Bidder(office, card).register(holder_confirmed=True)
    assert given.card is not None
    ca.revoke(card)
    ca.publish()
    fresh(office)
    error = await refusal(Holder(office, card).sign_in)
    assert (error.code, error.title) == ("R-09", "このICカードは失効しています")
    assert "「登録」" in error.remedy
    # With another card the way goes on.
    assert await Bidder(office, ca.card(company=NAME_1)).register("another-key-of-it", holder_confirmed=True)


async def test_r_09_revoked_while_signed_in(ca: LocalCa, office: Running) -> None:
    card = ca.card(company=NAME_1)
    bidder = Bidder(office, card)
    await bidder.sign_in()
    signed = card.signed(await bidder.statement(await bidder.search(), holder_confirmed=True))
    ca.revoke(card)
    ca.publish()
    fresh(office)
    before = office.contents()
    error = await refusal(lambda: bidder.client.register(signed, "key-of-a-test"))
    assert error.code == "R-09"
    assert office.contents() == before


@pytest.mark.parametrize("which", ["current", "new"])
async def test_r_09_a_renewal_needs_two_cards_that_are_not_revoked(ca: LocalCa, office: Running, which: str) -> None:
    current, new = ca.card(company=NAME_1), ca.card(company=NAME_1)
    await Bidder(office, current).register(holder_confirmed=True)
    holder = Holder(office, current)
    signed = await holder.signed_renewal(new)
    ca.revoke(current if which == "current" else new)
    ca.publish()
    fresh(office)
    error = await refusal(lambda: holder.client.renew(signed, "key-of-a-renewal"))
    assert (error.code, error.title) == ("R-09", "このICカードは失効しています")


async def test_a_silent_authority_refuses_for_now_and_the_same_request_goes_through_later(ca: LocalCa, office: Running) -> None:
    card = ca.card(company=NAME_1)
    ca.web.down("/sub.crl")
    error = await refusal(Bidder(office, card).sign_in)
    assert error.code == "E-REVOCATION"
    assert "もう一度" in error.remedy
    ca.publish()
    office.ahead = REVOCATION.retry + timedelta(seconds=1)
    assert await Bidder(office, card).register(holder_confirmed=True)


async def test_a_server_fetches_lists_anew_by_itself(ca: LocalCa, card_directory: Wallet, tmp_path: Path) -> None:
    quick = RevocationSettings(hosts=(HOST,), seconds=2.0, every=timedelta(seconds=1))
    overnight = Overnight(propagate_at=(), mail_every=timedelta(seconds=1))
    (tmp_path / "server").mkdir()
    options = {"anchors": {"test-ca": (), "aosign": ca.anchors}, "revocation": quick, "overnight": overnight}
    with running(tmp_path / "server", card_directory, ca.root.der, **options) as office:
        card = ca.card(company=NAME_1)
        await Holder(office, card).sign_in()
        ca.revoke(card)
        ca.publish()
        refused: list[str] = []
        async for _ in looking(every=0.1):
            try:
                await Holder(office, card).sign_in()
            except EbidError as error:
                refused.append(error.code)
                break
        assert refused == ["R-09"]
