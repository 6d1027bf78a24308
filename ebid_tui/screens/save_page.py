"""Saves a receipt's page into a file: its name is typed, Tab completes it, what is there is written over only by a second Enter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ebid_tui.errors import PrintError
from ebid_tui.forms.text_field import TextField
from ebid_tui.messages import t
from ebid_tui.screens.one_line import TypesOneLine
from ebid_tui.screens.overlay import Overlay
from ebid_tui.widgets.frame import KeyLabel, PageFrame
from ebid_tui.widgets.keys import bindings, key_label
from ebid_tui.widgets.styled_lines import Line, fit, line, paragraph, with_cursor

if TYPE_CHECKING:
    from ebid_tui.printing.printout import Printout

WIDTH = 70


class SaveOverlay(Overlay, TypesOneLine):
    """Asks for a file's name until the page is in it, or the person gives up."""

    BINDINGS = bindings("page.accept", "page.back", "save.complete")
    takes_paste = True
    types = True

    def __init__(self, office: PageFrame, printout: Printout) -> None:
        from ebid_tui.printing.targets import suggested_name

        super().__init__(office)
        self.printout = printout
        self.editor = TextField(suggested_name(printout.done))
        self.said = ""
        self._asked = ""
        """The name of a file that exists, once it was said."""

    def lines(self, width: int) -> list[Line]:
        width = min(width, WIDTH)
        rows, (cursor_row, cursor_column) = self.editor.rows(width - 3)
        lines = [line((t("print.save.title"), "heading")), (), line((t("print.save.label"), "label"))]
        for number, row in enumerate(rows):
            shown = fit(row, width - 3)
            pieces = with_cursor(shown, cursor_column) if number == cursor_row else line((shown, "input"))
            lines.append((("[", "label"), *pieces, ("]", "dim")))
        self.types_at = 1 + cursor_column, 3 + cursor_row
        lines.append(())
        lines += paragraph(self.said, width, "warning", first="! ", indent="  ") if self.said else [()]
        return lines

    def keys(self) -> Sequence[KeyLabel]:
        return [key_label("page.accept", t("print.key.save")), key_label("save.complete"), key_label("page.back", t("common.close"))]

    # -- keys

    def edited(self) -> None:
        self.said = self._asked = ""
        self.repaint()

    def _say(self, said: str) -> None:
        self.said = said
        self.repaint()

    def action_complete(self) -> None:
        from ebid_tui.printing.targets import completed_name

        self.editor.set(completed_name(self.editor.value))
        self.edited()

    def action_accept(self) -> None:
        name = self.editor.value.strip()
        if not name:
            self._say(t("print.save.empty"))
        else:
            self.run_worker(self._save(name), name="save", group="save")

    async def _save(self, name: str) -> None:
        from ebid_tui.printing.targets import FileExists

        try:
            path = await self.printout.outlet.save(name, self.printout.done, overwrite=name == self._asked)
        except FileExists:
            self._asked = name
            self._say(t("print.save.exists"))
            return
        except PrintError as error:
            self._say(t("print.error", title=error.title, remedy=error.remedy))
            return
        self.printout.tell(t("print.save.saved", path=path))
        if self.is_current:
            self.app.pop_screen()
