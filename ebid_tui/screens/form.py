"""資格審査情報検索 and 利用者登録: a form of the profile's fields, filled in with the keyboard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

from textual import events

from ebid_tui.assist.lookup import Lookup, look_up
from ebid_tui.flows.ui import Blocks, Form, Nav
from ebid_tui.forms.conversion import wanted
from ebid_tui.forms.filling import copy_block, fill_block, fill_here
from ebid_tui.forms.known import Suggestion
from ebid_tui.forms.model import FormModel, FormPosition
from ebid_tui.forms.notes import FormNotes
from ebid_tui.forms.remarks import leaving_costs
from ebid_tui.messages import t
from ebid_tui.screens.base import HelpPage, Step
from ebid_tui.terminal.keys import typed
from ebid_tui.widgets.form_page import bottom, paint_form
from ebid_tui.widgets.frame import KeyLabel, PageBody, PageFrame
from ebid_tui.widgets.input_mode import mode_sign
from ebid_tui.widgets.keys import bindings, key_label
from ebid_tui.widgets.notices import pinned
from ebid_tui.widgets.styled_lines import Line


class FormScreen(Step["Blocks | Nav"]):
    """Fills in one form. `keep` gets what is typed when the page is left, in whichever way."""

    paging = "form.page_up", "form.page_down"
    BINDINGS = bindings(
        "form.next",
        "form.down",
        "form.up",
        "form.page_down",
        "form.page_up",
        "page.submit",
        "page.back",
        "form.copy",
        "form.fill",
        "form.show_secret",
        "form.suggestion",
    )

    takes_text = True

    def __init__(
        self,
        office: PageFrame,
        form: Form,
        keep: Callable[[Blocks], None],
        place: FormPosition | None = None,
        notes: FormNotes | None = None,
    ) -> None:
        """`place` is where somebody was when the form was left: it goes on there. `notes` get what its confirmation is to repeat."""
        super().__init__(office, form.title)
        self.form = form
        self.model = FormModel(form)
        self._keep = keep
        self._notes = notes or FormNotes()
        self._notes.bring_back(self.model)
        self._looking: asyncio.Task[None] | None = None
        self._looked_for: Lookup | None = None
        self._comparing: asyncio.Task[None] | None = None
        self._accept = False
        """Accept what the look-up under way finds: the key was faster."""
        self._seen_before = place is not None
        self.view.opens_at_top = any(block.read_only for block in form.blocks)  # what they are is said at the top
        if place is not None and not form.begin_at:
            self.model.return_to(place)
            self.view.place(place.top)

    @property
    def place(self) -> FormPosition | None:
        """Where one is now."""
        return self.model.place(self.view.top)

    # -- painting

    def head(self, width: int) -> Sequence[Line]:
        return pinned(self.form.notice, width, self.form.notice_about)

    def body(self, width: int) -> PageBody:
        return paint_form(self.model, width)

    def foot(self, width: int) -> Sequence[Line]:
        way = self.input_method
        ask_off = way.must_be_told and not wanted(self.model.entry.field)
        return bottom(self.model, width, mode_sign(way), ask_off=ask_off, away=self.view.away)

    def wants(self) -> tuple[object, bool | None]:
        return (self, self.model.current), wanted(self.model.entry.field)

    def keys(self) -> Sequence[KeyLabel]:
        model = self.model
        found = [key_label("page.submit", self.form.submit), key_label("page.back", self.form.back)]
        if model.entry.problem is not None and (model.entry.problem.suggestion is not None or model.entry.problem.choices):
            found.append(key_label("form.suggestion"))
        elif model.assist.suggestions():
            found.append(key_label("form.suggestion", t("screen.key.known")))
        fill = fill_here(model)
        if fill is not None:
            found.append(key_label("form.fill", t(f"screen.key.fill_{fill.source}")))
        if self._copies:
            found.append(key_label("form.copy"))
        if model.has_secret:
            found.append(key_label("form.show_secret", t("screen.key.hide_secret") if model.secrets_shown else ""))
        found.append(key_label("form.next"))
        return found

    @property
    def _copies(self) -> bool:
        """Whether the copy key does something here: in the block that it fills, and in those that no other key fills."""
        fill = fill_here(self.model)
        return self.form.copy is not None and (fill is None or fill.target == self.form.copy[1])

    def help_page(self) -> HelpPage:
        rows = [(f.label, f"{f.note} {f.help}".strip()) for block in self.form.blocks for f in block.fields if f.input and f.help]
        return HelpPage(self.form.title, tuple(dict.fromkeys(rows)), (t("help.form"),))

    def say_again(self) -> None:
        super().say_again()
        self.model.say_again(self.form)

    # -- keys

    def take_key(self, event: events.Key) -> bool:
        """Characters and editing keys go to the field; everything else to the bindings."""
        if (char := typed(event)) is not None:
            self.model.type(char)
        elif not self.model.press(event.key):
            return False
        self.view.follow()
        self.repaint()
        self._look_up()
        return True

    def take_paste(self, text: str) -> None:
        """A bracketed paste: what fits goes in, what does not is said."""
        self.model.paste(text)
        self.view.follow()
        self.repaint()
        self._look_up()

    def paste_lost(self) -> None:
        super().paste_lost()
        self.model.said, self.model.alarm = t("screen.form.paste_lost"), True
        self.repaint()

    def pointed(self, x: int, y: int) -> bool:
        """A click on an input moves there."""
        row = y - self.body_at + self.view.top
        if not (self.body_at <= y < self.body_at + self.view.height) or self.answered:
            return False
        width, _ = cast("tuple[int, int]", self.app.size)
        stops = paint_form(self.model, width).stops
        found = next((n for n, (_, last) in enumerate(stops) if row <= last), None)
        if found is not None and found != self.model.current:
            self._go(found)
        return True

    def action_next(self) -> None:
        if self.model.at_last and not self.view.away:
            self.action_submit()
        else:
            self._move(1)

    def _move(self, steps: int) -> None:
        """To another field; from the first and the last one on to what is only read; back to the field from where that was read."""
        target = self.model.current + steps
        if self.view.away:
            self._go(self.model.current)
        elif 0 <= target < len(self.model.entries):
            self._go(target)
        elif self.view.above if steps < 0 else self.view.below:
            self.scroll_rows(self.page_rows * steps)
        else:
            self._go(self.model.current)

    def _go(self, field: int) -> None:
        """To this field, and have it in sight."""
        self.view.follow()
        self.go_to(field)
        self.repaint()

    @property
    def stop(self) -> int:
        return self.model.current

    def go_to(self, stop: int) -> None:
        self.model.go(stop)
        self.keep()
        self._look_up()
        self._compare()

    def action_next_field(self) -> None:
        self._move(1)

    def action_previous_field(self) -> None:
        self._move(-1)

    def action_copy(self) -> None:
        if copy_block(self.model):  # from every block: the foot shows it where it is next
            self.view.follow()
            self.repaint()

    def action_fill(self) -> None:
        if fill_here(self.model) is not None and fill_block(self.model):
            self.view.follow()
            self.repaint()

    def action_show_secret(self) -> None:
        """Look at what was typed: 0 and O, 1 and l are easily confused (R-14)."""
        if self.model.has_secret:
            self.model.secrets_shown = not self.model.secrets_shown
            self.repaint()

    def action_suggestion(self) -> None:
        """The value for a refused one, or what is known; of several, one is chosen."""
        if self.model.accept_suggestion():
            self.view.follow()
            self.repaint()
            self._look_up()
            return
        problem = self.model.entry.problem
        if problem is not None and problem.choices:
            self._offer(tuple(Suggestion(self.model.entry, value, f"{label}　{value}") for label, value in problem.choices), self._choose)
            return
        found = self.model.assist.suggestions()
        if len(found) == 1:
            self._take(found[0])
        elif found:
            self._offer(found, self._take)
        elif unknown := self.model.assist.nothing_known():
            self.model.said, self.model.alarm = unknown, True
            self.repaint()
        elif (wanted := self.model.assist.wanted()) is not None and self.model.assist.knows(wanted):
            self.model.said, self.model.alarm = t("assist.there_already"), False
            self.repaint()
        else:
            self._accept = wanted is not None
            self._look_up()

    def _offer(self, found: Sequence[Suggestion], take: Callable[[Suggestion], None]) -> None:
        from ebid_tui.screens.choose_known import known_overlay

        self.app.push_screen(known_overlay(self.office, found, take))

    def _choose(self, choice: Suggestion) -> None:
        self.model.choose(choice.value)
        self.repaint()

    def _take(self, suggestion: Suggestion) -> None:
        self.model.assist.take(suggestion)
        self.view.follow()
        self.repaint()
        self._look_up()

    # -- what is known about what is typed

    def _look_up(self) -> None:
        """Look up what helps the field being edited, in a thread; only the newest question counts."""
        wanted = self.model.assist.wanted()
        if wanted == self._looked_for:
            return
        if self._looking is not None:
            self._looking.cancel()
        self._looked_for, self._looking = wanted, None
        if wanted is None or self.model.assist.knows(wanted):
            self._accept = False
            return
        self._looking = asyncio.get_running_loop().create_task(self._learn(wanted))

    async def _learn(self, wanted: Lookup) -> None:
        if wanted.kind == "codes":
            await asyncio.sleep(PAUSE)  # a third of a second's work: not for every character
        self.model.assist.learn(wanted, await asyncio.to_thread(look_up, wanted))
        if self.answered or wanted != self.model.assist.wanted():
            return
        accept, self._accept = self._accept, False
        if accept:
            self.action_suggestion()
        elif self.model.assist.suggestions():
            self.repaint()

    def _compare(self) -> None:
        """Ask whether a code and an address that were left are of one place; the answer is a note beside the address."""
        wanted = self.model.assist.comparison()
        if wanted is not None and (self._comparing is None or self._comparing.done()):
            self._comparing = asyncio.get_running_loop().create_task(self._note(wanted))

    async def _note(self, wanted: Lookup) -> None:
        self.model.assist.learn(wanted, await asyncio.to_thread(look_up, wanted))
        if not self.answered:
            self.repaint()

    def on_unmount(self) -> None:
        if self._comparing is not None:
            self._comparing.cancel()
        if self._looking is not None:
            self._looking.cancel()
        self.model.forget_secrets()  # what is kept is with the voice, until the visit ends

    def action_submit(self) -> None:
        values = self.model.check()
        while values is not None and (wanted := self.model.assist.comparison()) is not None:
            self.model.assist.learn(wanted, look_up(wanted))  # the lists are warm by now: some milliseconds
        if values is None:
            self.app.bell()
            self.view.follow()
            self.repaint()
            return
        self._notes.remember(self.model)
        self._keep(values)
        self.finish(values)

    def action_back(self) -> None:
        """Asks first where something is lost by it."""
        self.keep()
        lost = leaving_costs(self.form, changed=self.model.changed or self._seen_before)
        if not lost:
            self._leave()
            return
        from ebid_tui.screens.leave import LeaveOverlay

        self.app.push_screen(LeaveOverlay(self.office, lost, self._leave))

    def _leave(self) -> None:
        self.finish(Nav.BACK)

    def keep(self) -> None:
        """Have what is typed remembered."""
        self._notes.remember(self.model)
        self._keep(self.model.typed())


PAUSE = 0.3
"""Seconds without a key after which an address's code is looked up."""
