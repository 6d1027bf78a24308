"""When what was sent in counts: at once, once papers arrived, or once the office approved; and what is said meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

import msgspec

from ebid_tui.domain.profile.parts import Operation
from ebid_tui.domain.profile.rows import unique
from ebid_tui.domain.profile.texts import Fault

if TYPE_CHECKING:
    from ebid_tui.domain.profile.systems import Profile

AcceptanceKind = Literal["immediate", "papers", "approval"]
PrintState = Literal["waiting", "accepted"]
"""What a page is printed of: something that waits for its acceptance, or something that counts."""
OPERATIONS: tuple[Operation, ...] = ("registration", "amendment", "renewal")


class AcceptanceRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How something is accepted, and what is still to be done for it."""

    kind: AcceptanceKind = "immediate"
    """immediate: it counts at once; papers: 仮登録 until they arrived; approval: 承認待ち until the office decided."""
    papers: tuple[str, ...] = ()
    """What is to be handed in, as the documents call it."""
    hand_in: str = ""
    """Where, how and by when the papers are handed in."""
    says: str = ""
    """A sentence of the file's own on what happens until then."""

    @property
    def waits(self) -> bool:
        return self.kind != "immediate"


class AcceptanceCase(AcceptanceRule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The same for some operations, categories and agencies; what is left out means all. It takes nothing over from `[acceptance]`."""

    operations: tuple[Operation, ...] = ()
    categories: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()

    def is_for(self, operation: Operation, agency: str, category: str) -> bool:
        chosen = (self.operations, operation), (self.agencies, agency), (self.categories, category)
        return all(not some or one in some for some, one in chosen)


class AcceptanceMails(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the mails on 受理 and 不受理 are called and begin with; empty: the program's own words."""

    accepted_subject: str = ""
    accepted_lead: str = ""
    refused_subject: str = ""
    refused_lead: str = ""


class Acceptance(AcceptanceRule, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How everything is accepted for which no case of `by` says otherwise."""

    by: tuple[AcceptanceCase, ...] = ()
    """The last case that fits counts."""
    mails: AcceptanceMails = AcceptanceMails()

    @property
    def somewhere(self) -> bool:
        """Whether anything waits anywhere."""
        return self.waits or any(case.waits for case in self.by)

    def rule(self, operation: Operation, agency: str, category: str) -> AcceptanceRule:
        """How this operation is accepted at this agency and category."""
        return next((case for case in reversed(self.by) if case.is_for(operation, agency, category)), self)


class PrintNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A note on the printed page of some operations and states; what is left out means all."""

    operations: tuple[Operation, ...] = ()
    states: tuple[PrintState, ...] = ()
    text: str

    def is_for(self, operation: Operation, state: PrintState) -> bool:
        return (not self.operations or operation in self.operations) and (not self.states or state in self.states)


def acceptance_faults(profile: Profile) -> Iterator[Fault]:
    """Every fault of `[acceptance]`, and of what is printed by operation and state."""
    acceptance = profile.acceptance
    if acceptance == Acceptance() and not profile.print.notes:
        return
    yield from _rule_faults("acceptance", acceptance)
    for number, case in enumerate(acceptance.by):
        key = f"acceptance.by.{number}"
        yield from _rule_faults(key, case)
        faults = list(_case_faults(profile, key, case))
        yield from faults
        if not faults:
            yield from _reach(profile, key, number)
    waiting = {operation for operation, agency, category in _places(profile) if profile.acceptance_of(operation, agency, category).waits}
    if not waiting and acceptance.mails != AcceptanceMails():
        yield "acceptance.mails", "nothing waits for its acceptance, so that these mails never go out"
    for number, note in enumerate(profile.print.notes):
        key = f"print.notes.{number}"
        yield from _operations(profile, key, note.operations)
        yield from unique(f"{key}.states", note.states)
        if note.states == ("waiting",) and not waiting.intersection(note.operations or OPERATIONS):
            yield f"{key}.states", "nothing of these operations waits for its acceptance"


def _rule_faults(key: str, rule: AcceptanceRule) -> Iterator[Fault]:
    yield from unique(f"{key}.papers", rule.papers)
    if rule.kind == "papers" and not rule.papers:
        yield f"{key}.papers", "at least one: it waits for them"
    if not rule.waits and (rule.papers or rule.hand_in or rule.says):
        yield f"{key}.kind", "'immediate' waits for nothing; what is to be done all the same stands in [[print.notes]]"
    elif rule.hand_in and not rule.papers:
        yield f"{key}.hand_in", "there are no papers to hand in"


def _case_faults(profile: Profile, key: str, case: AcceptanceCase) -> Iterator[Fault]:
    """What a case names must exist, once."""
    yield from _operations(profile, key, case.operations)
    for name, chosen, items in (("agencies", case.agencies, profile.agencies), ("categories", case.categories, profile.categories)):
        yield from unique(f"{key}.{name}", chosen)
        known = {item.id for item in items}
        for wanted in chosen:
            if wanted not in known:
                yield f"{key}.{name}", f"no {'agency' if name == 'agencies' else 'category'} {wanted!r}"


def _operations(profile: Profile, key: str, operations: Iterable[Operation]) -> Iterator[Fault]:
    chosen = tuple(operations)
    yield from unique(f"{key}.operations", chosen)
    for operation in chosen:
        if operation not in {item.id for item in profile.menu.items}:
            yield f"{key}.operations", f"the menu does not offer {operation!r}"


def _reach(profile: Profile, key: str, number: int) -> Iterator[Fault]:
    """A case that never counts, as nothing is like that, or as later cases stand for all of it."""
    by = profile.acceptance.by
    places = [place for place in _places(profile) if by[number].is_for(*place)]
    if not places:
        yield key, "is for nothing: none of its agencies has one of its categories"
    elif all(any(later.is_for(*place) for later in by[number + 1 :]) for place in places):
        yield key, "never counts: later cases stand for all of it, and the last one that fits counts"


def _places(profile: Profile) -> Iterator[tuple[Operation, str, str]]:
    offered = {item.id for item in profile.menu.items}
    for agency in profile.agencies:
        for category in profile.categories_of(agency.id):
            for operation in OPERATIONS:
                if operation in offered:
                    yield operation, agency.id, category.id
