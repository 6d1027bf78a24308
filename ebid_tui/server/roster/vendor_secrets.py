"""Secrets of the search beside the password: compared with those that there are, and hashed where they are others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import NamedTuple

from ebid_tui.server.roster.hashing import AT_ONCE, THREADS
from ebid_tui.server.roster.staging import Staging


class GivenSecret(NamedTuple):
    """What a row has in the column of a secret field."""

    number: str
    field: str
    value: str

    def __repr__(self) -> str:
        return f"GivenSecret({self.number!r}, {self.field!r})"


def hash_secrets(
    given: Iterable[GivenSecret],
    staging: Staging,
    kept: Callable[[list[str]], Mapping[str, Mapping[str, str]]],
    is_right: Callable[[str, str], bool],
    hashed: Callable[[str], str],
) -> None:
    """Put the hashes of those that are others than what is `kept` into the staging; a number's first value of a field counts."""

    def made(one: GivenSecret, before: str | None) -> str | None:
        return None if before is not None and is_right(before, one.value) else hashed(one.value)

    taken = iter(given)
    with ThreadPoolExecutor(THREADS, thread_name_prefix="passwords") as pool:
        while batch := list(islice(taken, AT_ONCE)):
            new = [one for one in batch if staging.first_secret(one.number, one.field)]
            there = kept(sorted({one.number for one in new}))
            before = [there.get(one.number, {}).get(one.field) for one in new]
            for one, made_of_it in zip(new, pool.map(made, new, before), strict=True):
                if made_of_it is not None:
                    staging.put_secret(one.number, one.field, made_of_it)
