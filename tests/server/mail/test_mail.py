"""The mail on completion (R-39): to whom it goes and what it says, system by system."""

from __future__ import annotations

import re
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
    assert re.search(r"R-[0-9]{2}", made.body) is None, "a rule's number is nothing to a bidder"


def test_r39_each_kind_has_a_subject_and_a_first_line_of_its_own() -> None:
    profile = profile_of("ise")
    mails = [
        completion.completion(profile, receipt("ise", operation=o, previous=CARD))[0] for o in ("registration", "amendment", "renewal")
    ]
    assert [mail.subject for mail in mails] == ["利用者登録のお知らせ", "利用者変更のお知らせ", "ICカード更新のお知らせ"]
    assert [mail.body.splitlines()[0] for mail in mails] == [
        profile.mail.lead,
        t("server.mail_lead", what="利用者変更"),
        t("server.mail_lead", what="ICカード更新"),
    ]


def test_r39_it_ends_with_whom_to_ask() -> None:
    helpdesk = profile_of("ise").helpdesk
    (made,) = completion.completion(profile_of("ise"), receipt("ise"))
    last = made.body.splitlines()[-4:]
    assert [line.partition(": ")[2] for line in last] == [helpdesk.name, helpdesk.phone, helpdesk.mail, helpdesk.hours]
    (short,) = completion.completion(profile_of("saitama"), receipt("saitama"))
    assert short.body.splitlines()[-1].endswith(profile_of("saitama").helpdesk.name), "as far as the system's file says it"


@pytest.mark.parametrize("propagate", [True, False])
def test_r16_r39_that_it_is_copied_is_said(propagate: bool) -> None:
    (made,) = completion.completion(profile_of("saitama"), receipt("saitama", operation="amendment", propagate=propagate))
    assert (t("server.mail_propagated") in made.body) is propagate


def test_r39_it_says_whose_it_is_and_names_both_cards_of_a_renewal() -> None:
    other = CardCertificate(fingerprint="11" * 32, serial="659", issuer="CN=x", not_after=datetime(2027, 2, 28, tzinfo=UTC))
    (made,) = completion.completion(profile_of("saitama"), receipt("saitama", operation="renewal", previous=other))
    lines = made.body.splitlines()
    assert "ユーザID: 1" in lines
    (old,) = [line for line in lines if line.startswith(t("flow.renewal.old"))]
    (new,) = [line for line in lines if line.startswith(t("flow.renewal.new"))]
    assert ("659 (10進) / 293 (16進)" in old, "683 (10進) / 2ab (16進)" in new) == (True, True), "as its screens show them"


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
        "serial": f"{texts.serial_label}: 683 (10進) / 2ab (16進)",
        "issuer": f"{texts.issuer_label}: OU=TEST CA,O=TEST CA,C=JP",
        "not_after": f"{texts.not_after_label}: 2028/02/29",
    }
