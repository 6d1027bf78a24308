"""Our own monitor through a real `pcscd`: readers plugged in and out, the daemon stopped and started, and what waiting costs."""

from __future__ import annotations

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.app import EbidApp
from ebid_tui.card.interface import ReaderState
from ebid_tui.card.pcsc.daemon_socket import DaemonSocket
from ebid_tui.card.pcsc.readers import PcscBackend
from ebid_tui.card.worker import CardWorker
from ebid_tui.domain import statement
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.errors import CardError, CardRemoved, NoReader
from ebid_tui.flows.card import HeldCard, WantedCard, unlocked_card
from ebid_tui.flows.ui import Ui
from tests.card.pcscd import CardProcess, PrivatePcscd, missing
from tests.card.plastic import CertificateAuthority, pin
from tests.card.plugs import Plugs
from tests.card.plugs import missing as missing_plugs
from tests.card.readers_seen import inserted, settled
from tests.card.vpcd import save_cards
from tests.clock import NOW
from tests.flows.conftest import place_of
from tests.patience import long, looking, scaled
from tests.screens.stage import Stage, still
from tests.wallets import of_today

pytestmark = pytest.mark.pcscd

ROOT = Path(__file__).resolve().parents[3]
CPU_MS_PER_IDLE_MINUTE = 5.0
WAKINGS_PER_IDLE_MINUTE = 0
LATER_THAN_A_BARE_LOOP_MS = 5.0
RATIO_TO_A_BARE_LOOP = 1.05


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    ca = CertificateAuthority(now=NOW)
    cards = {"ec": {0x9A: ca.slot("p256")}, "other": {0x9A: ca.slot("p256", owner="other")}}
    return save_cards(tmp_path_factory.mktemp("cards"), cards)


@pytest.fixture
def cards(pcscd: PrivatePcscd, stock: dict[str, Path]) -> Iterator[CardProcess]:
    with CardProcess(pcscd.ports[0], stock) as process:
        yield process


async def named(worker: CardWorker, *names: str) -> None:
    """Wait until exactly these readers are there."""
    async for _ in looking(0.004):
        if sorted(r.name for r in worker.readers()) == sorted(names):
            return
    raise TimeoutError(worker.readers())


# ---- readers come and go -------------------------------------------------------------------------------------------


@pytest.fixture
def plugs(short_dir: Path) -> Iterator[Plugs]:
    """Readers that are not plugged in yet."""
    if lacking := missing() or missing_plugs():
        pytest.skip(lacking)
    with Plugs(short_dir, "Further", "Second", "Third") as made:
        yield made


@pytest.fixture
def machine(plugs: Plugs, tmp_path: Path, pcscd_socket: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivatePcscd]:
    """A daemon on a machine with a built-in reader, and sockets to plug others in."""
    monkeypatch.setitem(os.environ, "PCSCLITE_CSOCK_NAME", str(pcscd_socket))
    with PrivatePcscd(tmp_path, pcscd_socket, environment=plugs.environment) as daemon:
        yield daemon


@pytest.fixture
def plugging(machine: PrivatePcscd) -> Iterator[CardWorker]:
    """The card thread of a program that was started before any reader was plugged in."""
    worker = CardWorker(PcscBackend())
    worker.start()
    yield worker
    worker.stop()


def slots(name: str) -> tuple[str, str]:
    return f"{name} 00 00", f"{name} 00 01"


async def test_a_reader_plugged_in_while_running_is_seen_and_used(
    machine: PrivatePcscd, plugging: CardWorker, plugs: Plugs, stock: dict[str, Path]
) -> None:
    await named(plugging, *machine.readers)
    port = plugs.plug_in("Further")
    await named(plugging, *machine.readers, *slots("Further"))
    with CardProcess(port, stock) as cards:
        cards.insert("ec")
        await settled(plugging, False, False, True, False)
        session = await plugging.open()
        assert session.reader == slots("Further")[0]
        await session.verify(pin())
        assert await session.sign(b"x")


async def test_a_reader_pulled_out_with_a_card_in_it_ends_that_session_only(
    machine: PrivatePcscd, plugging: CardWorker, plugs: Plugs, stock: dict[str, Path]
) -> None:
    port = plugs.plug_in("Further")
    with CardProcess(machine.ports[0], stock) as left, CardProcess(port, stock) as right:
        left.insert("ec")
        right.insert("other")
        await settled(plugging, True, False, True, False)
        stays, goes = [await plugging.open(name) for name in (machine.readers[0], slots("Further")[0])]
        plugs.unplug("Further")
        await named(plugging, *machine.readers)
        assert (stays.alive, goes.alive) == (True, False)
        with pytest.raises((CardRemoved, NoReader)):
            await goes.verify(pin(b"999999"))
        assert right.tries_left() == 3
        await stays.verify(pin())
        assert await stays.sign(b"x")


