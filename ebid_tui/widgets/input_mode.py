"""What is shown of an input method beside what is typed: `[あ]` while it converts, `[A]` while it does not. Lines only."""

from __future__ import annotations

from ebid_tui.messages import t
from ebid_tui.terminal.conversion import Conversion
from ebid_tui.widgets.styled_lines import Line, paragraph


def mode_sign(way: Conversion) -> str:
    """Empty where nobody says what it does."""
    on = way.on
    return "" if on is None else t("screen.input_method.on_sign" if on else "screen.input_method.off_sign")


def switch_it_off(way: Conversion, width: int, indent: str) -> list[Line]:
    """The line below what is masked, before anything is typed; none where it is off, or goes off by itself."""
    return paragraph(t("screen.input_method.off"), width, "text", indent=indent) if way.must_be_told else []
