"""The statement and the Idempotency-Key of what a flow sends, kept so that sending it again after a lost reply counts once."""

from __future__ import annotations

import secrets

from ebid_tui.domain.statement import CardFree, CardFreeAmendment, Signed
from ebid_tui.flows.ui import Blocks


class Submission:
    """The same 登録 sent again is the same statement under the same Idempotency-Key."""

    def __init__(self) -> None:
        self.blocks: Blocks | None = None
        self.statement: Signed | None = None
        self.content: CardFree | CardFreeAmendment | None = None
        """What stands in the place of a signed statement where there is no card (R-36)."""
        self.key = ""

    def take(self, blocks: Blocks) -> None:
        """Keep what was made for exactly this content, if it was; otherwise start afresh with a new key."""
        if blocks != self.blocks:
            self.blocks, self.statement, self.content, self.key = blocks, None, None, secrets.token_urlsafe(18)
