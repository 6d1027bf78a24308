"""What the server gave this device when an operator signed in on it: nobody elsewhere can stop that operator here.

It is no password, but a secret all the same: a file of this user's alone for each server, system and login ID.
Its name tells none of them.
"""

from __future__ import annotations

import hashlib
import logging
import re
from pathlib import Path

from ebid_tui.process import private_files

logger = logging.getLogger(__name__)

TOKEN = re.compile(rb"[A-Za-z0-9_-]{20,64}")
LARGEST = 64


class DeskDevices:
    """`client.desk.Devices` in a directory of the user's own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def token(self, origin: str, system: str, login_id: str) -> str:
        """What this device holds; empty where it holds nothing that can be used."""
        try:
            kept = private_files.read_own(self._file(origin, system, login_id), LARGEST)
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                logger.info("device: not read: %s", error.strerror)
            return ""
        return kept.decode() if TOKEN.fullmatch(kept) else ""

    def keep(self, origin: str, system: str, login_id: str, token: str) -> None:
        """Hold this from now on. A directory that cannot be written leaves a device that is a stranger at the next sign-in."""
        if not TOKEN.fullmatch(token.encode("utf-8", "replace")):
            return
        try:
            private_files.own_directory(self._directory)
            private_files.put(self._file(origin, system, login_id), token.encode())
        except OSError as error:
            logger.warning("device: not kept: %s", error.strerror)

    def _file(self, origin: str, system: str, login_id: str) -> Path:
        return self._directory / hashlib.sha256("\0".join((origin, system, login_id)).encode()).hexdigest()[:40]
