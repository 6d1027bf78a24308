"""The row of a confirmation that may be chosen there (R-16), above its button."""

from __future__ import annotations

from ebid_tui.flows.comparing import ChoiceRow
from ebid_tui.messages import t
from ebid_tui.widgets.keys import keys_of
from ebid_tui.widgets.styled_lines import Line, line, paragraph

BOXES = {True: "[x] ", False: "[ ] "}


def choice_lines(choice: ChoiceRow, chosen: bool, width: int) -> list[Line]:
    """What it starts from, the row with its box and its key, and what follows."""
    follows = choice.yes if chosen else choice.no
    said = t("screen.review.choose", key=keys_of("review.choose")[0])
    return [
        (),
        *paragraph(choice.about, width - 2, "label", indent="   "),
        *paragraph(choice.label, width - 2, "heading", first="   " + BOXES[chosen], indent="       "),
        *paragraph(follows, width - 2, "text", indent="       "),
        line(("       " + said, "dim")),
    ]
