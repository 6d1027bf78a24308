"""The tables of a profile that say what a system has: agencies, categories, menus, the search, the form, passwords, rules."""

from __future__ import annotations

from typing import Literal

import msgspec

from ebid_tui.domain.fields import Field

Operation = Literal["registration", "amendment", "renewal"]
"""What a menu entry does; also the `operation` of a signed statement."""


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whom to ask, as shown in errors and help."""

    name: str
    phone: str = ""
    mail: str = ""
    hours: str = ""
    fax: str = ""
    url: str = ""
    about: str = ""
    """What to ask there, as the documents head it: 制度に関するお問い合わせ."""


class FurtherContact(Contact, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One more whom the documents name, in every category or in some."""

    id: str
    categories: tuple[str, ...] = ()
    """Categories in which to ask there; empty means all."""


class ClosedWindow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A time in which nothing is written (R-22), in Japan time: `YYYY-MM-DDTHH:MM`; its end is open again."""

    start: str
    end: str


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Service hours in Japan time (R-22): `HH:MM`, weekdays 0 (Monday) to 6, closing days `YYYY-MM-DD` or `MM-DD`."""

    open: str = "08:30"
    close: str = "20:00"
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    holidays: bool = True
    closed_days: tuple[str, ...] = ()
    closed: tuple[ClosedWindow, ...] = ()


class SearchOverride(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one agency asks for one search field: required, optional, or not asked at all (absent)."""

    field: str
    ask: Literal["required", "optional", "absent"]


class Agency(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """調達機関."""

    id: str
    name: str
    reading: str = ""
    """The name in kana, by which it is found in a long list; optional."""
    search: tuple[SearchOverride, ...] = ()
    search_note: str = ""
    closed_days: tuple[str, ...] = ()
    closed: tuple[ClosedWindow, ...] = ()


class Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """調達区分. Cards are unique within a `realm` (R-05, R-19); `card_free` allows user ID and password alone (R-36)."""

    id: str
    name: str
    realm: str
    card_free: bool = False
    number_application: str = ""
    """The form on which the number for it is applied for, where there is one."""
    branch_name: Literal["allow", "refuse"] = "allow"
    """R-13: whether the search takes the name of a branch behind the company's."""
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
    agency_asked: Literal["before_pin", "after_pin"] = "before_pin"
    """When 調達機関選択 comes: at the entrance, or once the card's PIN was right."""


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
    """As `counts = "next_day"` of `[password]`, which says it otherwise too (R-15)."""
    notified_password: Literal["automatic", "change_first", "in_force"] = "automatic"
    """As `initial` of `[password]`; automatic: must be changed where it can be changed here (R-03)."""


class Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One block of the form, the confirmation and the print."""

    id: str
    title: str
    remark: str = ""
    fields: tuple[Field, ...] = ()
    use: str = ""
    """Name of a field set whose fields follow this block's own."""


class Password(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """パスワード再設定 (F-1) and what the policy asks (R-04)."""

    title: str = ""
    fields: tuple[Field, ...] = ()
    submit: str = "設定"
    min_length: int = 8
    letters: bool = True
    digits: bool = True
    symbols: bool = True
    initial: Literal["must_change", "use_as_is"] | None = None
    """R-03: whether a notified password must be changed before it counts. Unsaid: as `search.notified_password` says."""
    changed: Literal["here", "elsewhere", "nowhere"] | None = None
    """Who changes it and where. Unsaid: elsewhere where that has a name, here where there are fields, or else nowhere."""
    elsewhere: str = ""
    """Name of the system where the password is changed; empty if it is changed here."""
    elsewhere_note: str = ""
    """Where that is found and when it is open, as told behind its name."""
    counts: Literal["at_once", "next_day"] | None = None
    """R-15: from when a changed password works. Unsaid: as `search.password_change_delays` says."""
    expires_days: int = 0
    """Days from its change on which a password works; 0: for ever."""
    card_sign_in: bool = False
    """Whether a card that is registered already may stand in for the password when another one is registered."""
    reset_application: str = ""
    """R-33: what the documents call the form by which a password is reset."""


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Settings of rules on which the systems differ."""

    abbreviated_name: Literal["refuse", "allow"] = "refuse"
    """R-13: (株) in 商号又は名称."""
    holder: Literal["ask", "must_match", "any"] = "ask"
    """R-06, R-32: a card that bears another name than the list: the person is asked, it is refused, or it does not matter."""
    branch_endings: tuple[str, ...] = ("支店", "支社", "営業所", "出張所")
    """How the name of a branch ends that stands behind a company's; none: a name is the company's as a whole."""
    representative_contact_of_later_cards: Literal["editable", "read_only"] = "editable"
    """R-18; read_only holds for 企業情報's inputs as well."""
    unlock_by_card: bool = False
    """R-33: a card that is registered for a locked number unlocks it, beside the application."""
    propagation: bool = False
    """R-16: copied to the vendor's other agencies overnight."""
    expiry_warning_days: int = 60
    """R-25."""
    company_id: bool = False
    """A number the system gives at registration (企業ID)."""
    logout: Literal["closes", "asks"] = "closes"
    """R-38."""
