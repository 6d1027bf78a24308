"""R-20: of every system and every operation the longest page there can be is one sheet, with every character on it."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ebid_tui.domain.fields import Field
from ebid_tui.domain.profile.systems import Operation, Profile, available, load
from ebid_tui.domain.records import CardCertificate, Receipt, Vendor
from ebid_tui.flows import register_pages
from ebid_tui.flows.place import Place
from ebid_tui.printing.fonts import Fonts
from ebid_tui.printing.paper import pdf
from ebid_tui.printing.receipt import receipt_paper
from tests.printing.conftest import need

SYSTEMS = {**available(), "minato": Path(__file__).parents[1] / "domain/profiles/minato.toml"}
SHOWN_AT_MOST = 120
"""Characters of a value that no limit is set for: what a qualification or a card brings."""


def longest(field: Field) -> str:
    if field.kind == "grades":
        return ",".join(field.options[-1] for _ in field.lines)
    if field.chars == "full_width":
        return "永" * (field.limit or SHOWN_AT_MOST)
    return "W" * (field.limit or SHOWN_AT_MOST)


def certificate(serial: int) -> CardCertificate:
    return CardCertificate(
        fingerprint="f" * 64,
        serial=str(2**159 - serial),
        issuer=",".join(f"OU=Certification Authority Department {n}" for n in range(4)) + ",O=Organization CA U8,C=JP",
        not_after=datetime(2031, 12, 31, tzinfo=UTC),
    )


def receipt(profile: Profile, operation: Operation, category: str) -> Receipt:
    blocks = {block.id: {f.id: longest(f) for f in profile.fields(block.id, operation, category)} for block in profile.blocks}
    return Receipt(
        id="R" * 26,
        at=datetime(2026, 11, 21, 9, 0, tzinfo=UTC),
        check="0123456789ABCDEF",
        operation=operation,
        vendor=Vendor(system=profile.id, agency=profile.agencies[0].id, category=category, number="W" * 10),
        card=certificate(1),
        previous=certificate(2),
        company_id="9" * 16,
        mail_to="w" * 100,
        blocks=blocks,
    )


@pytest.mark.parametrize("operation", ["registration", "amendment", "renewal"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_the_longest_page_is_one_sheet(system: str, operation: Operation, tmp_path: Path, fonts: Fonts) -> None:
    """R-20."""
    profile = load(SYSTEMS[system])
    for category in profile.categories:
        done = register_pages.done(Place(profile, profile.agencies[0], category), receipt(profile, operation, category.id))
        file = tmp_path / f"{category.id}.pdf"
        file.write_bytes(pdf(receipt_paper(done, profile), fonts))
        told = subprocess.run(["pdfinfo", file], capture_output=True, check=True).stdout.decode()
        assert "Pages:           1\n" in told
        text = subprocess.run([need("pdftotext", "poppler-utils"), "-layout", file, "-"], capture_output=True, check=True).stdout.decode()
        wanted = sum(row.value.count("永") for section in done.page for row in section.rows) + done.where.text().count("永")
        assert "".join(done.where.text().split()) in "".join(text.split()), "R-47"
        assert text.count("永") == wanted
