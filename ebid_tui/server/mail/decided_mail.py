"""The mail that tells what became of something that waited: 受理 or 不受理, with its reason."""

from __future__ import annotations

from typing import Literal

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Receipt
from ebid_tui.language import SOURCE, speaking
from ebid_tui.messages import t
from ebid_tui.server.mail.completion import about, last_lines, line, what_of
from ebid_tui.server.store.accepted_changes import CompletionMail


@speaking(SOURCE)
def decided(profile: Profile, receipt: Receipt, state: Literal["accepted", "refused"], reason: str) -> tuple[CompletionMail, ...]:
    """To the address that the change itself named; nothing where there is none. In the file's own words where it has some."""
    if receipt.mail_to is None:
        return ()
    mails, what = profile.acceptance.mails, what_of(profile, receipt.operation)
    subject = getattr(mails, f"{state}_subject") or t(f"acceptance.{state}_subject", what=what)
    lead = getattr(mails, f"{state}_lead") or t(f"acceptance.{state}_lead", what=what)
    lines = [lead, *(["", line(t("acceptance.reason"), reason)] if reason else []), "", *about(profile, receipt)]
    if state == "accepted" and receipt.operation == "renewal":
        lines += ["", t("server.mail_old_card")]
    if state == "accepted" and receipt.propagate:
        lines += ["", t("server.mail_propagated")]
    return (CompletionMail(receipt.mail_to, subject, "\n".join([*lines, *last_lines(profile)]) + "\n"),)
