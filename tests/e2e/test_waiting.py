"""A municipality in which everything waits for its acceptance, in line mode: what is told, and what counts when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.demo.cards import Wallet
from ebid_tui.messages import t
from ebid_tui.plain.run import COMPLETED, NOT_COMPLETED
from ebid_tui.server.admin.command_line import main as admin
from tests.clock import STARTED
from tests.e2e.test_fifth_system import FORM, MINATO, PIN, SEARCH, at
from tests.e2e.town import Ran, Town, town
from tests.server.signing import Authority
from tests.wallets import of_today

WAITS = """
[acceptance]
kind = "papers"
papers = ["利用者登録申請書", "印鑑証明書"]
hand_in = "契約課へ郵送してください。"

[[acceptance.by]]
operations = ["amendment"]
kind = "approval"
says = "審査には3日ほどかかります。"
"""
END = "review: submit\ndone: print\ndone: close\n"


@pytest.fixture
def harbour(tmp_path: Path, short_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    wallet: Wallet = of_today(tmp_path_factory.mktemp("harbour-cards"))
    file = tmp_path / "harbour.toml"
    file.write_text(MINATO.read_text("utf-8").replace('id = "minato"', 'id = "harbour"', 1) + WAITS, encoding="utf-8")
    with town(short_dir, wallet, file, Authority(now=STARTED)) as made:
        yield made


def decide(harbour: Town, *ids: str) -> None:
    directory = harbour.server.settings.system_directories[0]
    command = ["accept", "--database", harbour.server.settings.database, "--system", "harbour", "--systems-dir", str(directory)]
    assert admin([*command, *ids]) == 0


def status(harbour: Town, capsys: pytest.CaptureFixture[str], card: str = "first") -> Ran:
    return harbour.run(at("港町", "工事", "登録状況") + f"card: {card}\n" + PIN, capsys)


def test_every_operation_waits_and_is_decided(harbour: Town, capsys: pytest.CaptureFixture[str]) -> None:
    registering = at("港町", "工事", "新規登録") + "card: first\n" + PIN
    ran = harbour.run(registering + SEARCH + FORM + END, capsys)
    assert ran.code == COMPLETED, ran.out + ran.err
    papers = t("acceptance.papers"), "・印鑑証明書", "契約課へ郵送してください。"
    assert ran.told(t("acceptance.title"), *papers, t("acceptance.registration_until"))
    assert "カードを登録しました。" not in ran.out
    assert all(text in harbour.mails()[-1] for text in (t("acceptance.subject", what="新規登録"), *papers))
    waits = status(harbour, capsys)
    assert waits.told(t("flow.status.card_waiting"), "使えるICカードは0枚です。", *papers)
    for again in (registering, at("港町", "工事", "カード切替") + "card: first\n" + PIN + "card: second\n"):
        refused = harbour.run(again, capsys)
        assert (refused.code, refused.told("E-WAITING")) == (NOT_COMPLETED, True), refused.out + refused.err

    decide(harbour, ran.receipt, "--refuse", "--reason", "印鑑証明書が古いです。")
    told = t("acceptance.refused_subject", what="新規登録"), "理由: 印鑑証明書が古いです。"
    assert all(text in harbour.mails()[-1] for text in told)
    assert status(harbour, capsys).told(t("flow.status.card_refused"), "印鑑証明書が古いです。")
    ran = harbour.run(registering + SEARCH + FORM + END, capsys)
    assert ran.code == COMPLETED, ran.out + ran.err
    amending = at("港町", "工事", "内容変更") + "card: first\n" + PIN
    changed = harbour.run(amending + "card_contact.person: 港　次郎\npropagate: yes\n" + END, capsys)
    assert changed.code == COMPLETED, changed.out + changed.err
    assert changed.told(t("acceptance.title"), *papers, t("acceptance.registration_until"))
    decide(harbour, ran.receipt)
    assert harbour.night().copies == 4  # the registration at two agencies, and what was changed of it while it waited

    counts = status(harbour, capsys)
    assert counts.told("使えるICカードは1枚です。", "港　次郎")
    changed = harbour.run(amending + "card_contact.person: 港　三郎\npropagate: no\n" + END, capsys)
    assert changed.code == COMPLETED, changed.out + changed.err
    assert changed.told(
        t("acceptance.before_approval"), t("acceptance.title"), "審査には3日ほどかかります。", t("acceptance.amendment_until")
    )
    assert status(harbour, capsys).told("港　次郎", t("acceptance.approval"))
    decide(harbour, changed.receipt)
    assert status(harbour, capsys).told("港　三郎")

    cards = "card: first\n" + PIN + "card: second\nsame_pin: yes\npropagate: no\n"
    swapped = "review: submit\ncard: first\n" + PIN + "done: print\ndone: close\n"
    renewed = harbour.run(at("港町", "工事", "カード切替") + cards + swapped, capsys)
    assert renewed.code == COMPLETED, renewed.out + renewed.err
    assert renewed.told(t("acceptance.title"), t("acceptance.renewal_until"))
    assert t("notice.old_card") not in renewed.out
    assert status(harbour, capsys).told("使えるICカードは1枚です。")
    refused = harbour.run(amending, capsys)
    assert (refused.code, refused.told("E-WAITING")) == (NOT_COMPLETED, True)
    decide(harbour, renewed.receipt)
    assert status(harbour, capsys).told("R-11")
    assert status(harbour, capsys, "second").told("使えるICカードは1枚です。")
    assert admin(["verify-evidence", "--database", harbour.server.settings.database]) == 0
