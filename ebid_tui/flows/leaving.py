"""How a flow is left: キャンセル anywhere, and 戻る where no form is before it. Voices and flows raise it; what began the flow catches it.

No error: nothing went wrong, and nothing is told.
"""

from __future__ import annotations

from typing import TypeVar

from ebid_tui.flows.ui import Back, Nav

T = TypeVar("T")


class LeftFlow(Exception):
    """The person leaves the flow."""


class LeftStep(LeftFlow):
    """The person goes back: to the form that this step came from, which catches it; where there is none, the flow is left."""


class RegisterInstead(LeftFlow):
    """The person leaves a renewal for 登録 of this card (R-08, R-09)."""

    def __init__(self, fingerprint: str) -> None:
        super().__init__()
        self.fingerprint = fingerprint


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
