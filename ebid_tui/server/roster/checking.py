"""From a row of the file to what is kept of a vendor: the same cleaning, folding and checks as on the screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

import msgspec

from ebid_tui.domain import fields
from ebid_tui.domain.csv_cells import unguarded
from ebid_tui.domain.fields import Field, is_own
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import QualificationState, Values
from ebid_tui.domain.roster import RosterColumns, columns, of_qualification
from ebid_tui.domain.text import classes, names
from ebid_tui.domain.text.cleaning import shown, tidy
from ebid_tui.domain.text.names import NameComparison
from ebid_tui.errors import EbidError
from ebid_tui.messages import t
from ebid_tui.server.roster.dates import read_date
from ebid_tui.server.roster.reading import RefusedRow, RosterRow, RowNote

KNOWN: Mapping[str, Mapping[str, object]] = {
    "postal_code": {"kind": "postal_code", "chars": "half_digits_symbols", "max": 8},
    "phone": {"kind": "phone", "chars": "half_digits_symbols", "max": 25},
    "fax": {"kind": "phone", "chars": "half_digits_symbols", "max": 25},
}
"""Fields that a system only shows have no limits in its file; these have them all the same."""

REMEMBERED = 20_000
"""Values that were looked at before: titles, towns and numbers come again and again. Never a password."""

NOTED = 5
"""Values that were cleaned of which line and column are told; the rows are counted."""
LONGEST_BRANCH = 30
LONGEST_SHOWN = 1000
"""Characters of a value of a field that the system only shows without a limit: well below what a screen cuts (`cleaning.LONGEST`)."""
QUOTED = 40
"""Characters of a value, or of a column's name, that are quoted at most."""


class RosterVendor(msgspec.Struct, frozen=True):
    """One vendor at one agency and category, as the roster has it. `given` are the columns that the file has of it."""

    line: int
    agency: str
    category: str
    number: str
    trade_name: str
    state: QualificationState
    company: Values
    login_id: str = ""
    password: str = ""
    """What is kept is its hash."""
    password_state: Literal["initial", "in_force"] | None = None
    """None where the row does not say it."""
    password_changed: date | None = None
    secrets: Values = {}
    """What else the search asks as a secret, by field id; what is kept are hashes."""

    def __repr__(self) -> str:
        return f"Taken(line={self.line})"


class _Looked(NamedTuple):
    """A value as it counts, what is wrong with it, whether it was brought to its width, and what was cleaned away."""

    value: str
    wrong: str | None
    converted: bool
    cleaned: str


