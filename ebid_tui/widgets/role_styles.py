"""The theme's styles by role, for whatever paints. Screens hold the two mappings; another theme changes what is in them."""

from __future__ import annotations

from pathlib import Path

from rich.style import Style

from ebid_tui.widgets import theme as themes
from ebid_tui.widgets.frame import BESIDE_PANEL
from ebid_tui.widgets.theme import Theme, ThemeError


class RoleStyles:
    """`page` and `panel` are the styles on either ground, `fault` is what is wrong with the theme that was asked for.

    `own_cursor`: where one types, the terminal's own cursor is shown, and none is painted.
    """

    def __init__(self, file: Path | None, directory: Path | None = None, *, own_cursor: bool = False) -> None:
        self._directories = () if directory is None else (directory,)
        self._own_cursor = own_cursor
        self.page: dict[str, Style] = {}
        self.panel: dict[str, Style] = {}
        chosen, self.fault = themes.choose(file)
        self._name = (file.stem if file is not None else themes.DEFAULT) if chosen is not None else ""
        self.by_terminal = True
        self._wear(chosen)

    def _wear(self, theme: Theme | None) -> None:
        for styles, ground in ((self.page, "page"), (self.panel, "panel")):
            styles.update(themes.styles(theme, ground))
        self.panel[BESIDE_PANEL] = self.page["text"]
        if self._own_cursor:
            for styles in (self.page, self.panel):
                styles["cursor"] = styles["input"]
        self.by_terminal = theme is None or theme.by_terminal

    def next(self) -> None:
        """Wear the theme behind this one, by name; one that is broken is passed over. Nothing where `NO_COLOR` is set."""
        if not self._name:
            return
        files = themes.available(*self._directories)
        names = sorted(files, key=lambda name: (name <= self._name, name))
        for name in names:
            try:
                theme = themes.load(files[name])
            except ThemeError:
                continue
            self._name = name
            self._wear(theme)
            return
