"""A bidding system's profile: everything by which one municipality differs from another, loaded from one TOML file.

The file's keys are this module's attributes. Unknown keys, wrong types and contradictions are refused with file, key and
reason (`errors.ProfileError`); `docs/adding-a-municipality.md` explains the keys one by one.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal, Protocol, TypeVar

import msgspec

from ebid_tui.domain.fields import Field, Policy
from ebid_tui.domain.profile_checks import contradictions
from ebid_tui.errors import ProfileError

PACKAGED = Path(__file__).resolve().parent.parent / "systems"
NOT_PROFILES = frozenset({"issuers", "refused_cards"})
"""Files in the same directory that are data of another kind."""

Operation = Literal["registration", "amendment", "renewal"]
"""What a menu entry does; also the `operation` of a signed statement."""


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whom to ask, as shown in errors and help."""

    name: str
    phone: str = ""
    mail: str = ""
    hours: str = ""


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Service hours in Japan time (R-22): `HH:MM`, weekdays 0 (Monday) to 6, closing days `YYYY-MM-DD` or `MM-DD`."""

    open: str = "08:30"
    close: str = "20:00"
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    holidays: bool = True
    closed_days: tuple[str, ...] = ()


class SearchOverride(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one agency asks for one search field: required, optional, or not asked at all (absent)."""

    field: str
    ask: Literal["required", "optional", "absent"]


