"""An import of the roster: read, checked, compared with what stands, and put in, in one transaction, if nothing was refused.

The comparison is made on a view of the database of its own: others write meanwhile, and wait only while the changes go in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from typing import BinaryIO

from sqlalchemy import Connection, Engine

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Values
from ebid_tui.domain.text import names
from ebid_tui.errors import EbidError
from ebid_tui.messages import t
from ebid_tui.server.roster import reading
from ebid_tui.server.roster.checking import RosterChecker, RosterVendor
from ebid_tui.server.roster.hashing import GivenPassword, GivenState, PasswordRules, hash_passwords
from ebid_tui.server.roster.lapse_limit import refuse_empty, refuse_many
from ebid_tui.server.roster.reading import Encoding, RefusedRow, RowNote
from ebid_tui.server.roster.staging import Staging
from ebid_tui.server.roster.vendor_secrets import GivenSecret, hash_secrets
from ebid_tui.server.settings import JAPAN
from ebid_tui.server.store import accepted_changes, rosters
from ebid_tui.server.store.rosters import Key, RosterStanding
from ebid_tui.server.store.vendor_secrets import put_secrets, secrets_of

AT_ONCE = 64

Report = Callable[[RefusedRow], None]


@dataclass(slots=True)
class ImportResult:
    """What came out. Nothing was changed where `refused`, or in a dry run.

    Every row counts once: `rows` is `refused`, or else the sum of `new`, `changed`, `pending`, `lapsed`, `other_state` and `same`.
    """

    rows: int = 0
    refused: int = 0
    converted: int = 0
    """Values that were brought to the width of their field."""
    new: int = 0
    changed: int = 0
    """R-37: company data or name, and perhaps the state."""
    pending: int = 0
    """R-27: under review; what was approved before stays."""
    same: int = 0
    lapsed: int = 0
    """R-35: by its state."""
    other_state: int = 0
    """Only the state, and it has not lapsed."""
    absent: int = 0
    """R-35: lapsed because a whole roster does not have it; no row."""
    passwords: int = 0
    """Vendors that had none."""
    passwords_replaced: int = 0
    """Vendors for whom the list has another one, where passwords are changed elsewhere."""
    passwords_settled: int = 0
    """Vendors for whom it has the same one, and knows better whether it is in force, or since when."""
    unknown_columns: tuple[str, ...] = field(default=())
    noted: tuple[RowNote, ...] = field(default=())
    """The first values that were cleaned, and `cleaned` rows in all."""
    cleaned: int = 0
    glued: int = 0
    """Names from which a branch cannot be told apart, the first in line `first_glued`."""
    first_glued: int = 0


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What is to be imported, and how."""

    profile: Profile
    encoding: Encoding
    whole: bool
    """The file is the whole roster: what is not in it has lapsed (R-35)."""
    dry_run: bool
    now: datetime
    hashed: Callable[[str], str]
    is_right: Callable[[str, str], bool]
    """Whether this is the hash of this password."""
    lapses: int | None = None
    """How many qualifications in force a whole roster is expected to end; None where nobody said."""
    passwords: GivenState | None = None
    """What a password is of which the list does not say it; None: an initial one, as long as it is new here."""
    replace_passwords: bool = False
    """Whether the list's take the place of those, too, that vendors changed here."""


def run(
    order: ImportOrder, file: BinaryIO, look: Callable[[], AbstractContextManager[Connection]], engine: Engine, report: Report
) -> ImportResult:
    """Import a file. `look` gives a view of the database for reading.

    Raises EbidError E-ROSTER for a header that is none, and of a whole roster E-ROSTER-EMPTY and E-ROSTER-LAPSES.
    """
    done = ImportResult()
    with Staging() as staging:
        checker = _stage(order, file, staging, report, done)
        if done.refused:
            return done
        if order.whole:
            refuse_empty(done.rows)
        with look() as connection:
            wanted = _plan(connection, order, checker, staging, done)
        if wanted:
            hashed = None if order.dry_run else order.hashed
            counts = hash_passwords(_passwords(order, file), staging, _rules(order, checker), order.is_right, hashed)
            done.passwords_replaced, done.passwords_settled = counts
        if order.dry_run:
            return done
        if checker.has_secrets:
            with look() as connection:
                hash_secrets(
                    _secrets(order, file), staging, partial(secrets_of, connection, order.profile.id), order.is_right, order.hashed
                )
        with engine.begin() as connection:
            _apply(connection, order, staging)
            digest = _digest(file)
            accepted_changes.add_audit(connection, order.profile.id, "roster-imported", "admin", digest, order.now)
    return done


