"""Which column of an agency's roster (CSV) holds what: by the names in its header, as the system's file says (`[roster]`).

What the file does not say follows from the labels on the screens, so that a system without the table can be imported, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

from ebid_tui.domain.fields import Field, is_own
from ebid_tui.domain.profile.texts import Fault
from ebid_tui.domain.records import QualificationState

if TYPE_CHECKING:
    from ebid_tui.domain.profile.systems import Profile

NOT_OF_QUALIFICATION = ("vendor_no", "company_id", "department")
"""The vendor's number has a column of its own; the other two come with the registration."""


STATES: Mapping[str, QualificationState] = {"審査済": "approved", "審査中": "under_review", "失効": "lapsed"}
"""What may stand in the column of the state, if the system's file does not say."""


PASSWORD_STATES: Mapping[str, Literal["initial", "in_force"]] = {
    "初期": "initial",
    "未変更": "initial",
    "変更済": "in_force",
    "使用中": "in_force",
}
"""The same of a password's state."""


class Roster(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Names of columns. An empty one is the label that the screens have; a file need not have the optional ones."""

    agency: str = ""
    """Its id or name; optional in a system of one agency."""
    category: str = ""
    """Its id or name; optional in a system of one category."""
    number: str = ""
    trade_name: str = ""
    branch: str = "支店・営業所名"
    """Optional: the branch that stands behind the company's name."""
    state: str = "資格の状態"
    """Optional: without it every row is approved."""
    login_id: str = ""
    """The user ID that the search asks beside the number; optional."""
    password: str = "初期パスワード"
    """Optional: for vendors that have none yet, and where they are changed elsewhere for all."""
    password_state: str = "パスワードの状態"
    """Optional: whether the row's password is an initial one or in force."""
    password_changed: str = "パスワード変更日"
    """Optional: the day on which it was changed (R-15), as people write days; such a password is in force."""
    password_states: dict[str, Literal["initial", "in_force"]] = msgspec.field(default_factory=lambda: dict(PASSWORD_STATES))
    """What may stand in the column of the password's state."""
    company: dict[str, str] = {}
    """By field id of 企業情報: only fields that come from the qualification. Optional."""
    search: dict[str, str] = {}
    """By id of a search's own field (`x-…`). A field that must be filled in needs its column, unless it is secret."""
    states: dict[str, QualificationState] = msgspec.field(default_factory=lambda: dict(STATES))
    """What may stand in the column of the state; an empty value means approved."""


class RosterColumns(msgspec.Struct, frozen=True):
    """The columns of one system's roster, by name in the header."""

    agency: str
    category: str
    number: str
    trade_name: str
    branch: str
    state: str
    login_id: str
    """Empty where the system has none."""
    password: str
    password_state: str
    password_changed: str
    company: dict[str, str]
    search: dict[str, str]
    """By id of the search's own fields."""
    required: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, in the order in which a file is written."""
        fixed = (self.agency, self.category, self.number, self.trade_name, self.branch, self.state, self.login_id)
        passwords = (self.password, self.password_state, self.password_changed)
        return tuple(name for name in (*fixed, *passwords, *self.company.values(), *self.search.values()) if name)


def columns(profile: Profile) -> RosterColumns:
    """The columns of a system's roster."""
    own, search = profile.roster, {field.id: field.label for field in profile.search.fields}
    number, name = own.number or search[profile.search.key], own.trade_name or search.get("trade_name", "商号又は名称")
    agency, category = own.agency or profile.agency_title, own.category or profile.category_title
    login = own.login_id or ("" if profile.search.key == "user_id" else search.get("user_id", ""))
    passwords = (own.password, own.password_state, own.password_changed)
    searched = {field.id: own.search.get(field.id, field.label) for field in profile.search.fields if is_own(field.id)}
    taken = (agency, category, number, name, own.branch, own.state, login, *passwords, *searched.values())
    # Where a label says the same as one of these, the field has no column of its own: the company's name is 商号又は名称.
    # A form's own field starts from a list only where the file names the column.
    listed = (f for f in of_qualification(profile) if not (f.input and is_own(f.id)))
    company = {f.id: f.label for f in listed if f.label not in taken} | own.company
    required = [number, name]
    required += [] if profile.single_agency else [agency]
    asked = {f.id for agency in profile.searches for f in profile.search_fields(agency.id) if f.required and not f.secret}
    required += [column for name, column in searched.items() if name in asked]
    required += [] if len(profile.categories) == 1 else [category]
    return RosterColumns(agency, category, number, name, own.branch, own.state, login, *passwords, company, searched, tuple(required))


def of_qualification(profile: Profile) -> tuple[Field, ...]:
    """The fields of 企業情報 that come with the qualification: those shown, and those a form only starts from."""
    fields = profile.every_field("company")
    return tuple(f for f in fields if f.source in ("qualification", "typed") and f.id not in NOT_OF_QUALIFICATION)


def roster_faults(profile: Profile) -> Iterator[Fault]:
    """Every fault of a profile's `[roster]`."""
    known = {field.id for field in of_qualification(profile)}
    for name in sorted(set(profile.roster.company) - known):
        yield f"roster.company.{name}", "no field of block company that a qualification has"
    for name in sorted(set(profile.roster.search) - {field.id for field in profile.search.fields if is_own(field.id)}):
        yield f"roster.search.{name}", "no field of the search's own (x-…)"
    names = columns(profile).names
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield "roster", f"column {name!r} is named {names.count(name)} times"
