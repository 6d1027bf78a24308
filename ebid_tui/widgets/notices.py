"""Why the last attempt did not succeed, as lines. What happened and what to do stay on the screen, wherever one scrolls to."""

from __future__ import annotations

from ebid_tui.errors import EbidError
from ebid_tui.messages import t
from ebid_tui.widgets.styled_lines import Line, paragraph

PINNED = 4
"""Rows of a notice that may stay; where it has more, only its title does."""


def notice(error: EbidError, width: int) -> list[Line]:
    """All of it: title, what to do, every likely cause, and apart from them the code (for the helpdesk)."""
    return [(), *_title(error, width), *_remedy(error, width), *_causes(error, width)]


def pinned(error: EbidError | None, width: int, about: str = "") -> list[Line]:
    """The part that stays below the page's title; nothing where nothing happened. `about` is what was asked for."""
    if error is None:
        return []
    title, remedy = _title(error, width, about), _remedy(error, width)
    return [*title, *remedy] if _fits(title, remedy) else title


def rest_of(error: EbidError | None, width: int, about: str = "") -> list[Line]:
    """The other part, which scrolls with the page."""
    if error is None:
        return []
    title, remedy = _title(error, width, about), _remedy(error, width)
    return [*([] if _fits(title, remedy) else remedy), *_causes(error, width)]


def _fits(title: list[Line], remedy: list[Line]) -> bool:
    return len(title) + len(remedy) <= PINNED


def _title(error: EbidError, width: int, about: str = "") -> list[Line]:
    return paragraph(error.title_about(about), width - 2, "error", first="  ! ", indent="    ")


def _remedy(error: EbidError, width: int) -> list[Line]:
    return paragraph(error.remedy, width - 2, "text", indent="    ")


def _causes(error: EbidError, width: int) -> list[Line]:
    causes = [row for cause in error.causes for row in paragraph(cause, width - 2, "text", first="    - ", indent="      ")]
    return [*causes, *paragraph(t("mending.code", code=error.code), width - 2, "dim", indent="    ")]
