"""What a line end, a tab or a no-break space inside a pasted value becomes: one space, which is said until the confirmation.

Where a digit would meet a digit nobody can tell what was meant (`1-7-29` and `101号室`: 29101, 29 101 or 29-101), so that it is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ebid_tui.domain.fields import Field, FieldProblem
from ebid_tui.domain.text import classes
from ebid_tui.domain.text.cleaning import separated
from ebid_tui.messages import t

if TYPE_CHECKING:
    from ebid_tui.forms.model import FormInput

Meant = Literal["joined", "space", "hyphen"]
MEANINGS: tuple[Meant, ...] = ("joined", "space", "hyphen")
MOST = 20
"""Gaps that are remembered: a paste may be a whole book."""


@dataclass(slots=True)
class PastedGap:
    """One place where something pasted stood between visible characters. `meant` is what a person chose, where that was asked."""

    left: str
    right: str
    names: tuple[str, ...]
    more_before: bool = False
    more_behind: bool = False
    """Whether the piece that ends with `left` is longer, and the one that begins with `right`."""
    meant: Meant | None = None

    @property
    def asks(self) -> bool:
        return self.meant is None and self.left[-1].isdecimal() and self.right[0].isdecimal()

    def text(self, field: Field, meant: Meant | None = None) -> str:
        """How it stands in the field's value."""
        between = {"joined": "", "hyphen": "-"}.get(meant or self.meant or "", classes.between(field.chars))
        return classes.normalise(classes.convert(self.left + between + self.right, field.chars), field.chars)


def pasted(field: Field, raw: str) -> list[PastedGap]:
    """The gaps of a paste, or of a whole answer in line mode; none in a secret."""
    return [] if field.secret else [PastedGap(s.left, s.right, s.names, s.more_before, s.more_behind) for s in separated(raw, MOST)]


def _counting(entry: FormInput) -> str:
    return classes.normalise(classes.convert(entry.editor.value, entry.field.chars), entry.field.chars)


def forget_gone(entry: FormInput) -> None:
    """Drop those that a person has edited away."""
    if entry.gaps:
        value = _counting(entry)
        entry.gaps = [gap for gap in entry.gaps if gap.text(entry.field) in value]


def problem(entry: FormInput) -> FieldProblem | None:
    """The first question that was not answered, with its answers as choices."""
    gap = next((gap for gap in entry.gaps if gap.asks), None)
    if gap is None:
        return None
    value, here = _counting(entry), gap.text(entry.field)
    meant = [m for m in MEANINGS if not classes.refused(gap.text(entry.field, m), entry.field.chars)]
    choices = tuple((t(f"field.gap.{m}"), value.replace(here, gap.text(entry.field, m), 1)) for m in meant)
    left, right = "…" * gap.more_before + gap.left, gap.right + "…" * gap.more_behind
    return FieldProblem("E-GAP", t("field.gap.ask", names="、".join(gap.names), left=left, right=right), choices=choices)


def choose(entry: FormInput, value: str) -> None:
    """Put in one of the choices of `problem`."""
    gap = next(gap for gap in entry.gaps if gap.asks)
    found, here = _counting(entry), gap.text(entry.field)
    for meant in MEANINGS:
        if found.replace(here, gap.text(entry.field, meant), 1) == value:
            gap.meant = meant
            break
    entry.editor.set(value)


def note(entry: FormInput) -> str:
    """What was done, to stand beside the value until it is confirmed."""
    told = (t(f"field.gap.noted_{gap.meant or 'space'}", names="、".join(gap.names)) for gap in entry.gaps if not gap.asks)
    return "".join(dict.fromkeys(told))
