"""R-16: the row of a confirmation by which an amendment or a renewal is copied to the vendor's other agencies."""

from __future__ import annotations

from ebid_tui.domain.records import Receipt
from ebid_tui.flows.comparing import ChoiceRow
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Row, Ui
from ebid_tui.language import joined
from ebid_tui.messages import t

CONFIRMATION = "review"
"""The confirmation's id."""


def propagation_row(ui: Ui, place: Place) -> ChoiceRow | None:
    """R-16: the row, with what was chosen there before, or the system's preset; None where nothing is copied."""
    if not place.profile.rules.propagation:
        return None
    words, before = place.profile.propagation, ui.chosen(CONFIRMATION)
    return ChoiceRow(
        id="propagate",
        about=joined(": ", (words.agency, place.agency.name)),
        label=words.label,
        chosen=words.preset == "yes" if before is None else before,
        yes=t("flow.propagate.chosen", agency=place.agency.name),
        no=t("flow.propagate.not_chosen", agency=place.agency.name),
    )


def said_on_the_receipt(place: Place, receipt: Receipt) -> tuple[Row, ...]:
    """R-16: what was chosen, for the page that is printed; no row where nothing could be chosen."""
    if not place.profile.rules.propagation or receipt.operation == "registration":
        return ()
    chosen = t("flow.propagate.chosen" if receipt.propagate else "flow.propagate.not_chosen", agency=place.agency.name)
    return (Row(place.profile.propagation.label, chosen),)


def propagated(ui: Ui, place: Place) -> bool:
    """What was chosen at the confirmation."""
    return place.profile.rules.propagation and ui.chosen(CONFIRMATION) is True
