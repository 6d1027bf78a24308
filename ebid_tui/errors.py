"""The one tree of errors.

    EbidError                     everything the program tells a person
    ├── RuleError                 a numbered rule of the procedure says no: its code is the rule's number (R-05)
    ├── InputError                what was typed cannot be used; carries the fields' problems
    ├── CardError                 the card or its reader
    │   ├── NoReader, NoCard, CardRemoved, CardReset, CardBusy, CardGarbled, CardMute   (retriable)
    │   ├── WrongPin              one try was spent; carries the tries left
    │   ├── PinUnusable           refused here, never sent, no try spent
    │   ├── CardBlocked           no tries left (R-07)
    │   ├── PinPadCancelled, PinPadTimeout, PinPadBroken   the reader's own keys; nothing was sent, no try spent
    │   ├── CardRefused           a kind of card that is not for this (R-23, R-34)
    │   ├── SeveralCertificates   the person has to say which one
    │   └── ModuleFailed          a card's driver (PKCS#11 module) is missing, crashed, hung or failed: names it (retriable)
    ├── ServerError               the server could not be asked, or could not answer
    │   ├── ServerAway            nothing came back: asking again is safe (retriable)
    │   │   ├── AnswerUnusable    something did, but no answer: too large, too slow, garbled, a redirect (retriable)
    │   │   └── TlsRefused        the other side is not who it should be, or speaks no TLS: somebody has to mend that
    │   ├── ChallengeGone         nonce expired or used: take a new one and sign again (retriable)
    │   └── SessionGone           the sign-in ended (retriable, by signing in again)
    ├── CertificateUnreadable     what stands in a certificate's place is none
    ├── ProfileError              a municipality's file is broken: file, key, reason
    └── TerminalUnfit             too small, not UTF-8, dumb

Each has a code, and under that code a title and a remedy in `ebid_tui/messages/error.py`. Errors are raised once, where
they are known, and shown once, where a person is. None of them ever carries a PIN or a password.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

from ebid_tui.messages import has, placeholders, t

_UNKNOWN = "－"
"""What a placeholder shows where nobody said what belongs there: the place that raised the error, or the server that told only its code."""


class EbidError(Exception):
    """Anything the program tells a person.

    `code` names it (`R-05`, `E-CARD-REMOVED`); `title`, `remedy` and `causes` are Japanese, ready to show.
    `values` fill the sentences' placeholders and must hold no secret. `told` holds a server's own `title` and `remedy`,
    which know the names and numbers of its municipality and therefore win over the catalogue's.
    """

    code: str = "E-UNKNOWN"
    retriable: ClassVar[bool] = False

    def __init__(self, detail: str = "", *, code: str | None = None, causes: Sequence[str] = (), **values: object) -> None:
        super().__init__(detail)
        self.code = code or self.code
        self.detail = detail
        self.causes = tuple(causes)
        self.values: Mapping[str, object] = values
        self.told: Mapping[str, str] = {}

    def _text(self, part: str) -> str:
        if told := self.told.get(part):
            return told
        for code in (self.code, type(self).code, "E-UNKNOWN"):
            key = f"error.{code}.{part}"
            if has(key):
                return t(key, **{**dict.fromkeys(placeholders(key), _UNKNOWN), "detail": self.detail, **self.values})
        raise KeyError(f"error.{self.code}.{part}")

    def telling(self, **told: str) -> Self:
        """The same in words of its own, `title` and `remedy`."""
        self.told = told
        return self

    @property
    def title(self) -> str:
        """What happened, one short line."""
        return self._text("title")

    def title_about(self, about: str) -> str:
        """The title with what was asked for (業者番号 and its value); empty where that is said elsewhere."""
        return t("mending.about", title=self.title, about=about) if about else self.title

    @property
    def remedy(self) -> str:
        """What to do next."""
        return self._text("remedy")

    def __str__(self) -> str:
        return f"{self.code}: {self.detail or type(self).__name__}"


class RuleError(EbidError):
    """A numbered rule says no; `code` is the rule's number."""

    def __init__(self, code: str, detail: str = "", *, causes: Sequence[str] = (), **values: object) -> None:
        super().__init__(detail, code=code, causes=causes, **values)


class InputError(EbidError):
    """What was typed cannot be used. `problems`: (field id as `block.field`, code, Japanese message) each."""

    code = "E-INPUT"

    def __init__(self, problems: Sequence[tuple[str, str, str]]) -> None:
        super().__init__()
        self.problems = tuple(problems)


class CardError(EbidError):
    """The card or its reader."""

    code = "E-CARD"


class NoReader(CardError):
    """No reader, or no `pcscd` to ask."""

    code = "E-NO-READER"
    retriable = True


class NoCard(CardError):
    """A reader, but no card in it."""

    code = "E-NO-CARD"
    retriable = True


class CardRemoved(CardError):
    """The card was taken out; everything known about it is void. Never reported as a wrong PIN."""

    code = "E-CARD-REMOVED"
    retriable = True


class CardChanged(CardError):
    """Another card than the one this session belongs to is in the reader."""

    code = "E-CARD-CHANGED"
    retriable = True


