"""What was typed into a form and not sent: kept where a lost connection cannot take it along, and offered at the next start.

A draft belongs to one flow of one vendor at one agency and category: whoever proves to be that vendor again is asked. Secrets
are never part of it. It goes when the receipt is there, when it is declined, and when it is too old (docs/ssh.md).
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from ebid_tui.flows.ui import Back, Blocks, Form, Nav, Option, Question, Report, Ui
from ebid_tui.messages import t


class DraftSlot(msgspec.Struct, frozen=True):
    """Whose draft it is: nothing else opens it."""

    system: str
    agency: str
    category: str
    flow: str
    vendor: str


class KeptDraft(msgspec.Struct, frozen=True):
    """A draft as it was kept."""

    saved_at: datetime
    values: Blocks


class DraftUnreadable(Exception):
    """There is something in the draft's place that cannot be used; it has been thrown away."""


class Drafts(Protocol):
    """Where drafts are kept. Nothing here fails because a disk does: then there is no draft."""

    def read(self, slot: DraftSlot) -> KeptDraft | None:
        """The draft, if there is one. Raises DraftUnreadable, once."""
        ...

    def write(self, slot: DraftSlot, values: Blocks) -> bool:
        """Keep this in the place of what was kept. Returns whether that could be done."""
        ...

    def drop(self, slot: DraftSlot) -> None:
        """Keep nothing any more."""
        ...


class NoDrafts:
    """Keeps nothing: at kiosks, in the demo, for scripts, and where the settings say so."""

    def read(self, slot: DraftSlot) -> KeptDraft | None:
        return None

    def write(self, slot: DraftSlot, values: Blocks) -> bool:
        return False

    def drop(self, slot: DraftSlot) -> None:
        pass


NONE = NoDrafts()


class Draft:
    """The draft of one flow, from the form to the receipt."""

    def __init__(self, drafts: Drafts, slot: DraftSlot) -> None:
        self._drafts = drafts
        self._slot = slot
        self._asked = False

    async def offered(self, ui: Ui) -> Blocks | Back:
        """What to go on with: nothing where there is no draft, or where the person begins anew. Asked once."""
        if self._asked:
            return {}
        try:
            kept = self._drafts.read(self._slot)
        except DraftUnreadable:
            await ui.read(Report("draft_unreadable", t("draft.unreadable_title"), (), t("draft.unreadable"), t("common.close")))
            kept = None
        if kept is None:
            self._asked = True
            return {}
        from ebid_tui.domain.certificate import JAPAN  # 60 ms: not before the first frame

        saved = kept.saved_at.astimezone(JAPAN)
        when = t("draft.when", month=saved.month, day=saved.day, hour=saved.hour, minute=f"{saved.minute:02}")
        options = tuple(Option(way, t(f"draft.{way}"), t(f"draft.{way}_means")) for way in ("resume", "anew"))
        answer = await ui.choose(Question("draft", t("draft.title"), options, t("draft.lead", when=when)))
        if answer is Nav.BACK:
            return answer
        self._asked = True
        if answer == "resume":
            return kept.values
        self.drop()
        return {}

    def kept_from(self, form: Form) -> Form:
        """The form, from which every voice hands over what is typed whenever a field is left; as it is where nothing is kept."""
        if isinstance(self._drafts, NoDrafts):
            return form
        inputs = {b.id: {f.id for f in b.fields if f.input and not f.secret} for b in form.blocks if not b.read_only}

        def open_part(values: Blocks) -> Blocks:
            found = {block: {f: v for f, v in row.items() if f in inputs.get(block, ())} for block, row in values.items()}
            return {block: row for block, row in found.items() if row}

        last = open_part(form.values)
        kept = self._drafts is not NONE

        def keep(values: Blocks) -> bool:
            nonlocal last, kept
            typed = open_part(values)
            if any(last.get(block, {}).get(name, "") != value for block, row in typed.items() for name, value in row.items()):
                last = typed
                kept = self._drafts.write(self._slot, typed)
            return kept

        return msgspec.structs.replace(form, keep=keep)

    def drop(self) -> None:
        """It is registered, or not wanted."""
        self._drafts.drop(self._slot)
