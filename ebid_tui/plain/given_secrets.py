"""PINs and passwords from a file descriptor (`--secrets-fd`): they stand in no script, no option and no variable."""

from __future__ import annotations

from ebid_tui.card.pin import wipe
from ebid_tui.messages import t
from ebid_tui.plain.answers import UnexpectedPrompt
from ebid_tui.plain.line_bytes import NamedLine, answers_in


class GivenSecrets:
    """Lines `id: value` of a descriptor (None: there is none), read at the first secret that is asked for."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self._lines: list[tuple[str, bytearray]] | None = None

    def take(self, name: str) -> bytearray | None:
        """The next one for this prompt. Each is used once: a wrong PIN is never sent again on its own (R-07).

        Raises UnexpectedPrompt for a line that is no `id: value`.
        """
        if self._descriptor is None:
            return None
        if self._lines is None:
            with open(self._descriptor, "rb", buffering=0) as source:
                self._lines = list(map(_named, answers_in(source.fileno())))
        for index, (given, secret) in enumerate(self._lines):
            if given == name:
                del self._lines[index]
                return secret
        return None

    def pass_over(self, name: str) -> bool:
        """It is not asked for: the one given for it stays unused, for each is used once. Whether there was one."""
        secret = self.take(name)
        if secret is not None:
            wipe(secret)
        return secret is not None

    def forget(self) -> None:
        """Wipe what was not used."""
        while self._lines:
            wipe(self._lines.pop()[1])


def _named(line: NamedLine) -> tuple[str, bytearray]:
    if not line.colon:
        wipe(line.value)
        raise UnexpectedPrompt((t("plain.script_syntax", file="--secrets-fd", number=line.number),))
    return line.name, line.value