async def test_the_only_reader_out_and_in_again(
    plugs: Plugs, tmp_path: Path, pcscd_socket: Path, stock: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "PCSCLITE_CSOCK_NAME", str(pcscd_socket))
    worker = CardWorker(PcscBackend())
    with PrivatePcscd(tmp_path, pcscd_socket, environment=plugs.environment, built_in=False):
        worker.start()
        with pytest.raises(NoReader) as none:
            await worker.open()
        assert none.value.code == "E-NO-READER"
        for _ in range(2):
            port = plugs.plug_in("Further")
            await named(worker, *slots("Further"))
            with CardProcess(port, stock) as cards:
                assert (await inserted(worker, cards, "ec")).alive
                plugs.unplug("Further")
                await named(worker)
        worker.stop()


async def test_readers_plugged_in_right_behind_each_other_are_all_seen(machine: PrivatePcscd, plugging: CardWorker, plugs: Plugs) -> None:
    names = ("Further", "Second", "Third")
    for name in names:
        plugs.plug_in(name)
    await named(plugging, *machine.readers, *(slot for name in names for slot in slots(name)))
    for name in names:
        plugs.unplug(name)
    await named(plugging, *machine.readers)


async def test_the_count_of_insertions_is_told_so_that_a_swap_is_seen(pcsc_worker: CardWorker, cards: CardProcess) -> None:
    told: list[ReaderState] = []
    pcsc_worker.watch(lambda readers: told.append(readers[0]))
    await inserted(pcsc_worker, cards, "ec")
    first = pcsc_worker.readers()[0].count
    cards.remove()
    await settled(pcsc_worker, False, False)
    await inserted(pcsc_worker, cards, "other")
    assert pcsc_worker.readers()[0].count == first + 2
    counts = [state.count for state in told]
    assert counts == sorted(set(counts)), "every change once, in order"


# ---- the daemon goes and comes -------------------------------------------------------------------------------------


async def test_the_daemon_ends_while_an_apdu_is_on_its_way(pcscd: PrivatePcscd, pcsc_worker: CardWorker, stock: dict[str, Path]) -> None:
    with CardProcess(pcscd.ports[0], stock) as cards:
        session = await inserted(pcsc_worker, cards, "ec")
        cards.accident(0, "mute")
        entry = asyncio.ensure_future(session.sign(b"x"))
        await asyncio.sleep(0.1)
        pcscd.stop()
        with pytest.raises(CardError) as ended:
            await asyncio.wait_for(entry, long())
        assert isinstance(ended.value, NoReader | CardRemoved)
    pcscd.start()
    await settled(pcsc_worker, False, False)  # what was there before the daemon ended is not what is there now
    with CardProcess(pcscd.ports[0], stock) as cards:
        again = await inserted(pcsc_worker, cards, "ec")
        await again.verify(pin())
        assert await again.sign(b"x")


async def test_the_daemon_ends_while_a_pin_is_typed_and_the_flow_goes_on_with_the_next_one(
    pcscd: PrivatePcscd, pcsc_worker: CardWorker, tmp_path: Path
) -> None:
    got: list[object] = []

    async def flow(ui: Ui) -> None:
        ui.clock(statement.now())
        got.append(await unlocked_card(ui, pcsc_worker, place_of("ise"), statement.now(), WantedCard("カードを入れる", "again")))
        await asyncio.Event().wait()

    app = EbidApp(profile_of("ise"), flow, cards=pcsc_worker, clock=still())
    with CardProcess(pcscd.ports[0], demo=of_today(tmp_path / "demo")) as cards:
        cards.insert("ise-new")
        await settled(pcsc_worker, True, False)
        async with app.run_test(size=(80, 24)) as pilot:
            s = Stage(app, pilot)
            await s.until("PIN番号入力ダイアログ")
            typed = s.page._pin
            await s.press(*"1234")
            pcscd.stop()
            await s.until("ICカードが抜かれました")
            assert len(typed) == 0
            pcscd.start()
            await settled(pcsc_worker, False, False)
            with CardProcess(pcscd.ports[0], demo=of_today(tmp_path / "demo")) as again:
                again.insert("ise-new")
                await settled(pcsc_worker, True, False)
                await s.until("PIN番号入力ダイアログ")
                await s.press(*"123456", "enter")
                await s.came(lambda: bool(got))
                assert isinstance(got[0], HeldCard)
                assert again.tries_left() == 3


