"""Whatever a server says, nothing of it moves a cursor, turns a line round or hides: decoded, in line mode, on paper, in files."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from ebid_tui.card.worker import CardWorker
from ebid_tui.card_and_server import CardAndServer
from ebid_tui.client.api import HttpServer
from ebid_tui.client.desk import DeskServer
from ebid_tui.client.http_request import HttpConnections, ServerAddress
from ebid_tui.demo.cards import Wallet, make_virtual
from ebid_tui.demo.packaged import WORLDS
from ebid_tui.demo.tray import DemoTray
from ebid_tui.demo.virtual_reader import VirtualReader
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import ProblemRow, Refusal
from ebid_tui.errors import EbidError, InputError
from ebid_tui.plain.desk import run_desk_in_lines
from ebid_tui.plain.run import run_lines
from ebid_tui.printing.printers import Cups
from ebid_tui.printing.targets import PrintTargets
from ebid_tui.server.api import examples
from tests.e2e import answers as told
from tests.hostile.everywhere import kind_of
from tests.hostile.figures import note
from tests.hostile.liar import Liar, Place, Told, liar, says
from tests.hostile.texts import BROKEN, SEEN, UNSEEN, changed, left, strings
from tests.printing.conftest import needs_font
from tests.printing.test_paper import shown as text_of
from tests.screens.plastic import Hand
from tests.server.operating import PASSWORD, SYSTEM, Clerk
from tests.server.running_server import ORIGIN, Running

ALL = os.environ.get("HOSTILE") == "all"
HOSTILE = {**UNSEEN, **SEEN, **BROKEN}
LONGEST = 60_000
"""Characters of everything that one visit says."""
REFUSAL = Refusal(
    type="urn:ebid-tui:problem:R-28", title="題", status=404, code="R-28", detail="詳", remedy="直してください。", causes=("番号", "名"),
    errors=(ProblemRow(field="search.vendor_no", code="R-29", message="余分な文字"),),
)  # fmt: skip


def lie(found: Any, where: tuple[Any, ...], hostile: str) -> bytes:
    """The JSON with this text put into one string; what is broken stands in it as it is."""
    whole = json.dumps(changed(found, where, lambda text: f"{text[:1]}<HERE>{text[1:]}"), ensure_ascii=False)
    piece = hostile if hostile in BROKEN.values() else json.dumps(hostile, ensure_ascii=len(hostile) % 2 == 0)[1:-1]
    return whole.replace("<HERE>", piece).encode("utf-8")


def texts(found: Any) -> Iterator[str]:
    """Every string in what was decoded."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, msgspec.Struct):
        yield from (text for name in found.__struct_fields__ for text in texts(getattr(found, name)))
    elif isinstance(found, dict):
        yield from (text for pair in found.items() for one in pair for text in texts(one))
    elif isinstance(found, list | tuple):
        yield from (text for one in found for text in texts(one))


async def test_every_string_of_every_answer_as_it_is_decoded(short_dir: Path) -> None:
    """All texts in all strings: what a person would see is clean, or there is no answer."""
    said, tried, bad = [(200, b"")], 0, []
    async with says(short_dir / "says", said):
        wire = HttpConnections(ServerAddress(ORIGIN, socket=str(short_dir / "says")))
        for status, kind, body in _everything():
            hostile = cycle(HOSTILE.items())
            for where in [*strings(body)][:: 1 if ALL else 3]:
                for name, text in HOSTILE.items() if ALL else [next(hostile)]:
                    tried += 1
                    said[0] = status, lie(body, where, text)
                    try:
                        shown = [*texts(await wire.ask("GET", "/x", kind))]
                    except EbidError as error:
                        shown = [*_said(error)]
                    bad += [(kind, where, name) for text in shown if left(text) or "\n" in text or len(text) > 2000]
        await wire.close()
    note("answers", tried, len(bad))
    assert bad == []
    assert tried > (4000 if ALL else 60)


def _everything() -> Iterator[tuple[int, Any, Any]]:
    """Status, type at the client, and body of every answer of the description, and of refusals."""
    for (method, path), example in examples.ANSWERS.items():
        yield 200, kind_of(method, path), msgspec.to_builtins(example)
    for status, code in ((404, "R-28"), (422, "E-INPUT"), (409, "E-STATE"), (503, "E-UNAVAILABLE")):
        yield status, type(None), msgspec.to_builtins(REFUSAL) | {"code": code}


def _said(error: EbidError) -> Iterator[str]:
    yield from (error.code, error.title, error.remedy, *error.causes)
    if isinstance(error, InputError):
        yield from (text for row in error.problems for text in row)


# ---- the whole way in line mode


