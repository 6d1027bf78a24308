"""Mail over real SMTP (R-39): refused, slow, gone, killed; tried again, and never twice."""

from __future__ import annotations

import logging
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from ebid_tui.server.mail.postman import BACKOFF, DAILY, MOST_ATTEMPTS, DeliveryResult, Postman
from ebid_tui.server.settings import Smtp
from ebid_tui.server.store import schema
from ebid_tui.server.store.engine import writing_engine
from ebid_tui.server.store.transactions import direct
from tests.forked import Forked, nursery
from tests.patience import long
from tests.server.sender import ADDRESS, BODY, SUBJECT, Sender
from tests.server.smtp_server import PostOffice, free_port, post_office
from tests.server.vendors import DAY, office


@pytest.fixture
def post() -> Iterator[PostOffice]:
    with post_office() as made:
        yield made


@pytest.fixture
def sender(tmp_path: Path, database_kind: str, post: PostOffice) -> Sender:
    return Sender(office(tmp_path), post)


# ---- what travels ----------------------------------------------------------------------------------------------------


def test_r39_a_mail_as_it_arrives(sender: Sender) -> None:
    sender.mail()
    assert sender.run() == DeliveryResult(sent=1)
    (mail,), (raw,) = sender.post.mails, sender.post.taken
    assert (mail["From"], mail["To"], sender.post.recipients) == ("no-reply@minato.example", ADDRESS, [ADDRESS])
    assert mail["Subject"] == SUBJECT
    assert mail.get_content().replace("\r\n", "\n") == BODY
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == "<MINATO-1.1@minato.example>"
    assert mail["Date"].datetime == DAY
    assert mail["Date"].endswith("+0900")
    assert raw.isascii()
    assert max(len(line) for line in raw.splitlines()) <= 78
    assert sender.states() == [("sent", 1, None)]
    assert sender.run() == DeliveryResult()
    assert len(sender.post.taken) == 1


@pytest.mark.usefixtures("database_kind")
def test_what_the_server_wrote_at_a_registration_goes_out(tmp_path: Path, post: PostOffice) -> None:
    place = office(tmp_path)
    place.qualify("00000001")
    receipt = place.register("00000001", "town", "a")
    assert Sender(place, post).run().sent == 1
    assert post.recipients == [receipt.mail_to]
    assert receipt.id in post.mails[0].get_content()


def test_many_go_over_one_connection_each_once(sender: Sender) -> None:
    sender.mail(20)
    assert sender.run().sent == 20
    assert len({mail["Message-ID"] for mail in sender.post.mails}) == 20


# ---- refused ---------------------------------------------------------------------------------------------------------


def test_refused_for_now_then_taken(sender: Sender) -> None:
    sender.mail(2)
    sender.post.recipient_answers[:] = ["451 4.7.1 greylisted, someone@example.com"]
    assert sender.run() == DeliveryResult(sent=1, later=1)
    assert sender.states() == [("waiting", 1, "recipient 451 4.7.1"), ("sent", 1, None)]
    assert sender.run() == DeliveryResult()
    sender.now += timedelta(minutes=1)
    assert sender.run() == DeliveryResult(sent=1)
    assert sender.states()[0] == ("sent", 2, None)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"recipient_answers": ["550 5.1.1 <test01@example.com>: no such user"]}, "recipient 550 5.1.1"),
        ({"content_answers": ["554 5.7.1 test01@example.com looks like spam"]}, "content 554 5.7.1"),
        ({"content_answers": ["552 too large"]}, "content 552"),
    ],
)
def test_refused_for_good(sender: Sender, caplog: pytest.LogCaptureFixture, answers: dict[str, list[str]], reason: str) -> None:
    sender.mail(2)
    for name, values in answers.items():
        getattr(sender.post, name)[:] = values
    with caplog.at_level(logging.DEBUG):
        assert sender.run() == DeliveryResult(sent=1, failed=1)
    assert sender.states() == [("failed", 1, reason), ("sent", 1, None)]
    sender.now += timedelta(days=30)
    assert sender.run() == DeliveryResult()
    told = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("ebid_tui"))
    assert reason in told
    assert not any(secret in told for secret in ("example.com", "港町", "利用者", "spam"))