async def test_a_daemon_that_starts_is_found_at_once(pcscd: PrivatePcscd, pcsc_worker: CardWorker) -> None:
    await named(pcsc_worker, *pcscd.readers)
    pcscd.stop()
    await named(pcsc_worker)
    await asyncio.sleep(4.5)  # it has stopped trying: the socket's directory tells
    pcscd.start()
    begun = time.monotonic()
    await named(pcsc_worker, *pcscd.readers)
    assert time.monotonic() - begun < scaled(2)


async def test_many_restarts(pcscd: PrivatePcscd, pcsc_worker: CardWorker, stock: dict[str, Path]) -> None:
    for _ in range(5):
        pcscd.stop()
        pcscd.start()
    with CardProcess(pcscd.ports[0], stock) as cards:
        await settled(pcsc_worker, False, False)
        assert (await inserted(pcsc_worker, cards, "ec")).alive


def test_a_socket_in_a_directory_that_does_not_exist_yet(short_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = short_dir / "pcscd" / "pcscd.comm"
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(path))
    awaited = DaemonSocket()
    awaited.arm()
    awaited._pause = 100.0
    (short_dir / "something else").touch()
    path.parent.mkdir()
    awaited.wait()  # the directory
    awaited.arm()
    awaited._pause = 100.0
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        awaited.wait()  # the socket
    awaited._pause = 100.0
    awaited.nudge()
    awaited.wait()
    awaited.close()
    awaited.nudge()


# ---- what it costs -------------------------------------------------------------------------------------------------


def test_under_5_ms_of_cpu_in_an_idle_minute_and_not_one_waking(pcscd: PrivatePcscd, cards: CardProcess, short_dir: Path) -> None:
    """With a daemon, two readers and a card; and with no daemon at all."""
    seconds = 10.0
    cards.insert("ec")
    command = [sys.executable, "-m", "tests.card.idle_monitor", "4", str(seconds)]
    nobody = {**os.environ, "PCSCLITE_CSOCK_NAME": str(short_dir / "pcscd.comm")}
    programs = [subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True) for env in (pcscd.env, nobody)]
    for program, expected in zip(programs, (2, 0), strict=True):
        out = program.communicate(timeout=long())[0].split()
        cpu, wakings, readers = float(out[0]) * 60 / seconds, int(out[1]) * 60 / seconds, int(out[2])
        print(f"idle minute, {expected} readers: {cpu:.2f} ms CPU, {wakings:.0f} wakings")
        assert readers == expected
        assert cpu < CPU_MS_PER_IDLE_MINUTE
        assert wakings <= WAKINGS_PER_IDLE_MINUTE


def test_events_come_as_fast_as_to_a_bare_loop(pcscd: PrivatePcscd, cards: CardProcess) -> None:
    events = 12
    command = [sys.executable, "-m", "tests.card.event_race", pcscd.readers[0], str(events)]
    with subprocess.Popen(command, env=pcscd.env, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        seen: dict[str, list[int]] = {"ours": [], "bare": [], "ready": []}
        ordered: list[int] = []

        def hear() -> None:
            assert program.stdout
            who, at = program.stdout.readline().split()
            seen[who].append(int(at))

        hear()
        for number in range(events):
            time.sleep(0.07 * (number % 6))  # not in step with the driver's own looking, every 400 ms
            ordered.append(time.monotonic_ns())
            cards.insert("ec") if number % 2 == 0 else cards.remove()
            hear()
            hear()
        program.wait(long())
    assert len(seen["ours"]) == len(seen["bare"]) == events
    later = [(ours - bare) / 1e6 for ours, bare in zip(seen["ours"], seen["bare"], strict=True)]
    ratio = sum(o - at for o, at in zip(seen["ours"], ordered, strict=True)) / sum(
        b - at for b, at in zip(seen["bare"], ordered, strict=True)
    )
    print(f"later than a bare loop: median {statistics.median(later):.2f} ms, ratio {ratio:.3f}")
    assert statistics.median(later) < LATER_THAN_A_BARE_LOOP_MS
    assert ratio < RATIO_TO_A_BARE_LOOP


def test_no_descriptor_is_left_behind(pcscd: PrivatePcscd) -> None:
    def once() -> None:
        worker = CardWorker(PcscBackend())
        worker.start()
        while len(worker.readers()) != 2:
            time.sleep(0.005)
        worker.stop()

    once()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        once()
    time.sleep(0.1)
    assert len(os.listdir("/proc/self/fd")) <= before
