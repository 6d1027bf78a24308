"""A client whose file of the system is another one than the server's says so by name before a card or anything else is asked for."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from ebid_tui.domain.profile.fingerprint import fingerprint
from ebid_tui.domain.profile.systems import Profile, profile_of
from ebid_tui.domain.records import Challenge
from ebid_tui.errors import RuleError
from ebid_tui.flows import session
from ebid_tui.flows.place import Place
from ebid_tui.flows.register import register
from ebid_tui.flows.ui import Nav
from tests.clock import STARTED
from tests.flows.conftest import Desk
from tests.flows.office import Office
from tests.flows.script import ScriptUi, outcome

ISE = profile_of("ise")
OTHER = msgspec.structs.replace(ISE, title="別の題")


def challenge(said: str) -> Challenge:
    return Challenge(nonce="n", expires_at=STARTED + timedelta(minutes=5), profile=said)


@pytest.mark.parametrize("said", ["", fingerprint(ISE), "2:0123456789abcdef", "nothing of the kind"])
def test_the_same_file_an_older_server_or_another_sum_is_let_through(said: str) -> None:
    session.refuse_other_file(ISE, challenge(said.replace(" ", "-")))


@pytest.mark.parametrize("theirs", [fingerprint(OTHER), "1:" + "f" * 200])
def test_another_file_is_told_by_name(theirs: str) -> None:
    with pytest.raises(RuleError) as refused:
        session.refuse_other_file(ISE, challenge(theirs))
    assert refused.value.code == "E-OTHER-FILE"
    assert all(part in refused.value.remedy for part in ("ise", fingerprint(ISE), theirs[:18], ISE.helpdesk.name))
    assert len(refused.value.remedy) < 200, "whatever a server says"


class OtherOffice(Office):
    """A server with another file."""

    def __init__(self, profile: Profile) -> None:
        super().__init__()
        self.profile = profile

    async def challenge(self, system: str, agency: str = "") -> Challenge:
        made = await super().challenge(system, agency)
        return msgspec.structs.replace(made, profile=fingerprint(self.profile))


async def test_nothing_is_asked_for_before_it_is_told(desk: Desk, place: Place) -> None:
    ui, office = ScriptUi(("trouble", "back")), OtherOffice(OTHER)
    assert await outcome(register(ui, desk.cards, office, place)) is Nav.BACK
    assert [error.code for error in ui.told] == ["E-OTHER-FILE"]
    assert office.calls == ["challenge"]