class Window:
    """A person in line mode at a server that lies."""

    def __init__(self, counter: Running, between: Liar, wallet: Wallet, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.counter, self.between, self.wallet, self.directory, self.capsys = counter, between, wallet, directory, capsys
        self.pdf, self.csv, self.file = directory / "receipt.pdf", directory / "cards.csv", directory / "script"

    def bidder(self, script: str) -> tuple[int, str]:
        readers = [VirtualReader(f"Virtual Reader {number:02}") for number in range(2)]
        cards, profile = CardWorker(*readers), profile_of("ise")
        server = HttpServer(ServerAddress(ORIGIN, ORIGIN, str(self.between.socket), (ORIGIN,)))
        tray = DemoTray(readers, partial(WORLDS.__getitem__, "ise"), lambda name: make_virtual(self.wallet, name))
        parts = CardAndServer(cards, server, cards.start, cards.stop, tray, outlet=lambda profile: PrintTargets(profile, Cups("/nowhere")))
        return self._run(script, lambda: run_lines(profile, parts, str(self.file), None))

    def operator(self, script: str) -> tuple[int, str]:
        self.clerk.wait_for_a_code()
        begin = f"operator_method: password\noperator.login_id: desk\noperator.password: {PASSWORD}\noperator.code: {self.clerk.code()}\n"
        parts = CardAndServer(cast(Any, Hand()), cast(Any, None), lambda: None, lambda: None)
        server = DeskServer(ServerAddress(ORIGIN, ORIGIN, str(self.between.socket), (ORIGIN,)))
        return self._run(begin + script, lambda: run_desk_in_lines(profile_of(SYSTEM), parts, server, str(self.file), None))

    def _run(self, script: str, work: Callable[[], int]) -> tuple[int, str]:
        for made in (self.pdf, self.csv):
            made.unlink(missing_ok=True)
        self.file.write_text(script, encoding="utf-8")
        self.capsys.readouterr()
        code = work()
        said = self.capsys.readouterr()
        return code, said.out + said.err

    @property
    def clerk(self) -> Clerk:
        self.__dict__.setdefault("_clerk", Clerk(self.counter))
        return cast(Clerk, self.__dict__["_clerk"])

    def faults(self, code: int, said: str) -> Iterator[str]:
        """What of a lie is left anywhere."""
        if (found := left(said)) is not None:
            yield f"terminal: {found}"
        if len(said) > LONGEST:
            yield "terminal: too long"
        if code not in (0, 1, 2) or "Traceback" in said or "プログラムの誤り" in said:
            yield f"ended {code}: {said[-300:]}"
        if self.pdf.exists() and left(text_of(self.pdf.read_bytes(), self.directory).replace("\f", "")):
            yield "PDF"
        if self.csv.exists():
            text = self.csv.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
            if left(text) or any(cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(text)) for cell in row):
                yield "CSV"


@pytest.fixture
def window(counter: Running, wallet: Wallet, tmp_path: Path, short_dir: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Window]:
    with liar(short_dir / "lies", counter.socket) as between:
        yield Window(counter, between, wallet, tmp_path, capsys)


ISE = "category: 建設工事、測量・コンサル\nentry: 利用者登録\nmenu: {}\n"
FOUND = "desk: find\nfind: 山田\nhit: 1\n"
SAVED = "review: submit\ndone: print\nfile: {pdf}\ndone: close\n"
CURRENT = "card: ise-current\n" + told.PIN
VISITS: dict[str, tuple[str, str]] = {
    "registration": ("bidder", told.ENTRANCE + told.CARD + told.PIN + told.SEARCH + told.FORM + SAVED),
    "amendment": ("bidder", ISE.format("変更") + CURRENT + "card_contact.person: 別　花子\n" + SAVED),
    "status": ("bidder", ISE.format("登録状況") + CURRENT),
    "renewal": ("bidder", ISE.format("ICカード更新") + CURRENT + "card: ise-next\n" + told.PIN + "holder: yes\n" + SAVED),
    "desk": ("operator", FOUND + "vendor: reset\napplication.application: R8-1\ndesk_review: submit\nvendor: back\n"),
    "desk, expiring": ("operator", "desk: expiring\nexpiring.days: 60\nrow: csv\ncsv_encoding: utf-8-sig\ncsv.file: {csv}\n"),
    "desk, requests": ("operator", "desk: requests\nrow: back\n"),
}


SAMPLE = ("registration", "desk, expiring")


@needs_font
@pytest.mark.parametrize("visit", VISITS if ALL else SAMPLE)
def test_every_string_of_every_answer_in_line_mode(window: Window, visit: str) -> None:
    who, script = VISITS[visit]
    run = getattr(window, who)
    script = script.format(pdf=window.pdf, csv=window.csv)
    window.between.begin()
    code, said = run(script)
    assert code == 0, said
    places: list[Place] = [(number, where) for number, one in enumerate(window.between.told) for where in strings(one.body)]
    kinds = [cycle({"all that is not seen": "".join(UNSEEN.values())}.items()), cycle(SEEN.items()), cycle(BROKEN.items())]
    cases = [(place, next(kind)) for place in places for kind in kinds]
    tried, bad = 0, []
    for (number, where), (name, text) in cases if ALL else cases[len(cases) // 4 :: len(cases) // 2]:

        def lied(n: int, one: Told, number: int = number, where: tuple[Any, ...] = where, text: str = text) -> tuple[int, bytes] | None:
            return (one.status, lie(one.body, where, text)) if n == number else None

        window.counter.restore()
        window.between.begin(lied)
        code, said = run(script)
        tried += window.between.lies
        bad += [(number, where, name, fault) for fault in window.faults(code, said)]
    note("plain", tried, len(bad))
    assert bad == []
    assert tried
