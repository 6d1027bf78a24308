"""Keeps secrets inside the process: no memory image of it on disk, no other program that looks in, memory that is not swapped out.

What this does not do, and why, is in docs/security.md.
"""

from __future__ import annotations

import logging
import mmap
import sys
from functools import cache
from typing import Any, Final

logger = logging.getLogger(__name__)

_PR_SET_DUMPABLE: Final = 4
_MADV_DONTDUMP: Final = 16
_MADV_WIPEONFORK: Final = 18


def no_core() -> None:
    """No core file from here on, for this process and those it starts. Where cores are piped to a program, `close` is what counts."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def close() -> None:
    """Nobody but root may look into this process, or have an image of it made (prctl(2), PR_SET_DUMPABLE). 2 ms, once."""
    no_core()
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def locked(size: int) -> memoryview:
    """`size` bytes of zeros in pages of their own, given back when nobody holds them any more.

    They are kept out of core files and forked processes, and out of the swap as far as the user's limit of locked memory allows.
    """
    pages = mmap.mmap(-1, max(1, size), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if sys.platform == "linux":
        import ctypes

        for advice in (_MADV_DONTDUMP, _MADV_WIPEONFORK):
            try:
                pages.madvise(advice)
            except OSError as error:
                logger.debug("madvise %d: %s", advice, error.strerror)
        place = ctypes.addressof(ctypes.c_char.from_buffer(pages))
        if _libc().mlock(ctypes.c_void_p(place), ctypes.c_size_t(len(pages))):
            logger.debug("memory not locked: over this user's limit")
    return memoryview(pages)[:size]


@cache
def _libc() -> Any:
    import ctypes

    return ctypes.CDLL(None)
