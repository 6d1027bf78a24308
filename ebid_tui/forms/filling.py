"""What fills several inputs of a form at once, in every voice: the copy key (F5, `:copy`) and the fill key (F4, `:fill`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebid_tui.domain import fields
from ebid_tui.flows.ui import Fill
from ebid_tui.messages import t

if TYPE_CHECKING:
    from ebid_tui.forms.model import FormInput, FormModel


def copied_value(model: FormModel, entry: FormInput) -> str:
    """What the copy key puts into this input: the source block's field of the same name. Empty where there is nothing."""
    if model.form.copy is None or entry.block.id != model.form.copy[1]:
        return ""
    source = model.form.copy[0]
    return (model.settled(source) or model.form.values.get(source, {})).get(entry.field.id, "")


def copy_block(model: FormModel) -> bool:
    """代表窓口情報 → ICカード利用部署情報: fields of the same name, over what stands there. False where the form has no such key.

    Where something that was typed would go, that is said first; done again, it is copied.
    """
    if model.form.copy is None:
        return False
    model.leave()
    values = [(entry, value) for entry in model.of(model.form.copy[1]) if (value := copied_value(model, entry))]
    typed = [entry for entry, value in values if entry.editor.value not in ("", value) and model.is_typed(entry)]
    model.replacing = bool(typed) and not model.replacing
    if model.replacing:
        model.said, model.alarm = t("screen.form.copy_replaces", label=typed[0].field.label), True
        return True
    for entry, value in values:
        entry.editor.set(value)
        model.blame(entry)
    copied = len(values)
    model.said = t("screen.form.copied", count=copied) if copied else t("screen.form.nothing_to_copy")
    model.alarm = not copied
    return True


def fill_here(model: FormModel) -> Fill | None:
    """What the fill key does in the block that is edited, or from there; None where it has nothing to do there."""
    here, fills = model.entry.block.id, model.form.fills
    return next((f for f in fills if f.target == here), None) or next((f for f in fills if f.source == here), None)


def fill_block(model: FormModel) -> bool:
    """What is empty gets the value of the company, of the vendor's last card or of this one, the rest is edited next.

    False where the form has no such key. In another block it is 企業情報 → 代表窓口情報.
    """
    if not model.form.fills:
        return False
    fill = fill_here(model) or model.form.fills[0]
    model.leave()
    values = dict(fill.values) or model.form.values.get(fill.source, {}) | model.settled(fill.source)
    filled = 0
    for entry in model.of(fill.target):
        value = values.get(fill.fields.get(entry.field.id, ""), "")
        if value and not entry.editor.value:
            entry.editor.set(fields.settle(entry.field, value).value)
            model.blame(entry)
            filled += 1
    model.said = t(f"screen.form.filled_{fill.source}", count=filled) if filled else t("screen.form.nothing_to_fill")
    model.alarm = not filled
    empty = (n for n, e in enumerate(model.entries) if e.block.id == fill.target and not e.editor.value)
    model.current = next(empty, model.current)
    return True
