"""What waits travels as it is, and nothing odd with it."""

from __future__ import annotations

import msgspec
import pytest

from ebid_tui.domain.acceptance import AcceptanceRecord
from ebid_tui.domain.records import Vendor
from tests.clock import NOW

VENDOR = Vendor(system="ise", agency="ise", category="construction", number="1000000001")
RECORD = AcceptanceRecord(receipt_id="X-1", vendor=VENDOR, operation="renewal", waits_for="papers", registration_id="R-2", since=NOW)


def test_it_comes_back_as_it_went() -> None:
    assert msgspec.json.decode(msgspec.json.encode(RECORD), type=AcceptanceRecord) == RECORD


@pytest.mark.parametrize("other", [{"state": "lost"}, {"waits_for": "immediate"}, {"receipt_id": "X\n1"}, {"operation": "bidding"}])
def test_what_cannot_be_is_refused(other: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(msgspec.to_builtins(RECORD) | other, AcceptanceRecord)
