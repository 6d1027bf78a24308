"""`admin`'s commands for operators: what they print, what they keep, and that no password is on a command line."""

from __future__ import annotations

import io
import os
import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from cryptography.hazmat.primitives import serialization
from sqlalchemy import select

from ebid_tui.__main__ import main
from ebid_tui.server.decisions.passwords import Passwords
from ebid_tui.server.operators import qr, secret_keys
from ebid_tui.server.settings import PasswordCost
from ebid_tui.server.store import desk_tables, devices, operators, schema, sign_ins
from tests.clock import STARTED
from tests.server.signing import Authority
from tests.server.vendors import Office, office

PASSWORD = "correct horse battery"


@pytest.fixture
def place(database_kind: str, tmp_path: Path) -> Office:
    secret_keys.write_new(tmp_path / "key")
    return office(tmp_path)


def admin(place: Office, *arguments: str) -> int:
    return main(["admin", *arguments, "--database", place.url])


def add(place: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *options: str, login: str = "desk01", typed: str = PASSWORD) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed + "\n"))
    read, write = os.pipe()
    os.write(write, typed.encode() + b"\n")
    os.close(write)
    how = list(options) if "--card-only" in options else [*options, "--secret-key-file", str(tmp_path / "key"), "--password-fd", str(read)]
    scope = [] if {"--agency", "--all-agencies"} & set(options) else ["--agency", "saitama-city"]
    return admin(place, "add-operator", "--system", "saitama", "--login", login, *scope, *how)


def kept(place: Office, login: str = "desk01") -> Any:
    with place.database() as connection:
        return operators.operator(connection, "saitama", login)


