"""資格審査情報検索: finds a vendor's qualification by its number and name, and its password where the system has one."""

from __future__ import annotations

from dataclasses import replace

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy import Connection

from ebid_tui.domain.records import Found, Vendor
from ebid_tui.server.api.access import SESSION
from ebid_tui.server.api.bounds import AtPlace, Typed
from ebid_tui.server.api.limits import limited
from ebid_tui.server.api.problems import refuses
from ebid_tui.server.decisions import proving
from ebid_tui.server.decisions.limits import Caller
from ebid_tui.server.services import Services
from ebid_tui.server.store import sign_ins
from ebid_tui.server.store.accounts import Account
from ebid_tui.server.store.sign_ins import BidderSession


class SearchRequest(AtPlace, frozen=True, forbid_unknown_fields=True):
    """What was typed into the search, by field id."""

    values: Typed


@post("/qualifications/search", status_code=200, guards=[limited], responses=refuses(400, 401, 404, 413, 422, 423, 429), security=SESSION)
async def search(
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
    card_session: NamedDependency[BidderSession],
    data: JSONBody[SearchRequest],
) -> Found:
    """Find a qualification; the session remembers whose it is.

    R-28 when nothing was found, with every likely cause and the same answer whether number, name or password is wrong.
    R-33 when the number is locked, whether it exists or not. R-03, R-15 and R-35 only to who knows the password.
    """
    profile = services.profile(card_session.system)
    asked = proving.checked_search(profile, data.agency, data.category, data.values)
    vendor = Vendor(system=profile.id, agency=data.agency, category=data.category, number=asked.number)

    def decide(connection: Connection, account: Account) -> Found:
        found = proving.qualified(connection, services, asked, account, vendor)
        sign_ins.prove(connection, card_session.token_hash, vendor)
        return found

    asking = replace(caller, card=card_session.fingerprint)
    return await proving.proven(services, asking, asked, decide, lambda c: sign_ins.prove(c, card_session.token_hash, None))
