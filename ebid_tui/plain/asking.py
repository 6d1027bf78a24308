"""Asking in line mode: the prompt, and the words that mean something at every one of them.

`:help` explains (`:help` and a word looks through the common questions), `:english` and `:japanese` change the language from
the next question on, `?` has a password spelled out (R-14). What leads elsewhere (`:back`, `:cancel`) is for whoever asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from ebid_tui.card.pin import Pin
from ebid_tui.domain import faq
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.flows.ui import Nav
from ebid_tui.language import speak
from ebid_tui.messages import t
from ebid_tui.plain.answers import Answers, Prompt
from ebid_tui.plain.words import HELP, LANGUAGE_WORDS, SHOW, folded_word, word_in


class Asker:
    """Asks `answers`; `profile` is what the common questions are about, None where there are none."""

    def __init__(self, answers: Answers, profile: Profile | None = None) -> None:
        self.answers = answers
        self._profile = profile
        self._said = ""

    def busy(self, message: str) -> None:
        """What goes on now; said once, however many steps it takes until the next prompt."""
        if message != self._said:
            self._said = message
            print(message, flush=True)

    def print_prompt(self, prompt: Prompt, label: str) -> None:
        self._said = ""
        name = f"<{prompt.id}>" if self.answers.names_prompts else ""
        preset = t("plain.preset", value=prompt.preset) if prompt.preset else ""
        print(" ".join(part for part in (label, preset, name) if part), end=": ", flush=True)

    async def line(self, prompt: Prompt, label: str, about: Sequence[str] = ()) -> str:
        """One answer. `about` are lines that explain what is asked."""
        while True:
            self.print_prompt(prompt, label)
            answer = await self.answers.text(prompt)
            if not self._meant_for_us(answer, about):
                return answer

    async def secret(self, prompt: Prompt, label: str, about: Sequence[str] = ()) -> str:
        """A password. After `?` it is spelled out once it is typed, and counts when Enter alone follows (R-14)."""
        answer = await self.line(prompt, label, about)
        if folded_word(answer) != SHOW:
            return answer
        print(t("plain.secret_aloud"))
        typed = ""
        confirm = Prompt(prompt.id, "", prompt.allowed, prompt.group, secret=True)
        while True:
            answer = await self.line(confirm if typed else prompt, label, about)
            if (not answer and typed) or (word_in(answer) not in ("", SHOW)):
                return answer or typed
            if folded_word(answer) != SHOW:
                typed = answer
            if typed:
                print(t("plain.secret_typed", value=typed))
                print(t("plain.secret_spelled", characters=t("plain.spell.comma").join(map(spelled, typed))))
                print(t("plain.secret_confirm"))

    async def pin(self, prompt: Prompt, label: str) -> Pin | Nav:
        """A PIN, which is never shown. Nothing, or a word that leads elsewhere, is no PIN and costs no try."""
        while True:
            self.print_prompt(prompt, label)
            pin = await self.answers.pin(prompt)
            if len(pin) == 0 or _is(pin, ":back") or _is(pin, ":cancel"):
                pin.wipe()
                return Nav.CANCEL
            if _is(pin, SHOW):
                print(t("plain.pin_not_shown"))
            elif any(_is(pin, word) for word in (":fill", ":copy", ":find")):
                print(t("plain.not_here"))
            else:
                word = next((word for word in (":help", ":ja", ":en") if _is(pin, word)), "")
                if not self._meant_for_us(word, (t("help.pin"), t("help.pin_lock"))):
                    return pin
            pin.wipe()

    def _meant_for_us(self, answer: str, about: Sequence[str]) -> bool:
        word, _, rest = folded_word(answer).partition(" ")
        if word in HELP:
            self._help(rest.strip(), about)
        elif word in LANGUAGE_WORDS:
            speak(LANGUAGE_WORDS[word])
            print(t("plain.language"))
        else:
            return False
        return True

    def _help(self, query: str, about: Sequence[str]) -> None:
        if query and self._profile is not None:
            found = faq.search(faq.topics(self._profile), query)
            print(t("help.found", count=len(found)))
            for topic in found:
                print(topic.title)
                print(f"　{topic.text}")
            return
        for line in (*about, *t("plain.words").splitlines()):
            print(line)


def spelled(char: str) -> str:
    """A character as it is read out: what looks or sounds like another one is told apart."""
    kind = "space" if char == " " else "digit" if char.isdigit() else "upper" if char.isupper() else "lower" if char.islower() else "symbol"
    return t(f"plain.spell.{kind}", char=char)


def _is(pin: Pin, word: str) -> bool:
    meant = Pin.from_bytes(bytearray(word, "utf-8"))
    try:
        return meant.same_as(pin)
    finally:
        meant.wipe()
