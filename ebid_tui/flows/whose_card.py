"""R-06, R-32: whose card it is, asked before anything is typed into the form; and what the card knows for the search.

A registration under another vendor's number spoils the card, so "no" leads on: another card, another number, or out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ebid_tui.domain import fields, rules
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.records import Found
from ebid_tui.domain.rules import HolderCheck, HolderRule
from ebid_tui.domain.text import names
from ebid_tui.domain.text.names import NameComparison
from ebid_tui.errors import InputError, RuleError, ServerError
from ebid_tui.flows.leaving import LeftFlow, LeftStep
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Fill, Nav, Option, Question, Ui
from ebid_tui.language import joined
from ebid_tui.messages import t

Way = str
"""What the person says: `yes`, `card`, `number`, `no`."""


async def with_its_card(
    ui: Ui,
    card: Callable[[], Certificate | None],
    search: Callable[[bool], Awaitable[Found]],
    another_card: Callable[[], Awaitable[None]],
    again: Callable[[], Awaitable[Found]],
    rule: HolderRule = "ask",
) -> tuple[Found, bool]:
    """R-06: a qualification and a card that belong together, and whether the person had to say that they do.

    `search` is the page that finds one, for another number where it is True; `again` finds the same with `another_card`, which raises
    LeftStep where it stays with the one at hand. Who goes back to the search is asked anew: a wrong yes can be taken back. Raises
    LeftFlow where the person gives up, LeftStep at 戻る of the search.
    """
    found = await search(False)
    while True:
        held = card()
        if held is None:
            return found, False
        check = rules.compare_holder(found.qualification.company, held.card_holder, rule)
        if not check.needs_answer:
            return found, False
        match await ui.choose(holder_question(found, held, check)):
            case "yes":
                return found, True
            case "card":
                try:
                    await another_card()
                except LeftStep:
                    continue
                try:
                    found = await again()
                except (RuleError, InputError, ServerError, LeftStep):
                    found = await search(False)  # which keeps what was typed, and says what is wrong with it
            case "number" | Nav.BACK:
                found = await search(True)
            case _:
                raise LeftFlow


def holder_question(found: Found, certificate: Certificate, check: HolderCheck) -> Question:
    """R-06, R-32: both names side by side, what exactly differs or cannot be compared, and the ways on; the first one spoils nothing."""
    ways = ("card", "number", "no") if check.refused else ("card", "number", "yes", "no")
    options = tuple(Option(way, t(f"flow.holder.{way}"), t(f"flow.holder.{way}_means")) for way in ways)
    asked = t("flow.holder.must_match") if check.refused else t("flow.holder.question")
    lead = joined("\n", (*differences(found, certificate, check), asked))
    return Question("holder", t("flow.holder.title"), options, lead, careful=True)


def differences(found: Found, certificate: Certificate, check: HolderCheck) -> tuple[str, ...]:
    """What the qualification says, what the card says, and how they compare."""
    missing = t("common.missing")
    company = found.qualification.company
    said = [
        t("flow.holder.qualification", company=company.get("name") or missing, person=company.get("representative") or missing),
        t("flow.holder.card_says", company=certificate.company or missing, person=certificate.holder or missing),
    ]
    if found.qualification.state == "under_review":
        said.append(t("notice.under_review_holder"))
    for part, result in (("company", check.company), ("person", check.person)):
        if result is NameComparison.DIFFERS:
            said.append(t(f"flow.holder.{part}_differs"))
        elif result is NameComparison.INCOMPARABLE:
            said.append(t(f"flow.holder.{part}_unknown"))
    return tuple(said)


def company_fill(place: Place, certificate: Certificate | None) -> tuple[Fill, ...]:
    """What the fill key does on the search: 商号又は名称 as the card has it, where that can be compared and the field takes it."""
    name = next((f for f in place.profile.search_fields(place.agency.id) if f.kind == "name"), None)
    company = certificate.company if certificate else None
    if name is None or not company or not names.comparable(company):
        return ()
    value = fields.fitting(name, company, place.profile.policy_in(place.category.id))
    return (Fill("card", "search", {name.id: "company"}, {"company": value}),) if value else ()
