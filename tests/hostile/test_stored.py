"""Hostile text that stands in the database already, whoever brought it in: nothing of it is in what comes out again."""

from __future__ import annotations

import csv
import io
import json
import logging
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert, select, update

from ebid_tui.domain.text.cleaning import odd
from ebid_tui.server.admin.command_line import main
from ebid_tui.server.mail.postman import Postman
from ebid_tui.server.running import logs
from ebid_tui.server.settings import Smtp
from ebid_tui.server.store import desk_tables, schema
from ebid_tui.server.store.engine import writing_engine
from ebid_tui.server.store.transactions import direct
from tests.hostile.everywhere import EVERYTHING, HIDDEN
from tests.hostile.figures import note
from tests.hostile.test_answers import ALL, VISITS, Window, window
from tests.hostile.texts import MARK, left
from tests.printing.conftest import needs_font
from tests.server.running_server import Running
from tests.server.smtp_server import post_office

__all__ = ["window"]

FREE: dict[Table, tuple[str, ...]] = {
    schema.qualifications: ("trade_name", "company"),
    schema.vendor_details: ("company", "representative_contact"),
    schema.registrations: ("issuer", "blocks"),
    schema.receipts: ("body",),
    schema.mail_outbox: ("subject", "body"),
    desk_tables.desk_requests: ("application",),
}
"""The columns that hold what somebody wrote, by table."""
SEEN = f"{MARK}{EVERYTHING}"


def spoil(counter: Running, piece: str) -> int:
    """Put it behind every such text; how many there were."""
    count = 0

    def spoilt(value: Any) -> Any:
        nonlocal count
        if isinstance(value, dict):
            return {name: spoilt(one) for name, one in value.items()}
        if not isinstance(value, str) or value.isascii():
            return value  # a code, an address, nothing
        count += 1
        return value + piece

    with counter.database(writing=True) as connection:
        for table, columns in FREE.items():
            for row in connection.execute(select(table)).mappings():
                values = {name: spoilt(row[name]) for name in columns}
                this = [column == row[column.name] for column in table.primary_key.columns]
                connection.execute(update(table).where(*this).values(**values))
    return count


def faults(what: str, text: str) -> Iterator[str]:
    if (found := left(text.replace("\r\n", "\n").replace("\f", ""))) is not None:
        at = next(i for i, char in enumerate(text) if left(char) and char not in "\r\f")
        yield f"{what}: {found} {text[max(0, at - 40) : at + 20]!r}"


def mailed(counter: Running) -> Iterator[str]:
    """What arrives of the mails that wait."""
    engine = writing_engine(counter.settings.database)
    with post_office() as post:
        office = Smtp(host="127.0.0.1", port=post.port, security="none", sender="office@example.com")
        Postman(office, direct(engine), counter.settings.now).run()
    engine.dispose()
    assert post.taken
    for raw, mail in zip(post.taken, post.mails, strict=True):
        assert raw.isascii()
        yield from (raw.decode(), str(mail["Subject"]), str(mail["To"]), mail.get_content())


def exported(counter: Running, directory: Path) -> Iterator[str]:
    """The registrations of every system here, in both shapes."""
    for system in ("ise", "saitama"):
        for shape in ("csv", "jsonl"):
            file = directory / f"{system}.{shape}"
            command = ["export", "--database", counter.settings.database, "--system", system, "--format", shape, "--output", str(file)]
            assert main(command) == 0
            yield (text := file.read_text("utf-8"))
            if shape == "jsonl":
                yield from (value for line in text.split("\n")[:-1] for value in json.loads(line).values())
            else:
                assert not any(cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(text)) for cell in row)


@needs_font
@pytest.mark.parametrize("piece", [HIDDEN, SEEN] if ALL else [HIDDEN], ids=len)
def test_nothing_that_is_kept_comes_out_as_it_is(
    window: Window, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], piece: str
) -> None:
    """In line mode at the counter and at the desk, on paper, in files, mails and the log."""
    counter, caplog.handler.formatter = window.counter, logs.TextLogFormatter()
    caplog.set_level(logging.INFO)
    spoilt, bad, ended = spoil(counter, piece), [], []
    for who, script in VISITS.values():
        window.between.begin()
        code, said = getattr(window, who)(script.format(pdf=window.pdf, csv=window.csv))
        bad += list(window.faults(code, said))
        ended.append((code, said))
    spoilt += spoil(counter, piece)
    for what, texts in {"mail": mailed(counter), "export": exported(counter, tmp_path), "log": caplog.text.splitlines()}.items():
        bad += [fault for text in texts for fault in faults(what, text)]
    note("stored", spoilt, len(bad))
    assert bad == [], ended
    assert piece != HIDDEN or [code for code, _ in ended] == [0] * len(VISITS), "what is signed is what the server knows"
    assert spoilt > 50


WRONG = "ISE\u202e-\x1b]0;owned\x07\u200b\n1"
"""A receipt's number that somebody wrote into the database or an exported file."""


def test_what_verifying_names_is_one_line_of_what_can_be_seen(window: Window, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A receipt that nobody signed for, a row with a receipt that there is not, a file with an entry of any name."""
    url, file, spoilt = window.counter.settings.database, tmp_path / "evidence", tmp_path / "spoilt"
    with window.counter.database(writing=True) as connection:
        row = connection.execute(select(schema.receipts).limit(1)).mappings().one()
        connection.execute(insert(schema.receipts).values(**{**row, "id": WRONG}))
        link = {"at": row["at"], "system": "ise", "event": WRONG[:30], "actor": WRONG, "subject": WRONG, "receipt_id": WRONG}
        connection.execute(insert(schema.audit).values(**link, content="0" * 64, hash="0" * 64))
    assert main(["export-evidence", "--database", url, "--output", str(file)]) == 0
    with tarfile.open(file) as made, tarfile.open(spoilt, "w") as other:
        for entry in made:
            content = made.extractfile(entry).read()  # type: ignore[union-attr]
            for name in (entry.name, f"{WRONG}/{entry.name}"):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                other.addfile(info, io.BytesIO(content))
    capsys.readouterr()
    commands = [["verify-evidence", "--database", url], ["verify-audit", "--database", url]]
    commands += [["verify-evidence", str(one)] for one in (file, spoilt)]
    for command in commands:
        assert main(command) == 1, command
        said = capsys.readouterr()
        lines = said.err.split("\n")[:-1]
        assert lines
        assert [line for line in (*lines, *said.out.split("\n")) if odd(line)] == []
        assert all("ISE" in line or "owned" not in line for line in lines), "one line each"
