"""What is typed into a form: its inputs, which one is being edited, what is wrong with each. Nothing here knows Textual.

A value is looked at while it is typed (characters that can never be right, too many of them) and settled when it is left:
cleaned, converted to the field's width (R-29), and what was done is said. An empty field is not blamed before the form
is submitted.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as part

import msgspec

from ebid_tui.domain import fields
from ebid_tui.domain.fields import Field, FieldProblem
from ebid_tui.domain.text import classes
from ebid_tui.domain.text.cleaning import beginning, removed_kind, tidy, visible
from ebid_tui.flows.ui import Blocks, Form, FormBlock
from ebid_tui.forms import gaps
from ebid_tui.forms.assist import FormAssist
from ebid_tui.forms.gaps import PastedGap
from ebid_tui.forms.text_field import TextField
from ebid_tui.messages import retranslated, t

COUNTED = 10_000
"""Characters of a paste whose rest is counted: of a much longer one the terminal's reader keeps a part only."""


@dataclass(frozen=True, slots=True)
class FormPosition:
    """Where somebody was in a form: the field, the cursor in it, and the first row in sight."""

    block: str
    field: str
    cursor: int
    top: int


@dataclass(slots=True, eq=False)
class FormInput:
    """One input. `blamed` is true once something was wrong with its value, `told` once a check of the whole form has said so."""

    block: FormBlock
    field: Field
    editor: TextField = part(repr=False)
    problem: FieldProblem | None = part(default=None, repr=False)
    blamed: bool = False
    told: bool = False
    finished: bool = True
    """Whether nobody has typed since this value was checked, or since the form came with it."""
    gaps: list[PastedGap] = part(default_factory=list, repr=False)
    """Where line ends and the like became spaces."""

    @property
    def count(self) -> int:
        """Code points of the value as it will count."""
        return fields.counted(self.field, self.editor.value)


