"""Virtual cards as a process of its own, plugged into a real `pcscd` through its virtual reader (vsmartcard's vpcd).

    python -m tests.card.vpcd --port 35963 NAME=DIRECTORY …     cards that `save_card` wrote
    python -m tests.card.vpcd --port 35963 --demo DIRECTORY     the demo's cards by their names, keys kept there; of today,
                                                                or of the day that `--day 2026-11-21` names

Orders come line by line on stdin, each answered by one line on stdout (`ok …` or `error …`):

    insert NAME        put that card in (one that is in is pulled out first)
    remove             pull it out
    accident N WHAT    at the N-th APDU from now: `remove`, `mute` (five seconds of silence), or an answer in hex
    tries              `ok 3`: the tries left of the card that is in (or was last)
    count              `ok 17`: APDUs answered since the start
    span               `ok 8123`: microseconds from the first APDU's arrival to the last answer, since the last `span`
    stop               end; so does the end of stdin

A card keeps its tries while the process lives. A PIN stands in its `card.toml` only: these are demo cards.
"""

from __future__ import annotations

import argparse
import socket
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from ebid_tui.demo.cards import Wallet, make_virtual
from ebid_tui.demo.virtual_card import SlotKey, VirtualCard
from ebid_tui.errors import EbidError
from ebid_tui.process import private_files
from tests.wallets import today

_OFF, _ON, _RESET, _ATR = 0, 1, 2, 4
_SILENCE_SECONDS = 5.0


def save_card(
    directory: Path, slots: Mapping[int, SlotKey], *, pin: str = "123456", tries: int = 3, tries_left: int = 3, **more: object
) -> None:
    """Write what `load_card` reads: `card.toml`, and key and certificate of each slot. `more`: `extended`, `aids` (hex)."""
    private_files.directory(directory)
    lines = [f'pin = "{pin}"', f"tries = {tries}", f"tries_left = {tries_left}"]
    for name, value in more.items():
        if isinstance(value, bool):
            lines.append(f"{name} = {str(value).lower()}")
        else:
            lines.append(f"{name} = {value!r}".replace("'", '"'))
    private_files.put(directory / "card.toml", "".join(f"{line}\n" for line in lines).encode())
    for slot, key in slots.items():
        pem = key.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        private_files.put(directory / f"{slot:02x}.key.pem", pem)
        private_files.put(directory / f"{slot:02x}.cert.der", key.certificate)


def save_cards(root: Path, cards: Mapping[str, Mapping[int, SlotKey]]) -> dict[str, Path]:
    """A directory for each card, by its name."""
    for name, slots in cards.items():
        save_card(root / name, slots)
    return {name: root / name for name in cards}


