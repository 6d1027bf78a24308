"""The passwords of a list: hashed before the transaction begins, or compared with those that there are (R-03, R-15, R-33)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import islice
from typing import Literal, NamedTuple

from ebid_tui.server.roster.staging import Staging
from ebid_tui.server.store.rosters import KeptPassword

THREADS = 2
AT_ONCE = 64

GivenState = Literal["initial", "in_force"]


class GivenPassword(NamedTuple):
    """A number's password in the list, and what the list says of it; `state` is None where it says nothing."""

    number: str
    password: str
    state: GivenState | None
    changed_on: date | None

    def __repr__(self) -> str:
        return f"GivenPassword({self.number!r})"


class PasswordRules(NamedTuple):
    """What an import does with passwords that there are."""

    changed_here: bool
    """Whether vendors change them in this program: then theirs are newer than the list's."""
    replace: bool
    """Whether the list's take their place all the same, as somebody asked."""
    says_states: bool
    """Whether the list, or who imports it, says which are in force."""

    def looks_at(self, kept: KeptPassword) -> bool:
        """Whether a password that there is may be changed by the list. One that a vendor changed here is not, unless that is asked for."""
        if kept.password_hash is None or not self.changed_here or self.replace:
            return True
        return self.says_states and kept.state == "initial"


class SettledPassword(NamedTuple):
    """What becomes of it."""

    state: Literal["initial", "active"]
    changed_on: date | None


def settled(rules: PasswordRules, kept: KeptPassword, given: GivenPassword, same: bool) -> SettledPassword | None:
    """What a password is after the import, whose hash is made anew unless it is the `same`; None: it stays as it is."""
    state: Literal["initial", "active"] = "active" if given.state == "in_force" else "initial"
    if kept.password_hash is None:
        return SettledPassword(state, given.changed_on)
    if rules.changed_here and not rules.replace and (kept.state != "initial" or state == "initial"):
        return None
    if not same:
        return SettledPassword(state, given.changed_on)
    if given.state is None:
        return None
    day = given.changed_on or (kept.changed_on if state == "active" else None)
    return None if (state, day) == (kept.state, kept.changed_on) else SettledPassword(state, day)


class HashedCounts(NamedTuple):
    """How many passwords took another one's place, and of how many only state or date changed."""

    replaced: int
    settled: int


def hash_passwords(
    given: Iterable[GivenPassword],
    staging: Staging,
    rules: PasswordRules,
    is_right: Callable[[str, str], bool],
    hashed: Callable[[str], str] | None,
) -> HashedCounts:
    """Put what becomes of them into the staging; the first password that a number is given counts.

    `hashed` is None where it is only asked what would be done.
    """

    def made(one: GivenPassword, kept: KeptPassword) -> tuple[str | None, SettledPassword | None]:
        same = kept.password_hash is not None and is_right(kept.password_hash, one.password)
        after = settled(rules, kept, one, same)
        return (None if same or after is None else hashed(one.password) if hashed else ""), after

    replaced = only_settled = 0
    wanted = (one for one in given if staging.wants_password(one.number))
    with ThreadPoolExecutor(THREADS, thread_name_prefix="passwords") as pool:
        while batch := list(islice(wanted, AT_ONCE)):
            first: dict[str, GivenPassword] = {}
            for one in batch:
                first.setdefault(one.number, one)
            kept = [staging.kept_password(number) for number in first]
            for number, before, (new, after) in zip(first, kept, pool.map(made, first.values(), kept), strict=True):
                replaced += before.password_hash is not None and new is not None
                only_settled += new is None and after is not None
                staging.put_password(number, new, after)
    return HashedCounts(replaced, only_settled)
