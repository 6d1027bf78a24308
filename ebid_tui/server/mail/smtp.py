"""Handing one mail to a real SMTP server (RFC 5321), told apart by what became of it: taken, refused, or nobody knows.

Nothing here is logged, and no reason holds an address or a server's words: they would repeat the recipient.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from types import TracebackType
from typing import Literal, Self, TypeVar

from ebid_tui.domain.text.cleaning import shown, visible
from ebid_tui.server.settings import Smtp

T = TypeVar("T")

Outcome = Literal["sent", "later", "failed", "uncertain"]
"""`later`: not taken now, ask again. `failed`: never will be. `uncertain`: it was handed over, and no answer came back."""

ENHANCED = re.compile(rb"\b[245]\.\d{1,3}\.\d{1,3}\b")
"""Enhanced status codes (RFC 3463)."""
CLOSING = 421


@dataclass(frozen=True, slots=True)
class SmtpOutcome:
    """What became of a mail, and why, in codes: `recipient 550 5.1.1`."""

    outcome: Outcome
    reason: str = ""


class NoSession(Exception):
    """The server cannot be talked to, or does not let us send at all. `reason` says at which step, in codes."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def compose(settings: Smtp, recipient: str, subject: str, body: str, mark: str, at: datetime) -> bytes:
    """The mail as it travels. The same `mark` and `at` give the same bytes: a receiver can tell a repeat by its Message-ID.

    ValueError for an address that no mail can go to.
    """
    try:
        to, sender = Address(addr_spec=recipient), Address(addr_spec=settings.sender)
        recipient.encode("ascii")
    except (MessageError, IndexError, ValueError):
        # IndexError: what the parser makes of an empty address. The cause would repeat the address.
        raise ValueError("address") from None
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = " ".join(visible(subject).split())
    message["Date"] = at
    message["Message-ID"] = f"<{mark}@{settings.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: holiday notices stay away
    message.set_content(shown(body, len(body) + 1, lines=True), charset="utf-8", cte="base64")
    return message.as_bytes()


class SmtpSession:
    """A connection to the server, ready to take mail; `with` closes it. Raises NoSession where there is none to be had."""

    def __init__(self, settings: Smtp) -> None:
        self._settings = settings
        self._smtp = self._opened()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._smtp.quit()
        except (OSError, smtplib.SMTPException):
            # Nothing hangs on a goodbye: every mail has had its answer.
            self._smtp.close()

    @property
    def alive(self) -> bool:
        """Whether the server still answers."""
        try:
            return self._smtp.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def hand_over(self, recipient: str, content: bytes) -> SmtpOutcome:
        """Send one mail. Raises NoSession if the server takes none from this sender, or went away before it had the mail."""
        steps: tuple[tuple[str, int, Callable[[], tuple[int, bytes]]], ...] = (
            ("sender", 250, lambda: self._smtp.mail(self._settings.sender)),
            ("recipient", 250, lambda: self._smtp.rcpt(recipient)),
            ("data", 354, lambda: self._smtp.docmd("DATA")),
        )
        for name, wanted, step in steps:
            code, text = _tried(name, step)
            if code != wanted and not (name == "recipient" and code == 251):
                return self._refused(name, code, text)
        return self._content(content)

    def _content(self, content: bytes) -> SmtpOutcome:
        """RFC 5321 section 4.1.1.4: without the final dot the server has nothing; after it only its answer tells."""
        dotted = re.sub(rb"(?m)^\.", b"..", content)
        if not dotted.endswith(b"\r\n"):
            dotted += b"\r\n"
        try:
            self._smtp.send(dotted)
        except (OSError, smtplib.SMTPException) as error:
            raise NoSession(_name("data", error)) from None
        try:
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(self._settings.answer_timeout)
            self._smtp.send(b".\r\n")
            code, text = self._smtp.getreply()
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(self._settings.timeout)
        except (OSError, smtplib.SMTPException) as error:
            return SmtpOutcome("uncertain", _name("answer", error))
        return SmtpOutcome("sent") if 200 <= code < 300 else self._refused("content", code, text)

    def _refused(self, name: str, code: int, text: bytes) -> SmtpOutcome:
        reason = _codes(name, code, text)
        if code == CLOSING or name == "sender":
            # The server stops, or refuses us and not this mail: nothing would become of the next one either.
            raise NoSession(reason)
        _tried("reset", self._smtp.rset)
        return SmtpOutcome("failed" if 500 <= code < 600 else "later", reason)

    def _opened(self) -> smtplib.SMTP:
        settings = self._settings
        smtp = _tried("connect", self._connected)
        try:
            if settings.security == "starttls":
                _tried("starttls", lambda: smtp.starttls(context=self._tls()))
            if settings.user:
                _tried("login", lambda: smtp.login(settings.user, settings.password))
            else:
                _tried("greeting", smtp.ehlo_or_helo_if_needed)
        except NoSession:
            smtp.close()
            raise
        return smtp

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        # The name of our own is given: smtplib would ask the resolver for it, which may take long.
        if settings.security == "tls":
            return smtplib.SMTP_SSL(settings.host, settings.port, settings.domain, timeout=settings.timeout, context=self._tls())
        return smtplib.SMTP(settings.host, settings.port, settings.domain, timeout=settings.timeout)

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._settings.authorities)


def _tried(name: str, step: Callable[[], T]) -> T:
    try:
        return step()
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        raise NoSession(_codes(name, error.smtp_code, text)) from None
    except (OSError, smtplib.SMTPException) as error:
        raise NoSession(_name(name, error)) from None


def _codes(name: str, code: int, text: bytes) -> str:
    enhanced = ENHANCED.search(text)
    return f"{name} {code} {enhanced[0].decode()}" if enhanced else f"{name} {code}"


def _name(name: str, error: Exception) -> str:
    return f"{name} {type(error).__name__}"
