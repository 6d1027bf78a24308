"""Any accident at any APDU of any flow: a true message, no try that nobody entered, nothing registered that was not shown, and on it goes.

The APDUs of a flow are counted first. `make test` takes every sixth of them, others for each kind of accident;
`make accidents` (ACCIDENTS=all) takes every one.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest

from ebid_tui.demo.cards import Wallet
from tests.accidents.counter import Counter
from tests.accidents.kinds import KINDS, Kind
from tests.accidents.stage import Faults, Stage
from tests.accidents.ways import WAYS, WITHOUT_A_CARD, Way

STRIDE = 1 if os.environ.get("ACCIDENTS") == "all" else 6


THEN_LEFT = frozenset({"pulled", "reset", "mute-after-the-work", "stalled-then-late", "unknown-status", "truncated"})
"""Kinds after which the person is also seen to leave, instead of going on."""


@pytest.fixture(scope="module")
def counted() -> dict[str, list[int]]:
    """By way: the APDUs of each reader where nothing happens; the first accident of a way counts them for all."""
    return {}


@pytest.fixture
def faults() -> Iterator[Faults]:
    """What is logged at ERROR or above while a test runs."""
    handler = Faults()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
async def test_an_accident_at_every_apdu(
    way: Way, kind: Kind, wallet: Wallet, counter: Counter, faults: Faults, counted: dict[str, list[int]], record_property: Any
) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.found.append(str(context)))
    stage = Stage(way, wallet, counter, faults)
    await stage.prepared()
    if way.name not in counted:
        await stage.once(None)
        counted[way.name] = [reader.seen for reader in stage.readers]
    apdus = counted[way.name]
    assert all(apdus)
    wrong: list[str] = []
    met = 0
    for place, at in enumerate([(reader, n) for reader, count in enumerate(apdus) for n in range(count)]):
        if (place + KINDS.index(kind)) % STRIDE:
            continue
        try:
            person = await stage.once(kind, *at)
            met += any(reader.hit for reader in person.readers)
            if kind.name in THEN_LEFT:
                await stage.left(kind, *at)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told with where it happened
            wrong.append(f"{way.name}, {kind.name}, reader {at[0]}, APDU {at[1]}: {type(error).__name__} {error}")
            stage.give_up()
            faults.found.clear()
            counter.restore()
            stage = Stage(way, wallet, counter, faults)
            await stage.prepared()
    stage.close()
    gc.collect()
    record_property("accidents", met)
    assert not faults.found
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("way", WITHOUT_A_CARD, ids=lambda way: way.name)
async def test_what_goes_without_a_card_touches_none(way: Way, wallet: Wallet, counter: Counter, faults: Faults) -> None:
    stage = Stage(way, wallet, counter, faults)
    await stage.once(None, inserted=True)
    assert stage.readers[0].seen == 0
    stage.close()
