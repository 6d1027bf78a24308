"""What every voice says of something that waits for its acceptance: what is to be done for it, and what counts until then."""

from __future__ import annotations

from ebid_tui.domain.profile.acceptance import AcceptanceRule
from ebid_tui.domain.profile.parts import Operation
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Receipt
from ebid_tui.messages import t


def rule_of(profile: Profile, receipt: Receipt) -> AcceptanceRule:
    """By what rule it waits."""
    vendor = receipt.vendor
    return profile.acceptance_of(operation_of(receipt), vendor.agency, vendor.category)


def operation_of(receipt: Receipt) -> Operation:
    """What is accepted: a registration that was amended while it waited is still one."""
    return "registration" if receipt.state == "provisional" else receipt.operation


def to_do(rule: AcceptanceRule) -> list[str]:
    """What is waited for, the papers, where they are handed in, and what the system's file says beside it."""
    said = [t("acceptance.papers" if rule.kind == "papers" else "acceptance.approval")]
    said += [t("acceptance.paper", paper=paper) for paper in rule.papers]
    return said + [line for line in (rule.hand_in, rule.says) if line]


def until_then(operation: Operation, *, card: bool) -> str:
    """What counts until it is accepted."""
    if operation == "registration" and not card:
        return t("acceptance.registration_until_card_free")
    return t(f"acceptance.{operation}_until")


def said_of(profile: Profile, receipt: Receipt) -> list[str]:
    """All of it, for one receipt; nothing for what counts."""
    if receipt.state == "accepted":
        return []
    said = [*to_do(rule_of(profile, receipt)), until_then(operation_of(receipt), card=receipt.card is not None)]
    return [*said, t("acceptance.answered")] if receipt.mail_to else said
