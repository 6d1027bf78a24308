"""What applies to a card of x509-limbo: judged as described there, or otherwise with a reason; and the document says so."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.server.pki import limbo, pkits


@pytest.fixture(scope="module")
def results() -> list[limbo.Result]:
    return limbo.run()


def test_whatever_is_judged_otherwise_has_its_reason(results: list[limbo.Result]) -> None:
    assert [result.chain.id for result in results if result.verdict != "right" and not result.explained] == []
    assert len({result.chain.id for result in results}) == len(results)
    unused = [key for key in limbo.OTHERWISE if not any(r.chain.id.startswith(key) and r.verdict != "right" for r in results)]
    assert unused == [], "a reason for nothing"


def test_so_many_are_judged_as_limbo_has_them(results: list[limbo.Result]) -> None:
    assert Counter(result.verdict for result in results) == {"right": 81, "refused": 7, "accepted": 20}


def test_the_document_says_so(results: list[limbo.Result]) -> None:
    document = pkits.DOCUMENT.read_text("utf-8")
    assert pkits.written(document, limbo.table(results), limbo.BEGIN, limbo.END) == document
