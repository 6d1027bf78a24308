"""A form in line mode: its fields one after the other, each with what it would hold as its preset.

`:fill` and `:copy` at a field do what F4 and F5 do on the screens; what was put in becomes the preset of the fields it is for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from ebid_tui.domain import fields
from ebid_tui.domain.fields import Field
from ebid_tui.flows.register_pages import shown_value
from ebid_tui.flows.ui import Blocks, Form, Nav
from ebid_tui.forms.filling import copied_value, copy_block, fill_block, fill_here
from ebid_tui.forms.model import FormInput, FormModel
from ebid_tui.forms.notes import FormNotes, note
from ebid_tui.forms.remarks import block_remark, policy_parts
from ebid_tui.messages import t
from ebid_tui.plain.answers import Prompt
from ebid_tui.plain.assist import KnownValues, compared, known_values, offered, taken
from ebid_tui.plain.words import COPY, FILL, folded_word, nav_of

AskField = Callable[[Prompt, str, Sequence[str]], Awaitable[str]]
"""An answer, after the prompt's label; the lines explain what is asked."""


class FormInLines:
    """One form being asked. `keep` gets what is typed after each answer that is right."""

    def __init__(self, form: Form, ask: AskField, keep: Callable[[Blocks], None], notes: FormNotes) -> None:
        self.model = FormModel(form)
        self._notes = notes
        notes.bring_back(self.model)
        self.group = frozenset(map(_name, self.model.entries))
        self._ask, self._keep = ask, keep

    async def filled(self) -> Blocks | Nav:
        """Settled, checked values of every input, or where a word led."""
        form, index = self.model.form, 0
        try:
            for block in form.blocks:
                _print_lines((block.title, block_remark(form, block)))
                for field in block.fields:
                    if block.read_only or not field.input:
                        _print_shown(field, form.values.get(block.id, {}).get(field.id, ""))
                        continue
                    self.model.current, index = index, index + 1
                    if (nav := await self._field(self.model.entry)) is not None:
                        return nav
            for index, entry in enumerate(self.model.entries):  # what was put in where it had been asked already
                self.model.current = index
                if entry.problem is not None and (nav := await self._field(entry)) is not None:
                    return nav
            self._notes.remember(self.model)
            return self.model.typed()
        finally:
            self.model.forget_secrets()

    async def _field(self, entry: FormInput) -> Nav | None:
        field, words = entry.field, self._words(entry)
        if entry is self.model.of(entry.block.id)[0]:
            _print_lines(words)
        preset = self._preset(entry)
        known = KnownValues() if preset else await known_values(self.model.assist)
        _print_lines(t("plain.cause", cause=part.label) for part in policy_parts(self.model, entry, "new_password"))
        while True:
            # a password that may be left out is, by Enter alone
            shown = None if field.secret and preset else preset
            prompt = Prompt(_name(entry), shown, (f"{field.label} {field.note}",), self.group, secret=field.secret)
            raw = await self._ask(
                prompt, " ".join(filter(None, (field.label, field.mark, field.note))), (*filter(None, [field.help]), *words)
            )
            if (nav := nav_of(raw)) is not None:
                return nav
            word = folded_word(raw)
            if word in COPY:
                self._put_in(copy_block, here=self._copies(entry))
            elif word in FILL:
                self._put_in(fill_block, here=fill_here(self.model) is not None)
            elif known.asked(raw):
                continue
            elif self._settled(entry, taken(raw, known.values)):
                await self._compared(entry)
                return None
            preset = self._preset(entry)
            known = known if entry.problem is None else await offered(entry, self.model.assist)

    async def _compared(self, entry: FormInput) -> None:
        """Say where a code and its address are of different places, once both were answered; and what became of a paste."""
        await compared(self.model.assist)
        if told := note(self.model, entry):
            print(t("plain.warning", text=told))

    def _settled(self, entry: FormInput, value: str) -> bool:
        """Take an answer, and say what it counts as; False where something is wrong with it."""
        if entry.problem is not None and any(value == chosen for _, chosen in entry.problem.choices):
            self.model.choose(value)
            self.model.blame(entry)
            settled = fields.SettledValue(value)
        else:
            settled = self.model.answer(value)
        if settled.notes:
            print(t("plain.settled", value=settled.value, notes="".join(settled.notes)))
        if entry.problem is None:
            self._keep(self.model.typed())
        return entry.problem is None

    def _preset(self, entry: FormInput) -> str | None:
        """What Enter alone answers; None where it has to be typed, after what is wrong with the value that stood there.

        代表窓口情報 is the preset of ICカード利用部署情報, except for the address that is typed twice on purpose (R-12).
        """
        if entry.problem is not None:
            print(t("plain.field_error", message=entry.problem.message))
            return None
        copied = "" if entry.field.kind == "email_again" else copied_value(self.model, entry)
        return entry.editor.value or copied or (None if entry.field.required else "")

    def _copies(self, entry: FormInput) -> bool:
        return self.model.form.copy is not None and entry.block.id == self.model.form.copy[1]

    def _words(self, entry: FormInput) -> tuple[str, ...]:
        """What `:fill` and `:copy` do in this entry's block."""
        fill = fill_here(self.model)
        words = [f":fill {t(f'screen.key.fill_{fill.source}')}"] if fill else []
        return (*words, f":copy {t('screen.key.copy')}") if self._copies(entry) else tuple(words)

    def _put_in(self, put_in: Callable[[FormModel], bool], *, here: bool) -> None:
        """Do it and say what came of it, and what it put into fields that were asked before: they do not come again."""
        if not here:
            print(t("screen.form.nothing_to_fill"))
            return
        model, current = self.model, self.model.current
        passed = [(entry, entry.editor.value) for entry in model.entries[:current]]
        put_in(model)
        model.current = current
        print(t("plain.warning", text=model.said) if model.alarm else model.said)
        _print_lines(f"{e.field.label}: {e.editor.value}" for e, before in passed if e.editor.value != before)
        self._keep(model.typed())


def _name(entry: FormInput) -> str:
    """By which a script answers the field."""
    return f"{entry.block.id}.{entry.field.id}"


def _print_shown(field: Field, value: str) -> None:
    """A field that is only read; a value of several lines repeats its label."""
    _print_lines(f"{field.label}: {part}" for part in shown_value(field, value).split("\n"))


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        if line:
            print(line)
