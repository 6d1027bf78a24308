"""A script's answers to line mode's prompts: a file's lines, in order."""

from __future__ import annotations

from pathlib import Path

from ebid_tui.card.pin import Pin, wipe
from ebid_tui.messages import t
from ebid_tui.plain.answers import EndOfInput, Prompt, UnexpectedPrompt, never, pin_of, same, text_of
from ebid_tui.plain.given_secrets import GivenSecrets
from ebid_tui.plain.line_bytes import answers_in

SOMETIMES = frozenset({"certificate", "holder", "last_try", "propagate", "register_instead", "retry", "same_pin", "way", "which_card"})
"""Prompts that come only when there is reason to ask: a script may answer them without knowing."""


class Script:
    """A file's lines `id: value`, in order. Blank lines and lines starting with `#` say nothing."""

    names_prompts = True

    def __init__(self, file: Path, secrets: int | None = None) -> None:
        """`secrets`: a descriptor whose secrets go before those of the file.

        Raises UnexpectedPrompt for a line that is no answer, OSError for an unreadable file.
        """
        self.file = file.name
        self._secrets = GivenSecrets(secrets)
        self.lines: list[tuple[int, str, bytearray]] = []
        self.count = 0
        self._passed: set[str] = set()
        with file.open("rb", buffering=0) as source:
            for line in answers_in(source.fileno()):
                if not line.colon:
                    wipe(line.value)
                    self.forget()
                    raise UnexpectedPrompt((t("plain.script_syntax", file=self.file, number=line.number),))
                self.lines.append((line.number, line.name, line.value))
                self.count = line.number

    def forget(self) -> None:
        """Wipe what was not used."""
        self._secrets.forget()
        while self.lines:
            wipe(self.lines.pop()[2])

    def _take(self, prompt: Prompt) -> bytearray | None:
        """The answer's bytes, or None for the preset."""
        self._pass_sometimes(prompt)
        for index, (_, name, value) in enumerate(self.lines):
            if name == prompt.id:
                del self.lines[index]
                return value
            if name not in prompt.group | SOMETIMES:
                break
        if prompt.preset is None or prompt.id in self._passed:  # what was said of it too early is no yes to its preset
            self._unexpected(prompt)
        return None

    def _secret(self, prompt: Prompt) -> bytearray | None:
        """As `_take`, from the descriptor before the file."""
        self._pass_sometimes(prompt)
        given = self._secrets.take(prompt.id)
        return self._take(prompt) if given is None else given

    def _pass_sometimes(self, prompt: Prompt) -> None:
        """Where the prompt has no preset, lines before its own that were not asked for go."""
        while prompt.preset is None and self.lines and self.lines[0][1] != prompt.id and self.lines[0][1] in SOMETIMES:
            self._passed.add(self.lines[0][1])
            self._pass(prompt)

    def _pass(self, prompt: Prompt) -> None:
        """Drop a line that was not asked for. Raises UnexpectedPrompt where it names another card than the one whose PIN comes next."""
        number, name, value = self.lines.pop(0)
        said = text_of(value) if name == "which_card" else ""
        wipe(value)
        if prompt.card and said and not any(same(said, other) for other in prompt.card):
            line = t("plain.unexpected_line", file=self.file, number=number, line=f"{name}: {said}")
            raise UnexpectedPrompt((t("plain.other_card", named=said), line))
        print(t("plain.passed_over", id=name))

    def pass_over(self, prompt: Prompt) -> None:
        if self.lines and self.lines[0][1] == "which_card":
            self._pass(prompt)
        if self.lines and self.lines[0][1] == prompt.id:
            self._pass(prompt)
        self._secrets.pass_over(prompt.id)

    def hold_to(self, prompt: Prompt, names: tuple[str, ...]) -> None:
        if not (self.lines and self.lines[0][1] == prompt.id):
            return
        number, name, value = self.lines.pop(0)
        said = text_of(value)
        if said and not any(same(said, known) for known in names):
            line = t("plain.unexpected_line", file=self.file, number=number, line=f"{name}: {said}")
            allowed = t("plain.unexpected_allowed", allowed=" | ".join(prompt.allowed))
            raise UnexpectedPrompt((t("plain.unexpected", id=prompt.id), allowed, line))
        print(t("plain.passed_over", id=name))

    async def meanwhile(self, words: frozenset[str]) -> bool:
        return await never()

    def _unexpected(self, prompt: Prompt) -> None:
        allowed = " | ".join(prompt.allowed) or t("plain.any_text")
        if self.lines:
            number, name, _ = self.lines[0]
            where = t("plain.unexpected_line", file=self.file, number=number, line=f"{name}: …")
        elif prompt.again:
            raise EndOfInput
        else:
            where = t("plain.unexpected_end", file=self.file, number=self.count)
        raise UnexpectedPrompt((t("plain.unexpected", id=prompt.id), t("plain.unexpected_allowed", allowed=allowed), where))

    def may_repeat(self, prompt: Prompt) -> None:
        if not (self.lines and self.lines[0][1] in prompt.group | {prompt.id}):
            self._unexpected(prompt)

    async def text(self, prompt: Prompt) -> str:
        taken = self._secret(prompt) if prompt.secret else self._take(prompt)
        value = (prompt.preset or "") if taken is None else text_of(taken)
        print(t("plain.secret") if prompt.secret else value)
        return value

    async def pin(self, prompt: Prompt) -> Pin:
        taken = self._secret(prompt)
        print(t("plain.secret"))
        return pin_of(taken if taken is not None else bytearray())
