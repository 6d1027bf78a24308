"""A vendor's page: seven parts, each a key away, and what can be done for the vendor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len

from ebid_tui.flows.desk.ui import ChosenAction, VendorAction, VendorPage
from ebid_tui.flows.localising import relocalised
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Step
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame
from ebid_tui.widgets.keys import READING, bindings, key_label, keys_of
from ebid_tui.widgets.styled_lines import Line, line
from ebid_tui.widgets.table import section_lines

DOING = tuple(action for action in VendorAction if action is not VendorAction.BACK)


class VendorScreen(Step[ChosenAction[VendorAction]]):
    """Read, jump to a part, act."""

    BINDINGS = bindings(
        *(f"desk.part{number}" for number in range(1, 8)),
        *(f"desk.{name}" for name in DOING),
        "page.back",
        *READING,
    )

    def __init__(self, office: PageFrame, page: VendorPage) -> None:
        super().__init__(office, page.title)
        self.page = page
        self.view.place(page.place.top)
        self.said = ""
        self._starts: list[int] = []

    def body(self, width: int) -> PageBody:
        lines: list[Line] = []
        self._starts = []
        for part in self.page.parts:
            self._starts.append(len(lines))
            lines += section_lines(part.sections, width)
        # The last part can be brought to the top as well.
        lines += [()] * max(0, self.view.height - (len(lines) - self._starts[-1]))
        return PageBody(lines)

    def foot(self, width: int) -> Sequence[Line]:
        first = line((" ! " + self.said, "warning")) if self.said else line((f" {self.page.lead} ", "heading"))
        labels = [part.label for part in self.page.parts]
        gap = " " * (2 if sum(cell_len(label) + 4 for label in labels) < width else 1)
        parts: list[tuple[str, str]] = [(" ", "text")]
        for number, label in enumerate(labels, start=1):
            parts += [(str(number), "key"), (f" {label}{gap}", "text")]
        return (first, tuple(parts))

    def keys(self) -> Sequence[KeyLabel]:
        return [key_label("page.back"), *(key_label(f"desk.{action}") for action in DOING if action in self.page.actions)]

    def help_page(self) -> HelpPage:
        rows = tuple((action.label, t(f"desk.help.{action}")) for action in DOING)
        jumps = t("desk.help.jumps", keys=" ".join("/".join(keys_of(f"desk.part{number}")) for number in range(1, 8)))
        return HelpPage(self.page.title, rows, (jumps, t("desk.recorded")))

    def say_again(self) -> None:
        super().say_again()
        self.page = replace(
            self.page, title=relocalised(self.page.title), lead=relocalised(self.page.lead), parts=relocalised(self.page.parts)
        )

    # -- keys

    def action_wish(self, name: str) -> None:
        """Something that can be done for this vendor, or why it cannot."""
        if (action := VendorAction(name)) in self.page.actions:
            self._leave(action)
        else:
            self.said = t(f"desk.cannot.{action}")
            self.repaint()

    def _leave(self, action: VendorAction) -> None:
        self.page.place.top = self.view.top
        self.finish(ChosenAction(action))

    def action_part(self, number: int) -> None:
        if number < len(self._starts):
            self.scroll_rows(self._starts[number] - self.view.top)

    def action_back(self) -> None:
        self._leave(VendorAction.BACK)