class RosterChecker:
    """Checks rows of one file. Raises EbidError E-ROSTER for a header that cannot be used."""

    def __init__(self, profile: Profile, header: Sequence[str], today: date = date.max) -> None:
        self._profile = profile
        self._columns: RosterColumns = columns(profile)
        self._policy = profile.policy
        self._as_they_are = {self._columns.password} | {
            self._columns.search[f.id] for f in profile.search.fields if f.secret and is_own(f.id)
        }
        self._today = today
        """In Japan: no password was changed later."""
        titles = [tidy(unguarded(name), "").text.strip() for name in header]
        self._width = len(titles)
        self._place = _places(self._columns, titles)
        self.unknown = tuple(shown(name, QUOTED) for name in titles if name and name not in self._columns.names)
        self.has_company = {field for field, name in self._columns.company.items() if name in self._place}
        self.says_states = any(name in self._place for name in (self._columns.password_state, self._columns.password_changed))
        """Whether rows say what their passwords are."""
        self.keeps_names = "name" in self._columns.company and "name" not in self.has_company
        """Whether the company's own name has a column, and this file is without it."""
        search = {field.id: field for field in profile.search.fields}
        self._number = msgspec.structs.replace(search[profile.search.key], required=True)
        named = search.get("trade_name") or Field(id="trade_name", label=self._columns.trade_name, kind="name", max=60)
        self._name = msgspec.structs.replace(named, required=True)
        self._branch = Field(id="branch", label=self._columns.branch, max=LONGEST_BRANCH, required=False)
        self._endings = profile.rules.branch_endings
        self._login, self._password = (
            msgspec.structs.replace(search[name], required=False) if name in search else None for name in ("user_id", "password")
        )
        own = {name: search[name] for name, column in self._columns.search.items() if column in self._place}
        self._own = [field for field in own.values() if not field.secret]
        self._own_of: dict[str, tuple[Field, ...]] = {}
        self._secrets = [field for field in own.values() if field.secret]
        self.has_secrets = bool(self._secrets)
        self.has_company |= {field.id for field in self._own}
        self._company = [_checked(field) for field in of_qualification(profile) if field.id in self.has_company]
        self._named = any(field.id == "name" for field in of_qualification(profile))
        self._agencies = {key: agency.id for agency in profile.agencies for key in (agency.id, classes.fold(agency.name, "full_width"))}
        self._categories = {key: c.id for c in profile.categories for key in (c.id, classes.fold(c.name, "full_width"))}
        self.converted = 0
        self.cleaned = 0
        """Rows."""
        self.noted: list[RowNote] = []
        self._last_cleaned = 0
        self.glued = 0
        """Names that end like a branch's, and cannot be told apart from the company's; the first one's line is `first_glued`."""
        self.first_glued = 0
        self._known = lru_cache(REMEMBERED)(self._settled)

    def take(self, row: RosterRow) -> RosterVendor | list[RefusedRow]:
        """A row as it is kept, or everything that is wrong with it."""
        if len(row.values) != self._width:
            return [RefusedRow(row.line, "", t("roster.width", n=len(row.values), wanted=self._width))]
        wrong: list[RefusedRow] = []
        c = self._columns
        agency = self._chosen(row, c.agency, self._agencies, self._profile.agencies[0].id if self._profile.single_agency else "", wrong)
        only = self._profile.categories[0].id if len(self._profile.categories) == 1 else ""
        category = self._chosen(row, c.category, self._categories, only, wrong)
        if agency and category and category not in {one.id for one in self._profile.categories_of(agency)}:
            wrong.append(RefusedRow(row.line, c.category, t("roster.not_there")))
        number = self._value(row, c.number, self._number, wrong)
        name = self._value(row, c.trade_name, self._name, wrong)
        state = self._state(row, wrong)
        company = {field.id: self._value(row, c.company[field.id], field, wrong) for field in self._company}
        company |= {field.id: self._value(row, c.search[field.id], field, wrong) for field in self._own_at(agency)}
        secrets = {field.id: self._value(row, c.search[field.id], field, wrong) for field in self._secrets if self._said(row, c, field)}
        if self._named and not company.get("name"):
            company["name"] = name
        branch = self._optional(row, c.branch, self._branch, wrong)
        own = self._branch_of(row.line, name, company, wrong)
        if branch and own and own != branch:
            wrong.append(RefusedRow(row.line, c.branch, t("roster.other_branch", branch=own)))
        login = self._optional(row, c.login_id, self._login, wrong)
        password = self._optional(row, c.password, self._password, wrong)
        password_state, password_changed = self._password_said(row, wrong)
        if wrong:
            return wrong
        name, company = self._with_branch(row.line, name, company, branch or own)
        return RosterVendor(
            row.line, agency, category, number, name, state, company, login, password, password_state, password_changed, secrets
        )

    def _branch_of(self, line: int, name: str, company: Values, wrong: list[RefusedRow]) -> str:
        """The branch behind either name, empty where there is none; one that contradicts the other would be found by neither (R-13)."""
        search, registered = (names.branch_office(one, self._endings) or "" for one in (name, company.get("name", "")))
        if search and registered and search != registered:
            wrong.append(RefusedRow(line, self._columns.company["name"], t("roster.other_branch", branch=search)))
        return registered or search

    def _with_branch(self, line: int, name: str, company: Values, branch: str) -> tuple[str, Values]:
        """Names with the branch behind them, as documents print them, and what it is: the card bears the company's alone (R-06)."""
        own = company.get("name", name)
        if any(names.without_branch(one, branch).endswith(self._endings) for one in (name, own)):
            self.glued += 1
            self.first_glued = self.first_glued or line
        if not branch:
            return name, company
        if names.compare(names.without_branch(name, branch), names.without_branch(own, branch)) is NameComparison.SAME:
            name = names.with_branch(name, branch)
        more = {"name": names.with_branch(own, branch)} if "name" in company else {}
        return name, company | more | {"branch": branch}

    def _raw(self, row: RosterRow, column: str) -> str:
        """A cell without the apostrophe that keeps it from being a formula. Passwords are never exported, so that none has one of ours."""
        cell = row.values[self._place[column]] if column in self._place else ""
        return cell if column in self._as_they_are else unguarded(cell)

    def _value(self, row: RosterRow, column: str, field: Field, wrong: list[RefusedRow]) -> str:
        raw = self._raw(row, column)
        if field.kind == "grades":
            return self._grades(row, column, field, raw, wrong)
        looked = (self._settled if field.secret else self._known)(field, raw)
        if looked.wrong is not None:
            wrong.append(RefusedRow(row.line, column, looked.wrong))
        elif looked.cleaned:
            self._note(row.line, column, looked.cleaned)
        self.converted += looked.converted
        return looked.value

    def _settled(self, field: Field, raw: str) -> _Looked:
        settled = fields.settle(field, raw)
        value = settled.value
        if field.kind == "name":
            value = names.without_branch(value, names.branch_office(value, self._endings) or "")
        found = fields.problem(field, value, self._policy, {})
        cleaned = _cleaned(field, raw)
        converted = found is None and len(settled.notes) > len(cleaned)
        return _Looked(settled.value, None if found is None else found.message, converted, "".join(cleaned))

    def _note(self, line: int, column: str, what: str) -> None:
        """A row is counted once, however many of its values were cleaned."""
        self.cleaned += line != self._last_cleaned
        self._last_cleaned = line
        if len(self.noted) < NOTED:
            self.noted.append(RowNote(line, column, what))

    def _grades(self, row: RosterRow, column: str, field: Field, raw: str, wrong: list[RefusedRow]) -> str:
        given = [classes.normalise(classes.convert(part, "half_alnum"), "half_alnum") for part in raw.split(",")]
        if raw.strip() and (len(given) > len(field.lines) or any(part and part not in field.options for part in given)):
            wrong.append(RefusedRow(row.line, column, t("roster.grades", options="、".join(field.options))))
        return ",".join(given)

    def _own_at(self, agency: str) -> tuple[Field, ...]:
        """The search's own fields that are no secrets: needed where this agency cannot do without them."""
        if agency not in self._own_of:
            needed = {f.id for f in self._profile.search_fields(agency) if f.required} if self._own and agency else set()
            self._own_of[agency] = tuple(msgspec.structs.replace(field, required=field.id in needed) for field in self._own)
        return self._own_of[agency]

    def _said(self, row: RosterRow, columns: RosterColumns, field: Field) -> bool:
        """A secret that a row leaves out stays what it is."""
        return bool(self._raw(row, columns.search[field.id]))

    def _optional(self, row: RosterRow, column: str, field: Field | None, wrong: list[RefusedRow]) -> str:
        if field is None or not self._raw(row, column):
            return ""
        return self._value(row, column, field, wrong)

    def _chosen(self, row: RosterRow, column: str, known: Mapping[str, str], only: str, wrong: list[RefusedRow]) -> str:
        raw = classes.normalise(self._raw(row, column), "full_width")
        if not raw and only:
            return only
        found = known.get(raw, "")
        if not found:
            wrong.append(RefusedRow(row.line, column, t("roster.unknown_value", value=shown(raw, QUOTED) or "－", known="、".join(known))))
        return found

    def _password_said(self, row: RosterRow, wrong: list[RefusedRow]) -> tuple[Literal["initial", "in_force"] | None, date | None]:
        """What the row says of its password, and when that was changed (R-15): one that was changed is in force."""
        c, states = self._columns, self._profile.roster.password_states
        word, written = (classes.normalise(self._raw(row, column), "full_width") for column in (c.password_state, c.password_changed))
        state, changed = states.get(word), read_date(written) if written else None
        if word and state is None:
            known = "、".join(states)
            wrong.append(RefusedRow(row.line, c.password_state, t("roster.unknown_value", value=shown(word, QUOTED), known=known)))
        if written and (changed is None or changed > self._today):
            reason = "bad_date" if changed is None else "future_date"
            wrong.append(RefusedRow(row.line, c.password_changed, t(f"password.{reason}", value=shown(written, QUOTED))))
        elif changed and state == "initial":
            wrong.append(RefusedRow(row.line, c.password_changed, t("password.dated_initial", state=word)))
        return "in_force" if changed else state, changed

    def _state(self, row: RosterRow, wrong: list[RefusedRow]) -> QualificationState:
        raw, states = classes.normalise(self._raw(row, self._columns.state), "full_width"), self._profile.roster.states
        if raw and raw not in states:
            wrong.append(
                RefusedRow(row.line, self._columns.state, t("roster.unknown_value", value=shown(raw, QUOTED), known="、".join(states)))
            )
        return states.get(raw, "approved")