def load_card(directory: Path) -> VirtualCard:
    """The card that `save_card` wrote."""
    told = tomllib.loads((directory / "card.toml").read_text(encoding="utf-8"))
    slots: dict[int, SlotKey] = {}
    for slot in (0x9A, 0x9C):
        path = directory / f"{slot:02x}.key.pem"
        if path.exists():
            private_key = load_pem_private_key(path.read_bytes(), None)
            assert isinstance(private_key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
            slots[slot] = SlotKey(private_key, (directory / f"{slot:02x}.cert.der").read_bytes())
    pin = str(told.pop("pin")).encode("ascii")
    aids = told.pop("aids", None)
    if aids is not None:
        told["aids"] = [bytes.fromhex(aid) for aid in aids]
    return VirtualCard(slots, pin, **told)


class Plug:
    """A card's contact with vpcd: a TCP connection that is open while the card is in."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._powered = False
        self.accidents: dict[int, str] = {}
        self.count = 0
        self._first = self._last = 0.0

    def insert(self, card: VirtualCard) -> None:
        """Raises OSError where nobody listens."""
        self.remove()
        card.reset()
        self._powered = False
        self._socket = socket.create_connection(self._address, timeout=5)
        self._socket.settimeout(None)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._thread = threading.Thread(target=self._serve, args=(self._socket, card), daemon=True)
        self._thread.start()

    def remove(self) -> None:
        if self._socket is not None:
            _cut(self._socket)
            self._socket = None
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def span(self) -> int:
        """Microseconds from the first APDU since the last call to the last answer; 0 if there was none."""
        span, self._first = self._last - self._first if self._first else 0.0, 0.0
        return round(span * 1_000_000)

    def _serve(self, line: socket.socket, card: VirtualCard) -> None:
        try:
            while (message := _receive(line)) is not None:
                arrived = time.perf_counter()
                answer = self._control(card, message[0]) if len(message) == 1 else self._apdu(line, card, message)
                if answer is not None:
                    line.sendall(len(answer).to_bytes(2, "big") + answer)
                if len(message) > 1:
                    self._first, self._last = self._first or arrived, time.perf_counter()
        except OSError:
            # The reader's side went away, or the card was pulled while it answered: either way it is out.
            _cut(line)

    def _control(self, card: VirtualCard, order: int) -> bytes | None:
        if order == _ATR:
            return card.atr
        if order in (_OFF, _ON, _RESET):
            card.reset()
            self._powered = order != _OFF
        return None

    def _apdu(self, line: socket.socket, card: VirtualCard, apdu: bytes) -> bytes | None:
        if not self._powered:
            # Swapped in before the reader noticed: a card without power cannot answer.
            _cut(line)
            return None
        accident = self.accidents.pop(self.count, None)
        self.count += 1
        if accident == "remove":
            _cut(line)
            return None
        if accident == "mute":
            time.sleep(_SILENCE_SECONDS)
        elif accident is not None:
            return bytes.fromhex(accident)
        return card.answer(apdu)


def _cut(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        # Already cut by the other side.
        line.close()
        return
    line.close()


def _receive(line: socket.socket) -> bytes | None:
    """One message of vpcd's: two bytes of length, then as many bytes. None at the end."""
    head = _exactly(line, 2)
    return None if head is None else _exactly(line, int.from_bytes(head, "big"))


def _exactly(line: socket.socket, size: int) -> bytes | None:
    data = b""
    while len(data) < size:
        # vpcd writes length and message apart: without this its second packet waits 40 ms for our acknowledgement.
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        part = line.recv(size - len(data))
        if not part:
            return None
        data += part
    return data


class Cards:
    """The cards at hand: each made when it is first put in."""

    def __init__(self, directories: Mapping[str, Path], demo: Wallet | None) -> None:
        self._directories = directories
        self._demo = demo
        self._made: dict[str, VirtualCard] = {}

    def __getitem__(self, name: str) -> VirtualCard:
        """Raises KeyError for a card that is not there."""
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> VirtualCard:
        if name in self._directories or self._demo is None:
            return load_card(self._directories[name])
        return make_virtual(self._demo, name)


def obey(plug: Plug, cards: Cards, read: Callable[[], str], write: Callable[[str], None]) -> None:
    """Carry out orders until `stop` or the end of the input."""
    card: VirtualCard | None = None
    while line := read():
        words = line.split()
        try:
            match words:
                case ["insert", name]:
                    card = cards[name]
                    plug.insert(card)
                    write(f"ok insert {name}")
                case ["remove"]:
                    plug.remove()
                    write("ok remove")
                case ["accident", at, what]:
                    plug.accidents[plug.count + int(at)] = what
                    write("ok accident")
                case ["tries"] if card is not None:
                    write(f"ok {card.tries_left}")
                case ["count"]:
                    write(f"ok {plug.count}")
                case ["span"]:
                    write(f"ok {plug.span()}")
                case ["stop"]:
                    break
                case _:
                    write("error unknown order")
        except (OSError, KeyError, ValueError, EbidError) as error:
            write(f"error {type(error).__name__} {error}")
    plug.remove()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.card.vpcd", description="Virtual PIV cards for vpcd.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0x8C7B)
    parser.add_argument("cards", nargs="*", metavar="NAME=DIRECTORY")
    parser.add_argument("--demo", type=Path, metavar="DIRECTORY")
    parser.add_argument("--day", type=date.fromisoformat, default=today(), metavar="YYYY-MM-DD")
    given = parser.parse_args(arguments)
    demo = Wallet(given.demo, given.day) if given.demo else None
    directories = {name: Path(directory) for name, _, directory in (entry.partition("=") for entry in given.cards)}

    def write(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    write("ready")
    obey(Plug(given.host, given.port), Cards(directories, demo), sys.stdin.readline, write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
