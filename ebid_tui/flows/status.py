"""F-5 登録状況: 業者概要 and 登録利用者一覧, and the short answer to 登録 or ICカード更新."""

from __future__ import annotations

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Server
from ebid_tui.domain import statement, waiting
from ebid_tui.domain.certificate import JAPAN
from ebid_tui.domain.records import SignedIn, Status, StatusAcceptance, StatusCard, Values
from ebid_tui.domain.serial_numbers import shown_serial
from ebid_tui.flows.agency_after_pin import settle_agency
from ebid_tui.flows.amend import registered_card
from ebid_tui.flows.card import seen_card
from ebid_tui.flows.known import NOTHING, Known, of_the_card
from ebid_tui.flows.leaving import answered
from ebid_tui.flows.mending import Flow, Instead
from ebid_tui.flows.place import Place
from ebid_tui.flows.register_pages import sections
from ebid_tui.flows.session import SignedInCard, at_the_server, card_at_hand, refuse_closed, told_after_the_pin
from ebid_tui.flows.standing import stand_for
from ebid_tui.flows.ui import Option, Question, Report, Row, Section, Ui
from ebid_tui.language import joined
from ebid_tui.messages import t


async def show_status(ui: Ui, cards: Cards, server: Server, place: Place, known: Known = NOTHING) -> None:
    """登録状況 of the vendor whose card is in the reader."""
    await refuse_closed(ui, server, place)
    async with card_at_hand(ui, cards, server, place, registered_card("status", known)) as at:
        await status_at_hand(at)


async def status_at_hand(at: SignedInCard) -> None:
    """The same with a card that is unlocked already."""
    await settle_agency(at)

    async def look(_: SignedIn) -> Status:
        return await at_the_server(at.ui, at.server.status(at.place.agency.id, at.place.category.id))

    await shown(at.ui, at.place, await told_after_the_pin(at, look))


async def shown(ui: Ui, place: Place, status: Status) -> None:
    """登録状況, read until it is closed; from here on it is known whose it is (R-47)."""
    stand_for(ui, place, status.qualification.vendor.number)
    await ui.read(status_report(place, status))


def status_report(place: Place, status: Status) -> Report:
    """業者概要 above 登録利用者一覧; every card with its state, its expiry and the days left (R-25, R-31)."""
    shown = {
        "company": status.qualification.company | {"company_id": status.company_id or ""},
        "representative_contact": status.representative_contact,
    }
    state = Row(t("flow.status.state"), t(f"flow.status.{status.qualification.state}"))
    overview = sections(place, "amendment", shown, ("company", "representative_contact"))
    listed = [section for number, card in enumerate(status.cards, start=1) for section in _card(place, number, card)]
    listed += _without_card(place, status)
    return Report(
        id="status",
        title=t("flow.status.title"),
        sections=(Section(t("flow.status.overview"), (state,)), *overview, *(listed or (Section(t("flow.status.cards"), ()),))),
        lead=t("flow.status.lead", count=sum(card.state == "active" and _days(card) >= 0 for card in status.cards)),
        close=t("common.back"),
    )


def _without_card(place: Place, status: Status) -> list[Section]:
    """What is registered without a card (R-36)."""
    if status.without_card is None:
        return []
    since = f"{status.without_card.registered_at.astimezone(JAPAN):%Y/%m/%d}"
    accepted = status.without_card.acceptance
    state = "active" if accepted is None or accepted.operation != "registration" else accepted.state
    said = t("flow.status.without_card_since", date=since) if state == "active" else t(f"flow.status.card_{state}")
    rows = (Row(t("flow.status.card_state"), said), *_acceptance(place, accepted))
    return [Section(t("flow.status.without_card"), rows), *_contact(place, status.without_card.contact)]


