"""The desk finds a vendor or a card, and looks at one. Every search and every look is audited before it is answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy import Connection

from ebid_tui.domain.desk import DeskPassword, DeskVendor, ExpiringPage, FindBy, Hit, Hits, Reason
from ebid_tui.domain.records import Vendor
from ebid_tui.domain.text import names
from ebid_tui.errors import InputError, ServerError
from ebid_tui.messages import t
from ebid_tui.server.api.access import SESSION
from ebid_tui.server.api.bounds import Id
from ebid_tui.server.api.problems import refuses
from ebid_tui.server.decisions.standing import refuse_unknown_place
from ebid_tui.server.operators.signed_in import DeskOperator
from ebid_tui.server.services import Services
from ebid_tui.server.store import accounts, finding, vendors
from ebid_tui.server.store import desk as records
from ebid_tui.server.store.finding import PageRange, SearchScope

FINDERS = {"name": finding.by_name, "number": finding.by_number, "serial": finding.by_serial, "holder": finding.by_holder}
MOST = 200
LONGEST_SPAN = 3660


class FindRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is looked for, where, and why. Not in the address: names of people do not belong into a proxy's log."""

    by: FindBy
    q: Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
    reason: Reason
    agency: Id = ""
    """Empty: all that the operator sees."""
    category: Id = ""
    """Empty: all of them."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = 50
    after: Annotated[str, msgspec.Meta(max_length=500)] = ""

    def __repr__(self) -> str:
        return f"FindRequest({self.by!r})"


@post("/desk/vendors/search", status_code=200, responses=refuses(400, 401, 404, 413, 422), security=SESSION)
async def find(services: NamedDependency[Services], desk: NamedDependency[DeskOperator], data: JSONBody[FindRequest]) -> Hits:
    """Vendors by a part of the name (as it sounds in width, legal form and old characters) or the beginning of the number; cards by
    serial number or holder. `next` of one page is `after` of the following one."""
    key = names.search_key(data.q) if data.by in ("name", "holder") else data.q.strip()
    if not key:
        raise InputError([("find.q", "E-INPUT", t("server.find_nothing"))])
    where, now = _where(desk, data.agency, data.category), services.settings.now()

    def look(connection: Connection) -> tuple[list[Hit], str]:
        try:
            return FINDERS[data.by](connection, where, key, PageRange(data.limit, data.after))
        except ValueError:
            raise ServerError("after", code="E-BODY") from None

    hits, mark = await services.store.read(look)
    await services.store.write(lambda c: desk.note(c, "desk_find", data.reason, f"{data.by}:{data.q}", now, data.agency or None))
    return Hits(hits=tuple(hits), next=mark)


@get("/desk/cards/expiring", responses=refuses(400, 401, 404), security=SESSION)
async def expiring(
    services: NamedDependency[Services],
    desk: NamedDependency[DeskOperator],
    reason: FromQuery[Reason],
    days: FromQuery[int] = 30,
    agency: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
    after: FromQuery[str] = "",
) -> ExpiringPage:
    """Cards in use that end within so many days (R-25), the first to end first."""
    if not 1 <= limit <= MOST or not 1 <= days <= LONGEST_SPAN or len(after) > 500:
        raise ServerError("query", code="E-BODY")
    where, now = _where(desk, agency, ""), services.settings.now()

    def look(connection: Connection) -> ExpiringPage:
        try:
            found, mark = finding.expiring(connection, where, now, now + timedelta(days=days), PageRange(limit, after))
        except ValueError:
            raise ServerError("after", code="E-BODY") from None
        return ExpiringPage(cards=tuple(found), next=mark)

    page = await services.store.read(look)
    await services.store.write(lambda c: desk.note(c, "desk_expiring", reason, f"days:{days}", now, agency or None))
    return page


@get("/desk/vendors/{agency:str}/{category:str}/{number:str}", responses=refuses(400, 401, 404), security=SESSION)
async def vendor_page(
    services: NamedDependency[Services],
    desk: NamedDependency[DeskOperator],
    agency: FromPath[str],
    category: FromPath[str],
    number: FromPath[str],
    reason: FromQuery[Reason],
) -> DeskVendor:
    """All that is on record of one vendor. E-NOT-FOUND for one that is not there, or at an agency that the operator does not see."""
    desk.refuse_agency(agency)
    refuse_unknown_place(desk.profile, agency, category)
    vendor, now = Vendor(system=desk.profile.id, agency=agency, category=category, number=number), services.settings.now()
    found = await services.store.read(lambda connection: _page(connection, desk, vendor))
    await services.store.write(lambda c: desk.note(c, "desk_view", reason, number, now, agency))
    return found


def _page(connection: Connection, desk: DeskOperator, vendor: Vendor) -> DeskVendor:
    known = vendors.known(connection, vendor)
    if known is None:
        raise ServerError("vendor", code="E-NOT-FOUND")
    account = accounts.account(connection, vendor.system, vendor.number)
    password = None
    if account.password_hash is not None or (account.state == "locked" and desk.profile.own_secrets):
        password = DeskPassword(state=account.state, wrong=account.wrong, changed_on=account.changed_on)
    return DeskVendor(
        qualification=known.newest,
        elsewhere=tuple(records.elsewhere(connection, vendor, desk.agencies)),
        company_id=known.details.company_id,
        representative_contact=known.details.representative_contact,
        cards=tuple(records.cards(connection, vendor)),
        password=password,
        mails=tuple(records.mails(connection, vendor)),
        history=tuple(records.history(connection, vendor.system, vendor.number, desk.agencies)),
        requests=tuple(records.requests(connection, vendor.system, desk.agencies, None, vendor)),
    )


def _where(desk: DeskOperator, agency: str, category: str) -> SearchScope:
    """What is asked for of what the operator sees. Raises ServerError E-NOT-FOUND."""
    if agency:
        desk.refuse_agency(agency)
    if category and category not in {c.id for c in desk.profile.categories}:
        raise ServerError("category", code="E-NOT-FOUND")
    everywhere = not agency and desk.operator.agencies is None
    agencies = None if everywhere else (agency,) if agency else desk.agencies
    if agencies == ():
        raise ServerError("agency", code="E-NOT-FOUND")
    return SearchScope(system=desk.profile.id, agencies=agencies, category=category or None)
