"""Looks for a secret in everything that a process can write: each form in which Python, a driver or a log could keep a copy.

Reads `/proc/PID/mem`, as root where the process is closed to its own user (`PR_SET_DUMPABLE`). Only maps that nobody can write
and that come from a file are passed over: code and constants.
"""

from __future__ import annotations

import base64
import os
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PART = 6
"""So many neighbouring characters of a secret count as a copy of a part of it."""

CHUNK = 256 << 10
EMPTY = bytes(CHUNK)


@dataclass(frozen=True)
class Found:
    """One copy: its form, where it lies, and what lies around it (printable characters only)."""

    form: str
    place: str
    around: str


def missing() -> str:
    """What keeps this machine from looking; empty if nothing."""
    return "" if os.path.exists("/proc/self/mem") and os.geteuid() == 0 else "only root can look into a process that is closed"


def forms(secret: str) -> dict[str, list[bytes]]:
    """How a copy of a secret can look: from its start, its middle or its end, PART characters of it. UTF-16 and UTF-32 of either order."""
    size = len(secret) if secret.isdigit() else min(PART, len(secret))  # six digits in a row may be anything
    parts = [secret[at : at + size] for at in sorted({0, (len(secret) - size) // 2, len(secret) - size})]
    whole = secret.encode()
    return {
        "bytes, str": [part.encode() for part in parts],
        "UTF-16": [b"\0".join(_bytes(part)) for part in parts],
        "UTF-32": [b"\0\0\0".join(_bytes(part)) for part in parts],
        "hex": [form.encode() for text in (whole.hex(), whole.hex(" "), whole.hex(":")) for form in (text, text.upper())],
        "base64": [base64.b64encode(b" " * skip + whole)[2 * skip : -4] for skip in (0, 1, 2)],
        "list of characters": [struct.pack(f"{size}Q", *map(_offset, part)) for part in parts],
        "list of numbers": [struct.pack(f"{size}Q", *(id(ord(char)) for char in part)) for part in parts],
    }


def _bytes(part: str) -> list[bytes]:
    return [char.encode() for char in part]


def _offset(char: str) -> int:
    return id(f"{char} "[0])


def scan(pid: int, secret: str) -> list[Found]:
    """Every copy in this process."""
    shift = _library(pid) - _library(os.getpid())
    needles: list[tuple[str, bytes]] = []
    for form, shapes in forms(secret).items():
        for shape in shapes:
            if form.startswith("list"):
                words = f"{len(shape) // 8}Q"
                needles.append((form, struct.pack(words, *(place + shift for place in struct.unpack(words, shape)))))
            else:
                needles.append((form, shape))
    found: list[Found] = []
    longest = max(len(shape) for _, shape in needles)
    dense = {_dense(shape) for _, shape in needles}
    for place, address, data in _memory(pid, longest):
        squeezed = _dense(data)
        if not any(shape in squeezed for shape in dense):
            continue
        taken: list[tuple[str, int]] = []
        for form, shape in needles:
            at = data.find(shape)
            while at >= 0:
                # Overlapping parts are one copy.
                if not any(form == other and abs(at - where) <= len(shape) * 2 for other, where in taken):
                    found.append(Found(form, f"{place} {address + at:x}", _around(data, at, len(shape), form)))
                taken.append((form, at))
                at = data.find(shape, at + 1)
    return found


def _dense(data: bytes) -> bytes:
    """Without its zeros: whatever holds a needle holds it so, too.

    Half of a process's memory is zeros, and the text, UTF-16 and UTF-32 of a part become one needle: a quarter of the work where
    nothing is found, which is nearly everywhere.
    """
    return data.translate(None, b"\0")


def counted(found: list[Found]) -> dict[str, int]:
    return dict(Counter(one.form for one in found))


def _around(data: bytes, at: int, size: int, form: str) -> str:
    if form.startswith("list"):
        return ""
    near = data[max(0, at - 60) : at + size + 60]
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in near)


def _maps(pid: int) -> Iterator[tuple[int, int, str, str]]:
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        span, rights, _, _, _, *name = line.split(maxsplit=5)
        start, end = (int(side, 16) for side in span.split("-"))
        yield start, end, rights, name[0] if name else ""


def _memory(pid: int, overlap: int) -> Iterator[tuple[str, int, bytes]]:
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for start, end, rights, name in _maps(pid):
            if "r" not in rights or name in ("[vvar]", "[vsyscall]") or ("w" not in rights and name.startswith("/")):
                continue
            at = start
            while at < end:
                memory.seek(at)
                try:
                    data = memory.read(min(CHUNK, end - at))
                except OSError:
                    break  # a guard page, or a map that went away meanwhile
                if not data:
                    break
                if data != EMPTY:
                    yield name or "anonymous", at, data
                if at + len(data) >= end:
                    break
                at += max(1, len(data) - overlap)


@cache
def _library(pid: int) -> int:
    """Where the interpreter's own data begin: the same library in both processes, at different places."""
    home = id("a "[0])
    own = [(start, end, name) for start, end, _, name in _maps(os.getpid())]
    names = {name for start, end, name in own if start <= home < end and name.startswith("/")} or {
        name for _, _, name in own if "libpython" in name or "/bin/python" in name
    }
    return next((start for start, _, _, name in _maps(pid) if name in names), 0)