def test_added_with_a_qr_code_that_is_shown_once(
    place: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(place, tmp_path, monkeypatch, "--role", "supervisor") == 0
    told = capsys.readouterr().out
    uri = re.search(r"otpauth://\S+", told)
    assert uri is not None
    made = pyotp.parse_uri(uri[0])
    assert (made.name, made.issuer) == ("desk01", "埼玉県 窓口")
    assert "█" in told
    operator = kept(place)
    assert (operator.role, operator.agencies, operator.state) == ("supervisor", ("saitama-city",), "active")
    checker = Passwords(PasswordCost())
    assert checker.is_right(operator.password_hash, PASSWORD)
    checker.stop()
    assert secret_keys.decrypted(secret_keys.read(tmp_path / "key"), operator.totp_secret, "saitama", "desk01") == made.secret
    everything = repr(place.rows(schema.metadata.tables["operators"])) + repr(place.rows(schema.audit))
    assert PASSWORD not in everything
    assert made.secret not in everything
    assert ("operator_added", "admin", "desk01") in place.rows(schema.audit, "event", "actor", "subject")


def test_the_code_in_text_is_a_code() -> None:
    """Two modules a character, four of quiet around: the finder pattern stands in its corner."""
    lines = qr.lines("otpauth://totp/x?secret=ABC")
    assert len({len(line) for line in lines}) == 1
    assert set("".join(lines)) <= set("█▀▄ ")
    assert all(line.startswith("████") and line.endswith("████") for line in lines)
    assert lines[2][4:11] == " ▄▄▄▄▄ "
    assert lines[3][4:11] == " █   █ "


ODD = [f"correct horse{odd}battery" for odd in ("\x1b", "\t", "\xa0", "\u200b", "\x00")]
"""The server refuses them in every request: whoever had such a password could not sign in."""


@pytest.mark.parametrize("typed", ["short", "x" * 257, "", *ODD])
def test_a_password_that_is_none(
    place: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    assert add(place, tmp_path, monkeypatch, typed=typed) == 1
    said = capsys.readouterr()
    assert "E-OPERATOR-PASSWORD" in said.err
    assert not typed or typed not in said.out + said.err
    assert kept(place) is None
    (tmp_path / "password").write_bytes(typed.encode() + b"\n")
    descriptor = os.open(tmp_path / "password", os.O_RDONLY)
    assert admin(place, "set-operator-password", "--system", "saitama", "--login", "desk01", "--password-fd", str(descriptor)) == 1
    assert "E-OPERATOR-PASSWORD" in capsys.readouterr().err


def test_twice_is_once_too_often(
    place: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(place, tmp_path, monkeypatch) == 0
    assert add(place, tmp_path, monkeypatch) == 1
    assert "E-OPERATOR-EXISTS" in capsys.readouterr().err


def test_an_agency_is_data_of_the_system(
    place: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(place, tmp_path, monkeypatch, "--agency", "nowhere") == 1
    assert "nowhere" in capsys.readouterr().err
    assert add(place, tmp_path, monkeypatch, "--all-agencies") == 0
    assert kept(place).agencies is None


@pytest.mark.parametrize("encoding", [serialization.Encoding.PEM, serialization.Encoding.DER])
def test_by_card_only(place: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: serialization.Encoding) -> None:
    from cryptography import x509

    card = Authority(now=STARTED).card("市役所", "職員　一郎")
    (tmp_path / "card").write_bytes(x509.load_der_x509_certificate(card.der).public_bytes(encoding))
    assert add(place, tmp_path, monkeypatch, "--card-only", "--card", str(tmp_path / "card")) == 0
    operator = kept(place)
    assert (operator.fingerprint, operator.password_hash, operator.totp_secret) == (card.fingerprint, None, None)
    assert add(place, tmp_path, monkeypatch, "--card-only", "--card", str(tmp_path / "card"), login="desk02") == 1


@pytest.mark.parametrize("missing", ["--agency", "--secret-key-file"])
def test_a_wrong_command_line(place: Office, tmp_path: Path, missing: str) -> None:
    given = {"--agency": "saitama-city", "--secret-key-file": str(tmp_path / "key")}
    options = [part for name, value in given.items() if name != missing for part in (name, value)]
    with pytest.raises(SystemExit) as ended:
        admin(place, "add-operator", "--system", "saitama", "--login", "desk01", *options)
    assert ended.value.code == 2


def test_disabled_listed_and_enabled(
    place: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert admin(place, "list-operators") == 0
    assert add(place, tmp_path, monkeypatch) == 0
    now = place.at
    with place.database() as connection:
        sign_ins.open_operator_session(connection, "saitama", "desk01", "o", now, now)
    whose = ("--system", "saitama", "--login", "desk01")
    assert admin(place, "disable-operator", *whose) == 0
    assert kept(place).state == "disabled"
    assert place.rows(schema.sessions) == []
    assert admin(place, "list-operators") == 0
    row = capsys.readouterr().out.splitlines()[-1]
    assert "desk01" in row
    assert "停止" in row
    assert admin(place, "enable-operator", *whose) == 0
    assert kept(place).state == "active"
    assert admin(place, "disable-operator", "--system", "saitama", "--login", "nobody") == 1
    assert "E-NO-OPERATOR" in capsys.readouterr().err


def test_a_new_secret_and_a_new_password(
    place: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(place, tmp_path, monkeypatch) == 0
    before = kept(place)
    whose = ("--system", "saitama", "--login", "desk01")
    capsys.readouterr()
    assert admin(place, "reset-totp", *whose, "--secret-key-file", str(tmp_path / "key")) == 0
    assert "otpauth://" in capsys.readouterr().out
    assert kept(place).totp_secret != before.totp_secret
    (tmp_path / "password").write_text("another long password\n")
    descriptor = os.open(tmp_path / "password", os.O_RDONLY)
    assert admin(place, "set-operator-password", *whose, "--password-fd", str(descriptor)) == 0
    assert kept(place).password_hash != before.password_hash


@pytest.mark.parametrize("command", ["forget-devices", "disable-operator", "reset-totp", "set-operator-password"])
def test_devices_are_forgotten(place: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    assert add(place, tmp_path, monkeypatch) == 0
    with place.database() as connection:
        for login in ("desk01", "other"):
            devices.add(connection, "saitama", login, place.at, timedelta(days=1))
    further = ["--secret-key-file", str(tmp_path / "key")] if command == "reset-totp" else []
    if command == "set-operator-password":
        (tmp_path / "password").write_text("another long password\n")
        further = ["--password-fd", str(os.open(tmp_path / "password", os.O_RDONLY))]
    assert admin(place, command, "--system", "saitama", "--login", "desk01", *further) == 0
    with place.database() as connection:
        assert connection.execute(select(desk_tables.operator_devices.c.login_id)).scalars().all() == ["other"]
        event = connection.execute(select(schema.audit).order_by(schema.audit.c.id)).all()[-1]
    assert (event.actor, event.subject) == ("admin", "desk01")
    assert event.event != "operator_added"
    assert kept(place).state == ("disabled" if command == "disable-operator" else "active")


def test_nobodys_devices(place: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert admin(place, "forget-devices", "--system", "saitama", "--login", "nobody") == 1
    assert "E-NO-OPERATOR" in capsys.readouterr().err
