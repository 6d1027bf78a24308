"""`tests.card.vpcd` for one test after the other: a line of JSON, then orders as there, then `stop`.

The line says which kind of cards, the port, the cards' directories, and the demo's keys and day.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

from ebid_tui.demo.cards import Wallet
from ebid_tui.demo.virtual_card import VirtualCard
from tests.card.vpcd import Cards, Plug, obey


def write(line: str) -> None:
    print(line, flush=True)


class Pkcs15Cards(Cards):
    def _make(self, name: str) -> VirtualCard:
        from tests.card import pkcs15_card  # and with it what tests need, which takes its time

        return pkcs15_card.load(self._directories[name])


def main() -> None:
    while line := sys.stdin.readline():
        kind, port, directories, demo = json.loads(line)
        places = {name: Path(directory) for name, directory in directories.items()}
        wallet = demo and Wallet(Path(demo[0]), date.fromisoformat(demo[1]))
        write("ready")
        obey(Plug("127.0.0.1", port), Cards(places, wallet) if kind == "piv" else Pkcs15Cards(places, None), sys.stdin.readline, write)
        write("stopped")


if __name__ == "__main__":
    main()