class CardReset(CardError):
    """Another program reset the card: the PIN has to be entered again (no try was spent)."""

    code = "E-CARD-RESET"
    retriable = True


class CardBusy(CardError):
    """Another program holds the card exclusively."""

    code = "E-CARD-BUSY"
    retriable = True


class CardMute(CardError):
    """The card does not answer: upside down, dirty, or stalled."""

    code = "E-CARD-MUTE"
    retriable = True


class CardGarbled(CardError):
    """The card answered something no standard knows."""

    code = "E-CARD-GARBLED"
    retriable = True


class WrongPin(CardError):
    """The card refused the PIN and spent one try. `tries_left` is None where the card does not tell."""

    code = "E-WRONG-PIN"
    retriable = True

    def __init__(self, tries_left: int | None) -> None:
        super().__init__(tries_left=t("card.tries_unknown") if tries_left is None else t("card.tries_known", n=tries_left))
        self.tries_left = tries_left


class PinUnusable(CardError):
    """Refused before it was sent (length, characters): no try was spent."""

    code = "E-PIN-UNUSABLE"
    retriable = True


class CardBlocked(CardError):
    """No tries left: the card's own authority is the way out (R-07)."""

    code = "R-07"


class PinPadCancelled(CardError):
    """The person pressed the reader's cancel key: nothing was sent, no try was spent."""

    code = "E-PIN-PAD-CANCELLED"
    retriable = True


class PinPadTimeout(CardError):
    """Nobody pressed the reader's keys in time: nothing was sent, no try was spent."""

    code = "E-PIN-PAD-TIMEOUT"
    retriable = True


class PinPadBroken(CardError):
    """The reader says that it has keys for the PIN, and cannot use them: nothing was sent, no try was spent."""

    code = "E-PIN-PAD"
    retriable = True


class CardRefused(CardError):
    """A kind of card that is not for this (R-23 My Number and corporate authentication cards, R-34 others)."""

    code = "R-34"


class SeveralCertificates(CardError):
    """More than one certificate of the card would do: the person has to say which. `certificates` are DER, the likeliest first."""

    code = "E-SEVERAL-CERTIFICATES"

    def __init__(self, certificates: Sequence[bytes]) -> None:
        super().__init__(f"{len(certificates)} certificates")
        self.certificates = tuple(certificates)


class SeveralCards(CardError):
    """More than one card could be the one that is meant, or not everything could be looked at: it has to be said which. No PIN before."""

    code = "E-SEVERAL-CARDS"


class ModuleFailed(CardError):
    """A PKCS#11 module failed; `module` is its file's name, `path` where it was looked for, `reason` what is known.

    E-MODULE-MISSING, -LOAD (no library, another architecture, does not start), -CRASHED, -HUNG, -PIN (crashed or hung with a PIN in
    hand: nobody knows whether a try was spent), E-MODULE for any other answer it should not have given.
    """

    code = "E-MODULE"
    retriable = True


class ServerError(EbidError):
    """The server could not be asked, or could not answer."""

    code = "E-SERVER"


class ServerAway(ServerError):
    """No answer came back: asking again is safe, every write carries its Idempotency-Key."""

    code = "E-SERVER-AWAY"
    retriable = True


class AnswerUnusable(ServerAway):
    """What came back is no answer: it may have been done or not, as where nothing came.

    E-SERVER-ANSWER (not to be read), E-SERVER-LARGE, E-SERVER-SLOW, E-SERVER-MOVED (a redirect; never followed).
    """

    code = "E-SERVER-ANSWER"


class TlsRefused(ServerAway):
    """No connection was made, and asking again makes none: somebody has to mend something. `host` is the name that was looked for.

    E-SERVER-TLS-NAME, -EXPIRED, -EARLY (not yet valid), -UNKNOWN (authority), -NONE (no TLS there), E-SERVER-TLS for anything else.
    """

    code = "E-SERVER-TLS"
    retriable = False


class ChallengeGone(ServerError):
    """The nonce expired or was used: take a new one and sign again."""

    code = "E-NONCE"
    retriable = True


class SessionGone(ServerError):
    """The sign-in ended; sign in again with the card."""

    code = "E-SESSION"
    retriable = True


class CertificateUnreadable(EbidError):
    """What a card (or a message) holds in a certificate's place cannot be read as one."""

    code = "E-CERT"


class ProfileError(EbidError):
    """A municipality's file is broken: which file, which key, why."""

    code = "E-PROFILE"

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(f"{file}: {key}: {reason}", file=file, key=key, reason=reason)
        self.file, self.key, self.reason = file, key, reason


class PrintError(EbidError):
    """It could not be put on paper; `code` says why: E-FONT, E-PRINT-CHARACTER, E-PRINT-LONG, E-PRINTER, E-PRINT-SERVER,
    E-PRINT-REFUSED; or into a file: E-PRINT-FILE."""

    code = "E-PRINTER"
    retriable = True


class TerminalUnfit(EbidError):
    """This terminal cannot show the screens; `code` says in which way (E-TERM-SIZE, E-TERM-UTF8, E-TERM-DUMB)."""

    code = "E-TERM"
