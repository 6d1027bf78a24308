"""The file that evidence is exported to: a plain tar (POSIX ustar) of which not one byte is free.

Every entry's name holds the SHA-256 of its content, every header and every filling is exactly what `write` makes of name and
size, and the file ends with two empty blocks. So an altered byte is always somewhere, and can be named, and the same database
gives the same file. Nobody needs this program to read it: `tar` and `sha256sum` do.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ebid_tui.server.store.audit_chain import sha256

BLOCK = tarfile.BLOCKSIZE
LARGEST = 512 * 1024 * 1024
"""Bytes of one entry: a list of revoked certificates may have megabytes."""
END = bytes(2 * BLOCK)
NAME = re.compile(r"(?:(?P<folder>[a-z]+)/)?(?:(?P<stem>[0-9A-Za-z]+)-)?(?P<sha256>[0-9a-f]{64})\.(?P<ending>[a-z]+)")


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """One entry as it was found. `folder/stem-sha256.ending`; `offset` is where its content begins."""

    name: str
    folder: str
    stem: str
    sha256: str
    content: bytes
    offset: int

    @property
    def intact(self) -> bool:
        return sha256(self.content) == self.sha256


@dataclass(frozen=True, slots=True)
class ArchiveDamage:
    """A place that is not as `write` makes it: `header`, `filling`, `end`, `cut` or `name`."""

    where: str
    what: str
    offset: int


def write(file: BinaryIO, folder: str, stem: str, content: bytes, ending: str) -> None:
    """Add one entry."""
    hashed = sha256(content)
    name = f"{folder}/" * bool(folder) + f"{stem}-" * bool(stem) + f"{hashed}.{ending}"
    file.write(_header(name, len(content)))
    file.write(content)
    file.write(bytes(-len(content) % BLOCK))


def finish(file: BinaryIO) -> None:
    """Close the list of entries."""
    file.write(END)


def read(file: BinaryIO) -> Iterator[ArchiveEntry | ArchiveDamage]:
    """Everything that stands in the file, in its order; whatever is damaged is told and passed over."""
    size = file.seek(0, 2)
    offset, number = 0, 0
    while offset < size:
        file.seek(offset)
        block = file.read(BLOCK)
        if block == END[:BLOCK]:
            file.seek(offset)
            rest = file.read(BLOCK * 2 + 1)
            if rest != END:
                yield ArchiveDamage("", "end", offset)
                offset = _next_header(file, offset + BLOCK, size)
                continue
            return
        number += 1
        found = _parsed(block)
        if found is None:
            yield ArchiveDamage(_legible(block) or f"#{number}", "header", offset)
            offset = _next_header(file, offset + BLOCK, size)
            continue
        name, length = found
        start, end = offset + BLOCK, offset + BLOCK + length + -length % BLOCK
        if end > size or length > LARGEST:
            yield ArchiveDamage(name, "cut", offset)
            offset = _next_header(file, offset + BLOCK, size)
            continue
        content = file.read(length)
        filling = file.read(-length % BLOCK)
        if any(filling):
            yield ArchiveDamage(name, "filling", start + length)
        matched = NAME.fullmatch(name)
        if matched is None:
            yield ArchiveDamage(name, "name", offset)
        else:
            yield ArchiveEntry(name, matched["folder"] or "", matched["stem"] or "", matched["sha256"], content, start)
        offset = end
    yield ArchiveDamage("", "end", size)


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o644, 0
    return info.tobuf(tarfile.USTAR_FORMAT)


def _parsed(block: bytes) -> tuple[str, int] | None:
    """Name and size, if the block is exactly the header that `write` makes of them."""
    try:
        info = tarfile.TarInfo.frombuf(block, "ascii", "strict")
        return (info.name, info.size) if _header(info.name, info.size) == block else None
    except (tarfile.HeaderError, ValueError):
        return None


def _legible(block: bytes) -> str:
    return "".join(chr(byte) for byte in block[:100].split(b"\0")[0] if 0x20 < byte < 0x7F)


def _next_header(file: BinaryIO, offset: int, size: int) -> int:
    """Where the next sound header is, or the end."""
    while offset < size:
        file.seek(offset)
        block = file.read(BLOCK)
        if _parsed(block) is not None:
            return offset
        if block == END[:BLOCK] and offset + 2 * BLOCK == size:
            return offset
        offset += BLOCK
    return size
