"""A postman with a database of mails, a clock that can be moved, and an SMTP server to talk to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from ebid_tui.server.mail.postman import DeliveryResult, Postman
from ebid_tui.server.settings import Smtp
from ebid_tui.server.store import schema
from ebid_tui.server.store.engine import reading_engine, writing_engine
from ebid_tui.server.store.transactions import direct
from tests.server.smtp_server import PostOffice
from tests.server.vendors import DAY, Office

ADDRESS = "test01@example.com"
SUBJECT = "利用者登録のお知らせ（港町調達サービス・電子入札システムのＩＣカード利用者登録について）"
BODY = "調達機関: 港町\n企業名称: 𠮷野﨑建設㈱\n.\n..点で始まる行\nFrom ここから\n" + "長" * 1200 + "\n"


class Sender:
    """A database with mails, a clock that can be moved, and an SMTP server to talk to."""

    def __init__(self, place: Office, post: PostOffice, **changes: Any) -> None:
        self.place, self.post = place, post
        self.now = DAY
        values: dict[str, Any] = {"host": "127.0.0.1", "port": post.port, "security": "none", "sender": "no-reply@minato.example"}
        self.settings = Smtp(**(values | {"timeout": 2.0, "answer_timeout": 2.0} | changes))

    def mail(self, count: int = 1, recipient: str = ADDRESS) -> None:
        with self.place.database() as connection:
            registration = {"id": "R-1", "system": "minato", "agency": "town", "category": "works", "realm": "works", "number": "1"}
            registration |= {"state": "active"}
            if not connection.execute(select(schema.receipts)).first():
                connection.execute(insert(schema.registrations), registration | {"blocks": {}, "registered_at": DAY})
                receipt = {"id": "MINATO-1", "registration_id": "R-1", "system": "minato", "owner": "", "body": {}, "at": DAY}
                connection.execute(insert(schema.receipts), receipt)
            row = {"receipt_id": "MINATO-1", "recipient": recipient, "subject": SUBJECT, "body": BODY, "state": "waiting"}
            connection.execute(insert(schema.mail_outbox), [row | {"created_at": DAY} for _ in range(count)])

    def run(self) -> DeliveryResult:
        engine = writing_engine(self.place.url)
        try:
            return Postman(self.settings, direct(engine), lambda: self.now).run()
        finally:
            engine.dispose()

    def states(self) -> list[tuple[Any, ...]]:
        engine = reading_engine(self.place.url)
        m = schema.mail_outbox.c
        with engine.begin() as connection:
            found = [tuple(row) for row in connection.execute(select(m.state, m.attempts, m.reason).order_by(m.id))]
        engine.dispose()
        return found
