"""A file that the loader takes goes through every flow, whatever a municipality thought of; the others are refused there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from ebid_tui.app import EbidApp
from ebid_tui.demo import cards
from ebid_tui.demo.cards import Wallet
from ebid_tui.domain import certificate as certificates
from ebid_tui.domain import renewal
from ebid_tui.domain.profile import systems
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Found, Qualification, Receipt, Vendor
from ebid_tui.errors import ProfileError
from ebid_tui.flows import register_pages, renew_pages
from ebid_tui.flows.enter import entrance_question
from ebid_tui.flows.place import Place
from ebid_tui.flows.propagating import propagation_row
from ebid_tui.flows.ui import Ui
from ebid_tui.server.store.schema import mail_outbox
from tests.clock import STARTED
from tests.e2e.clerk import Clerk, visits
from tests.e2e.every_flow import goes_through_every_flow
from tests.e2e.town import COMPANY, NUMBER, PASSWORD, QUALIFIED, Town, enter, issued
from tests.e2e.variations import REFUSED, WORKING, changed
from tests.screens.stage import Stage
from tests.server.running_server import Running, running
from tests.server.signing import Authority
from tests.wallets import of_today

OTHER = "AB77CD99"
SYSTEMS = {change.__name__: f"town{number:02}" for number, change in enumerate(WORKING)}


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ebid-") as made:
        yield Path(made)


@pytest.fixture(scope="module")
def profiles(directory: Path) -> dict[str, Profile]:
    """Every variation, loaded."""
    files = directory / "systems"
    files.mkdir()
    for change in WORKING:
        system = SYSTEMS[change.__name__]
        (files / f"{system}.toml").write_text(changed(system, change), "utf-8")
    return {name: systems.profile_of(system, files) for name, system in SYSTEMS.items()}


@pytest.fixture(scope="module")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    """The demo's authorities and cards; the server has the machine's clock."""
    return of_today(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def server(directory: Path, profiles: dict[str, Profile], wallet: Wallet) -> Iterator[Running]:
    """One server for all of them."""
    served = {"systems": tuple(SYSTEMS.values()), "system_directories": (directory / "systems",)}
    with running(directory, wallet, Authority(now=STARTED).der, **served) as made:
        with made.database(writing=True) as connection:
            for profile in profiles.values():
                enter(connection, profile, NUMBER, PASSWORD, "active", COMPANY)
        yield made


@pytest.mark.parametrize("name", SYSTEMS)
async def test_what_the_loader_takes_goes_through_every_flow(
    name: str, profiles: dict[str, Profile], server: Running, wallet: Wallet
) -> None:
    await goes_through_every_flow(profiles[name], server, wallet)


async def test_a_secret_number_is_in_no_mail_and_on_no_paper(profiles: dict[str, Profile], server: Running, wallet: Wallet) -> None:
    profile = profiles["secret_number"]
    with server.database(writing=True) as connection:
        enter(connection, profile, OTHER, PASSWORD, "active", COMPANY)
    town = Town(profile, server, {"fourth": issued(wallet, "test-ca", "fourth", 730)}, number_of_readers=2)
    receipt, _ = await visits(town, Clerk(profile, OTHER, {"menu": ["registration"], "card": ["fourth"]}))
    assert isinstance(receipt, Receipt)
    with server.database() as connection:
        mails = [row.subject + row.body for row in connection.execute(mail_outbox.select().where(mail_outbox.c.receipt_id == receipt.id))]
    assert mails
    place = Place(profile, profile.agency(receipt.vendor.agency), profile.category(receipt.vendor.category))
    shown = register_pages.done(place, receipt)
    assert OTHER not in "".join(mails) + repr((shown.page, shown.summary, shown.where, shown.notices))


@pytest.mark.parametrize("number_of_readers", [1, 2])
async def test_a_registered_card_and_then_the_new_one_in_line_mode(
    number_of_readers: int, profiles: dict[str, Profile], server: Running, wallet: Wallet
) -> None:
    profile, number = profiles["registered_card_vouches"], f"AB77CE{number_of_readers:02}"
    with server.database(writing=True) as connection:
        enter(connection, profile, number, PASSWORD, "active", COMPANY)
    names = [f"{name}-{number_of_readers}" for name in ("earlier", "later")]
    held = {name: issued(wallet, "test-ca", name, 740 + 10 * number_of_readers + n) for n, name in enumerate(names)}
    town = Town(profile, server, held, number_of_readers=number_of_readers)
    receipt, _ = await visits(town, Clerk(profile, number, {"menu": ["registration"], "card": names[:1]}))
    assert isinstance(receipt, Receipt)
    receipt, said = await visits(town, Clerk(profile, number, {"menu": ["registration"], "vouch": ["card"], "card": list(names)}))
    assert isinstance(receipt, Receipt), said
    assert receipt.vendor.number == number
    assert "<search." not in said


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_work_is_refused_with_file_key_and_reason(name: str, tmp_path: Path) -> None:
    change, key, reason = REFUSED[name]
    (tmp_path / "town.toml").write_text(changed("town", change), "utf-8")
    with pytest.raises(ProfileError) as caught:
        systems.load(tmp_path / "town.toml")
    assert (caught.value.file, caught.value.key) == ("town.toml", key)
    assert reason in caught.value.reason


@pytest.mark.parametrize("name", ["long_words", "least_forms", "nothing_of_its_own", "every_text_of_a_sentence"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_its_screens_hold_together(
    name: str, size: tuple[int, int], profiles: dict[str, Profile], wallet: Wallet, tmp_path: Path
) -> None:
    """Every page of 登録 and 更新, scrolled through at both sizes: nothing crashes, and every input stands on its own row."""
    profile = profiles[name]
    reports = tmp_path / "reports"
    certificate = certificates.read(cards.certificate(wallet, "ise-new"))
    place = Place(profile, profile.agencies[0], profile.categories[0])
    vendor = Vendor(system=profile.id, agency=place.agency.id, category=place.category.id, number=NUMBER)
    found = Found(
        qualification=Qualification(vendor=vendor, state="approved", trade_name=COMPANY, company=dict(QUALIFIED)),
        representative_contact={},
        later_card=False,
    )
    clerk = Clerk(profile, NUMBER, {})
    form = register_pages.registration_form(place, found, certificate.card_holder, {}, {})
    typed = {b.id: {f.id: clerk.value(b.id, f) for f in b.fields if f.input} for b in form.blocks}
    shown = register_pages.confirmed_blocks(form, typed)
    receipt = Receipt(
        id="TOWN-1",
        operation="registration",
        vendor=vendor,
        blocks=shown,
        card=certificate.record,
        company_id=None,
        mail_to="a@minato.example",
        check="0" * 16,
        at=certificate.not_before,
    )
    rows = renewal.rows(profile, QUALIFIED, certificate, certificate)

    async def show(ui: Ui) -> None:
        ui.clock(certificate.not_before)
        for step in ("agency", "category", "entry", "selection", "menu"):
            await ui.choose(entrance_question(step, profile, place.agency.id, first=False))
        await ui.fill(register_pages.search_form(place, {}, {}, None))
        await ui.fill(form)
        await ui.review(register_pages.registration_review(place, shown, certificate, False))
        await ui.compare(renew_pages.comparison(place, rows, certificate, propagation_row(ui, place)))
        await ui.done(register_pages.done(place, receipt))

    app = EbidApp(profile, show, reports=reports)
    async with app.run_test(size=size) as pilot:
        stage = Stage(app, pilot)
        seen = ""
        for _ in range(10):
            await stage.came(lambda: getattr(app.screen, "seen_at", 0.0) < float("inf"))
            before = app.screen
            for key in ("end", "pagedown", "home"):
                seen += await stage.press(key)
            await stage.press("escape")
            await stage.came(partial(lambda before: app.screen is not before or not app.is_running, before))
        for block in form.blocks:
            for field in block.fields:
                lines = [line for line in seen.splitlines() if line[2:].startswith(field.label[:4])]
                assert any(("[" in line) == field.input for line in lines), field.label
    assert not reports.exists(), "it crashed"
