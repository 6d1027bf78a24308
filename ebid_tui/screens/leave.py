"""Asking before a page is left whose loss would cost more than a key; to stay is the answer unless leaving is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ebid_tui.messages import t
from ebid_tui.screens.quit import QuitOverlay
from ebid_tui.widgets.frame import KeyLabel, PageFrame, buttons
from ebid_tui.widgets.keys import key_label
from ebid_tui.widgets.styled_lines import Line, paragraph


class LeaveOverlay(QuitOverlay):
    """`lost` are the keys of the sentences that say what leaving costs; `leave` leaves the page."""

    def __init__(self, office: PageFrame, lost: tuple[str, ...], leave: Callable[[], None]) -> None:
        super().__init__(office, self._gone, "")
        self._lost = lost
        self._leave_page = leave

    def lines(self, width: int) -> list[Line]:
        wide = min(width, 60)
        rows = [*paragraph(t("screen.leave.question"), wide, "heading"), ()]
        rows += [row for key in self._lost for row in paragraph(t(key), wide)]
        rows += [(), buttons(((t("screen.leave.no"), ""), (t("screen.leave.yes"), "")), int(self.yes), indent=0)]
        return [*rows, (), *paragraph(t("screen.leave.keys"), wide, "dim")]

    def keys(self) -> Sequence[KeyLabel]:
        return [key_label("page.accept"), key_label("page.right", t("screen.key.other")), key_label("page.back", t("screen.leave.no"))]

    def _gone(self) -> None:
        self.app.pop_screen()
        self._leave_page()
