"""What every confirmed form must fulfil: all that the client checked, checked again against the server's own records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ebid_tui.domain import fields
from ebid_tui.domain.fields import Field
from ebid_tui.domain.profile.systems import Block, Operation, Profile
from ebid_tui.domain.records import Values
from ebid_tui.errors import InputError, RuleError, ServerError
from ebid_tui.messages import t
from ebid_tui.server.store.vendors import VendorRecord

SHARED_BLOCKS = ("company", "representative_contact")
"""What a vendor's cards share (R-18)."""
CARD_BLOCK = "card_holder"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormToCheck:
    """One form to be decided on: what was confirmed, and what is on record."""

    profile: Profile
    operation: Operation
    category: str
    blocks: Mapping[str, Values]
    card_holder: Values | None
    """What the card's certificate says; None without a card (R-36): then the form has no such block."""
    known: VendorRecord

    @property
    def own(self) -> Mapping[str, Values]:
        """The values that nobody types, by block: they must be confirmed as the server knows them (R-37)."""
        return {"company": self.known.company, CARD_BLOCK: self.card_holder or {}}

    @property
    def read_only(self) -> bool:
        """R-18: the vendor's shared blocks came with its first card and can only be amended."""
        setting = self.profile.rules.representative_contact_of_later_cards
        return self.operation == "registration" and self.known.later_card and setting == "read_only"

    @property
    def shown_blocks(self) -> tuple[Block, ...]:
        return tuple(block for block in self.profile.blocks if block.id != CARD_BLOCK or self.card_holder is not None)

    def shown(self, block_id: str) -> tuple[Field, ...]:
        return self.profile.fields(block_id, self.operation, self.category)

    def shared(self, block_id: str) -> Values:
        """What an earlier card registered of a shared block."""
        return self.known.company if block_id == "company" else self.known.details.representative_contact


def check_blocks(case: FormToCheck) -> None:
    """Return if every value may be kept.

    Raises ServerError E-STATEMENT for what is not on record so, RuleError R-18, InputError with every faulty field.
    """
    blocks = {block.id: block for block in case.shown_blocks}
    unknown = sorted(set(case.blocks) - set(blocks))
    if unknown:
        raise differs(unknown[0])
    problems: list[tuple[str, str, str]] = []
    for block_id in blocks:
        values, shown = case.blocks.get(block_id, {}), case.shown(block_id)
        _refuse_unknown_fields(case, block_id, shown, values)
        _refuse_other_values(case, block_id, shown, values)
        if case.read_only and block_id in SHARED_BLOCKS:
            _refuse_changes(case, block_id, shown, values)
        else:
            problems += _typed_problems(case, block_id, shown, values)
    if problems:
        raise InputError(problems)


def _refuse_unknown_fields(case: FormToCheck, block_id: str, shown: tuple[Field, ...], values: Values) -> None:
    """Fields that this operation does not show may be confirmed along, but only as the server knows them."""
    own = case.own.get(block_id, {})
    for name in sorted(set(values) - {f.id for f in shown}):
        if values[name] != own.get(name, ""):
            raise differs(f"{block_id}.{name}")


def _refuse_other_values(case: FormToCheck, block_id: str, shown: tuple[Field, ...], values: Values) -> None:
    """Values that nobody types must be the server's own: what the person confirmed is what is on record."""
    own = case.own.get(block_id, {})
    for field in shown:
        if not field.input and values.get(field.id, "") != own.get(field.id, ""):
            raise differs(f"{block_id}.{field.id}")


def _refuse_changes(case: FormToCheck, block_id: str, shown: tuple[Field, ...], values: Values) -> None:
    earlier = case.shared(block_id)
    for field in shown:
        if field.input and field.kind != "email_again" and values.get(field.id, "") != earlier.get(field.id, ""):
            raise RuleError("R-18", f"{block_id}.{field.id}")


def _typed_problems(case: FormToCheck, block_id: str, shown: tuple[Field, ...], values: Values) -> Iterator[tuple[str, str, str]]:
    """Every faulty input. The mail address typed again (R-12) is the client's check and need not be sent."""
    typed = dict(values)
    if "email" in typed:
        typed.setdefault("email_again", typed["email"])
    problems = fields.block_problems(shown, typed, case.profile.policy_in(case.category))
    for field in shown:
        value = typed.get(field.id, "")
        if field.id in problems:
            yield f"{block_id}.{field.id}", problems[field.id].code, problems[field.id].message
        elif field.input and fields.settle(field, value).value != value:
            yield f"{block_id}.{field.id}", "R-29", t("server.not_settled")


def differs(where: str) -> ServerError:
    """What was confirmed is not what is on record."""
    return ServerError(where, code="E-STATEMENT")
