"""One page of a system, as text, with made-up values: what its file becomes, without a server, a card or a terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Literal, get_args

import msgspec

from ebid_tui.commands.screens import rows_shown
from ebid_tui.domain.certificate import JAPAN
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import CardCertificate, Found, Qualification, Receipt, Vendor
from ebid_tui.domain.sample_values import valid
from ebid_tui.flows import register_pages
from ebid_tui.flows.enter import entrance_question
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Blocks, Review, Ui
from ebid_tui.messages import t
from ebid_tui.printing.paper import Paper
from ebid_tui.printing.receipt import receipt_paper

ScreenName = Literal["menu", "search", "form", "review", "mail", "print"]
SCREENS: tuple[ScreenName, ...] = get_args(ScreenName)
CARD_DAYS = 365
SERIAL = "123456789"
ISSUER = "CN=Sample CA"


def preview(profile: Profile, screen: ScreenName, size: tuple[int, int] = (80, 24)) -> str:
    """The page as this many columns and rows show it; mail and print in full, whatever the size.

    Of the first agency, and the first category that it procures.
    """
    made = _Sample(profile)
    match screen:
        case "mail":
            from ebid_tui.server.mail.completion import completion  # the other pages need nothing of the server's

            return "\n\n".join(f"{mail.subject}\n\n{mail.body}".rstrip() for mail in completion(profile, made.receipt))
        case "print":
            return "\n".join(_paper_rows(receipt_paper(register_pages.done(made.place, made.receipt), profile)))
    return "\n".join(asyncio.run(rows_shown(profile, made.asking(screen), size))).rstrip()


class _Sample:
    """A vendor of this system that registers its first card."""

    def __init__(self, profile: Profile) -> None:
        agency = profile.agencies[0]
        category = (*profile.categories_of(agency.id), *profile.categories)[0]
        self.place = Place(profile, agency, category)
        number = next(field for field in profile.search.fields if field.id == profile.search.key)
        vendor = Vendor(system=profile.id, agency=agency.id, category=category.id, number=valid(number))
        self.values: Blocks = {
            block.id: {field.id: valid(field) for field in profile.fields(block.id, "registration", category.id)}
            for block in profile.blocks
        }
        company = self.values.get("company", {})
        self.found = Found(
            qualification=Qualification(vendor=vendor, state="approved", trade_name=company.get("name", ""), company=company),
            representative_contact={},
            later_card=False,
        )
        now = datetime.now(JAPAN)
        self.card = CardCertificate(fingerprint="0" * 64, serial=SERIAL, issuer=ISSUER, not_after=now + timedelta(days=CARD_DAYS))
        self.receipt = Receipt(
            id="R-0000-0000",
            operation="registration",
            vendor=vendor,
            blocks=self.values,
            card=self.card,
            company_id=None,
            mail_to=self.values.get("card_contact", {}).get("email"),
            check="0" * 16,
            at=now,
        )

    def asking(self, screen: ScreenName) -> Callable[[Ui], Awaitable[object]]:
        """What a flow would ask there."""
        place = self.place
        match screen:
            case "menu":
                question = entrance_question("menu", place.profile, place.agency.id, first=False)
                return lambda ui: ui.choose(question)
            case "search":
                search = register_pages.search_form(place, {}, {}, None)
                return lambda ui: ui.fill(search)
            case "form":
                form = register_pages.registration_form(place, self.found, self.values.get("card_holder"), self.values, {})
                return lambda ui: ui.fill(form)
        return lambda ui: ui.review(self.review())

    def review(self) -> Review:
        page = register_pages.registration_review(self.place, self.values, None, False, self.found.qualification)
        card = register_pages.card_section(self.place, self.card, note=t("notice.serial"))
        return msgspec.structs.replace(page, sections=(*page.sections, card))


def _paper_rows(paper: Paper) -> list[str]:
    rows = [paper.title, paper.subtitle, paper.where]
    for section in paper.sections:
        rows += ["", *filter(None, (section.title, section.remark))]
        rows += [f"{row.label}: {row.value}" for row in section.rows]
    rows += ["", *(f"{label}: {value}" for label, value in paper.receipt), *filter(None, ("", paper.note))]
    return rows
