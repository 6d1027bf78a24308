"""Is this file a PKCS#11 module for this machine? Found out by its head, without loading it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

_ELF: Final = b"\x7fELF"


def resolved(path: str) -> str:
    """As the loader is given it: a bare name is looked for where libraries are, anything else is a file."""
    return str(Path(path).expanduser().absolute()) if "/" in path else path


def exists(path: str) -> bool:
    """Whether there is such a file; a bare name is left to the loader."""
    return "/" not in path or Path(path).expanduser().is_file()


def fault(path: str) -> tuple[str, str] | None:
    """What speaks against loading it, as error code and reason; None where nothing does."""
    if "/" not in path:
        return None
    file = Path(path).expanduser()
    try:
        with file.open("rb") as opened:
            head = opened.read(20)
    except FileNotFoundError:
        return "E-MODULE-MISSING", "no such file"
    except OSError as error:
        return "E-MODULE-MISSING", error.strerror or "unreadable"
    if sys.platform == "linux":
        own = _own_head()
        if head[:4] != _ELF:
            return "E-MODULE-LOAD", "no library"
        if own[:4] == _ELF and (head[4:6], head[18:20]) != (own[4:6], own[18:20]):
            return "E-MODULE-LOAD", "for another architecture"
    return None


def _own_head() -> bytes:
    try:
        with Path("/proc/self/exe").open("rb") as program:
            return program.read(20)
    except OSError:
        return b""


def identity(path: str) -> str:
    """The same for two names of one file."""
    return str(Path(path).expanduser().resolve()) if "/" in path else path
