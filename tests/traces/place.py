"""A server, a token whose PIN is twelve random characters, and the way through the screens to its PIN dialog and to the receipt."""

from __future__ import annotations

import os
import secrets
import string
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ebid_tui.demo import cards as demo_cards
from ebid_tui.demo.cards import SLOT_AUTHENTICATION
from ebid_tui.demo.virtual_card import SlotKey
from ebid_tui.server.settings import ServerSettings
from tests.card import softhsm
from tests.card.pcscd import CardProcess, PrivatePcscd
from tests.card.softhsm import SoftHsm, Stored
from tests.card.vpcd import save_card
from tests.e2e.program import COMMAND, ROOT, Process, below
from tests.patience import long, wait_until
from tests.server.running_server import ORIGIN, Running, seed
from tests.server.signing import demo_card
from tests.traces.glass import Glass

PASSWORD, INITIAL = "Demo-pass1", "Init-pass1"
F5, F10, PAGE_DOWN = "\x1b[15~", "\x1b[21~", "\x1b[6~"
CONTACT = ("営業部", "5160018", "三重県伊勢市岩渕一丁目", "担当　花子", "0596-00-0001", "0596-00-0002", "hanako@example.co.jp")


def random_pin(length: int = 12) -> str:
    """Letters and digits, none of them twice: a part of it is nothing else."""
    return "".join(secrets.SystemRandom().sample(string.ascii_letters + string.digits, length))


class Place:
    """A server process on a unix socket, and a token that holds the key of one of the demo's cards."""

    def __init__(self, directory: Path, wallet: demo_cards.Wallet, pin: str) -> None:
        self.directory, self.pin = directory, pin
        database = f"sqlite:///{directory / 'ebid.db'}"
        settings = ServerSettings(database=database, origins=(ORIGIN,), anchors={})
        seed(settings, wallet)
        self._rows = Running(settings, str(directory / "http"))
        self._rows.remember()
        (directory / "trust").mkdir()
        for name, der in demo_cards.trust_anchors(wallet).items():
            (directory / "trust" / f"{name}.pem").write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))
        command = [*COMMAND, "serve", "--database", database, "--uds", str(directory / "http"), "--trust", str(directory / "trust")]
        with (directory / "log").open("wb") as log:
            self._server = subprocess.Popen([*command, "--always-open"], stdout=log, stderr=log, cwd=ROOT)
        wait_until(lambda: "listening" in (directory / "log").read_text(), "the server did not start")
        card = demo_card(wallet, "ise-new")
        self.environment = self._insert(SlotKey(card.key, card.der))

    def _insert(self, key: SlotKey) -> dict[str, str]:
        """Make the card with this key; the environment in which the program finds it."""
        hsm = SoftHsm(self.directory)
        hsm.token("ise", Stored(key), pin=self.pin.encode())
        return {
            "PCSCLITE_CSOCK_NAME": str(self.directory / "no-pcscd"),
            "SOFTHSM2_CONF": str(hsm.config),
            "EBID_TUI_PKCS11_MODULES": softhsm.module(),
        }

    def restore(self) -> None:
        """Nobody has registered anything."""
        self._rows.restore()

    def close(self) -> None:
        self._server.terminate()
        self._server.wait(long())

    @property
    def server(self) -> list[str]:
        return ["--system", "ise", "--server", ORIGIN, "--server-socket", str(self.directory / "http")]

    def glass(self, *command: str, env: Mapping[str, str] | None = None) -> Glass:
        """The screens; without a command of its own: the program itself."""
        os.chdir(ROOT)
        return Glass(command or (*COMMAND, *self.server), {**self.environment, **(env or {})})


class PivPlace(Place):
    """The same with a PIV card at a real `pcscd`; its PIN has eight digits, the most that PIV knows."""

    def __init__(self, directory: Path, wallet: demo_cards.Wallet) -> None:
        self._held = ExitStack()
        super().__init__(directory, wallet, "".join(secrets.SystemRandom().sample(string.digits, 8)))

    def _insert(self, key: SlotKey) -> dict[str, str]:
        (card := self.directory / "card").mkdir()
        save_card(card, {SLOT_AUTHENTICATION: key}, pin=self.pin)
        daemon = self._held.enter_context(PrivatePcscd(self.directory))
        self._held.enter_context(CardProcess(daemon.ports[0], {"card": card})).insert("card")
        daemon.wait_for_a_card()
        return {"PCSCLITE_CSOCK_NAME": str(daemon.socket_path)}

    def close(self) -> None:
        self._held.close()
        super().close()


def module_hosts(pid: int) -> list[Process]:
    """The processes in which the program holds its modules."""
    return [process for process in below(pid) if "module_host" in process.command]


def to_the_pin(glass: Glass) -> None:
    """From the first frame to PIN番号入力ダイアログ."""
    glass.wait("調達区分")
    glass.keys("\r")
    glass.wait("利用者登録／電子入札選択")
    glass.keys("\r")
    glass.wait("利用者登録メニュー", "利用者登録処理", gone="確認しています")
    glass.keys("1")
    glass.wait("残り回数", "[ OK ]")


def to_the_search(glass: Glass) -> None:
    """From the PIN that was entered to 資格審査情報検索."""
    glass.wait("資格審査情報検索", "パスワード")


def type_the_search(glass: Glass, number: str, name: str, password: str) -> None:
    """From the PIN that was entered through 資格審査情報検索."""
    to_the_search(glass)
    for value in (number, name):
        glass.at_once(value)
        glass.look()
        glass.keys("\r")
    glass.keys(*password, pause=0.01)
    glass.keys(F10)


def find_the_company(glass: Glass, password: str = PASSWORD) -> None:
    """資格審査情報検索, up to the form."""
    type_the_search(glass, "1000000001", "テスト工事業者０１", password)
    glass.wait("企業情報", "三重県伊勢市")


def to_the_receipt(glass: Glass) -> None:
    """From the form to 処理完了, and back to the first menu."""
    fill_in_and_confirm(glass)
    glass.keys("\x1b")
    glass.wait("調達区分")


def fill_in_and_confirm(glass: Glass) -> None:
    """From the form to 処理完了."""
    for value in ("工事部", *CONTACT):
        glass.at_once(value)
        glass.look()
        glass.keys("\r")
    glass.wait("ICカード利用部署情報")
    glass.keys(F5)
    glass.wait("7項目をコピーしました")
    glass.keys(F10)
    seen = glass.wait("登録内容確認")
    for _ in range(12):
        if "F10 または Ctrl+S を押すと" in seen:
            break
        glass.keys(PAGE_DOWN)
        seen = glass.look()
    glass.keys(F10)
    glass.wait("処理完了", "受付番号")
