"""A bidding system's profile: everything by which one municipality differs from another, loaded from one TOML file.

The file's keys are this module's attributes. Unknown keys, wrong types and contradictions are refused with file, key and
reason (`errors.ProfileError`); `docs/system-reference.md` explains the keys one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import msgspec

from ebid_tui.domain.fields import Field, FieldPolicy, is_own
from ebid_tui.domain.issuers import also_from
from ebid_tui.domain.profile.acceptance import Acceptance, AcceptanceRule, PrintState
from ebid_tui.domain.profile.agency_file import file_name
from ebid_tui.domain.profile.checks import contradictions
from ebid_tui.domain.profile.extending import whole
from ebid_tui.domain.profile.notices import Notices
from ebid_tui.domain.profile.pages import (
    CardRows,
    Confirmation,
    FormPage,
    Mail,
    PrintPage,
    PropagationRow,
    Renewal,
)
from ebid_tui.domain.profile.parts import (
    Agency,
    Block,
    Category,
    Contact,
    FurtherContact,
    Hours,
    Menu,
    Operation,
    Password,
    PinDialog,
    Rules,
    Search,
)
from ebid_tui.domain.profile.questions import CallerQuestion
from ebid_tui.domain.profile.terms import Terms, words_of
from ebid_tui.domain.profile.trust import TrustRules
from ebid_tui.domain.records import Values
from ebid_tui.domain.roster import Roster, roster_faults
from ebid_tui.domain.text.cleaning import visible
from ebid_tui.errors import ProfileError
from ebid_tui.language import Words

__all__ = ["Agency", "Block", "Category", "Contact", "Hours", "Operation", "Password", "Profile"]
__all__ += ["available", "load", "profile_of", "profiles_of"]

PACKAGED = Path(__file__).resolve().parents[2] / "systems"
NOT_PROFILES = frozenset({"core", "issuers", "refused_cards"})
"""Files in the same directory that are data of another kind, or only a part, which others extend."""


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One bidding system, as its file says."""

    id: str
    name: str
    title: str
    brand: str = ""
    information_service: str = ""
    character_set: Literal["jisx0208", "cp932"] = "jisx0208"
    contact: Contact
    helpdesk: Contact
    contacts: tuple[FurtherContact, ...] = ()
    """Whom the documents name beside these two."""
    hours: Hours = Hours()
    agency_title: str = "調達機関"
    category_title: str = "調達区分"
    agencies: tuple[Agency, ...]
    categories: tuple[Category, ...]
    menu: Menu
    pin_dialog: PinDialog
    search: Search
    field_sets: dict[str, tuple[Field, ...]] = {}
    blocks: tuple[Block, ...]
    registration_form: FormPage
    amendment_form: FormPage
    confirmation: Confirmation
    amendment_confirmation: Confirmation
    card: CardRows
    renewal: Renewal
    propagation: PropagationRow = PropagationRow()
    print: PrintPage
    mail: Mail
    password: Password | None = None
    rules: Rules = Rules()
    acceptance: Acceptance = Acceptance()
    notices: Notices = Notices()
    trust: TrustRules = TrustRules()
    terms: Terms = Terms()
    faq: tuple[CallerQuestion, ...] = ()
    faq_without: tuple[str, ...] = ()
    """Questions of the program's own that are none here."""
    roster: Roster = msgspec.field(default_factory=Roster)
    trusted: tuple[str, ...]
    """Ids of the certification authorities accepted here (R-34), as in `issuers.toml`."""
    demo: dict[str, Any] = {}
    """Vendors and cards of the demo, read by it alone (`domain/profile/demo.py`); empty: made from the rest."""

    @property
    def single_agency(self) -> bool:
        return len(self.agencies) == 1

    def agency(self, agency_id: str) -> Agency:
        """KeyError for an agency this system does not have."""
        return _by_id(self.agencies, agency_id)

    def category(self, category_id: str) -> Category:
        """KeyError for a category this system does not have."""
        return _by_id(self.categories, category_id)

    def categories_of(self, agency_id: str) -> tuple[Category, ...]:
        """The categories that this agency procures."""
        return tuple(c for c in self.categories if not c.agencies or agency_id in c.agencies)

    def block(self, block_id: str) -> Block:
        return _by_id(self.blocks, block_id)

    def every_field(self, block_id: str) -> tuple[Field, ...]:
        """A block's fields with those of its field set, whatever shows them."""
        block = self.block(block_id)
        return block.fields + self.field_sets.get(block.use, ())

    def labels(self, block_id: str) -> dict[str, str]:
        """What a block's fields are called, by field id; also ICカード情報's, which are no block of the form."""
        if block_id == "card_certificate":
            return {"serial": self.card.serial_label, "issuer": self.card.issuer_label, "not_after": self.card.not_after_label}
        return {field.id: field.label for field in self.every_field(block_id)}

    def fields(self, block_id: str, operation: Operation, category_id: str) -> tuple[Field, ...]:
        """A block's fields, in the order of the documents, as this operation and category show them."""
        return tuple(
            f for f in self.every_field(block_id) if operation in f.operations and (not f.categories or category_id in f.categories)
        )

    def typed_company(self, category_id: str, values: Values) -> Values:
        """What of 企業情報 is typed; the rest is the qualification's (R-37)."""
        typed = {f.id for f in self.fields("company", "registration", category_id) if f.input}
        return {name: value for name, value in values.items() if name in typed}

    def acceptance_of(self, operation: Operation, agency_id: str, category_id: str) -> AcceptanceRule:
        """When this operation counts at this agency and category: the last case that fits, or what `[acceptance]` says."""
        return self.acceptance.rule(operation, agency_id, category_id)

    def print_notes(self, operation: Operation, state: PrintState) -> tuple[str, ...]:
        """What stands under the printed page: the note of every page, then those of this operation and state."""
        every = (self.print.note,) if self.print.note else ()
        return every + tuple(note.text for note in self.print.notes if note.is_for(operation, state))

    @property
    def password_changed(self) -> Literal["here", "elsewhere", "nowhere"]:
        """Where passwords are changed; where not here, the agency's list says which ones there are."""
        password = self.password
        if password is None:
            return "nowhere"
        return password.changed or ("here" if password.fields else "elsewhere" if password.elsewhere else "nowhere")

    @property
    def password_changed_here(self) -> bool:
        """Whether F-1 changes passwords."""
        return self.password_changed == "here"

    @property
    def notified_password_counts(self) -> bool:
        """R-03: whether a notified password, imported or reset, is in force as it is."""
        if self.password is not None and self.password.initial is not None:
            return self.password.initial == "use_as_is"
        said = self.search.notified_password
        return said == "in_force" or (said == "automatic" and not self.password_changed_here)

    @property
    def password_change_delays(self) -> bool:
        """R-15: whether a password changed today works from the next day."""
        said = self.password.counts if self.password is not None else None
        return self.search.password_change_delays if said is None else said == "next_day"

    @property
    def number_label(self) -> str:
        """What the number is called under which a vendor is held: 業者番号, ユーザID."""
        return _by_id(self.search.fields, self.search.key).label

    @property
    def words(self) -> Words:
        """What this system calls otherwise than the sentences do, for `ebid_tui.terms`."""
        return words_of(self)

    @property
    def number_secret(self) -> bool:
        """Whether the number is itself what proves a vendor: it is nowhere shown then."""
        return any(field.secret for field in self.search.fields if field.id == self.search.key)

    @property
    def own_secrets(self) -> bool:
        """Whether the search asks a secret beside number and password: without a password, too, a number may be locked then (R-33)."""
        return any(field.secret and is_own(field.id) for field in self.search.fields)

    @property
    def policy(self) -> FieldPolicy:
        """The settings on which checks of fields depend."""
        return FieldPolicy(character_set=self.character_set, abbreviated_name=self.rules.abbreviated_name)

    def policy_in(self, category_id: str) -> FieldPolicy:
        """The same in one category, whose search may take no branch's name (R-13)."""
        refused = self.rules.branch_endings if self.category(category_id).branch_name == "refuse" else ()
        return msgspec.structs.replace(self.policy, refused_branches=refused)

    def search_fields(self, agency_id: str) -> tuple[Field, ...]:
        """The search's fields as this agency asks them; the mark follows."""
        ask = {o.field: o.ask for o in self.agency(agency_id).search}
        mark = next((f.mark for f in self.search.fields if f.id == self.search.key), "")
        asked = {"required": {"required": True, "mark": mark}, "optional": {"required": False, "mark": ""}}
        return tuple(
            msgspec.structs.replace(f, **asked[ask[f.id]]) if f.id in ask and (ask[f.id] == "required") != f.required else f
            for f in self.search.fields
            if ask.get(f.id) != "absent"
        )

    @property
    def searches(self) -> tuple[Agency, ...]:
        """One agency for each way in which the search asks: of 5,000 there are few."""
        return tuple({agency.search: agency for agency in reversed(self.agencies)}.values())

    def password_searched(self, agency_id: str) -> bool:
        """Whether the search of this agency has a password: without one nobody registers without a card (R-36)."""
        return any(field.id == "password" for field in self.search_fields(agency_id))


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