class FormModel:
    """The state of a form being filled in. `said` is what happened last, for the line at the bottom."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.entries = [
            FormInput(block, f, TextField(form.values.get(block.id, {}).get(f.id, ""), stale=f.secret))
            for block in form.blocks
            if not block.read_only
            for f in block.fields
            if f.input
        ]
        self.current = next((n for n, e in enumerate(self.entries) if self._begins(e)), 0)
        """What is edited; at first where the form is to begin, or what has to be filled and is empty."""
        self.secrets_shown = False
        self.said = ""
        self.alarm = False
        """Whether `said` is something to put right."""
        self.replacing = False
        """Whether it was said that copying replaces what was typed."""
        self.assist = FormAssist(self)
        for entry in self.entries:
            message = form.problems.get(f"{entry.block.id}.{entry.field.id}")
            if message:
                entry.problem = FieldProblem("E-INPUT", message)
                entry.blamed = entry.told = True
        self._to_first_fault()

    def say_again(self, form: Form) -> None:
        """The same form in another language: labels and what was said change, values stay."""
        self.form = form
        fields = {(block.id, field.id): (block, field) for block in form.blocks for field in block.fields}
        for entry in self.entries:
            entry.block, entry.field = fields[entry.block.id, entry.field.id]
            if entry.problem is not None:
                entry.problem = msgspec.structs.replace(entry.problem, message=retranslated(entry.problem.message))
        self.said = ""

    def _begins(self, entry: FormInput) -> bool:
        if self.form.begin_at:
            return entry.field.id == self.form.begin_at
        return entry.field.required and not entry.editor.value

    @property
    def entry(self) -> FormInput:
        """The input being edited."""
        return self.entries[self.current]

    @property
    def has_secret(self) -> bool:
        return any(e.field.secret for e in self.entries)

    # -- editing

    def type(self, char: str) -> None:
        """One character from the keyboard or an input method, U+3000 included."""
        self.entry.editor.insert(char)
        self.edited()

    def press(self, key: str) -> bool:
        """A key that edits the line; False for one that does not."""
        before = self.entry.editor.value
        if not self.entry.editor.press(key):
            return False
        if self.entry.editor.value != before:
            self.edited()
        return True

    def paste(self, pasted: str) -> None:
        """Put in what fits, never refuse the whole, and say what was left out."""
        entry, between = self.entry, classes.between(self.entry.field.chars)
        said: list[str] = []
        if entry.field.secret:
            inner = pasted.strip("\r\n")
            kinds = {char: kind for char in inner if (kind := removed_kind(char)) is not None}
            cleaned = "".join(char for char in inner if char not in kinds)  # none of them can be typed, or seen behind the mask
            if kinds:
                said.append(t("field.removed", names="、".join(dict.fromkeys(t(f"field.char.{kind}") for kind in kinds.values()))))
        else:
            cleaned = visible(pasted, between)
        fitting, left_over = fields.cut_to_fit(entry.field, entry.editor.value, cleaned)
        whole = entry.editor.value + cleaned
        if left_over and len(whole) <= 2 * entry.field.limit and fields.slipped(entry.field, whole, self.form.policy):
            fitting, left_over = cleaned, 0  # a mark or a name too many (〒516-0018): what is meant fits
        kept = pasted if not left_over or entry.field.secret else beginning(pasted, len(fitting), between)
        if not entry.field.secret:
            said += tidy(kept, between).notes  # of the rest nothing is said but that it is left out
        if left_over:
            counted = len(pasted) <= COUNTED
            said.append(t("screen.form.cut" if counted else "screen.form.cut_long", limit=entry.field.limit, over=left_over))
        entry.editor.insert(fitting)
        entry.gaps += gaps.pasted(entry.field, kept)
        self.edited()
        if entry.problem is None and fields.slipped(entry.field, entry.editor.value, self.form.policy):
            self.blame(entry)  # nobody goes on typing there
        if gaps.problem(entry) is None:  # what it asks is more urgent
            self.said, self.alarm = "".join(said), bool(said)

    def edited(self) -> None:
        """The value of the field being edited is another one: look at it again."""
        entry = self.entry
        self.said, self.replacing = "", False
        self.assist.typed()
        entry.finished = False
        gaps.forget_gone(entry)
        entry.problem = gaps.problem(entry) or self._while_typing(entry)

    def choose(self, value: str) -> None:
        """Put in one of the choices that the field's problem offers."""
        gaps.choose(self.entry, value)
        self.edited()

    def _while_typing(self, entry: FormInput) -> FieldProblem | None:
        raw = entry.editor.value
        too_long = entry.field.limit and entry.count > entry.field.limit
        if entry.blamed or too_long:
            settled = fields.settle(entry.field, raw).value
            return fields.problem(entry.field, settled, self.form.policy, self.settled(entry.block.id)) if settled else None
        return fields.while_typing(entry.field, raw, self.form.policy)

    def offered(self) -> str:
        """The value as it will count, where that differs from what is being typed; never a secret."""
        entry = self.entry
        if entry.field.secret or not entry.editor.value:
            return ""
        settled = fields.settle(entry.field, entry.editor.value)
        return settled.value if settled.notes and settled.value != entry.editor.value else ""

    def accept_suggestion(self) -> bool:
        """Put the suggested value in the place of the refused one; False if there is none."""
        problem = self.entry.problem
        if problem is None or problem.suggestion is None:
            return False
        self.entry.editor.set(problem.suggestion)
        self.edited()
        return True

    # -- moving

    def leave(self) -> None:
        """Settle the value being edited: what it will count as takes its place, and is said."""
        entry = self.entry
        self.said = ""
        settled = self._settle(entry)
        if settled.value:
            self.blame(entry)
        said = entry.problem.message if entry.problem is not None and settled.value else "".join(settled.notes)
        if said:
            self.said, self.alarm = t("screen.form.left", label=entry.field.label, said=said), entry.problem is not None
        for other in self.entries:
            if other is not entry and other.block.id == entry.block.id and other.field.kind == "email_again" and other.editor.value:
                self.blame(other)

    def answer(self, value: str) -> fields.SettledValue:
        """The whole value of the field being edited at once, as line mode has it: settled, and checked even if it is empty."""
        self.entry.editor.set(value)
        self.entry.gaps = gaps.pasted(self.entry.field, value)
        self.edited()
        settled = self._settle(self.entry)
        self.blame(self.entry)
        return settled

    def _settle(self, entry: FormInput) -> fields.SettledValue:
        """What the value counts as takes its place."""
        settled = fields.settle(entry.field, entry.editor.value)
        if settled.value != entry.editor.value:
            entry.editor.set(settled.value)
        return settled

    def blame(self, entry: FormInput) -> None:
        """Check a settled value; an empty one that has to be there is faulty as well."""
        entry.finished = True
        found = gaps.problem(entry) or fields.problem(entry.field, entry.editor.value, self.form.policy, self.settled(entry.block.id))
        if found is None and entry.problem is not None and entry.problem.code == "E-INPUT":
            return  # the server's own objection stands until the value is changed
        entry.problem = found
        entry.blamed = found is not None

    def go(self, index: int) -> None:
        """Leave the field and edit another one."""
        self.assist.typed()
        self.leave()
        self.current = max(0, min(index, len(self.entries) - 1))
        self.entry.editor.end()

    def move(self, steps: int) -> bool:
        """To a field before or behind; False at the ends, where the field is only settled."""
        target = self.current + steps
        inside = 0 <= target < len(self.entries)
        self.go(target)
        return inside

    def place(self, top: int) -> FormPosition | None:
        """Where one is now; None in a form without inputs."""
        if not self.entries:
            return None
        return FormPosition(self.entry.block.id, self.entry.field.id, self.entry.editor.cursor, top)

    def return_to(self, place: FormPosition) -> None:
        """Go on where somebody was, unless the server wants something put right first; what was wrong when it was left is marked again."""
        if any(entry.problem is not None for entry in self.entries):
            return
        for entry in self.entries:
            if entry.editor.value:
                self.blame(entry)
        for index, entry in enumerate(self.entries):
            if (entry.block.id, entry.field.id) == (place.block, place.field):
                self.current = index
                entry.editor.put_cursor(place.cursor)

    @property
    def at_last(self) -> bool:
        return self.current == len(self.entries) - 1

    # -- answers

    def check(self) -> Blocks | None:
        """Settle and check everything: the values, or None with every fault blamed and the first one being edited."""
        self.leave()
        for entry in self.entries:
            self._settle(entry)
        faulty = False
        for block in self._blocks():
            values = self.settled(block.id)
            problems = fields.block_problems(block.fields, values, self.form.policy)
            if self.form.password is not None:
                from ebid_tui.domain import password_policy

                problems = {**password_policy.problems(self.form.password, values), **problems}
            for entry in self.of(block.id):
                found = gaps.problem(entry) or problems.get(entry.field.id)
                entry.problem, entry.blamed = found, found is not None
                entry.told = found is not None and found.code != "E-REQUIRED"  # that is said beside the field
                faulty = faulty or found is not None
        if faulty:
            self._to_first_fault()
            self.said = t("screen.form.faulty", count=sum(e.problem is not None for e in self.entries))
            self.alarm = True
            return None
        return self.typed()

    def forget_secrets(self) -> None:
        """Drop the passwords: the form is closed."""
        for entry in self.entries:
            if entry.field.secret:
                entry.editor.set("")

    def typed(self) -> Blocks:
        """What stands in every input now."""
        return {block.id: {e.field.id: e.editor.value for e in self.of(block.id)} for block in self._blocks()}

    @property
    def changed(self) -> bool:
        """Whether anything stands there that the form did not come with."""
        return any(map(self.is_typed, self.entries))

    def is_typed(self, entry: FormInput) -> bool:
        """Whether its value is another one than the form came with."""
        return entry.editor.value != self.form.values.get(entry.block.id, {}).get(entry.field.id, "")

    def _blocks(self) -> list[FormBlock]:
        return [b for b in self.form.blocks if any(e.block.id == b.id for e in self.entries)]

    def of(self, block_id: str) -> list[FormInput]:
        """A block's inputs."""
        return [e for e in self.entries if e.block.id == block_id]

    def settled(self, block_id: str) -> dict[str, str]:
        """What a block's inputs will count as, by field id."""
        return {e.field.id: fields.settle(e.field, e.editor.value).value for e in self.of(block_id)}

    def _to_first_fault(self) -> None:
        for index, entry in enumerate(self.entries):
            if entry.problem is not None:
                self.current = index
                self.entry.editor.end()
                return

    def __repr__(self) -> str:
        return f"FormModel({self.form.id!r}, {len(self.entries)} inputs)"
