"""How a flow is left: キャンセル anywhere, and 戻る where no form is before it. Voices and flows raise it; what began the flow catches it.

No error: nothing went wrong, and nothing is told.
"""

from __future__ import annotations

from typing import TypeVar

from ebid_tui.errors import EbidError
from ebid_tui.flows.ui import Back, Blocks, Nav

T = TypeVar("T")


class LeftFlow(Exception):
    """The person leaves the flow."""


class LeftStep(LeftFlow):
    """The person goes back: to the form that this step came from, which catches it; where there is none, the flow is left."""


class RegisterInstead(LeftFlow):
    """The person leaves for 登録: of this card where it is only no card to renew to (R-08), of another one where it has ended (R-09).

    `search` is what it says of the vendor, `error` what spoke against it.
    """

    def __init__(self, fingerprint: str, search: Blocks, error: EbidError) -> None:
        super().__init__()
        self.fingerprint, self.search, self.error = fingerprint, search, error


def stayed(answer: T | Nav) -> T | Back:
    """What a voice answers, where the flow turns on 戻る. Raises LeftFlow."""
    if answer is Nav.CANCEL:
        raise LeftFlow
    return answer


def answered(answer: T | Nav) -> T:
    """An answer that leads on. Raises LeftStep at 戻る, LeftFlow at キャンセル."""
    if answer is Nav.BACK:
        raise LeftStep
    if answer is Nav.CANCEL:
        raise LeftFlow
    return answer
