"""A virtual reader with keys of its own, for flows in milliseconds; the person at it presses what was laid out."""

from __future__ import annotations

from ebid_tui.demo.virtual_reader import VirtualConnection, VirtualReader

STATUS = {"cancel": 0x6401, "timeout": 0x6400, "broken": 0x6B80}


class PadReader(VirtualReader):
    """`keys`: what is pressed at each entry, in order: digits (then OK), or a word of `STATUS`."""

    def __init__(self, name: str, *keys: str) -> None:
        super().__init__(name)
        self.keys = list(keys)

    def connect(self, reader: str) -> PadConnection:
        plain = super().connect(reader)
        return PadConnection(self, plain.atr, plain.count, plain.resets)


class PadConnection(VirtualConnection):
    """The reader puts the keys into the APDU of PIN_VERIFY_STRUCTURE (its last 13 bytes) and sends it."""

    pin_pad = True

    def verify_on_pin_pad(self, structure: bytes) -> int:
        assert isinstance(self._reader, PadReader)
        pressed = self._reader.keys.pop(0)
        if pressed in STATUS:
            return STATUS[pressed]
        command = bytearray(structure[-13:])
        command[5 : 5 + len(pressed)] = pressed.encode()
        return self.transmit(command)[1]
