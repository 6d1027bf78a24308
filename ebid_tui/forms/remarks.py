"""What is said beside a form's blocks and fields, in every voice."""

from __future__ import annotations

from ebid_tui.domain import password_policy
from ebid_tui.flows.ui import Form, FormBlock
from ebid_tui.forms.model import FormInput, FormModel
from ebid_tui.messages import t


def block_remark(form: Form, block: FormBlock) -> str:
    """Beside a block's title: that it is the newest qualification's (R-37), the system's own remark, or that it is only shown (R-18)."""
    if block.id in form.refreshed:
        return t("screen.form.refreshed")
    return block.remark or (t("screen.form.read_only") if block.read_only else "")


def leaving_costs(form: Form, *, changed: bool) -> tuple[str, ...]:
    """The keys of the sentences that say what 戻る costs; empty where it costs nothing."""
    if not form.lost:
        return ()
    typed = ("screen.leave.typed" if form.keep is None else "screen.leave.kept",) if changed else ()
    return ("screen.leave.pin", *typed) if form.lost == "pin" else typed


def policy_parts(model: FormModel, entry: FormInput, beside: str) -> tuple[password_policy.PolicyPart, ...]:
    """R-04: every part of the policy, as far as what is typed meets it, where this entry is the field `beside`; else none."""
    if model.form.password is None or entry.field.id != beside:
        return ()
    typed = {e.field.id: e.editor.value for e in model.entries}
    return password_policy.parts(model.form.password, typed.get("new_password", ""), typed.get("new_password_again", ""))
