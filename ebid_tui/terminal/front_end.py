"""A front end between this program and the terminal that composes Japanese on its own: uim-fep.

It draws what is being composed over whatever stands there, from the cursor's place on, and leaves blanks behind, of which this
program hears nothing; only with the next key the blanks can be painted over. It follows what is sent as far as it understands it:
of SGR the eight colours, bright or not, bold, underline, reverse (it takes the `5` of `38;5;N` for blinking), and before each
piece that it passes on it puts the attributes back that it believes in (uim's fep/escseq.c: set_attr, put_pty_str).
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.color import ColorSystem

COMPOSED = 3
"""Rows that a composition may cover: some 120 kana at 80 columns. One that reaches the last row scrolls the screen."""


def under_front_end(environment: Mapping[str, str]) -> bool:
    """Whether such a one stands between."""
    return bool(environment.get("UIM_FEP_PID"))


def understood(system: ColorSystem | None) -> ColorSystem | None:
    """The colours that it does not take for something else."""
    return None if system is None else min(system, ColorSystem.STANDARD)


def maybe_composed_on(at: tuple[int, int] | None, height: int) -> range:
    """The rows that may show something else than was sent, when the cursor stood there."""
    if at is None or at[0] + COMPOSED >= height:
        return range(height)
    return range(at[0], at[0] + COMPOSED)