_T = TypeVar("_T", bound=_Identified)


def _by_id(items: tuple[_T, ...], wanted: str) -> _T:
    for item in items:
        if item.id == wanted:
            return item
    raise KeyError(wanted)


def load(path: Path, directories: Sequence[Path] = ()) -> Profile:
    """Read and check one file, whose name is the system's id. Raises ProfileError with file, key and reason.

    What it extends is looked for beside it, in `directories`, and among the packaged files. An `issuers.toml` beside it holds
    the authorities that it may trust, and is taken over with it (`issuers.also_from`).
    """
    also_from(path.parent)
    said = whole(path, (*directories, PACKAGED))
    try:
        profile = msgspec.convert(said.table, Profile)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$")
        named = _NAMED_KEY.search(reason)
        key = where.strip("`") + (f".{named[1]}" if named else "")
        raise ProfileError(file_name(said.origin(key, path)), key.strip(".") or "-", reason) from None
    if profile.id != path.stem:
        raise ProfileError(file_name(path), "id", f"{profile.id!r} is not the file's name, {path.stem!r}")
    for key, reason in chain(contradictions(profile), roster_faults(profile)):
        raise ProfileError(file_name(said.origin(key, path)), key, reason)
    return profile


_NAMED_KEY = re.compile(r"^Object (?:contains unknown|missing required) field `(.*)`$")
"""Reasons that name the key themselves: it goes where the reader looks for it."""


