"""The notified passwords of a list: hashed before the transaction begins, or compared with those that there are (R-03, R-33)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from ebid_tui.server.roster.staging import Staging

THREADS = 2
AT_ONCE = 64


def hash_passwords(
    given: Iterable[tuple[str, str]], staging: Staging, is_right: Callable[[str, str], bool], hashed: Callable[[str], str] | None
) -> int:
    """Put the hashes into the staging; the first password that a number is given counts. How many take another one's place.

    `given` are (number, password); `hashed` is None where it is only asked what would be done.
    """

    def made(before: str | None, password: str) -> str | None:
        if before is not None and is_right(before, password):
            return None
        return hashed(password) if hashed else ""

    replaced = 0
    wanted = (one for one in given if staging.wants_password(one[0]))
    with ThreadPoolExecutor(THREADS, thread_name_prefix="passwords") as pool:
        while batch := list(islice(wanted, AT_ONCE)):
            first: dict[str, str] = {}
            for number, password in batch:
                first.setdefault(number, password)
            before = [staging.before(number) for number in first]
            for number, kept, new in zip(first, before, pool.map(made, before, first.values()), strict=True):
                replaced += kept is not None and new is not None
                staging.put_hash(number, new)
    return replaced
