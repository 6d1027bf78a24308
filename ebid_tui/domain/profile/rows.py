"""What the lists of rows in a profile must fulfil: what a renewal compares, what a mail says, what is printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ebid_tui.domain.profile.texts import Fault

if TYPE_CHECKING:
    from ebid_tui.domain.profile.systems import Profile

CARD_FIELDS = frozenset("serial issuer not_after".split())
"""ICカード情報, which may be compared and told like a block's fields."""


def unique(key: str, ids: Iterable[str]) -> Iterator[Fault]:
    """A fault for each id that appears more than once."""
    for wanted, times in Counter(ids).items():
        if times > 1:
            yield key, f"{wanted!r} appears {times} times"


def row_faults(profile: Profile) -> Iterator[Fault]:
    """Every fault in what a renewal compares, what a mail says and what is printed."""
    known = {f"{b.id}.{f.id}" for b in profile.blocks for f in profile.every_field(b.id) if f.kind != "email_again"}
    known |= {f"card_certificate.{f}" for f in CARD_FIELDS}
    yield from _renewal_rows(profile, {row for row in known if row.split(".")[0] in ("company", "card_holder", "card_certificate")})
    yield from unique("mail.rows", profile.mail.rows)
    for row in profile.mail.rows:
        if row not in known | {"agency"}:
            yield "mail.rows", f"no field {row!r}"
    for row in profile.mail.labels:
        if row not in profile.mail.rows:
            yield f"mail.labels.{row}", "not among mail.rows"
    gives, shows = profile.rules.company_id, "company.company_id" in known
    if not gives and (profile.print.company_id or shows):
        yield "rules.company_id", "a number is shown that this system does not give"
    elif gives and not shows:
        yield "rules.company_id", "block company needs a field company_id, which says what the number is called"
    blocks = {b.id for b in profile.blocks}
    offered = {item.id for item in profile.menu.items}
    for operation, wanted in (("registration", profile.print.registration), ("amendment", profile.print.amendment)):
        yield from unique(f"print.{operation}", wanted)
        if not wanted and (operation == "registration" or operation in offered):
            yield f"print.{operation}", "at least one block: the result can be printed"
        for block_id in wanted:
            if block_id not in blocks:
                yield f"print.{operation}", f"no block {block_id!r}"


def _renewal_rows(profile: Profile, known: set[str]) -> Iterator[Fault]:
    """R-06, R-08: what a person has to answer for must be among what is compared."""
    rows = profile.renewal.rows
    yield from unique("renewal.rows", rows)
    for row in rows:
        if row not in known:
            yield "renewal.rows", f"no field {row!r} of the company, the card's holder or its certificate"
    needed = ["card_holder.company", "card_holder.person"]
    needed += ["card_certificate.issuer"] if profile.renewal.different_ca == "ask" else []
    for row in needed:
        if row not in rows:
            yield "renewal.rows", f"{row!r} is missing: where the two cards differ in it, the person is asked"
