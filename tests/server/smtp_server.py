"""A real SMTP server (aiosmtpd) in a thread, which a test tells what to answer."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session


@dataclass
class PostOffice:
    """What was taken, and what is answered. Answers are used up in order; after the last one everything is taken."""

    taken: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    sender_answers: list[str] = field(default_factory=list)
    recipient_answers: list[str] = field(default_factory=list)
    content_answers: list[str] = field(default_factory=list)
    content_delay: float = 0.0
    """Seconds between having a mail and saying so."""
    recipient_delay: float = 0.0
    has_one: threading.Event = field(default_factory=threading.Event)
    port: int = 0
    logins: list[str] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        parsed = [email.message_from_bytes(content, policy=email.policy.default) for content in self.taken]
        return [mail for mail in parsed if isinstance(mail, EmailMessage)]

    async def handle_MAIL(self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if self.sender_answers:
            return self.sender_answers.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        await asyncio.sleep(self.recipient_delay)
        if self.recipient_answers:
            answer = self.recipient_answers.pop(0)
            if not answer.startswith("2"):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        answer = self.content_answers.pop(0) if self.content_answers else "250 OK"
        if answer.startswith("2"):
            assert isinstance(envelope.content, bytes)
            self.taken.append(envelope.content)
            self.recipients += envelope.rcpt_tos
            self.has_one.set()
        await asyncio.sleep(self.content_delay)
        return answer

    def authenticate(self, server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        return AuthResult(success=(data.login, data.password) == (b"postman", b"Secret-9"), handled=False)


@contextmanager
def post_office(**options: Any) -> Iterator[PostOffice]:
    """A server on a free port of the loopback; `options` are aiosmtpd's (`tls_context`, `auth_required` …)."""
    office = PostOffice(port=free_port())
    if options.get("auth_required"):
        options["authenticator"] = office.authenticate
    controller = Controller(office, hostname="127.0.0.1", port=office.port, ready_timeout=20, **options)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


def server_tls(certificate: str, key: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