def _acceptance(place: Place, accepted: StatusAcceptance | None) -> tuple[Row, ...]:
    """What waits and what is to be done for it, or why it was refused."""
    if accepted is None:
        return ()
    profile = place.profile
    what = next((item.label for item in profile.menu.items if item.id == accepted.operation), "")
    date = f"{accepted.at.astimezone(JAPAN):%Y/%m/%d}"
    said = [t(f"acceptance.{accepted.state}", what=what, date=date, reason=accepted.reason)]
    if accepted.state == "waiting":
        said += waiting.to_do(profile.acceptance_of(accepted.operation, place.agency.id, place.category.id))
    return (Row(t("acceptance.to_do"), "\n".join(said), "!"),)


def _contact(place: Place, contact: Values) -> tuple[Section, ...]:
    """The card's own ICカード利用部署情報."""
    shown = {"card_contact": contact}
    return sections(place, "amendment", shown, ("card_contact",), shown) if contact else ()


def _days(card: StatusCard) -> int:
    """How many days the card has left; below 0 once it has expired."""
    return (card.card.not_after.astimezone(JAPAN).date() - statement.now().astimezone(JAPAN).date()).days


def _card(place: Place, number: int, card: StatusCard) -> tuple[Section, ...]:
    texts = place.profile.card
    labels = place.profile.labels("card_holder")
    missing = t("common.missing")
    local, days = card.card.not_after.astimezone(JAPAN), _days(card)
    state = "expired" if card.state == "active" and days < 0 else card.state
    warn = card.state == "active" and days <= place.profile.rules.expiry_warning_days
    until = t("flow.status.ended" if days < 0 else "flow.status.days", date=f"{local:%Y/%m/%d}", days=days)
    title = t("flow.status.card", number=number, this=t("flow.status.this_card") if card.this_card else "")
    own = Section(
        title,
        (
            Row(labels["company"], card.company or missing),
            Row(labels["person"], card.person or missing),
            Row(texts.serial_label, shown_serial(card.card, texts.serial), note=t("notice.serial")),
            Row(texts.not_after_label, until, "!" if warn else ""),
            Row(t("flow.status.card_state"), t(f"flow.status.card_{state}")),
            *_acceptance(place, card.acceptance),
        ),
    )
    return own, *_contact(place, card.contact)


ANSWERS = ("first", "both", "only_new", "number", "company", "authority", "unsure")


async def which_operation(ui: Ui, cards: Cards, place: Place) -> None:
    """登録 or ICカード更新? (R-08, R-09, R-10): a question, a look at the current card without its PIN, the answer with its reason.

    The flow that is the answer is begun from there (Instead), with what the card says.
    """
    options = tuple(Option(a, t(f"flow.which.{a}"), t(f"flow.which.{a}_means")) for a in ANSWERS)
    answer = answered(await ui.choose(Question("which", t("flow.which.title"), options, t("flow.which.lead"))))
    renewal = place.profile.renewal
    may_renew = {"only_new": "ask", "company": renewal.different_company, "authority": renewal.different_ca}
    operation: Flow = "registration"
    known = NOTHING
    if may_renew.get(answer) != "ask":
        reason = t(f"flow.which.{answer}_reason")
    else:
        seen, refused = await seen_card(ui, cards, place, place.profile.renewal.current_dialog)
        if refused is not None:  # what speaks against the current card is the reason to register
            known, reason = Known(of_the_card(place, seen), {}, refused=refused), t("flow.which.card_reason", title=refused.title)
        else:
            assert seen is not None
            until = t("flow.status.days", date=seen.not_after_text, days=seen.days_left(statement.now()))
            operation, reason = "renewal", t("flow.which.renewal_reason", until=until)
    label = next(item.label for item in place.profile.menu.items if item.id == operation)
    lead = [t("flow.which.verdict", label=label, reason=reason), *([t("mending.known")] if known.search else [])]
    options = (Option(operation, t("mending.flow", label=label)), Option("menu", t("mending.menu")))
    verdict = Question("verdict", t("flow.which.title"), options, joined("\n", lead), unasked="menu")
    if answered(await ui.choose(verdict)) == operation:
        raise Instead(operation, place, known)
