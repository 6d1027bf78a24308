"""The server's path validation on NIST's test suite: nothing is wrongly accepted, and the document says what is."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.server.pki import pkits


@pytest.fixture(scope="module")
def outcomes() -> list[pkits.Outcome]:
    return pkits.run()


def test_nothing_is_wrongly_accepted_and_so_many_are_right(outcomes: list[pkits.Outcome]) -> None:
    assert Counter(outcome.verdict for outcome in outcomes) == {"right": 243, "wrongly refused": 3}


def test_what_is_wrongly_refused_is_known(outcomes: list[pkits.Outcome]) -> None:
    wrong = {outcome.case.name for outcome in outcomes if outcome.verdict != "right"}
    assert wrong == {"ValidDSASignaturesTest4EE", "ValidDSAParameterInheritanceTest5EE", "ValidNameUIDsTest6EE"}


def test_every_certificate_of_the_suite_is_tested(outcomes: list[pkits.Outcome]) -> None:
    assert len({outcome.case.name for outcome in outcomes}) == len(list((pkits.DATA / "certs").glob("*EE.crt"))) == 223
    assert set(pkits.SEVERAL) <= {outcome.case.name for outcome in outcomes}


def test_the_document_says_so(outcomes: list[pkits.Outcome]) -> None:
    document = pkits.DOCUMENT.read_text("utf-8")
    assert pkits.written(document, pkits.table(outcomes)) == document
