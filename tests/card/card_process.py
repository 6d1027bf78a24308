"""`ebid_tui.demo.vpcd` for one test after the other: a line of JSON (port, card directories, the demo's keys and day), orders, `stop`."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

from ebid_tui.demo.cards import Wallet
from ebid_tui.demo.vpcd import Cards, Plug, obey


def write(line: str) -> None:
    print(line, flush=True)


def main() -> None:
    while line := sys.stdin.readline():
        port, directories, demo = json.loads(line)
        wallet = demo and Wallet(Path(demo[0]), date.fromisoformat(demo[1]))
        cards = Cards({name: Path(directory) for name, directory in directories.items()}, wallet)
        write("ready")
        obey(Plug("127.0.0.1", port), cards, sys.stdin.readline, write)
        write("stopped")


if __name__ == "__main__":
    main()