def _checked(order: ImportOrder, file: BinaryIO) -> Iterator[tuple[RosterChecker, RosterVendor | list[RefusedRow] | None]]:
    file.seek(0)
    rows = reading.rows(file, order.encoding)
    header = next(rows, None)
    if header is None:
        raise EbidError(code="E-ROSTER", reason=t("roster.empty"))
    if isinstance(header, RefusedRow):
        raise EbidError(code="E-ROSTER", reason=header.reason)
    checker = RosterChecker(order.profile, header.values, order.now.astimezone(JAPAN).date())
    yield checker, None
    for row in rows:
        yield checker, [row] if isinstance(row, RefusedRow) else checker.take(row)


def _stage(order: ImportOrder, file: BinaryIO, staging: Staging, report: Report, done: ImportResult) -> RosterChecker:
    found = _checked(order, file)
    checker, _ = next(found)
    for _, taken in found:
        done.rows += 1
        assert taken is not None
        wrong = taken if isinstance(taken, list) else _twice(staging, taken)
        if wrong:
            done.refused += 1
            for one in wrong:
                report(one)
    done.converted, done.unknown_columns = checker.converted, checker.unknown
    done.glued, done.first_glued = checker.glued, checker.first_glued
    done.cleaned, done.noted = checker.cleaned, tuple(checker.noted)
    return checker


def _twice(staging: Staging, taken: RosterVendor) -> list[RefusedRow]:
    earlier = staging.add(taken)
    if earlier is not None:
        return [RefusedRow(taken.line, "", t("roster.twice", line=earlier))]
    other = staging.add_login(taken)
    return [] if other is None else [RefusedRow(taken.line, "", t("roster.login_twice", line=other))]


def _plan(connection: Connection, order: ImportOrder, checker: RosterChecker, staging: Staging, done: ImportResult) -> bool:
    """Decide what each row changes. Whether a password of the file is to be looked at."""
    system, ended = order.profile.id, 0
    for batch in staging.batches():
        there = rosters.standing(connection, system, sorted({key[2] for key, _ in batch}))
        puts: list[tuple[Key, RosterStanding]] = []
        changes: list[tuple[Key, dict[str, list[str]], bool]] = []
        for key, given in batch:
            before = there.get(key)
            if before is None:
                done.new += 1
                puts.append((key, given._replace(company=_filled(given.company))))
                continue
            after, fields, pending = _merged(before, given, checker.has_company, checker.keeps_names)
            ends = after.state == "lapsed" != before.state
            ended += ends
            _count(done, fields, pending, ends)
            if not fields:
                continue
            changes.append((key, fields, pending))
            if after != before:
                puts.append((key, after))
        staging.plan_put(puts)
        staging.plan_change(changes)
    if order.whole:
        gone = ((key, standing.state) for key, standing in rosters.not_lapsed(connection, system) if not staging.holds(key))
        while missing := list(islice(gone, AT_ONCE)):
            done.absent += len(missing)
            ended += len(missing)
            staging.plan_lapse(missing)
            staging.plan_change([(key, {"state": [state, "lapsed"]}, False) for key, state in missing])
        refuse_many(ended, rosters.in_force(connection, system), order.lapses)
    return _plan_accounts(connection, order, _rules(order, checker), staging, done)


def _count(done: ImportResult, fields: dict[str, list[str]], pending: bool, ends: bool) -> None:
    """A row of a vendor that stands already, under one name."""
    if not fields:
        done.same += 1
    elif pending:
        done.pending += 1
    elif ends:
        done.lapsed += 1
    elif fields.keys() - {"state"}:
        done.changed += 1
    else:
        done.other_state += 1


