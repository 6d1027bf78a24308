"""USB readers that are plugged into a running private `pcscd` and pulled out again: its own way, from udev's event on.

with Plugs(directory, "Further") as plugs, PrivatePcscd(directory, environment=plugs.environment) as daemon:
    port = plugs.plug_in("Further")      # two slots, "Further 00 00" and "Further 00 01" or so
    plugs.unplug("Further")
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Self

from tests.card import pin_pad
from tests.card.pcscd import DRIVERS, free_ports, listening
from tests.patience import wait_until

SOURCE = Path(__file__).with_name("plugs_udev.c")
BUNDLE = """<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>CFBundleExecutable</key><string>libreader.so</string>
<key>ifdVendorID</key><array><string>0x1209</string></array>
<key>ifdProductID</key><array><string>0x{product}</string></array>
<key>ifdFriendlyName</key><array><string>{name}</string></array>
</dict></plist>
"""

missing = pin_pad.missing


class Plugs:
    """`names`: the kinds of readers at hand, one of each."""

    def __init__(self, directory: Path, *names: str) -> None:
        self._directory = directory
        self._products = {name: f"{number:04x}" for number, name in enumerate(names, start=1)}
        self._plugged: dict[str, str] = {}
        self.environment = {
            "LD_PRELOAD": str(directory / "plugs.so"),
            "PLUGS_EVENTS": str(directory / "plugs"),
            "PLUGS_DRIVERS": str(directory / "drivers"),
            "PINPAD_SLOTS": "0",
        }

    def __enter__(self) -> Self:
        pin_pad.build(SOURCE, self._directory / "plugs.so")
        pin_pad.build(pin_pad.SOURCE, self._directory / "reader.so")
        os.mkfifo(self.environment["PLUGS_EVENTS"])
        for name, product in self._products.items():
            contents = self._directory / "drivers" / f"{name}.bundle" / "Contents"
            (contents / "Linux").mkdir(parents=True)
            (contents / "Info.plist").write_text(BUNDLE.format(name=name, product=product))
            # A driver of its own for each: vsmartcard's knows of one reader only.
            shutil.copy(self._directory / "reader.so", contents / "Linux" / "libreader.so")
            shutil.copy(DRIVERS / "libifdvpcd.so", contents / "Linux" / "libreader.so.vpcd")
        return self

    def plug_in(self, name: str) -> int:
        """Plug it in; the port of its first slot, when both listen."""
        port = free_ports()[0]
        self._plugged[name] = f"/dev/null:0x{port:04X}"
        self._tell("add", name)
        wait_until(lambda: listening(port) and listening(port + 1))
        return port

    def unplug(self, name: str) -> None:
        """Pull it out, with what is in it."""
        self._tell("remove", name)

    def _tell(self, action: str, name: str) -> None:
        with open(self.environment["PLUGS_EVENTS"], "w") as events:
            events.write(f"{action} {name} {self._products[name]} {self._plugged[name]}\n")

    def __exit__(self, *_: object) -> None:
        """pcscd keeps everything until it ends."""
