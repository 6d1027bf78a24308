"""A clerk who can fill in any system's forms: what a field wants is read from the profile, everything else from a plan."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import Mapping, Sequence

from ebid_tui.card.pin import Pin
from ebid_tui.demo.cards import PIN
from ebid_tui.domain.fields import WITH_HYPHEN, Field
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.records import Receipt
from ebid_tui.domain.sample_values import valid
from ebid_tui.flows.enter import visit
from ebid_tui.flows.ui import Nav
from ebid_tui.plain.answers import EndOfInput, Prompt, UnexpectedPrompt
from ebid_tui.plain.voice import PlainUi
from tests.e2e.town import COMPANY, PASSWORD, Town
from tests.patience import long

NEW_PASSWORD = "Neues-1" * 4
PLAIN_PASSWORD = "Neues1" * 4


class Clerk:
    """`plain.answers.Answers`: the plan's answers, each once; then presets; then a value that the field takes."""

    names_prompts = True

    def __init__(self, profile: Profile, number: str, plan: Mapping[str, Sequence[str]]) -> None:
        self.profile, self.number = profile, number
        self.plan = {prompt: list(answers) for prompt, answers in plan.items()}
        self.changed = False
        self._mail = ""
        self._last = ("", 0)

    async def text(self, prompt: Prompt) -> str:
        answer = self._answer(prompt)
        print("" if prompt.secret else answer)
        times = self._last[1] + 1 if self._last[0] == prompt.id else 1
        self._last = (prompt.id, times)
        if times > 3:
            raise UnexpectedPrompt((f"{prompt.id} came again and again",))
        if prompt.id.endswith(".email"):
            self._mail = answer
        return answer

    def _answer(self, prompt: Prompt) -> str:
        if prompt.id.endswith(".email_again"):
            return self._mail
        if self.plan.get(prompt.id):
            return self.plan[prompt.id].pop(0)
        if prompt.again and "." not in prompt.id:
            raise EndOfInput
        if prompt.preset is not None:
            return prompt.preset
        block, _, name = prompt.id.partition(".")
        if name:
            return self.value(block, self.field(block, name))
        if prompt.id in ("agency", "category", "entry"):
            return "1"
        answers = {"review": "submit", "holder": "yes", "done": "close"}
        if prompt.id not in answers:
            raise UnexpectedPrompt((f"{prompt.id}: {prompt.allowed}",))
        return answers[prompt.id]

    async def pin(self, prompt: Prompt) -> Pin:
        return Pin.from_bytes(bytearray(PIN.encode()))

    def pass_over(self, prompt: Prompt) -> None:
        if self.plan.get(prompt.id):
            self.plan[prompt.id].pop(0)

    def hold_to(self, prompt: Prompt, names: tuple[str, ...]) -> None:
        assert all(answer in names for answer in self.plan.pop(prompt.id, []))

    async def meanwhile(self, words: frozenset[str]) -> bool:
        never: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        return await never

    def may_repeat(self, prompt: Prompt) -> None:
        raise UnexpectedPrompt((f"a form came back: {sorted(prompt.group) or prompt.id}",))

    def field(self, block: str, name: str) -> Field:
        """What the profile says of a prompt."""
        password = self.profile.password.fields if self.profile.password else ()
        fields = {"search": self.profile.search.fields, "password_change": password, "login": password}
        return next(f for f in fields.get(block) or self.profile.every_field(block) if f.id == name)

    def value(self, block: str, field: Field) -> str:
        """Something that the field takes."""
        if field.id == self.profile.search.key and block in ("search", "password_change", "login"):
            return self.number
        if field.id == "trade_name":
            return COMPANY
        if field.secret:
            takes_symbols = field.chars == "half_alnum_symbols"
            new = (NEW_PASSWORD if takes_symbols else PLAIN_PASSWORD)[: field.limit]
            return new if field.id.startswith("new_password") or (block == "login" and self.changed) else PASSWORD
        return fitting(field)


def fitting(field: Field) -> str:
    """A value of a field's kind, class and limit."""
    if field.pattern:
        return valid(field)
    match field.kind:
        case "postal_code":
            return "100-0001" if field.chars in WITH_HYPHEN else "1000001"
        case "phone":
            return "0300000009"[: field.limit]
        case "email":
            return "a@minato.example" if field.limit >= 16 else "a@b.co"
        case _:
            length = field.exact or min(field.max, 4)
            return ("港町役場" if field.chars == "full_width" else "1234" if "digits" in field.chars else "Ab12")[:length].ljust(
                length, "港" if field.chars == "full_width" else "1"
            )


async def visits(town: Town, clerk: Clerk) -> tuple[Receipt | Nav | None, str]:
    """One visit in line mode: what came of it (None: no more answers), and all that was said."""
    parts, said = town.parts(), io.StringIO()
    result: Receipt | Nav | None = None
    parts.begin()
    try:
        with contextlib.redirect_stdout(said):
            ui = PlainUi(clerk, parts.cards, parts.tray)
            with contextlib.suppress(EndOfInput):
                result = await asyncio.wait_for(visit(ui, parts.cards, parts.server, town.profile), long())
    except BaseException as error:
        error.add_note(said.getvalue())
        raise
    finally:
        parts.close()
    return result, said.getvalue()
