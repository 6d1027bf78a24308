"""R-04: what a new password has to be, part by part, so that it can be shown as it is met while typing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from ebid_tui.domain.fields import FieldProblem
from ebid_tui.domain.profile.systems import Password
from ebid_tui.messages import t

Part = Literal["length", "letters", "digits", "symbols", "same"]


class PolicyPart(msgspec.Struct, frozen=True):
    """One part of the policy, in words, and whether it is met."""

    part: Part
    label: str
    met: bool


def parts(policy: Password, new: str, again: str) -> tuple[PolicyPart, ...]:
    """Every part, in the order in which it is shown."""
    wanted: list[PolicyPart] = [PolicyPart("length", t("field.policy_length", min=policy.min_length), len(new) >= policy.min_length)]
    if policy.letters:
        wanted.append(PolicyPart("letters", t("field.policy_letters"), any(c.isascii() and c.isalpha() for c in new)))
    if policy.digits:
        wanted.append(PolicyPart("digits", t("field.policy_digits"), any(c.isascii() and c.isdigit() for c in new)))
    if policy.symbols:
        wanted.append(PolicyPart("symbols", t("field.policy_symbols"), any("!" <= c <= "~" and not c.isalnum() for c in new)))
    wanted.append(PolicyPart("same", t("field.policy_same"), bool(new) and new == again))
    return tuple(wanted)


def problems(policy: Password, values: Mapping[str, str]) -> dict[str, FieldProblem]:
    """R-04, by field id: what is not met yet, and a new password that is the old one."""
    new, again = values.get("new_password", ""), values.get("new_password_again", "")
    missing = [part.label for part in parts(policy, new, again) if not part.met and part.part != "same"]
    found: dict[str, FieldProblem] = {}
    if missing:
        found["new_password"] = FieldProblem("R-04", t("field.policy_missing", missing="、".join(missing)))
    elif new == values.get("password"):
        found["new_password"] = FieldProblem("R-04", t("field.policy_unchanged"))
    if new != again:
        found["new_password_again"] = FieldProblem("R-04", t("field.policy_not_same"))
    return found
