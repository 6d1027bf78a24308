"""Questions that are on their way: who waits for them, what is kept of them, and when they are asked again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509
from cryptography import x509 as made

from ebid_tui.server.overnight import schedule
from ebid_tui.server.pki import refresh as refreshing
from ebid_tui.server.pki import revocation as module
from ebid_tui.server.pki.obtaining import NotObtained, crl_answer, crl_source, file_source
from ebid_tui.server.pki.revocation import PathData, Revocations
from ebid_tui.server.settings import RevocationSettings
from ebid_tui.server.store import revocation as kept
from ebid_tui.server.store.engine import reading_engine, writing_engine
from ebid_tui.server.store.migrate import make_ready
from ebid_tui.server.store.revocation import RevocationAnswer, RevocationSource
from ebid_tui.server.store.transactions import Transactions, direct
from ebid_tui.server.store.writer import Store
from tests.clock import NOW
from tests.patience import long, looking
from tests.server.pki.papers import DAY, certificate, key, listed, revoked, usage

SECOND = timedelta(seconds=1)
SETTINGS = RevocationSettings(hosts=("127.0.0.1",), seconds=1.0)
URL = "http://127.0.0.1:9/a.crl"
POINTS = made.CRLDistributionPoints([made.DistributionPoint([made.UniformResourceIdentifier(URL)], None, None, None)])
ROOTS = key()
ROOT = certificate("ROOT", ROOTS, "ROOT", ROOTS, made.BasicConstraints(True, None), usage("key_cert_sign", "crl_sign"))
CARD = certificate("CARD", key(), "ROOT", ROOTS, POINTS)
LIST = crl_source(URL, CARD, ROOT)


def answered(*entries: made.RevokedCertificate, begins: datetime = NOW - DAY, ends: datetime = NOW + DAY) -> RevocationAnswer:
    return crl_answer(listed("ROOT", ROOTS, *entries, begins=begins, ends=ends), (ROOT,), NOW)


class AskedAuthority:
    """What is asked, and what it says: an answer, or the code of a failure."""

    def __init__(self) -> None:
        self.says: RevocationAnswer | str = answered()
        self.asked: list[str] = []
        self.answers = threading.Event()
        self.answers.set()

    def obtain(self, source: RevocationSource, *_: object) -> RevocationAnswer:
        self.asked.append(source.url)
        assert self.answers.wait(long())
        if isinstance(self.says, str):
            raise NotObtained(self.says)
        return self.says


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch) -> AskedAuthority:
    made = AskedAuthority()
    monkeypatch.setattr(module, "obtain", made.obtain)
    monkeypatch.setattr(refreshing, "obtain", made.obtain)
    return made


@pytest.fixture
def transact(tmp_path: Path) -> Transactions:
    url = f"sqlite:///{tmp_path / 'ebid.db'}"
    make_ready(url)
    return direct(writing_engine(url))


@pytest.fixture
async def revocations(transact: Transactions, tmp_path: Path) -> AsyncIterator[Revocations]:
    url = f"sqlite:///{tmp_path / 'ebid.db'}"
    store = Store(writing_engine(url), reading_engine(url))
    store.start()
    made = Revocations(store, SETTINGS)
    yield made
    made.stop()
    store.stop()


def seen(transact: Transactions) -> Any:
    return transact(lambda connection: kept.seen(connection, [LIST.key])).get(LIST.key)


async def look(revocations: Revocations, at: datetime = NOW, of: x509.Certificate = CARD) -> PathData:
    return await revocations.look((ROOT, of), (), at)


async def test_an_answer_is_asked_for_once_and_holds_until_its_end(authority: AskedAuthority, revocations: Revocations) -> None:
    found = await look(revocations)
    assert (found.missing, list(found.crls), found.until(NOW + 9 * DAY), found.until(NOW)) == ([], [LIST.key], NOW + DAY, NOW)
    assert await revocations.unchanged(found.digests)
    await look(revocations, NOW + DAY - SECOND)
    assert authority.asked == [URL]
    authority.says = answered(begins=NOW, ends=NOW + 2 * DAY)
    await look(revocations, NOW + DAY)
    assert authority.asked == [URL, URL]
    assert not await revocations.unchanged(found.digests)


async def test_a_failure_is_not_asked_about_again_for_a_while(
    authority: AskedAuthority, revocations: Revocations, transact: Transactions
) -> None:
    authority.says = "http 503"
    for at in (NOW, NOW + SETTINGS.retry - SECOND, NOW - SETTINGS.retry + SECOND):
        assert (await look(revocations, at)).missing == ["crl http 503,crl no file"]
    assert authority.asked == [URL]
    assert seen(transact).failure == "http 503"
    await look(revocations, NOW + SETTINGS.retry)
    assert authority.asked == [URL] * 2
    await look(revocations, NOW)
    assert authority.asked == [URL] * 3, "a clock that was set back by so much makes nobody wait"


async def test_an_older_list_than_the_one_that_is_there_is_a_failure(
    authority: AskedAuthority, revocations: Revocations, transact: Transactions
) -> None:
    await look(revocations)
    authority.says = answered(revoked(5), begins=NOW - 2 * DAY, ends=NOW + 9 * DAY)
    assert (await look(revocations, NOW + DAY)).missing == ["crl older,crl no file"]
    now = seen(transact)
    assert (now.this_update, now.failure, now.tried_at) == (NOW - DAY, "older", NOW + DAY)


async def test_a_list_that_was_brought_in_does_where_the_address_is_silent(
    authority: AskedAuthority, revocations: Revocations, transact: Transactions
) -> None:
    authority.says = "http 503"
    transact(lambda connection: kept.keep(connection, file_source(ROOT), answered(), NOW))
    found = await look(revocations)
    assert (found.missing, list(found.crls)) == ([], [file_source(ROOT).key])


async def test_who_goes_away_takes_nobodys_answer_along(authority: AskedAuthority, revocations: Revocations) -> None:
    authority.answers.clear()
    first, second = (asyncio.create_task(look(revocations)) for _ in range(2))
    async for _ in looking():
        if authority.asked:
            break
    await asyncio.sleep(0.05)  # the second has come to wait too; if not, it finds the answer in the database
    first.cancel()
    authority.answers.set()
    assert (await second).missing == []
    assert first.cancelled()
    assert authority.asked == [URL]
    assert not revocations._under_way


async def test_a_failure_that_nobody_waits_for_any_more_says_nothing(authority: AskedAuthority, revocations: Revocations) -> None:
    unheard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
    authority.says = "http 503"
    authority.answers.clear()
    asking = asyncio.create_task(look(revocations))
    async for _ in looking():
        if authority.asked:
            break
    asking.cancel()
    authority.answers.set()
    async for _ in looking():
        if not revocations._under_way:
            break
    await asyncio.gather(asking, return_exceptions=True)
    del asking
    await asyncio.sleep(0)
    assert unheard == []


async def test_lists_are_kept_as_they_were_read_the_newest_for_as_much_as_may_be(
    authority: AskedAuthority, revocations: Revocations, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = [answered(revoked(5 + n), begins=NOW - DAY + n * SECOND) for n in range(4)]
    monkeypatch.setattr(module, "PARSED_BYTES", 2 * max(len(one.body) for one in lists))
    first, second = (revocations._read(one) for one in lists[:2])
    assert revocations._read(lists[0]) is first
    third = revocations._read(lists[2])
    assert revocations._read(lists[0]) is first, "what was looked at last stays"
    assert revocations._read(lists[2]) is third
    assert revocations._read(lists[1]) is not second
    monkeypatch.setattr(module, "PARSED_BYTES", 1)
    fourth = revocations._read(lists[3])
    assert revocations._read(lists[3]) is fourth, "one is always kept"
    assert revocations._read(lists[2]) is not third
    assert revocations._read(lists[3]) is not fourth


# --- asked again before they end


def test_what_is_due_is_asked_again_and_what_ended_long_ago_is_dropped(authority: AskedAuthority, transact: Transactions) -> None:
    ended = RevocationSource("o" * 64, "crl", "", b"", b"")
    transact(lambda connection: kept.keep(connection, LIST, answered(ends=NOW + 20 * DAY), NOW))
    transact(lambda connection: kept.keep(connection, ended, answered(ends=NOW + SECOND), NOW))
    authority.says = answered(begins=NOW - SECOND, ends=NOW + 30 * DAY)
    every = SETTINGS.every

    def done(at: datetime, **options: Any) -> list[str]:
        return [one.failure for one in refreshing.refresh(transact, SETTINGS, lambda: at, **options)]

    assert done(NOW + every - SECOND) == []
    assert done(NOW + every) == [""]
    assert done(NOW + every) == []
    assert done(NOW + every, everything=True) == [""]
    assert done(NOW + every + SECOND, everything=True, stopping=lambda: True) == []
    assert transact(lambda connection: kept.seen(connection, [ended.key]))
    done(NOW + 7 * DAY + SECOND)
    assert transact(lambda connection: kept.seen(connection, [ended.key]))
    done(NOW + 7 * DAY + 2 * SECOND)
    assert not transact(lambda connection: kept.seen(connection, [ended.key]))
    assert done(NOW + 30 * DAY - every - SECOND, stopping=lambda: True) == []
    assert seen(transact).next_update == NOW + 30 * DAY


def test_one_that_ends_soon_is_due_too(authority: AskedAuthority, transact: Transactions) -> None:
    transact(lambda connection: kept.keep(connection, LIST, answered(ends=NOW + SETTINGS.every + SECOND), NOW))
    authority.says = answered(begins=NOW - SECOND, ends=NOW + 30 * DAY)
    for at, asked in ((NOW, 0), (NOW + SECOND, 1), (NOW + SECOND, 0)):
        assert len(list(refreshing.refresh(transact, SETTINGS, lambda at=at: at))) == asked  # type: ignore[misc]


@pytest.mark.parametrize("says", ["http 503", "older"])
def test_what_fails_is_named_written_down_and_leaves_what_was_there(
    authority: AskedAuthority, transact: Transactions, caplog: pytest.LogCaptureFixture, says: str
) -> None:
    transact(lambda connection: kept.keep(connection, LIST, answered(), NOW - DAY))
    authority.says = answered(revoked(5), begins=NOW - 2 * DAY, ends=NOW + 9 * DAY) if says == "older" else says
    assert [(one.source.key, one.failure) for one in refreshing.refresh(transact, SETTINGS, lambda: NOW)] == [(LIST.key, says)]
    assert caplog.messages == [f"revocation data not refreshed kind=crl url={URL} reason={says}"]
    assert (seen(transact).failure, seen(transact).this_update, seen(transact).tried_at) == (says, NOW - DAY, NOW)


def test_the_server_looks_four_times_as_often_as_it_asks(authority: AskedAuthority, transact: Transactions) -> None:
    transact(lambda connection: kept.keep(connection, LIST, answered(), NOW))
    job = schedule.lists(SETTINGS, transact, lambda: NOW + SETTINGS.every)
    begun = job.slot(NOW)
    assert begun <= NOW < begun + SETTINGS.every / 4
    assert [job.slot(begun + SETTINGS.every * n / 4 - SECOND) for n in (1, 2, 4)] == [begun + SETTINGS.every * n / 4 for n in (0, 1, 3)]
    never: Callable[[], bool] = lambda: False  # noqa: E731
    job.run(begun, never)
    assert authority.asked == [URL]
    job.run(begun, lambda: True)
    assert authority.asked == [URL]
