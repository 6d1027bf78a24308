"""What every voice says of a receipt."""

from __future__ import annotations

import msgspec

from ebid_tui.domain.receipts import receipt_rows
from ebid_tui.domain.records import Receipt, Vendor
from tests.clock import NOW


def test_number_japans_time_and_check_value_and_the_companys_number_where_there_is_one() -> None:
    vendor = Vendor(system="ise", agency="ise", category="goods", number="1")
    receipt = Receipt(
        id="X-1", operation="registration", vendor=vendor, blocks={}, card=None, company_id=None, mail_to=None, check="0f" * 8, at=NOW
    )
    assert [value for _, value in receipt_rows(receipt)] == ["X-1", "2026/11/21 18:20:00", "0f" * 8]
    assert [value for _, value in receipt_rows(msgspec.structs.replace(receipt, company_id="C-9"))][3:] == ["C-9"]
