"""Two cards are in, and the way to them is slow, or one of them came a moment ago: no PIN goes to the card that is not meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ebid_tui.card.pcsc.readers import PcscBackend
from ebid_tui.card.worker import CardWorker
from ebid_tui.demo.virtual_card import JPKI_AID, SlotKey, VirtualCard
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.domain import certificate as certificates
from ebid_tui.errors import CardChanged, SeveralCards
from ebid_tui.flows.card import HeldCard, WantedCard, unlocked_card
from ebid_tui.flows.ui import Nav, Question
from ebid_tui.plain.answers import UnexpectedPrompt
from ebid_tui.plain.script import Script
from ebid_tui.plain.voice import PlainUi
from tests.card.pcscd import CardProcess, PrivatePcscd, missing
from tests.card.plastic import CertificateAuthority, private_key
from tests.card.slow_socket import slow_socket
from tests.card.softhsm import PIN as TOKEN_PIN
from tests.card.softhsm import Rogue, SoftHsm, Start, Stored
from tests.card.vpcd import save_card
from tests.clock import NOW
from tests.e2e.office import noticed
from tests.flows.conftest import place_of
from tests.flows.script import ScriptUi, outcome

OURS, OTHERS = b"123456", b"654321"
NAMES = ("ours", "others")


@pytest.fixture(scope="module")
def slots(ca: CertificateAuthority) -> dict[str, SlotKey]:
    """Two companies' keys: their certificates differ in owner and serial number."""
    return {name: SlotKey(private_key("p256", name), ca.certificate("p256", owner=name, serial=700 + n)) for n, name in enumerate(NAMES)}


def chosen(slot: SlotKey) -> Callable[[Question], str]:
    """The answer to `which_card` that names this card."""
    fingerprint = certificates.read(slot.certificate).fingerprint

    def answer(question: Question) -> str:
        assert fingerprint in [option.id for option in question.options]
        return fingerprint

    return answer


async def unlocked(worker: CardWorker, ui: Any) -> HeldCard | Nav:
    held = await unlocked_card(ui, worker, place_of("ise"), NOW, WantedCard("lead", "again"))
    if isinstance(held, HeldCard):
        await held.session.close()
    return held


def scripted(file: Path, *lines: str) -> Script:
    """These lines, and a PIN."""
    file.write_text("".join(f"{line}\n" for line in ("card: ok", *lines, "pin: 654321")))
    return Script(file)


async def refused_script(worker: CardWorker, file: Path, *lines: str) -> UnexpectedPrompt:
    """How a script ends that has these lines and a PIN."""
    with pytest.raises(UnexpectedPrompt) as unexpected:
        await unlocked(worker, PlainUi(scripted(file, *lines), worker))
    return unexpected.value


# ---- through pcscd, 50 ms a read ----------------------------------------------------------------------------------------


class Readers:
    """Both readers with a card, one a company's and one another's; `tries` of both, by the cards' own counters."""

    def __init__(self, cards: dict[str, CardProcess], slots: dict[str, SlotKey]) -> None:
        self.cards, self.slots = cards, slots

    @property
    def tries(self) -> dict[str, int]:
        return {name: card.tries_left() for name, card in self.cards.items()}


@pytest.fixture(params=[NAMES, NAMES[::-1]], ids=["ours first", "others first"])
def slow_readers(
    request: pytest.FixtureRequest, tmp_path: Path, pcscd_socket: Path, slots: dict[str, SlotKey], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Readers]:
    if lacking := missing():
        pytest.skip(lacking)
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(pcscd_socket))
    saved = {name: tmp_path / name for name in NAMES}
    for name, number in zip(NAMES, (OURS, OTHERS), strict=True):
        save_card(saved[name], {0x9A: slots[name]}, pin=number.decode())
    with ExitStack() as stack:
        daemon = stack.enter_context(PrivatePcscd(tmp_path, tmp_path / "daemon"))
        cards = {name: stack.enter_context(CardProcess(port, saved)) for name, port in zip(request.param, daemon.ports, strict=True)}
        for name, card in cards.items():
            card.insert(name)
        for reader in daemon.readers:
            noticed(daemon, reader, "present")
        stack.enter_context(slow_socket(pcscd_socket, daemon.socket_path, 0.05))
        yield Readers(cards, slots)