class Agency(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """調達機関."""

    id: str
    name: str
    search: tuple[SearchOverride, ...] = ()
    search_note: str = ""
    closed_days: tuple[str, ...] = ()


class Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """調達区分. Cards are unique within a `realm` (R-05, R-19); `card_free` allows user ID and password alone (R-36)."""

    id: str
    name: str
    realm: str
    card_free: bool = False
    agencies: tuple[str, ...] = ()
    """Agencies that have this category; empty means all."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An item of the screen 利用者登録／電子入札選択."""

    id: Literal["registration", "bidding", "password"]
    label: str
    explanation: str = ""


class MenuItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An item of 利用者登録メニュー: what it is for, and when not to use it (R-08, R-09, R-10)."""

    id: Operation
    label: str
    purpose: str
    not_for: str = ""


class Menu(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The two menus between the entrance and a flow."""

    entry_title: str
    entries: tuple[Entry, ...]
    selection_title: str
    selection_button: str
    title: str
    items: tuple[MenuItem, ...]


class PinDialog(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """PIN番号入力ダイアログ."""

    title: str
    lead: str
    pin_label: str
    operator_label: str
    ok: str
    cancel: str
    busy: str


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """資格審査情報検索: which fields find a vendor's qualification."""

    title: str
    lead: str
    key: Literal["vendor_no", "user_id"]
    """The field under which the qualification is held."""
    fields: tuple[Field, ...]
    submit: str = "検索"
    back: str = "戻る"
    show_agency: bool = False
    password_change_delays: bool = False
    """A password changed today works from the next day (R-15)."""


class Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One block of the form, the confirmation and the print."""

    id: str
    title: str
    remark: str = ""
    fields: tuple[Field, ...] = ()
    use: str = ""
    """Name of a field set whose fields follow this block's own."""


class FormPage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Titles and buttons of the form page for one operation."""

    title: str
    lead: str = ""
    submit: str = "入力内容確認"
    back: str = "戻る"


class Confirmation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """登録内容確認 / 変更内容確認."""

    title: str
    question: str
    company_check: str = ""
    submit: str
    back: str = "戻る"
    company_remark: str = ""
    done_title: str = "処理完了"
    done: str
    print: str = "印刷"


class CardRows(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """ICカード情報 and how a serial number is shown."""

    title: str
    serial_label: str
    issuer_label: str
    not_after_label: str
    serial: Literal["decimal", "decimal_and_hex"]
    renewal_serial: Literal["decimal", "decimal_and_hex"] = "decimal_and_hex"


class Renewal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """電子証明書更新確認 and the dialogs before it."""

    title: str
    current: str
    new: str
    current_dialog: str
    new_dialog: str
    rows: tuple[str, ...]
    """Field ids, in order: `company.name`, `card_holder.person`, `card_certificate.serial` …"""
    question: str
    company_check: str = ""
    submit: str = "更新"
    back: str = "戻る"
    done: str
    different_ca: Literal["stop", "ask"]
    different_company: Literal["stop", "ask"]
    new_pin: Literal["always", "if_different"] = "always"


class PrintPage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """印刷: which blocks the page 利用者情報 has, by operation."""

    title: str = "利用者情報"
    registration: tuple[str, ...]
    amendment: tuple[str, ...] = ()
    company_id: bool = False
    """Whether the page starts with 企業ID."""
    note: str = ""


class Mail(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The mail that goes out on completion (R-39); rows are `agency` or `block.field` (`company.company_id`)."""

    subject: str
    lead: str
    rows: tuple[str, ...]
    labels: dict[str, str] = {}
    """What a row is called where the mail calls it something else than the form."""
    footer: str = ""


class Password(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """パスワード再設定 (F-1) and what the policy asks (R-04)."""

    title: str = ""
    fields: tuple[Field, ...] = ()
    submit: str = "設定"
    min_length: int = 8
    letters: bool = True
    digits: bool = True
    symbols: bool = True
    elsewhere: str = ""
    """Name of the system where the password is changed; empty if it is changed here."""


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Settings of rules on which the systems differ."""

    abbreviated_name: Literal["refuse", "allow"] = "refuse"
    """R-13: (株) in 商号又は名称."""
    representative_contact_of_later_cards: Literal["editable", "read_only"] = "editable"
    """R-18; read_only holds for 企業情報's inputs as well."""
    propagation: bool = False
    """R-16: copied to the vendor's other agencies overnight."""
    expiry_warning_days: int = 60
    """R-25."""
    company_id: bool = False
    """A number the system gives at registration (企業ID)."""
    logout: Literal["closes", "asks"] = "closes"
    """R-38."""


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
    print: PrintPage
    mail: Mail
    password: Password | None = None
    rules: Rules = Rules()
    trusted: tuple[str, ...]
    """Ids of the certification authorities accepted here (R-34), as in `issuers.toml`."""

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

    @property
    def policy(self) -> Policy:
        """The settings on which checks of fields depend."""
        return Policy(character_set=self.character_set, abbreviated_name=self.rules.abbreviated_name)

    def search_fields(self, agency_id: str) -> tuple[Field, ...]:
        """The search's fields as this agency asks them; the mark follows."""
        ask = {o.field: o.ask for o in self.agency(agency_id).search}
        mark = next(f.mark for f in self.search.fields if f.id == self.search.key)
        asked = {"required": {"required": True, "mark": mark}, "optional": {"required": False, "mark": ""}}
        return tuple(
            msgspec.structs.replace(f, **asked[ask[f.id]]) if f.id in ask and (ask[f.id] == "required") != f.required else f
            for f in self.search.fields
            if ask.get(f.id) != "absent"
        )

    def password_searched(self, agency_id: str) -> bool:
        """Whether the search of this agency has a password: without one nobody registers without a card (R-36)."""
        return any(field.secret for field in self.search_fields(agency_id))


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


_T = TypeVar("_T", bound=_Identified)


def _by_id(items: tuple[_T, ...], wanted: str) -> _T:
    for item in items:
        if item.id == wanted:
            return item
    raise KeyError(wanted)


def load(path: Path) -> Profile:
    """Read and check one file, whose name is the system's id. Raises ProfileError with file, key and reason."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ProfileError(path.name, "-", error.strerror or "unreadable") from None
    except UnicodeDecodeError:
        raise ProfileError(path.name, "-", "not UTF-8") from None
    except (ValueError, RecursionError) as error:  # a ValueError, too, is a number of more digits than Python reads
        raise ProfileError(path.name, "-", str(error)) from None
    try:
        profile = msgspec.convert(raw, Profile)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$")
        named = _NAMED_KEY.search(reason)
        key = where.strip("`") + (f".{named[1]}" if named else "")
        raise ProfileError(path.name, key.strip(".") or "-", reason) from None
    if profile.id != path.stem:
        raise ProfileError(path.name, "id", f"{profile.id!r} is not the file's name, {path.stem!r}")
    for key, reason in contradictions(profile):
        raise ProfileError(path.name, key, reason)
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
    path = available(*directories).get(system_id)
    if path is None:
        raise ProfileError(f"{system_id}.toml", "id", "no such system")
    return load(path)
