"""訓練: a caller's screens, step by step: the same flows, with demo cards and a demo server. Nothing real is touched."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from ebid_tui.card.interface import Cards
from ebid_tui.client.interface import Server
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.flows.begin import begin
from ebid_tui.flows.enter import keep_clock, visit
from ebid_tui.flows.leaving import LeftFlow, answered
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Option, Question, Report, Row, Section, Ui
from ebid_tui.messages import t

ENTRANCE = "entrance"


async def training(ui: Ui, cards: Cards, server: Server, profile: Profile, notes: tuple[tuple[str, str], ...]) -> None:
    """Choose what the caller does, and walk through it, as often as wanted. `notes` are the demo's vendors, passwords and PIN."""
    chosen = ""
    while True:
        try:
            chosen = answered(await ui.choose(_question(profile, chosen)))
        except LeftFlow:
            return
        if chosen == "notes":
            rows = tuple(Row(label, value) for label, value in notes)
            title, lead = t("desk.training.notes"), t("desk.training.notes_lead")
            await ui.read(Report("training_notes", title, (Section("", rows),), lead, t("common.back")))
        elif chosen == ENTRANCE:
            await visit(ui, cards, server, profile, way_out=True)
        else:
            with suppress(LeftFlow):
                await _one(ui, cards, server, profile, chosen)
        ui.forget()


def _question(profile: Profile, chosen: str) -> Question:
    menu = profile.menu
    options = [Option("notes", t("desk.training.notes"), t("desk.training.notes_means"))]
    options.append(Option(ENTRANCE, t("desk.training.entrance"), t("desk.training.entrance_means")))
    options += [Option(item.id, item.label) for item in menu.items]
    options.append(Option("status", t("flow.menu.status")))
    if profile.password_changed_here:
        options.append(Option("password", next((e.label for e in menu.entries if e.id == "password"), t("desk.training.password"))))
    return Question("training", t("desk.training.title"), tuple(options), t("desk.training.lead"), preset=chosen)


async def _one(ui: Ui, cards: Cards, server: Server, profile: Profile, flow: str) -> None:
    """One flow, after the agency and the category have been chosen."""
    agency = profile.agencies[0].id
    if not profile.single_agency:
        options = tuple(Option(a.id, a.name) for a in profile.agencies)
        agency = answered(await ui.choose(Question("agency", profile.agency_title, options, t("flow.agency.lead"))))
    categories = profile.categories_of(agency)
    category = categories[0].id
    if len(categories) > 1:
        options = tuple(Option(c.id, c.name) for c in categories)
        category = answered(await ui.choose(Question("category", profile.category_title, options, t("flow.category.lead"))))
    place = Place(profile, profile.agency(agency), profile.category(category))
    clock = asyncio.create_task(keep_clock(ui, server))
    try:
        await begin(ui, cards, server, place, "entry" if flow == "password" else "menu", flow)
    finally:
        clock.cancel()
        with suppress(asyncio.CancelledError):
            await clock
