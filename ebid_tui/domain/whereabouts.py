"""Where one stands: 調達機関 › 調達区分 › 業者番号／ユーザID › card. Every voice, the paper and the mail say it alike (R-47)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import msgspec

from ebid_tui.domain.text.cleaning import visible
from ebid_tui.messages import t

if TYPE_CHECKING:
    from ebid_tui.domain.profile.systems import Profile
    from ebid_tui.domain.records import Receipt, Values

CardRole = Literal["", "current", "new"]
"""Which of the two cards of a renewal one is; empty for the only card of another flow."""

BETWEEN = " › "
LONGEST_NAME = 12
"""Characters of a holder's name that are told: as many as tell two cards apart, and leave room for the rest."""


class Whereabouts(msgspec.Struct, frozen=True):
    """What is known so far; an empty part is not said. Nothing here is glossed: whoever shows it says how."""

    agency: str = ""
    category: str = ""
    number_label: str = ""
    """業者番号 or ユーザID, as the system calls it."""
    number: str = ""
    holder: str = ""
    """The short name of the card's holder."""
    role: CardRole = ""

    def __bool__(self) -> bool:
        return self != NOWHERE

    def at(self, profile: Profile, agency_id: str = "", category_id: str = "") -> Whereabouts:
        """What was chosen at the entrance. A system with one agency says it in its name already."""
        return msgspec.structs.replace(
            self,
            agency=profile.agency(agency_id).name if agency_id and not profile.single_agency else "",
            category=profile.category(category_id).name if category_id else "",
        )

    def with_vendor(self, profile: Profile, number: str) -> Whereabouts:
        """Whose qualification it is; an empty number for none. One that is a secret is not said."""
        shown = "" if profile.number_secret else _plain(number)
        return msgspec.structs.replace(self, number_label=number_label(profile) if shown else "", number=shown)

    def with_card(self, holder: Values, role: CardRole = "") -> Whereabouts:
        """Block `card_holder` of the card that is at hand; an empty one for none."""
        return msgspec.structs.replace(self, holder=short_name(holder), role=role if holder else "")

    def parts(self, say: Callable[[str], str] = str) -> tuple[str, ...]:
        """From the widest to the nearest. `say` says a label of the documents in the language spoken now."""
        number = f"{say(self.number_label)} {self.number}" if self.number else ""
        card = self.holder and (t(f"where.card_{self.role}", holder=self.holder) if self.role else t("where.card", holder=self.holder))
        return tuple(part for part in (say(self.agency), say(self.category), number, card) if part)

    def text(self, say: Callable[[str], str] = str) -> str:
        """All of it on one line."""
        return BETWEEN.join(self.parts(say))


NOWHERE = Whereabouts()


def of_receipt(profile: Profile, receipt: Receipt) -> Whereabouts:
    """The same of what was registered, changed or renewed, from its own data."""
    vendor = receipt.vendor
    where = NOWHERE.at(profile, vendor.agency, vendor.category).with_vendor(profile, vendor.number)
    return where.with_card(receipt.blocks.get("card_holder", {}), "new" if receipt.operation == "renewal" else "")


def number_label(profile: Profile) -> str:
    """What the vendor's number is called on the search: 業者番号, ユーザID."""
    return next((field.label for field in profile.search.fields if field.id == profile.search.key), "")


def short_name(holder: Values) -> str:
    """The person, or the company where none is named; on one line, and not longer than it takes to recognise a card."""
    name = _plain(holder.get("person", "")) or _plain(holder.get("company", ""))
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 2] + ".."  # no ellipsis: its width is ambiguous


def _plain(text: str) -> str:
    return " ".join(visible(text).split())
