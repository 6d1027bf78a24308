"""Says what a flow asks in the language spoken now: its sentences, and the documents' labels with their meaning beside them.

What people typed, and what is on record, stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from ebid_tui.domain.fields import Field
from ebid_tui.domain.whereabouts import Whereabouts
from ebid_tui.flows.comparing import DiffRow
from ebid_tui.flows.ui import Done, Fill, Form, PinRequest, Row
from ebid_tui.language import SOURCE, TranslatableText, gloss, language
from ebid_tui.messages import retranslated

T = TypeVar("T")

VALUES: Mapping[type, frozenset[str]] = {
    DiffRow: frozenset({"current", "new"}),
    Done: frozenset({"receipt", "mail_to"}),
    Field: frozenset({"id", "options", "lines"}),
    Fill: frozenset({"source", "target", "fields", "values"}),
    Form: frozenset({"values", "problems", "policy", "password", "refreshed", "copy"}),
    PinRequest: frozenset({"reader"}),
    Row: frozenset({"value"}),
    Whereabouts: frozenset(Whereabouts.__struct_fields__),
}
"""Parts that hold values: no label is looked for in them."""


def localised(request: T) -> T:
    """A request as it is shown; the same object where nothing has to be said differently."""
    return request if language() == SOURCE else relocalised(request)


def relocalised(request: T) -> T:
    """A request, shown or not, in the language spoken now."""
    made: T = _said(request, label=True)
    return made


def _said(thing: Any, *, label: bool) -> Any:
    if isinstance(thing, str):
        return retranslated(thing) if isinstance(thing, TranslatableText) else gloss(thing) if label else thing
    if isinstance(thing, msgspec.Struct):
        values = VALUES.get(type(thing), frozenset())
        parts = {name: getattr(thing, name) for name in thing.__struct_fields__}
        if isinstance(thing, PinRequest):
            card = tuple((_said(name, label=True), _said(value, label=False)) for name, value in thing.card)
            parts.pop("card")
            changed: dict[str, Any] = {"card": card} if card != thing.card else {}
        else:
            changed = {}
        for name, part in parts.items():
            made = _said(part, label=label and name not in values)
            if made is not part:
                changed[name] = made
        return msgspec.structs.replace(thing, **changed) if changed else thing
    if isinstance(thing, tuple):
        pieces = tuple(_said(piece, label=label) for piece in thing)
        return pieces if any(new is not old for new, old in zip(pieces, thing, strict=True)) else thing
    if isinstance(thing, dict):
        made = {key: _said(value, label=label) for key, value in thing.items()}
        return made if any(made[key] is not thing[key] for key in thing) else thing
    return thing
