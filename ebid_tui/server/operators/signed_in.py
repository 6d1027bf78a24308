"""An operator who is signed in, and the agencies that one may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ebid_tui.domain.desk import Role
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.errors import ServerError
from ebid_tui.server.store import accepted_changes
from ebid_tui.server.store.operators import Operator
from ebid_tui.server.store.sign_ins import BidderSession

LONGEST_SUBJECT = 64
"""Of a row of the audit log."""


@dataclass(frozen=True, slots=True)
class DeskOperator:
    """An operator who is signed in, and what that one may see."""

    session: BidderSession
    operator: Operator
    profile: Profile

    @property
    def agencies(self) -> tuple[str, ...]:
        """Those of the system that the operator is of."""
        return seen(self.profile, self.operator)

    def refuse_agency(self, agency: str) -> None:
        """Raise ServerError E-NOT-FOUND for an agency that this operator does not see, whether it exists or not."""
        if agency not in self.agencies:
            raise ServerError("agency", code="E-NOT-FOUND")

    def refuse_role(self, role: Role) -> None:
        """Raise ServerError E-ROLE for an operator of another one."""
        if self.operator.role != role:
            raise ServerError("role", code="E-ROLE")

    @property
    def actor(self) -> str:
        """How the audit log calls this operator."""
        return operator_actor(self.operator.login_id)

    def note(self, connection: Connection, what: str, why: str, subject: str, now: datetime, agency: str | None = None) -> None:
        """One row of the audit log, by this operator; the event is `what:why`, as in `desk_view:inquiry`. Looking is told like changing."""
        accepted_changes.add_audit(connection, self.profile.id, f"{what}:{why}", self.actor, subject[:LONGEST_SUBJECT], now, agency)


def seen(profile: Profile, operator: Operator) -> tuple[str, ...]:
    """The agencies of the system that an operator is of."""
    every = tuple(agency.id for agency in profile.agencies)
    return every if operator.agencies is None else tuple(a for a in every if a in operator.agencies)


def operator_actor(login_id: str) -> str:
    """How the audit log calls an operator."""
    return f"operator:{login_id}"
