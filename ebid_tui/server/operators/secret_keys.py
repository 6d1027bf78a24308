"""The key file that operators' TOTP secrets are encrypted with: whoever has the database alone, or a backup of it, has no codes.

One key a line (base64url, 32 bytes); new secrets are encrypted with the first one, the others still open older ones. AES-256-GCM, bound
to the operator, so that one operator's secret is nothing in another's row.
"""

from __future__ import annotations

import base64
import os
import secrets
import stat
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ebid_tui.errors import EbidError
from ebid_tui.process import private_files

KEY_BYTES = 32
NONCE_BYTES = 12
LONGEST_FILE = 4096


def write_new(path: Path) -> None:
    """Make a file with one new key, for its owner only. Raises EbidError E-SECRET-KEY, also for a file that is there."""
    line = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n"
    try:
        with open(private_files.new(path), "wb") as stream:
            stream.write(line)
    except OSError as error:
        raise EbidError(code="E-SECRET-KEY", reason=error.strerror or "") from None


def read(path: Path) -> tuple[bytes, ...]:
    """The keys of a file. Raises EbidError E-SECRET-KEY for one that others may read, or that holds no keys."""
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if mode & stat.S_IRWXO:
                raise EbidError(code="E-SECRET-KEY", reason=stat.filemode(mode))
            lines = stream.read(LONGEST_FILE).split()
    except OSError as error:
        raise EbidError(code="E-SECRET-KEY", reason=error.strerror or "") from None
    try:
        keys = tuple(base64.b64decode(line, altchars=b"-_", validate=True) for line in lines)
    except ValueError:
        keys = ()
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise EbidError(code="E-SECRET-KEY", reason=f"{len(keys)}")
    return keys


def encrypted(keys: Sequence[bytes], secret: str, system: str, login_id: str) -> bytes:
    """A secret as it is kept."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(keys[0]).encrypt(nonce, secret.encode("ascii"), _whose(system, login_id))


def decrypted(keys: Sequence[bytes], kept: bytes, system: str, login_id: str) -> str | None:
    """The secret; None where none of the keys is the right one."""
    for key in keys:
        try:
            return AESGCM(key).decrypt(kept[:NONCE_BYTES], kept[NONCE_BYTES:], _whose(system, login_id)).decode("ascii")
        except InvalidTag:
            continue
    return None


def _whose(system: str, login_id: str) -> bytes:
    return f"{system}\0{login_id}".encode()
