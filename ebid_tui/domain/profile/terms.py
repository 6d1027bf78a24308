"""`[terms]`: what a system calls the things that fixed sentences speak of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from ebid_tui.domain.profile.texts import Fault
from ebid_tui.language import Words

if TYPE_CHECKING:
    from ebid_tui.domain.profile.systems import Profile


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A system's own words. Empty: as its titles, labels and menus say."""

    agency: str = ""
    """調達機関; else `agency_title`."""
    category: str = ""
    """調達区分; else `category_title`."""
    number: str = ""
    """業者番号; else the label of the search's key."""
    trade_name: str = ""
    """商号又は名称; else its label in the search."""
    password: str = ""
    """パスワード; else its label in the search."""
    initial_password: str = ""
    """初期パスワード; else 初期 and the word for パスワード."""
    company: str = ""
    """企業情報; else the block's title."""
    representative_contact: str = ""
    """代表窓口; else the block's title without 情報."""
    card_holder: str = ""
    """ICカード利用部署; else the block's title without 情報."""
    user_registration: str = ""
    """利用者登録; else its label at the entrance."""
    renewal: str = ""
    """ICカード更新; else its label in the menu."""


STANDARD = {
    "agency": "調達機関",
    "category": "調達区分",
    "number": "業者番号",
    "trade_name": "商号又は名称",
    "password": "パスワード",
    "initial_password": "初期パスワード",
    "company": "企業情報",
    "representative_contact": "代表窓口",
    "card_holder": "ICカード利用部署",
    "user_registration": "利用者登録",
    "renewal": "ICカード更新",
}
"""The words with which sentences are written, by the key that replaces them."""

USER_ID = "ユーザID"
BOTH_NUMBERS = tuple(f"業者番号{joint}" for joint in ("（ユーザID）", "・ユーザID", "やユーザID", "またはユーザID"))
"""How sentences call the number where systems differ."""


def words_of(profile: Profile) -> Words:
    """The standard words that this system calls otherwise, with its own."""
    said = {key: getattr(profile.terms, key) or default for key, default in _defaults(profile).items()}
    if not said["initial_password"] and said["password"]:
        said["initial_password"] = f"初期{said['password']}"
    found = {STANDARD[key]: own for key, own in said.items()}
    found |= _titles(profile)
    if not _knows_user_id(profile):
        found[USER_ID] = said["number"]
    if said["number"] == USER_ID or USER_ID in found:
        found |= dict.fromkeys(BOTH_NUMBERS, said["number"])
    for part in ("代表窓口", "ICカード利用部署"):
        found.setdefault(f"{part}情報", f"{found[part]}情報" if found[part] else "")
    return tuple((standard, own) for standard, own in found.items() if own and own != standard and not set("{}") & set(own))


def _knows_user_id(profile: Profile) -> bool:
    """Whether anything is called so there: else the number is meant."""
    labels = [field.label for block in profile.blocks for field in profile.every_field(block.id)]
    labels += [field.label for field in profile.search.fields]
    labels += [category.number_application for category in profile.categories]
    return any(USER_ID in label for label in labels)


def _defaults(profile: Profile) -> dict[str, str]:
    searched = {field.id: field.label for field in profile.search.fields}
    blocks = {block.id: block.title for block in profile.blocks}
    return {
        "agency": profile.agency_title,
        "category": profile.category_title,
        "number": profile.number_label,
        "trade_name": searched.get("trade_name", ""),
        "password": searched.get("password", ""),
        "initial_password": "",
        "company": blocks.get("company", ""),
        "representative_contact": blocks.get("representative_contact", "").removesuffix("情報"),
        "card_holder": blocks.get("card_holder", "").removesuffix("情報"),
        "user_registration": next((entry.label for entry in profile.menu.entries if entry.id == "registration"), ""),
        "renewal": next((item.label for item in profile.menu.items if item.id == "renewal"), ""),
    }


def _titles(profile: Profile) -> dict[str, str]:
    """Titles and menu items, which sentences quote whole."""
    labels = {item.id: item.label for item in profile.menu.items}
    changing = next((entry.label for entry in profile.menu.entries if entry.id == "password"), "")
    found = {
        "資格審査情報検索": profile.search.title,
        "利用者登録メニュー": profile.menu.title,
        "パスワード変更": changing,
        "パスワード再設定": profile.password.title if profile.password is not None else "",
        "ICカード情報": profile.card.title,
    }
    found |= {
        f"「{standard}」": f"「{labels[item]}」" for standard, item in (("登録", "registration"), ("変更", "amendment")) if item in labels
    }
    titles = {block.id: block.title for block in profile.blocks}
    contacts = (("代表窓口情報", "representative_contact"), ("ICカード利用部署情報", "card_holder"))
    for standard, block in contacts:
        if titles.get(block) and not getattr(profile.terms, block):
            found[standard] = titles[block]
    return found


def term_faults(profile: Profile) -> Iterator[Fault]:
    """A word stands in a sentence, and is not filled in."""
    for key in STANDARD:
        if set("{}") & set(getattr(profile.terms, key)):
            yield f"terms.{key}", "cannot have { or }"
