"""Mail over TLS, and with a login: never in the open by mistake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.server.mail.postman import DeliveryResult
from ebid_tui.server.settings import Smtp
from tests.server.running.test_serve import _tls
from tests.server.sender import Sender
from tests.server.smtp_server import PostOffice, post_office, server_tls
from tests.server.vendors import office


@pytest.fixture
def post() -> Iterator[PostOffice]:
    with post_office() as made:
        yield made


@pytest.fixture
def sender(tmp_path: Path, post: PostOffice) -> Sender:
    return Sender(office(tmp_path), post)


def test_starttls_and_login(tmp_path: Path) -> None:
    key, certificate = map(str, _tls(tmp_path))
    with post_office(tls_context=server_tls(certificate, key), require_starttls=True, auth_required=True) as post:
        sender = Sender(office(tmp_path), post, security="starttls", authorities=Path(certificate), user="postman", password="Secret-9")
        sender.mail()
        assert sender.run() == DeliveryResult(sent=1)
        assert post.logins == ["postman"]
        assert "Secret-9" not in repr(sender.settings)
        sender.settings = Smtp(
            host="127.0.0.1", port=post.port, sender="a@minato.example", authorities=Path(certificate), user="postman", password="wrong"
        )
        sender.mail()
        assert sender.run().trouble == "login 535 5.7.8"


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    key, certificate = map(str, _tls(tmp_path))
    with post_office(tls_context=server_tls(certificate, key)) as post:
        sender = Sender(office(tmp_path), post, security="starttls")
        sender.mail()
        assert sender.run().trouble == "starttls SSLCertVerificationError"
        assert post.taken == []


def test_starttls_that_is_not_offered_is_not_done_without(sender: Sender) -> None:
    sender.settings = Smtp(host="127.0.0.1", port=sender.post.port, sender="a@minato.example", timeout=2)
    sender.mail()
    assert sender.run().trouble == "starttls SMTPNotSupportedError"
    assert sender.post.taken == []


def test_tls_from_the_start(tmp_path: Path) -> None:
    key, certificate = map(str, _tls(tmp_path))
    with post_office(ssl_context=server_tls(certificate, key)) as post:
        sender = Sender(office(tmp_path), post, security="tls", authorities=Path(certificate))
        sender.mail()
        assert sender.run() == DeliveryResult(sent=1)
