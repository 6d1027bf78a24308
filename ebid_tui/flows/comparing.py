"""What a confirmation may have beside its rows: one that is chosen there, and two cards side by side. Part of `flows.ui`."""

from __future__ import annotations

from typing import Literal

import msgspec


class ChoiceRow(msgspec.Struct, frozen=True):
    """A row of a confirmation that is chosen there or not, above its button (R-16). What was chosen is kept (`Ui.chosen`)."""

    id: str
    about: str
    """A line above it: what it starts from."""
    label: str
    chosen: bool
    """Whether it is, to begin with."""
    yes: str
    no: str
    """What follows from it, chosen and not chosen."""


class DiffRow(msgspec.Struct, frozen=True):
    """One row of two columns; `verdict` is told by a sign as well as by colour, `note` says what the difference means."""

    label: str
    current: str
    new: str
    verdict: Literal["equal", "changed", "notable"]
    note: str = ""


class CardComparison(msgspec.Struct, frozen=True):
    """電子証明書更新確認: both cards side by side. The answer is True (更新) or BACK."""

    id: str
    title: str
    current: str
    new: str
    rows: tuple[DiffRow, ...]
    warnings: tuple[str, ...]
    question: str
    submit: str
    back: str
    choice: ChoiceRow | None = None
