"""Answers a visit in line mode without a person: a plan, then what is preset, then a value that the field takes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from ebid_tui.card.pin import Pin
from ebid_tui.demo.cards import PIN
from ebid_tui.demo.values import secret, valid
from ebid_tui.domain.fields import Field
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.plain.answers import EndOfInput, Prompt, UnexpectedPrompt

USUAL = {"agency": "1", "category": "1", "entry": "1", "review": "submit", "holder": "yes", "done": "close"}
"""What is answered to a choice that the plan does not name."""
TIMES = 3
"""So often the same question may come in a row."""


class Clerk:
    """`plain.answers.Answers`. `known` are the vendor's own values, by field id: its number, its name, its password.

    A prompt that comes again after a refusal ends the visit (`EndOfInput`), one that nobody thought of is `UnexpectedPrompt`.
    """

    names_prompts = True

    def __init__(self, profile: Profile, known: Mapping[str, str], plan: Mapping[str, Sequence[str]]) -> None:
        self.profile, self.known = profile, known
        self.plan = {prompt: list(answers) for prompt, answers in plan.items()}
        self._mail = ""
        self._last = ("", 0)

    async def text(self, prompt: Prompt) -> str:
        answer = self._answer(prompt)
        print("" if prompt.secret else answer)
        times = self._last[1] + 1 if self._last[0] == prompt.id else 1
        self._last = (prompt.id, times)
        if times > TIMES:
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
        if prompt.id not in USUAL:
            raise UnexpectedPrompt((f"{prompt.id}: {prompt.allowed}",))
        return USUAL[prompt.id]

    async def pin(self, prompt: Prompt) -> Pin:
        return Pin.from_bytes(bytearray(PIN.encode()))

    def pass_over(self, prompt: Prompt) -> None:
        if self.plan.get(prompt.id):
            self.plan[prompt.id].pop(0)

    def hold_to(self, prompt: Prompt, names: tuple[str, ...]) -> None:
        wanted = self.plan.pop(prompt.id, [])
        if any(answer not in names for answer in wanted):
            raise UnexpectedPrompt((f"{prompt.id}: {wanted} is not among {names}",))

    async def meanwhile(self, words: frozenset[str]) -> bool:
        never: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        return await never

    def may_repeat(self, prompt: Prompt) -> None:
        raise UnexpectedPrompt((f"a form came back: {sorted(prompt.group) or prompt.id}",))

    def field(self, block: str, name: str) -> Field:
        """What the profile says of a prompt. StopIteration for a field that it does not have."""
        password = self.profile.password.fields if self.profile.password else ()
        fields = {"search": self.profile.search.fields, "password_change": password, "login": password}
        return next(f for f in fields.get(block) or self.profile.every_field(block) if f.id == name)

    def value(self, block: str, field: Field) -> str:
        """Something that the field takes: the vendor's own, or made up."""
        if field.id in self.known and block in ("search", "password_change", "login"):
            return self.known[field.id]
        if field.id.startswith("new_password"):
            return secret(field, 2)
        return valid(field)
