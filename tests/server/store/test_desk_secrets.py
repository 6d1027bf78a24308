"""A number that is locked by wrong tries of a secret of the search's own has a way out at the desk, without any password (R-33)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ebid_tui.domain.desk import DeskRequest, RequestKind
from ebid_tui.domain.fields import Field
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import Qualification
from ebid_tui.errors import ServerError
from ebid_tui.server.api.routes import desk_requests
from ebid_tui.server.store import accounts, vendors
from tests.clock import NOW
from tests.server.filling import THIS


def asked(kind: RequestKind) -> DeskRequest:
    nobody: dict[str, Any] = dict.fromkeys(("registration_id", "decided_by", "decided_at", "done_by", "done_at"))
    return DeskRequest(id="q", vendor=THIS, kind=kind, application="1", state="waiting", asked_by="a", asked_at=NOW, **nobody)


@pytest.mark.parametrize(("own_secrets", "refused"), [(True, ""), (False, "E-NO-ACCOUNT")])
def test_r_33_a_lock_without_a_password_is_ended_where_there_are_other_secrets(connection: Any, own_secrets: bool, refused: str) -> None:
    vendors.add_qualification(connection, Qualification(vendor=THIS, state="approved", trade_name="建設", company={}))
    for _ in range(5):
        accounts.count_wrong(connection, THIS.system, THIS.number, 5)
    if not refused:
        desk_requests._refuse_impossible(connection, asked("unlock"), own_secrets)
        assert accounts.unlock(connection, THIS.system, THIS.number)
        assert accounts.account(connection, THIS.system, THIS.number).state == "none"
        return
    with pytest.raises(ServerError, match=refused):
        desk_requests._refuse_impossible(connection, asked("unlock"), own_secrets)


def test_which_systems_ask_secrets_of_their_own() -> None:
    ise = profile_of("ise")
    own = msgspec.structs.replace(ise.search, fields=(*ise.search.fields, Field(id="x-word", label="合言葉", max=8, secret=True)))
    assert (ise.own_secrets, msgspec.structs.replace(ise, search=own).own_secrets) == (False, True)
