"""What a server cannot do at the moment may be asked again."""

from __future__ import annotations

import msgspec

from ebid_tui.client.refusals import error_of
from ebid_tui.domain.records import Refusal


def test_revocation_data_that_cannot_be_had_may_be_asked_for_again() -> None:
    told = Refusal(type="", title="題", status=503, code="E-REVOCATION", remedy="もう一度", causes=(), errors=())
    error = error_of(503, msgspec.json.encode(told))
    assert (error.code, error.title, error.remedy, error.retriable) == ("E-REVOCATION", "題", "もう一度", True)
