"""Cards that are refused, with the reason and without any PIN command (R-23, R-34)."""

from __future__ import annotations

from typing import get_args

import pytest

from ebid_tui.card import refused_cards
from ebid_tui.card.interface import Kind
from ebid_tui.card.worker import CardWorker
from ebid_tui.demo.virtual_card import JPKI_AID, PIV_AID, VirtualCard
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.domain.issuers import known_issuers
from ebid_tui.errors import CardRefused
from ebid_tui.messages import has, t
from tests.card.plastic import CertificateAuthority
from tests.clock import NOW

OTHER_MY_NUMBER = {bytes.fromhex(aid) for aid in ("D3921000310001010402", "D3921000310001010408", "D3921000310001010100")}


async def refusal(reader: VirtualReader, worker: CardWorker, card: VirtualCard) -> CardRefused:
    reader.insert(card)
    with pytest.raises(CardRefused) as raised:
        await worker.open()
    return raised.value


async def test_r23_my_number_is_refused_by_one_select(reader: VirtualReader, worker: CardWorker) -> None:
    error = await refusal(reader, worker, VirtualCard({}, aids=(JPKI_AID,)))
    assert error.code == "R-23"
    assert "マイナンバーカード" in error.causes[0]
    assert [str(exchange) for exchange in worker.trace.exchanges] == ["00 a4 04 0c +10 -> 0 bytes 9000"]


async def test_r23_my_number_comes_before_anything_else_on_the_card(
    ca: CertificateAuthority, reader: VirtualReader, worker: CardWorker
) -> None:
    error = await refusal(reader, worker, ca.card(aids=(PIV_AID, JPKI_AID)))
    assert error.code == "R-23"
    assert worker.trace.count == 1


def test_r23_my_number_has_these_other_applications() -> None:
    assert {row.aid for row in refused_cards.applications() if row.reason == "mynumber" and not row.first} >= OTHER_MY_NUMBER


@pytest.mark.parametrize("row", refused_cards.applications(), ids=lambda row: row.aid.hex())
async def test_r23_by_every_application_of_the_table(
    reader: VirtualReader, worker: CardWorker, row: refused_cards.RefusedApplication
) -> None:
    error = await refusal(reader, worker, VirtualCard({}, aids=(row.aid,)))
    assert (error.code, error.detail) == (row.rule, row.reason)
    assert error.causes == (t(f"card.refused_{row.reason}"),)
    assert {header[:4] for header in worker.trace.headers()} == {"00a4"}


async def test_r34_an_unknown_card_is_refused_by_select_only(reader: VirtualReader, worker: CardWorker) -> None:
    error = await refusal(reader, worker, VirtualCard({}, aids=(bytes.fromhex("A0000002310100000000000000000000"),)))
    assert error.code == "R-34"
    assert "運転免許証" in error.causes[0]
    assert {header[:4] for header in worker.trace.headers()} == {"00a4"}


@pytest.mark.parametrize(
    ("issuer", "reason"),
    [
        ("CN=Registrar of Tokyo Legal Affairs Bureau,OU=Ministry of Justice,O=Japanese Government,C=JP", "法人認証カード"),
        ("C=JP,O=JPKI,OU=JPKI for user authentication", "マイナンバーカード"),
        ("O=jpki,C=jp", "マイナンバーカード"),
    ],
)
async def test_r23_by_issuer_without_any_pin_command(reader: VirtualReader, worker: CardWorker, issuer: str, reason: str) -> None:
    error = await refusal(reader, worker, CertificateAuthority(issuer, now=NOW).card())
    assert error.code == "R-23"
    assert reason in error.title
    assert reason in error.causes[0]
    assert not [header for header in worker.trace.headers() if header[2:4] == "20"]


async def test_an_issuer_that_only_resembles_one_is_not_refused(reader: VirtualReader, worker: CardWorker) -> None:
    reader.insert(CertificateAuthority("O=JPKI,C=US", now=NOW).card())
    assert (await worker.open()).alive


def test_every_kind_has_its_name() -> None:
    assert [kind for kind in get_args(Kind) if not has(f"card_command.kind_{kind}")] == []


def test_every_row_of_the_table_has_its_texts() -> None:
    rows: list[refused_cards.RefusedApplication | refused_cards.RefusedIssuer] = [*refused_cards.applications(), *refused_cards.issuers()]
    for row in rows:
        assert row.rule == "R-23"
        assert has(f"card.what_{row.reason}")
        assert has(f"card.refused_{row.reason}")
    assert [row.aid for row in refused_cards.applications() if row.first] == [JPKI_AID]


def test_what_is_refused_by_its_issuer_is_refused_by_the_server_too() -> None:
    """The server does not see the card, only who issued its certificate: it asks the authorities' table."""
    assert {row.reason for row in refused_cards.issuers()} == {
        issuer.card for issuer in known_issuers().issuers if issuer.kind == "refused"
    }
