"""What waits until the office accepts it, and what became of it."""

from __future__ import annotations

from typing import Literal

import msgspec

from ebid_tui.domain.profile.parts import Operation
from ebid_tui.domain.records import Code, Moment, OptionalCode, Values, Vendor

WaitingFor = Literal["papers", "approval"]
AcceptanceState = Literal["waiting", "accepted", "refused", "replaced"]
"""replaced: a later amendment of the same registration took its place before anybody decided."""


class AcceptanceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One change that waits or waited, under its receipt's id.

    `registration_id` is what it is about: of a renewal the new card's registration, and `previous_id` the old one's, which
    works until this is accepted. `blocks` are an amendment's new values, which count from then on.
    """

    receipt_id: Code
    vendor: Vendor
    operation: Operation
    waits_for: WaitingFor
    registration_id: Code
    previous_id: Code | None = None
    blocks: dict[str, Values] | None = None
    state: AcceptanceState = "waiting"
    since: Moment
    decided_at: Moment | None = None
    decided_by: OptionalCode = ""
    reason: str = ""
    """Why it was refused, as the vendor is told."""