@pytest.mark.pcscd
async def test_the_pin_goes_to_the_card_that_was_chosen(slow_readers: Readers) -> None:
    """A card thread that has only just started knows of no reader yet: that is no reason to take the first that opens. More than two
    seconds, for every read takes 50 ms: that is what it is about."""
    second = list(slow_readers.cards)[1]
    worker = CardWorker(PcscBackend(), clock=lambda: NOW)
    worker.start()
    pin = {"ours": OURS, "others": OTHERS}[second]
    try:
        held = await unlocked(worker, ScriptUi(("card", True), ("which_card", chosen(slow_readers.slots[second])), ("pin", pin)))
    finally:
        worker.stop()
    assert isinstance(held, HeldCard)
    assert held.certificate.holder == f"KOJIN JURO{second}"
    assert slow_readers.tries == {"ours": 3, "others": 3}


# ---- a module that takes its time, or none ends --------------------------------------------------------------------------


@pytest.fixture
def card(slots: dict[str, SlotKey]) -> VirtualCard:
    """Our company's card, for a reader; the other company's is the token of the module."""
    return VirtualCard({0x9A: slots["ours"]}, OURS)


@pytest.fixture
def reader(card: VirtualCard) -> VirtualReader:
    made = VirtualReader("Virtual Reader 00")
    made.insert(card)
    return made


@pytest.mark.parametrize("name", NAMES)
async def test_a_token_of_a_slow_module_counts(
    name: str, start: Start, hsm: SoftHsm, rogue: Rogue, reader: VirtualReader, card: VirtualCard, slots: dict[str, SlotKey], tmp_path: Path
) -> None:
    """The module takes longer than the person needs to say that the card is in."""
    hsm.token("others", Stored(slots["others"]))
    rogue.order("C_GetSlotList slow=80")
    worker = start(rogue.path, backends=[reader])
    await refused_script(worker, tmp_path / "script")
    assert not any(line.startswith("login") for line in rogue.calls)
    pin = {"ours": OURS, "others": TOKEN_PIN}[name]
    held = await unlocked(worker, ScriptUi(("card", True), ("which_card", chosen(slots[name])), ("pin", pin)))
    assert isinstance(held, HeldCard)
    assert held.certificate.fingerprint == certificates.read(slots[name].certificate).fingerprint
    assert card.tries_left == 3
    assert [line for line in rogue.calls if line.startswith("login")] == ["login user=1 length=11\n".strip()] * (name == "others")


@pytest.mark.parametrize("fault", ["hang", "30"])
async def test_a_module_without_an_answer_is_told_and_the_person_is_asked(
    fault: str,
    start: Start,
    hsm: SoftHsm,
    rogue: Rogue,
    reader: VirtualReader,
    card: VirtualCard,
    slots: dict[str, SlotKey],
    tmp_path: Path,
) -> None:
    """One card is known, and that is not all there may be: a person says that it is the one, a script has to have named it."""
    rogue.order(f"C_GetSlotList {fault}")
    worker = start(rogue.path, backends=[reader], seconds=0.5)
    await refused_script(worker, tmp_path / "script")
    assert card.tries_left == 3
    ui = ScriptUi(("card", True), ("which_card", chosen(slots["ours"])), ("pin", OURS))
    assert isinstance(await unlocked(worker, ui), HeldCard)
    (question,) = ui.asked(Question)
    assert "librogue.so" in question.lead
    assert question.preset == ""


