"""A municipality that begins: an empty database, the administrator's commands, and then the first bidder with the card in hand."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from ebid_tui.card.worker import CardWorker
from ebid_tui.card_and_server import CardAndServer
from ebid_tui.demo import cards
from ebid_tui.demo.cards import Wallet
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.domain.profile import systems
from ebid_tui.plain.run import COMPLETED, run_lines
from ebid_tui.server.admin.command_line import main as admin
from tests.e2e.town import READERS, Ran, Tray
from tests.server.running_server import Running
from tests.server.serving import Served, on_socket

SAITAMA = {
    "調達機関": "埼玉県", "調達区分": '"建設工事、設計・調査・測量、土木施設維持管理"', "ユーザID": "4000000009",
    "商号又は名称": "株式会社〇〇建設 さいたま支店", "企業郵便番号": "123-4567", "企業住所": "埼玉県さいたま市浦和区3-15-1",
    "代表者等氏名": "△△　太郎", "代表者等役職": "支店長", "代表者等電話番号": "048-000-0000", "代表者等FAX番号": "048-000-0001",
    "初期パスワード": "Tsuuchi1",
}  # fmt: skip
SAITAMA_PLACE = "agency: 埼玉県\ncategory: 建設工事、設計・調査・測量、土木施設維持管理\nentry: 利用者登録\nmenu: 登録\n"
SAITAMA_SEARCH = "search.trade_name: 株式会社○○建設\nsearch.user_id: 4000000009\nsearch.password: Tsuuchi1\n"
AOMORI = {
    "調達区分": "工事、コンサル", "業者番号": "990000009", "商号又は名称": "（株）テスト商会０１", "企業郵便番号": "123-4567",
    "企業住所": "○○○市××町△丁目１－１－１", "代表者氏名": "テスト　１太郎", "代表者役職": "代表取締役社長",
    "代表電話番号": "03-0920-9991", "代表FAX番号": "03-0920-9991", "ユーザID": "user09", "初期パスワード": "tsuuchi9",
}  # fmt: skip
AOMORI_PLACE = "category: 工事、コンサル\nentry: 利用者登録\nmenu: 登録\n"
AOMORI_SEARCH = "search.vendor_no: 990000009\nsearch.trade_name: （株）テスト商会０１\nsearch.user_id: user09\nsearch.password: tsuuchi9\n"
CONTACT = {
    "name": "○○課", "postal_code": "123-4567", "address": "埼玉県さいたま市浦和区高砂３－１５－１", "person": "△△　太郎",
    "phone": "048-000-0000", "fax": "048-000-0001", "email": "test@test.co.jp",
}  # fmt: skip
AGAIN = {"email_again": "test@test.co.jp"}
END = "review: submit\ndone: print\ndone: close\n"


def form(contact: Mapping[str, str]) -> str:
    blocks = ("representative_contact", "card_contact")
    return "company.department: ○○課\n" + "".join(f"{block}.{name}: {value}\n" for block in blocks for name, value in contact.items())


@contextmanager
def opened(directory: Path, wallet: Wallet, system: str, authority: str, *vendors: Mapping[str, str]) -> Iterator[Running]:
    """The system's server, after what an administrator does before the first day."""
    server = on_socket(directory)
    database, anchor = server.settings.database, directory / "authority.der"
    anchor.write_bytes(cards.trust_anchors(wallet)[authority])
    (directory / "list.csv").write_text("\n".join(map(",".join, (vendors[0], *(one.values() for one in vendors)))) + "\n", encoding="utf-8")
    (directory / "trust").mkdir()
    assert admin(["migrate", "--database", database]) == 0
    assert admin(["trust-ca", "--trust", str(directory / "trust"), "--authority", authority, str(anchor)]) == 0
    assert admin(["import-roster", "--database", database, "--system", system, str(directory / "list.csv")]) == 0
    served = Served(directory, "--always-open", "--uds", server.socket)
    served.start()
    try:
        served.listens(server)
        yield server
    finally:
        served.end(signal.SIGKILL)


def registered(server: Running, wallet: Wallet, system: str, card: str, script: str, capsys: pytest.CaptureFixture[str]) -> Ran:
    """The bidder's `ebid-tui plain --script FILE`, with the card in a virtual reader."""
    reader = VirtualReader(READERS[0])
    worker = CardWorker(reader)
    tray = Tray((reader,), {card: cards.make_virtual(wallet, card)})
    file = Path(server.socket).with_name("script")
    file.write_text(script, encoding="utf-8")
    capsys.readouterr()
    code = run_lines(systems.profile_of(system), CardAndServer(worker, server.client(), worker.start, worker.stop, tray), str(file), None)
    said = capsys.readouterr()
    return Ran(code, said.out, said.err)


def test_m1_saitama_from_an_empty_database_to_the_first_receipt(
    short_dir: Path, wallet: Wallet, capsys: pytest.CaptureFixture[str]
) -> None:
    """The notified password counts as it is; nothing in this system could change it (R-03).

    The vendor is the manual's own: its list has the branch, its card and its search the company, and nothing alarms (D1, R-06).
    """
    with opened(short_dir, wallet, "saitama", "organization-ca-u8", SAITAMA) as server:
        refused = "search.trade_name: 株式会社〇〇建設　さいたま支店\n"
        script = SAITAMA_PLACE + "card: saitama-new\npin: 123456\n" + refused + SAITAMA_SEARCH + form(CONTACT) + END
        ran = registered(server, wallet, "saitama", "saitama-new", script, capsys)
        assert ran.code == COMPLETED, ran.out + ran.err
        assert ran.receipt
        assert "Tsuuchi1" not in ran.out + ran.err
        assert "ICカードの名義の確認" not in ran.out
        form_shown, _, confirmed = ran.out.partition("登録内容確認")
        assert "業者名: 株式会社〇〇建設　さいたま支店" in form_shown
        assert confirmed.count("業者名: 株式会社〇〇建設　さいたま支店\n") == 2, "on the confirmation and on the print"
        assert confirmed.count("ICカード企業名称: 株式会社○○建設\n") == 2
        assert "「さいたま支店」は入れずに" in ran.out


def test_m1_aomori_from_an_empty_database_to_the_first_receipt(short_dir: Path, wallet: Wallet, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(short_dir, wallet, "aomori", "bidca4", AOMORI) as server:
        script = AOMORI_PLACE + "card: aomori-next\npin: 123456\n" + AOMORI_SEARCH + "holder: yes\n" + form(CONTACT | AGAIN) + END
        ran = registered(server, wallet, "aomori", "aomori-next", script, capsys)
        assert ran.code == COMPLETED, ran.out + ran.err
        assert ran.receipt
