"""What a lost reply leaves behind, so that asking again counts once."""

from __future__ import annotations

import secrets

from ebid_tui.domain.statement import Signed
from ebid_tui.flows.ui import Blocks


class Outbox:
    """The same 登録 sent again is the same statement under the same Idempotency-Key."""

    def __init__(self) -> None:
        self.blocks: Blocks | None = None
        self.statement: Signed | None = None
        self.key = ""

    def take(self, blocks: Blocks) -> Signed | None:
        """The statement already signed for exactly this content, if there is one; otherwise start afresh with a new key."""
        if blocks != self.blocks:
            self.blocks, self.statement, self.key = blocks, None, secrets.token_urlsafe(18)
        return self.statement
