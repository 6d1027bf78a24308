"""Drafts on disk: encrypted, this user's alone, and gone after some days. What that protects from is in docs/security.md.

A file is `MAGIC`, a nonce of 12 bytes, and AES-256-GCM over JSON, with the slot as associated data; its name is an HMAC of the
slot, and says nothing. The key is a file of 32 random bytes in the configuration directory, away from what it opens.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ebid_tui.flows.drafts import NONE, Drafts, DraftSlot, DraftUnreadable, KeptDraft
from ebid_tui.flows.ui import Blocks
from ebid_tui.process import private_files
from ebid_tui.settings import Settings, config_directory, state_directory

logger = logging.getLogger(__name__)

MAGIC = b"ebid-draft-1\n"
NONCE = 12
KEY = 32
LARGEST = 256 * 1024
"""Bytes; a form has a few thousand."""

DAY = 86400.0
SUFFIX = ".draft"


def store(settings: Settings) -> Drafts:
    """Where drafts are kept, if they are to be. The demo asks for none: every start of it is a fresh one."""
    if not settings.drafts:
        return NONE
    return DraftStore(state_directory() / "drafts", config_directory() / "drafts.key", settings.draft_days)


class DraftStore:
    """`flows.drafts.Drafts` in a directory of the user's own."""

    def __init__(self, directory: Path, key_file: Path, days: int, now: Callable[[], float] = time.time) -> None:
        """`days` after which a draft is deleted; `now` in seconds since 1970."""
        self._directory = directory
        self._key_file = key_file
        self._days = days
        self._now = now
        self._key: bytes | None = None
        self._broken = False

    def read(self, slot: DraftSlot) -> KeptDraft | None:
        """Raises DraftUnreadable for a file that is damaged, of another version, or not this user's own; it is deleted."""
        try:
            self._tidy()
            file = self._file(slot, make=False)
            if file is None or not os.path.lexists(file):
                return None
            try:
                data = private_files.read_own(file, LARGEST)
            except PermissionError:
                data = b""
        except OSError as error:
            logger.info("draft: not read: %s", error.strerror)
            return None
        kept = self._opened(slot, data)
        if kept is None:
            self.drop(slot)
            raise DraftUnreadable
        if not self._fresh(kept.saved_at.timestamp()):
            self.drop(slot)
            return None
        return kept

    def write(self, slot: DraftSlot, values: Blocks) -> bool:
        """0.3 ms: no waiting for the disk, which a lost connection leaves alone. A disk that is full or closed leaves no draft."""
        if self._broken:
            return False
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            private_files.own_directory(self._directory)
            file = self._file(slot, make=True)
            if file is None:
                return False
            nonce, now = os.urandom(NONCE), self._now()
            plain = msgspec.json.encode(KeptDraft(datetime.fromtimestamp(now, UTC), values))
            data = MAGIC + nonce + AESGCM(self._own_key(make=True) or b"").encrypt(nonce, plain, _bound(slot))
            private_files.put(file, data, at=now, wait=False)
        except OSError as error:
            self._broken = True
            logger.warning("drafts cannot be kept: %s", error.strerror)
        return not self._broken

    def drop(self, slot: DraftSlot) -> None:
        try:
            file = self._file(slot, make=False)
            if file is not None:
                file.unlink(missing_ok=True)
        except OSError as error:
            logger.warning("draft: not deleted: %s", error.strerror)

    # -- files

    def _opened(self, slot: DraftSlot, data: bytes) -> KeptDraft | None:
        """What is in it; None if it cannot be used."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = self._own_key(make=False)
        body = data.removeprefix(MAGIC)
        if key is None or len(body) == len(data) or len(body) <= NONCE or len(data) > LARGEST:
            return None
        try:
            return msgspec.json.decode(AESGCM(key).decrypt(body[:NONCE], body[NONCE:], _bound(slot)), type=KeptDraft)
        except (InvalidTag, msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def _fresh(self, saved_at: float) -> bool:
        """Not older than it may be. One that comes from tomorrow was saved under a wrong clock, of which nobody knows how wrong."""
        return -DAY <= self._now() - saved_at < self._days * DAY

    def _tidy(self) -> None:
        """Delete every draft that is too old, whoever's flow it is."""
        if not self._directory.is_dir():
            return
        for file in self._directory.glob("*" + SUFFIX):
            if not self._fresh(file.lstat().st_mtime):
                file.unlink(missing_ok=True)

    def _file(self, slot: DraftSlot, *, make: bool) -> Path | None:
        key = self._own_key(make=make)
        import hashlib  # here: the first frame needs neither
        import hmac

        return None if key is None else self._directory / (hmac.digest(key, _bound(slot), hashlib.sha256).hex()[:40] + SUFFIX)

    def _own_key(self, *, make: bool) -> bytes | None:
        """The key; None where there is none. One that others may read, or of a wrong length, is not used and made anew."""
        if self._key is None:
            try:
                key = private_files.read_own(self._key_file, LARGEST)
            except (FileNotFoundError, PermissionError):
                key = b""
            if len(key) == KEY:
                self._key = key
            elif make:
                private_files.directory(self._key_file.parent)
                self._key_file.unlink(missing_ok=True)
                with suppress(FileExistsError):
                    private_files.put(self._key_file, os.urandom(KEY), replace=False)
                self._key = private_files.read_own(self._key_file, LARGEST)
        return self._key


def _bound(slot: DraftSlot) -> bytes:
    return MAGIC + msgspec.json.encode(slot)