def available(*directories: Path) -> dict[str, Path]:
    """Every profile file by its system's id (the file's stem); later directories win over the packaged ones."""
    found: dict[str, Path] = {}
    for directory in (PACKAGED, *directories):
        for path in sorted(directory.glob("*.toml")):
            if path.stem not in NOT_PROFILES:
                found[path.stem] = path
    return found


@cache
def profile_of(system_id: str, *directories: Path) -> Profile:
    """The profile of one system. Raises ProfileError when there is none, or when its file is broken."""
    also_from(*directories)
    path = available(*directories).get(system_id)
    if path is None:
        raise ProfileError(visible(f"{system_id}.toml"), "id", f"no such system; there are: {' '.join(available(*directories))}")
    return load(path, directories)


def profiles_of(*directories: Path) -> tuple[dict[str, Profile], tuple[ProfileError, ...]]:
    """Every system that there is, by its id, and what is wrong with the files that are none: one broken file stops no other.

    Raises ProfileError where the authorities (`issuers.toml`) cannot be read, on which all depend.
    """
    also_from(*directories)
    found: dict[str, Profile] = {}
    broken: list[ProfileError] = []
    for system in available(*directories):
        try:
            found[system] = profile_of(system, *directories)
        except ProfileError as error:
            broken.append(error)
    return found, tuple(broken)
