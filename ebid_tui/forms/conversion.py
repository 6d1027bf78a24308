"""Whether a field wants what an input method makes of the keys."""

from __future__ import annotations

from ebid_tui.domain.fields import Field


def wanted(field: Field) -> bool:
    """False for every half-width class and for what is masked: there an input method shows in clear what it was given."""
    return field.chars == "full_width" and not field.secret
