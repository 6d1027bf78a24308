"""What a server cannot do at the moment may be asked again; and how a refusal is told of which it says little."""

from __future__ import annotations

import msgspec
import pytest

from ebid_tui.client.refusals import error_of
from ebid_tui.domain.records import Refusal
from ebid_tui.errors import EbidError, RuleError
from ebid_tui.language import speaking
from ebid_tui.messages import error as error_messages


def test_revocation_data_that_cannot_be_had_may_be_asked_for_again() -> None:
    told = Refusal(type="", title="題", status=503, code="E-REVOCATION", remedy="もう一度", causes=(), errors=())
    error = error_of(503, msgspec.json.encode(told))
    assert (error.code, error.title, error.remedy, error.retriable) == ("E-REVOCATION", "題", "もう一度", True)


@pytest.mark.parametrize("spoken", ["ja", "en"])
def test_a_server_that_tells_only_a_code_is_told_with_what_is_known(spoken: str) -> None:
    """Every code, and one that nobody knows: a title and a remedy, whichever of its words and numbers are missing."""
    codes = {key.rpartition(".")[0] for key in error_messages.TEXTS if key.endswith((".title", ".remedy"))} | {"E-NEW", "R-99"}
    assert len(codes) > 120
    with speaking(spoken):
        for code in codes:
            bare = {"type": "x", "title": "", "status": 409, "code": code}
            for body in (bare, bare | {"detail": "{x}", "remedy": "", "causes": [], "errors": []}):
                error = error_of(409, msgspec.json.encode(body))
                for sentence in (error.title, error.remedy, EbidError(code=code).title, RuleError(code).remedy):
                    assert sentence.strip()
                    assert "{" not in sentence.replace("{x}", "")