def test_each_wait_is_longer_and_there_is_an_end(sender: Sender) -> None:
    sender.mail()
    waits = []
    for attempt in range(1, MOST_ATTEMPTS):
        sender.post.content_answers[:] = ["450 busy"]
        assert sender.run() == DeliveryResult(later=1), attempt
        with sender.place.database() as connection:
            again_at: datetime = connection.execute(select(schema.mail_outbox.c.next_attempt_at)).scalar_one()
        waits.append(again_at - sender.now)
        sender.now = again_at - timedelta(seconds=1)
        assert sender.run() == DeliveryResult()
        sender.now = again_at
    assert waits == [*BACKOFF, *[DAILY] * (MOST_ATTEMPTS - 1 - len(BACKOFF))]
    sender.post.content_answers[:] = ["450 busy"]
    assert sender.run() == DeliveryResult(failed=1)
    assert sender.states() == [("failed", MOST_ATTEMPTS, "content 450")]


def test_a_server_that_refuses_us_fails_no_mail(sender: Sender) -> None:
    sender.mail(2)
    sender.post.sender_answers[:] = ["550 5.7.1 sender not allowed"]
    assert sender.run() == DeliveryResult(later=1, trouble="sender 550 5.7.1")
    assert [state for state, *_ in sender.states()] == ["waiting", "waiting"]


@pytest.mark.parametrize("address", ["", "nobody", "二郎@example.com", "a@b\r\nRCPT TO:<x@example.com>", "a@example.com, b@example.com"])
def test_an_address_that_is_none(sender: Sender, address: str) -> None:
    sender.mail(recipient=address)
    sender.mail()
    assert sender.run() == DeliveryResult(sent=1, failed=1)
    assert sender.states()[0] == ("failed", 1, "address")
    assert sender.post.recipients == [ADDRESS]


# ---- slow, gone ------------------------------------------------------------------------------------------------------


def test_gone(sender: Sender) -> None:
    sender.settings = Smtp(host="127.0.0.1", port=free_port(), security="none", sender="no-reply@minato.example", timeout=2)
    sender.mail(2)
    assert sender.run() == DeliveryResult(later=1, trouble="connect ConnectionRefusedError")
    # Only the mail whose turn it was has paid; nobody is marked as being sent.
    assert sender.states() == [("waiting", 1, "connect ConnectionRefusedError"), ("waiting", 0, None)]


def test_slow_before_it_has_the_mail_is_tried_again(sender: Sender) -> None:
    sender.mail()
    sender.settings = Smtp(host="127.0.0.1", port=sender.post.port, security="none", sender="a@minato.example", timeout=0.3)
    sender.post.recipient_delay = 1.0
    done = sender.run()
    assert (done.later, done.trouble) == (1, "recipient SMTPServerDisconnected")
    sender.post.recipient_delay = 0.0
    sender.now += timedelta(minutes=1)
    assert sender.run() == DeliveryResult(sent=1)
    assert len(sender.post.taken) == 1


def test_slow_after_it_has_the_mail_is_never_sent_again(sender: Sender) -> None:
    """It may have arrived (here it has): a person decides."""
    sender.mail(2)
    sender.settings = Smtp(
        host="127.0.0.1", port=sender.post.port, security="none", sender="a@minato.example", timeout=2, answer_timeout=0.3
    )
    sender.post.content_delay = 1.0
    done = sender.run()
    assert done.uncertain == 2
    assert sender.states() == [("uncertain", 1, "answer SMTPServerDisconnected")] * 2
    sender.post.content_delay = 0.0
    sender.now += timedelta(days=30)
    assert sender.run() == DeliveryResult()
    assert len(sender.post.taken) == 2


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        ([], "connect SMTPServerDisconnected"),
        (["554 no service"], "connect 554"),
        (["421 4.3.2 closing"], "connect 421 4.3.2"),
        (["garbage"], "connect -1"),
        (["220 hello", "250 hello", "421 4.4.2 idle too long"], "sender 421 4.4.2"),
        (["220 hello", "250 hello", "250 OK", "250 OK", "354 go on"], "data"),
    ],
)
def test_a_server_that_breaks_off(sender: Sender, talk: list[str], reason: str) -> None:
    sender.mail()
    with broken_server(talk) as port:
        sender.settings = Smtp(host="127.0.0.1", port=port, security="none", sender="a@minato.example", timeout=2, answer_timeout=2)
        done = sender.run()
    if reason == "data":
        # Cut off somewhere in the content: either the end was never handed over, or nobody knows.
        assert done.later + done.uncertain == 1
    else:
        assert (done.later, done.trouble) == (1, reason)
        assert sender.states() == [("waiting", 1, reason)]
    assert done.sent == 0