async def test_a_module_that_is_not_there_asks_nothing(start: Start, reader: VirtualReader, tmp_path: Path) -> None:
    """It holds no card, whatever else is to be said of it (E-MODULE-MISSING)."""
    worker = start(str(tmp_path / "none.so"), backends=[reader])
    assert isinstance(await unlocked(worker, ScriptUi(("card", True), ("pin", OURS))), HeldCard)


# ---- in process ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def worker_over(slots: dict[str, SlotKey]) -> Iterator[Callable[..., CardWorker]]:
    """A card thread over readers with these cards (None: an empty reader), started this moment."""
    started: list[CardWorker] = []

    def begin(*cards: VirtualCard | None) -> CardWorker:
        readers = [VirtualReader(f"Virtual Reader {number:02}") for number in range(len(cards))]
        for made, card in zip(readers, cards, strict=True):
            if card is not None:
                made.insert(card, upside_down=not card.slots and not card.aids)
        started.append(CardWorker(*readers, clock=lambda: NOW))
        started[-1].start()
        return started[-1]

    yield begin
    for worker in started:
        worker.stop()


async def test_what_makes_a_choice_and_what_does_not(
    worker_over: Callable[..., CardWorker], card: VirtualCard, slots: dict[str, SlotKey]
) -> None:
    """Refused cards and empty readers are no choice; a card that does not answer may be any, and so it is one."""
    refused, other, dead = VirtualCard({}, aids=(JPKI_AID,)), VirtualCard({0x9A: slots["others"]}, OTHERS), VirtualCard({}, aids=())
    alone = [("card", True), ("pin", OURS)]
    asked = [("card", True), ("which_card", chosen(slots["ours"])), ("pin", OURS)]
    for cards, answers in (
        ((None, card), alone),
        ((refused, card), alone),
        ((card, refused, None), alone),
        ((other, card), asked),
        ((card, other), asked),
        ((dead, card), asked),
    ):
        assert isinstance(await unlocked(worker_over(*cards), ScriptUi(*answers)), HeldCard)
    assert (card.tries_left, other.tries_left) == (3, 3)


async def test_a_script_names_a_card_by_whose_it_is_and_never_by_its_place(
    worker_over: Callable[..., CardWorker], card: VirtualCard, slots: dict[str, SlotKey], tmp_path: Path
) -> None:
    other = VirtualCard({0x9A: slots["others"]}, OTHERS)
    certificate = certificates.read(slots["others"].certificate)
    file = tmp_path / "script"
    for name in ("1", "2", "", "TEST KOJI", "Virtual Reader 01"):  # both cards are of TEST KOJI
        await refused_script(worker_over(card, other), file, f"which_card: {name}")
    for name in ("701", "2BD", certificate.fingerprint, "kojin juroothers"):
        worker = worker_over(card, other)
        held = await unlocked(worker, PlainUi(scripted(file, f"which_card: {name}"), worker))
        assert isinstance(held, HeldCard)
        assert held.certificate.fingerprint == certificate.fingerprint
    unexpected = await refused_script(worker_over(card), file, "which_card: 701")
    assert "701" in unexpected.lines[0]  # the one that was named is not in: its PIN goes nowhere
    assert (card.tries_left, other.tries_left) == (3, 3)


async def test_a_card_that_was_swapped_after_the_choice_gets_no_pin(
    worker_over: Callable[..., CardWorker], card: VirtualCard, slots: dict[str, SlotKey]
) -> None:
    other = VirtualCard({0x9A: slots["others"]}, OTHERS)
    worker = worker_over(card, other)
    reader: Any = worker._readers.sources[0]

    def swapped(question: Question) -> str:
        answer = chosen(slots["ours"])(question)
        reader.insert(VirtualCard({0x9A: slots["others"]}, OTHERS))
        return answer

    ui = ScriptUi(("card", True), ("which_card", swapped), ("card", Nav.CANCEL))
    assert await outcome(unlocked(worker, ui)) is Nav.CANCEL
    assert [type(error) for error in ui.told] == [CardChanged]
    with pytest.raises(SeveralCards):
        await worker.open()
