"""F-5 登録状況: 業者概要 and 登録利用者一覧, and the short answer to 登録 or ICカード更新."""

from __future__ import annotations

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Server
from ebid_tui.domain import statement
from ebid_tui.domain.certificate import JAPAN, Certificate
from ebid_tui.domain.profile.systems import Operation
from ebid_tui.domain.records import SignedIn, Status, StatusCard
from ebid_tui.errors import RuleError
from ebid_tui.flows.card import WantedCard, seen_card
from ebid_tui.flows.leaving import answered
from ebid_tui.flows.place import Place
from ebid_tui.flows.register_pages import sections
from ebid_tui.flows.session import at_the_server, card_at_hand, refuse_closed, told_after_the_pin
from ebid_tui.flows.ui import Option, Question, Report, Row, Section, Ui
from ebid_tui.messages import t


async def show_status(ui: Ui, cards: Cards, server: Server, place: Place) -> None:
    """登録状況 of the vendor whose card is in the reader."""
    await refuse_closed(ui, server, place)

    async def look(_: SignedIn) -> Status:
        return await at_the_server(ui, server.status(place.agency.id, place.category.id))

    async with card_at_hand(ui, cards, server, place, WantedCard(t("flow.card.registered"), t("flow.card.same"))) as at:
        await ui.read(status_report(place, await told_after_the_pin(at, look)))


def status_report(place: Place, status: Status) -> Report:
    """業者概要 above 登録利用者一覧; every card with its state, its expiry and the days left (R-25, R-31)."""
    shown = {
        "company": status.qualification.company | {"company_id": status.company_id or ""},
        "representative_contact": status.representative_contact,
    }
    state = Row(t("flow.status.state"), t(f"flow.status.{status.qualification.state}"))
    overview = sections(place, "amendment", shown, ("company", "representative_contact"))
    cards = tuple(_card(place, number, card) for number, card in enumerate(status.cards, start=1))
    return Report(
        id="status",
        title=t("flow.status.title"),
        sections=(Section(t("flow.status.overview"), (state,)), *overview, *(cards or (Section(t("flow.status.cards"), ()),))),
        lead=t("flow.status.lead", count=len(cards)),
        close=t("common.back"),
    )


def _card(place: Place, number: int, card: StatusCard) -> Section:
    texts = place.profile.card
    labels = place.profile.labels("card_holder")
    missing = t("common.missing")
    local = card.card.not_after.astimezone(JAPAN)
    days = (local.date() - statement.now().astimezone(JAPAN).date()).days
    warn = card.state == "active" and days <= place.profile.rules.expiry_warning_days
    until = t("flow.status.ended" if days < 0 else "flow.status.days", date=f"{local:%Y/%m/%d}", days=days)
    title = t("flow.status.card", number=number, this=t("flow.status.this_card") if card.this_card else "")
    return Section(
        title,
        (
            Row(labels["company"], card.company or missing),
            Row(labels["person"], card.person or missing),
            Row(texts.serial_label, card.card.serial, note=t("notice.serial")),
            Row(texts.not_after_label, until, "!" if warn else ""),
            Row(t("flow.status.card_state"), t(f"flow.status.card_{card.state}")),
        ),
    )


ANSWERS = ("first", "both", "only_new", "number", "company", "authority", "unsure")


async def which_operation(ui: Ui, cards: Cards, place: Place) -> None:
    """登録 or ICカード更新? (R-08, R-09, R-10): a question, a look at the current card without its PIN, the answer with its reason."""
    options = tuple(Option(a, t(f"flow.which.{a}"), t(f"flow.which.{a}_means")) for a in ANSWERS)
    answer = answered(await ui.choose(Question("which", t("flow.which.title"), options, t("flow.which.lead"))))
    renewal = place.profile.renewal
    may_renew = {"only_new": "ask", "company": renewal.different_company, "authority": renewal.different_ca}
    if may_renew.get(answer) == "ask":
        operation, reason = _by_the_card(await seen_card(ui, cards, place, place.profile.renewal.current_dialog))
    else:
        operation, reason = "registration", t(f"flow.which.{answer}_reason")
    label = next(item.label for item in place.profile.menu.items if item.id == operation)
    await ui.read(Report("verdict", t("flow.which.title"), (), t("flow.which.verdict", label=label, reason=reason), t("common.back")))


def _by_the_card(seen: Certificate | RuleError) -> tuple[Operation, str]:
    """R-09: a current card that still counts can be renewed; what speaks against it is the reason to register."""
    if isinstance(seen, RuleError):
        return "registration", t("flow.which.card_reason", title=seen.title)
    until = t("flow.status.days", date=seen.not_after_text, days=seen.days_left(statement.now()))
    return "renewal", t("flow.which.renewal_reason", until=until)