def _rules(order: ImportOrder, checker: RosterChecker) -> PasswordRules:
    said = checker.says_states or order.passwords is not None
    return PasswordRules(order.profile.password_changed_here, order.replace_passwords, said)


def _plan_accounts(connection: Connection, order: ImportOrder, rules: PasswordRules, staging: Staging, done: ImportResult) -> bool:
    """Where passwords are changed in another system the list knows better which one counts; a password of our own stays (R-03)."""
    system, looked_at = order.profile.id, False
    for vendors in staging.vendors():
        known = rosters.accounts_of(connection, system, [number for number, _, _ in vendors])
        for number, login, given_password in vendors:
            kept = known.get(number, rosters.NO_PASSWORD)
            wants = given_password and rules.looks_at(kept)
            if wants or (login and login != kept.login_id):
                done.passwords += wants and kept.password_hash is None
                staging.plan_account(number, login, wants, kept)
            looked_at |= wants
    return looked_at


def _merged(
    before: RosterStanding, given: RosterStanding, columns: set[str], keeps_names: bool
) -> tuple[RosterStanding, dict[str, list[str]], bool]:
    """What stands after it, what is different by field, and whether that waits for the review's end (R-27)."""
    if keeps_names:
        given = _with_own_name(before, given)
    # Names are in every file, and say whether there is a branch.
    kept = {name: value for name, value in before.company.items() if name != "branch"}
    company = _filled(kept | {name: value for name, value in given.company.items() if name in columns or name in ("name", "branch")})
    fields = {name: [before.company.get(name, ""), company.get(name, "")] for name in sorted(before.company.keys() | company.keys())}
    fields = {name: values for name, values in fields.items() if values[0] != values[1]}
    if before.trade_name != given.trade_name:
        fields["trade_name"] = [before.trade_name, given.trade_name]
    pending = given.state == "under_review" and before.state != "lapsed" and bool(fields)
    if before.state != given.state:
        fields["state"] = [before.state, given.state]
    after = before._replace(state=given.state) if pending else RosterStanding(given.state, given.trade_name, company)
    return after, fields, pending


def _with_own_name(before: RosterStanding, given: RosterStanding) -> RosterStanding:
    """With the name that the company had of its own, and the branch that a file without its column says; one that was the same as the
    other name follows it."""
    was, branch = before.company.get("branch", ""), given.company.get("branch", "")
    own = names.without_branch(before.company.get("name", ""), was)
    if own in ("", names.without_branch(before.trade_name, was)):
        return given
    same = was == branch and names.with_branch(before.trade_name, branch) == given.trade_name
    name = before.trade_name if same else given.trade_name
    return given._replace(trade_name=name, company=given.company | {"name": names.with_branch(own, branch)})


def _filled(company: Values) -> Values:
    """A missing part is missing, not empty."""
    return {name: value for name, value in company.items() if value}


def _passwords(order: ImportOrder, file: BinaryIO) -> Iterator[GivenPassword]:
    """Passwords, read from the file once more: they stand nowhere else."""
    for _, one in _checked(order, file):
        if isinstance(one, RosterVendor) and one.password:
            yield GivenPassword(one.number, one.password, one.password_state or order.passwords, one.password_changed)


def _secrets(order: ImportOrder, file: BinaryIO) -> Iterator[GivenSecret]:
    """The same of what is secret beside the password."""
    for _, one in _checked(order, file):
        if isinstance(one, RosterVendor):
            yield from (GivenSecret(one.number, name, value) for name, value in one.secrets.items() if value)


def _apply(connection: Connection, order: ImportOrder, staging: Staging) -> None:
    system = order.profile.id
    for puts in staging.puts():
        rosters.put(connection, system, puts)
    for lapses in staging.lapses():
        rosters.lapse(connection, system, [key for key, _ in lapses])
    for changes in staging.changes():
        rosters.note_changes(connection, system, order.now, changes)
    for vendors in staging.accounts():
        rosters.put_accounts(connection, system, vendors)
    for secrets in staging.secrets():
        put_secrets(connection, system, secrets)


def _digest(file: BinaryIO) -> str:
    """SHA-256 of the file: which one it was, in the audit log."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # BinaryIO has a readinto, unsaid
