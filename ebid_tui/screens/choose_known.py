"""A panel of values that a field could be filled with: the towns of one postal code, the codes of one address."""

from __future__ import annotations

from ebid_tui.forms.known import Suggestion
from ebid_tui.messages import t
from ebid_tui.screens.choose_one import ListOverlay
from ebid_tui.widgets.styled_lines import Line, cut, line


class KnownOverlay(ListOverlay[Suggestion]):
    """At most nine."""

    def rows(self, width: int) -> list[Line]:
        rows = [line((t("screen.form.choose_known"), "heading")), ()]
        for index, suggestion in enumerate(self.items):
            here = index == self.cursor.at
            told = cut(f" {index + 1}  {suggestion.told} ", width - 2)
            rows.append(line(("> " if here else "  ", "marker"), (told, "selected" if here else "text")))
        return rows
