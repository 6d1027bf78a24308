"""The mail on completion (R-39): to whom it goes and what it says, system by system."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import CardCertificate, Receipt, Vendor
from ebid_tui.messages import t
from ebid_tui.server.mail import completion
from ebid_tui.server.store import outbox, schema
from tests.server.running_server import CONTACT, Bidder, Running

AT = datetime(2026, 11, 21, 9, 20, tzinfo=UTC)
CARD = CardCertificate(fingerprint="00" * 32, serial="683", issuer="OU=TEST CA,O=TEST CA,C=JP", not_after=datetime(2028, 2, 29, tzinfo=UTC))


def receipt(system: str, **changes: Any) -> Receipt:
    profile = profile_of(system)
    vendor = Vendor(system=system, agency=profile.agencies[0].id, category=profile.categories[0].id, number="1")
    contact = {"person": "港　花子", "address": "港町一丁目", "email": "hanako@example.com"}
    values: dict[str, Any] = {
        "id": "X-1",
        "operation": "registration",
        "vendor": vendor,
        "blocks": {"company": {"name": "テスト"}, "card_contact": contact, "representative_contact": {"email": "shimei@example.com"}},
        "card": CARD,
        "company_id": None,
        "mail_to": contact["email"],
        "check": "0" * 16,
        "at": AT,
    }
    return Receipt(**(values | changes))


@pytest.mark.parametrize(
    ("system", "rows"),
    [
        ("ise", ["調達機関: ", "企業名称: テスト", "連絡先氏名: 港　花子", "連絡先住所: 港町一丁目"]),
        ("aomori", ["企業ID: 9992100000000011", "企業名称: テスト", "連絡先氏名: 港　花子", "連絡先住所: 港町一丁目"]),
        ("nagasaki", ["調達機関: ", "企業名称: テスト", "連絡先氏名: 港　花子", "連絡先住所: 港町一丁目"]),
        ("saitama", ["調達機関: 埼玉県", "企業名称: テスト", "連絡先氏名: 港　花子", "連絡先住所: 港町一丁目"]),
    ],
)
def test_r39_what_it_says_as_the_documents_have_it(system: str, rows: list[str]) -> None:
    (made,) = completion.completion(profile_of(system), receipt(system, company_id="9992100000000011" if system == "aomori" else None))
    assert made.subject == "利用者登録のお知らせ"
    lines = made.body.splitlines()
    places = [next(n for n, line in enumerate(lines) if line.startswith(row)) for row in rows]
    assert places == sorted(places)
    assert "受付番号: X-1" in lines


@pytest.mark.parametrize("operation", ["registration", "amendment", "renewal"])
def test_r39_on_every_kind_of_completion_to_the_card_contact(operation: Any) -> None:
    (made,) = completion.completion(profile_of("saitama"), receipt("saitama", operation=operation, previous=CARD))
    assert made.recipient == "hanako@example.com"
    assert (t("server.mail_old_card") in made.body) == (operation == "renewal")


@pytest.mark.parametrize("operation", ["registration", "amendment", "renewal"])
def test_r47_it_says_where_that_was(operation: Any) -> None:
    made_for = receipt("saitama", operation=operation, previous=CARD)
    (made,) = completion.completion(profile_of("saitama"), made_for)
    where = of_receipt(profile_of("saitama"), made_for).text()
    assert where.startswith("埼玉県 › ")
    assert where in made.body.splitlines()


def test_a_mail_that_is_shown_tells_nothing_of_what_is_in_it() -> None:
    claimed = outbox.ClaimedMail(1, "a-token", "X-1", "hanako@example.com", "利用者登録のお知らせ", "港花子様", 1, AT)
    assert [secret for secret in (claimed.recipient, claimed.subject, claimed.body) if secret in repr(claimed)] == []
    assert "X-1" in repr(claimed)


async def test_r39_registering_writes_it_to_the_outbox(server: Running, bidder: Bidder) -> None:
    """With the registration itself, to the card contact's address: the representative contact's gets designation notices only."""
    found = await (await _signed_in(bidder)).search()
    blocks = (await bidder.statement(found)).blocks
    blocks["card_contact"] = CONTACT | {"email": "card@example.com"}
    blocks["representative_contact"] = CONTACT | {"email": "shimei@example.com"}
    given = await bidder.client.register(bidder.card.signed(await bidder.statement(found, blocks=blocks)), "key-of-a-test")
    assert given.mail_to == "card@example.com"
    with server.database() as connection:
        assert [row.recipient for row in connection.execute(schema.mail_outbox.select())] == ["card@example.com"]


async def _signed_in(bidder: Bidder) -> Bidder:
    await bidder.sign_in()
    return bidder


def test_a_row_of_the_certificate() -> None:
    profile = profile_of("ise")
    texts = profile.card
    labels = {row: completion._row(profile, receipt("ise"), f"card_certificate.{row}") for row in ("serial", "issuer", "not_after")}
    assert labels == {
        "serial": f"{texts.serial_label}: 683",
        "issuer": f"{texts.issuer_label}: OU=TEST CA,O=TEST CA,C=JP",
        "not_after": f"{texts.not_after_label}: 2028/02/29",
    }