# ---- several senders, killed -----------------------------------------------------------------------------------------


def test_two_senders_at_once_send_each_once(sender: Sender) -> None:
    sender.mail(40)
    done: list[DeliveryResult] = []
    threads = [threading.Thread(target=lambda: done.append(sender.run())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one.sent for one in done) == 40
    assert len({mail["Message-ID"] for mail in sender.post.mails}) == len(sender.post.taken) == 40


def test_two_processes_at_once_send_each_once(sender: Sender) -> None:
    sender.mail(40)
    both = [admin(sender), admin(sender)]
    codes = [process.wait(long()) for process in both]
    told = [process.output.read_text() for process in both]
    assert codes == [0, 0], told
    assert len({mail["Message-ID"] for mail in sender.post.mails}) == len(sender.post.taken) == 40


def test_killed_after_handing_over_is_left_to_a_person(sender: Sender) -> None:
    sender.mail(2)
    sender.post.content_delay = 30
    process = admin(sender)
    try:
        assert sender.post.has_one.wait(long())
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(long())
    sender.post.content_delay = 0.0
    assert [state for state, *_ in sender.states()] == ["sending", "waiting"]
    # While its lease lasts nobody touches it, and the others go on.
    sender.now = datetime.now(DAY.tzinfo)  # real clock: the process that was killed leased by it
    assert sender.run() == DeliveryResult(sent=1)
    sender.now += timedelta(hours=1)
    assert sender.run() == DeliveryResult(uncertain=1)
    assert sender.states() == [("uncertain", 1, "process ended"), ("sent", 1, None)]
    assert sender.run() == DeliveryResult()
    assert [mail["Message-ID"] for mail in sender.post.mails] == ["<MINATO-1.1@minato.example>", "<MINATO-1.2@minato.example>"]


def test_an_answer_after_the_lease_still_counts(sender: Sender) -> None:
    sender.mail()
    sender.post.content_delay = 0.5
    thread = threading.Thread(target=sender.run)
    thread.start()
    assert sender.post.has_one.wait(long())
    with sender.place.database() as connection:
        connection.execute(update(schema.mail_outbox).values(state="uncertain"))
    thread.join()
    assert sender.states() == [("sent", 1, None)]


def test_stopping_between_two_mails(sender: Sender) -> None:
    sender.mail(3)
    engine = writing_engine(sender.place.url)
    done = Postman(sender.settings, direct(engine), lambda: DAY, stopping=lambda: len(sender.post.taken) >= 1).run()
    engine.dispose()
    assert done == DeliveryResult(sent=1)
    assert [state for state, *_ in sender.states()] == ["sent", "waiting", "waiting"]


# ---- helpers ---------------------------------------------------------------------------------------------------------


def admin(sender: Sender) -> Forked:
    arguments = ["send-mail", "--database", sender.place.url, "--smtp-host", "127.0.0.1"]
    arguments += ["--smtp-port", str(sender.post.port), "--smtp-security", "none", "--smtp-from", "no-reply@minato.example"]
    return nursery.begin("ebid_tui.server.admin.command_line", arguments)


@contextmanager
def broken_server(talk: list[str]) -> Iterator[int]:
    """Says these lines, one after each line that it hears, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as lines:
                for number, line in enumerate(talk):
                    if number:
                        lines.readline()
                    connection.sendall(line.encode() + b"\r\n")
                time.sleep(0.05)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()