def _cleaned(field: Field, raw: str) -> tuple[str, ...]:
    """What became of the characters inside a value that nobody sees, as sentences. Spaces around it say nothing."""
    return () if field.secret else tidy(raw.strip(), classes.between(field.chars)).notes


def _places(known: RosterColumns, names: Sequence[str]) -> dict[str, int]:
    """Where each known column is. Raises EbidError E-ROSTER where one is missing or there twice."""
    twice = sorted({name for name in names if name in known.names and names.count(name) > 1})
    if twice:
        raise EbidError(code="E-ROSTER", reason=t("roster.header_twice", names="、".join(twice)))
    missing = [name for name in known.required if name not in names]
    if missing:
        raise EbidError(code="E-ROSTER", reason=t("roster.header_missing", names="、".join(missing)))
    return {name: place for place, name in enumerate(names) if name in known.names}


def _checked(field: Field) -> Field:
    """A field of 企業情報 as the roster's are checked: as typed ones, though none must be there."""
    changes: dict[str, object] = {"source": "typed", "required": False}
    if not field.input and not field.limit:
        changes |= {"max": LONGEST_SHOWN, **KNOWN.get(field.id, {"kind": "name"} if field.id == "name" else {})}
    return field if field.kind == "grades" else msgspec.structs.replace(field, **changes)
