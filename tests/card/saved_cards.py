"""Writes virtual cards into directories, for `python -m ebid_tui.demo.vpcd` to load."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ebid_tui.demo.virtual_card import SlotKey
from ebid_tui.process import private_files


def save_card(
    directory: Path, slots: dict[int, SlotKey], *, pin: str = "123456", tries: int = 3, tries_left: int = 3, **more: object
) -> None:
    """Write what `vpcd.load_card` reads: `card.toml`, and key and certificate of each slot. `more`: `extended`, `aids` (hex)."""
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
