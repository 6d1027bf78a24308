"""`ebid-tui admin …`: what it says, and its exit codes."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ebid_tui.__main__ import main
from ebid_tui.domain.text.cleaning import odd
from ebid_tui.language import LANGUAGES, speaking
from ebid_tui.messages import t
from ebid_tui.server.admin import command_line
from ebid_tui.server.store import schema
from ebid_tui.server.store.migrate import make_ready, upgrade
from tests.server.smtp_server import free_port, post_office
from tests.server.vendors import PROFILES, Office

MINATO = PROFILES / "minato.toml"
NO_DATABASES = ["", "nonsense", "nosuchdatabase://x", "sqlite:////nowhere/at/all.db", "postgresql+nodriver://user:Secret-9@127.0.0.1/x"]
SMTP = ["--smtp-security", "none", "--smtp-from", "no-reply@minato.example"]


# ---- the command line ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [[], ["propagate"], ["remind"], ["send-mail"], ["migrate"]])
def test_help_is_japanese_and_names_the_exit_codes(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["admin", *command, "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "終了コード" in told
    assert f"ebid-tui admin{''.join(f' {word}' for word in command)}" in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_has_a_help(language: str) -> None:
    """argparse takes % for its own."""
    with speaking(language):
        made = command_line.parser()
        (commands,) = (action for action in made._actions if isinstance(action, argparse._SubParsersAction))
        for each in (made, *commands.choices.values()):
            assert each.format_help()


def test_the_program_knows_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "admin" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["propagate"],
        ["send-mail", "--database", "sqlite:////nowhere/x"],
        ["propagate", "--database", "sqlite:////nowhere/x", "--batch", "0"],
        ["send-mail", "--database", "sqlite:////nowhere/x", "--smtp-host", "h", *SMTP, "--smtp-port", "many"],
        ["send-mail", "--database", "sqlite:////nowhere/x", "--smtp-host", "h", *SMTP, "--smtp-password", "x"],
    ],
)
def test_a_wrong_command_line_is_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.main(arguments)
    assert ended.value.code == 2


DATABASE = ["--database", "sqlite:////nowhere/x"]
SERVE = ["serve", *DATABASE, "--trust", "."]
SECRETS = [["demo"], ["plain"], ["desk"], ["card", "change-pin"]]


@pytest.mark.parametrize(
    ("command", "option", "given"),
    [
        *((SERVE, option, "-1") for option in ("--propagate-at", "--mail-every", "--connections-per-address")),
        *((["admin", "send-mail", *DATABASE], option, "x") for option in ("--smtp-port", "--smtp-timeout", "--smtp-login-fd")),
        *((command, "--secrets-fd", "geheim") for command in SECRETS),
        (["admin", "propagate", *DATABASE], "--batch", "10001"),
        (["admin", "import-roster", *DATABASE, "--system", "ise", "x"], "--lapses", "-1"),
        (["admin", "reset-password", *DATABASE], "--application", " "),
        (["admin", "verify-evidence", *DATABASE], "--head", "x"),
        (["admin", "add-operator", *DATABASE], "--login", "職員"),
        (["admin", "add-operator", *DATABASE], "--password-fd", "geheim"),
    ],
)
def test_what_is_wrong_with_an_option_is_said_in_japanese_and_the_value_is_not_repeated(
    command: list[str], option: str, given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, option, given])
    told = capsys.readouterr().err.splitlines()[-1]
    assert (ended.value.code, f"{option}: " in told, told.endswith("ください。") or "ください（" in told) == (2, True, True)
    assert "geheim" not in told


def test_check_system_says_where_it_went(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["check-system", "x.toml"]) == 2
    assert "ebid-tui system check" in capsys.readouterr().err


# ---- migrate ---------------------------------------------------------------------------------------------------------


def test_migrate_makes_and_brings_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new, old = f"sqlite:///{tmp_path / 'new.db'}", f"sqlite:///{tmp_path / 'old.db'}"
    upgrade(old, "0001")
    for url in (new, new, old, old):
        assert command_line.main(["migrate", "--database", url]) == 0
        assert schema.REVISION in capsys.readouterr().out


@pytest.mark.parametrize("url", [*NO_DATABASES, "sqlite:///"])
def test_nothing_to_propagate_from(capsys: pytest.CaptureFixture[str], url: str) -> None:
    refused_database(capsys, "propagate", url)


@pytest.mark.parametrize("url", NO_DATABASES)
def test_nothing_to_migrate(capsys: pytest.CaptureFixture[str], url: str) -> None:
    refused_database(capsys, "migrate", url)


def refused_database(capsys: pytest.CaptureFixture[str], command: str, url: str) -> None:
    assert command_line.main([command, "--database", url]) == 1
    told = capsys.readouterr()
    assert told.err.startswith("E-DATABASE")
    assert "Secret-9" not in told.err


def test_a_file_that_is_no_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(MINATO, tmp_path / "x.db")
    assert command_line.main(["migrate", "--database", f"sqlite:///{tmp_path / 'x.db'}"]) == 1
    assert "E-DATABASE" in capsys.readouterr().err


# ---- propagate -------------------------------------------------------------------------------------------------------


def propagate(place: Office) -> int:
    return command_line.main(["propagate", "--database", place.url, "--systems-dir", str(PROFILES)])


def test_propagate_says_what_it_did(place: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert propagate(place) == 0
    assert "ありません" in capsys.readouterr().out
    place.qualify("00000001")
    place.register("00000001", "town", "a")
    assert propagate(place) == 0
    assert capsys.readouterr().out == "1件を反映しました（反映先の登録: 2件）。\n"


def test_propagate_asks_for_a_person(place: Office, capsys: pytest.CaptureFixture[str]) -> None:
    place.qualify("00000001")
    place.register("00000001", "town", "a")
    with place.database() as connection:
        connection.execute(schema.card_bindings.update().values(number="00000002"))
    assert propagate(place) == 3
    assert "R-30" in capsys.readouterr().out


def test_remind_says_for_how_many_cards(place: Office, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["remind", "--database", place.url, "--systems-dir", str(PROFILES)]
    place.qualify("00000001")
    place.register("00000001", "town", "a")
    soon = datetime.now(UTC) + timedelta(days=20)  # real clock: the command's own
    with place.database() as connection:
        connection.execute(schema.registrations.update().values(not_after=soon))
    assert command_line.main(command) == 0
    assert capsys.readouterr().out == t("admin.reminded", n=1) + "\n"
    assert command_line.main(command) == 0
    assert capsys.readouterr().out == t("admin.nobody_to_remind") + "\n"
    with place.database() as connection:
        connection.execute(schema.reminders.delete())
        connection.execute(schema.registrations.update().values(blocks={}))
    assert command_line.main(command) == 0
    assert capsys.readouterr().out == t("admin.nobody_to_remind") + "\n" + t("admin.not_reminded", n=1) + "\n"


def test_an_old_or_missing_database_is_not_touched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    upgrade(f"sqlite:///{tmp_path / 'old.db'}", "0001")
    for name in ("old.db", "none.db"):
        assert command_line.main(["propagate", "--database", f"sqlite:///{tmp_path / name}"]) == 1
        told = capsys.readouterr().err
        assert told.startswith("E-DATABASE-OLD")
        assert "migrate" in told
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("command", ["migrate", "propagate", "remind"])
def test_a_newer_programs_database_is_not_touched(place: Office, capsys: pytest.CaptureFixture[str], command: str) -> None:
    with place.database() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert command_line.main([command, "--database", place.url]) == 1
    assert capsys.readouterr().err.startswith("E-DATABASE-OLD")
    with place.database() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == "9999"


def test_a_broken_profile_is_left_out_and_asks_for_a_look(place: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "systems").mkdir()
    (tmp_path / "systems" / "minato.toml").write_text("id = 'minato'")
    assert command_line.main(["propagate", "--database", place.url, "--systems-directory", str(tmp_path / "systems")]) == 3
    assert "minato.toml" in capsys.readouterr().err


# ---- send-mail -------------------------------------------------------------------------------------------------------


def send(place: Office, port: int, *options: str) -> int:
    return command_line.main(["send-mail", "--database", place.url, "--smtp-host", "127.0.0.1", "--smtp-port", str(port), *SMTP, *options])


def test_send_mail_says_what_it_did(place: Office, capsys: pytest.CaptureFixture[str]) -> None:
    place.qualify("00000001")
    for name in ("a", "b", "c"):
        place.register("00000001", "town", name)
    with post_office() as post:
        post.recipient_answers[:] = ["250", "450 later", "550 never"]
        assert send(place, post.port) == 3
        assert capsys.readouterr().out.splitlines() == [
            "1件を送りました。",
            "1件は、あとでもう一度送ります。",
            "1件は、送れませんでした。宛先を業者に確かめてください。",
        ]
        assert send(place, post.port) == 0
        assert "ありません" in capsys.readouterr().out


def test_a_server_that_is_not_there(place: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert send(place, free_port()) == 0
    place.qualify("00000001")
    place.register("00000001", "town", "a")
    assert send(place, free_port()) == 1
    assert "E-SMTP" in capsys.readouterr().err


def test_user_and_password_from_a_file_or_a_descriptor(place: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    login = tmp_path / "login"
    login.write_text("postman\nSecret-9\n")
    login.chmod(0o600)
    place.qualify("00000001")
    with post_office(auth_required=True, auth_require_tls=False) as post:
        place.register("00000001", "town", "a")
        assert send(place, post.port, "--smtp-login-file", str(login)) == 0
        place.register("00000001", "town", "b")
        assert send(place, post.port, "--smtp-login-fd", str(os.open(login, os.O_RDONLY))) == 0
        assert post.logins == ["postman", "postman"]
    assert "Secret-9" not in capsys.readouterr().out


def test_a_login_that_cannot_be_used(place: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content, mode in (("open", "a\nSecret-9\n", 0o644), ("short", "a\n", 0o600), ("empty", "", 0o600), ("blank", "\n\n", 0o600)):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(mode)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\n\xff")
    (tmp_path / "binary").chmod(0o600)
    for name in ("open", "short", "empty", "blank", "binary", "none", "."):
        assert send(place, 25, "--smtp-login-file", str(tmp_path / name)) == 1, name
        told = capsys.readouterr().err
        assert told.startswith("E-SMTP-LOGIN"), name
        assert "Secret-9" not in told
    assert send(place, 25, "--smtp-login-fd", "987") == 1
    assert "E-SMTP-LOGIN" in capsys.readouterr().err


def test_a_password_does_not_travel_in_the_open(place: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "login").write_text("postman\nSecret-9\n")
    (tmp_path / "login").chmod(0o600)
    command = ["send-mail", "--database", place.url, "--smtp-host", "192.0.2.1", *SMTP, "--smtp-login-file", str(tmp_path / "login")]
    assert command_line.main(command) == 1
    assert "E-SMTP-PLAIN" in capsys.readouterr().err


@pytest.mark.parametrize("sender", ["", "nobody", "a b@example.com", "株式会社@example.com", "<a@example.com>"])
def test_a_sender_that_is_no_address(place: Office, capsys: pytest.CaptureFixture[str], sender: str) -> None:
    assert command_line.main(["send-mail", "--database", place.url, "--smtp-host", "127.0.0.1", "--smtp-from", sender]) == 1
    assert "E-SMTP-FROM" in capsys.readouterr().err


@pytest.mark.parametrize(
    "argument",
    [
        ["send-mail", "--smtp-host", "127.0.0.1", "--smtp-from", "a@example.com\nBcc: b@example.com"],
        ["reset-password", "--system", "ise", "--number", "1", "--application", "R7-1\x1b]0;x\a"],
        ["disable-operator", "--system", "ise\u202e", "--login", "one"],
        ["add-operator", "--system", "ise", "--login", "one", "--card-only", "--agency", "ise", "--agency", "ise\x9b1m"],
    ],
)
def test_no_argument_has_a_character_that_nobody_sees(place: Office, argument: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.main([*argument, "--database", place.url])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "使えない文字" in told
    assert odd(told, lines=True) is None


def test_as_a_process(place: Office) -> None:
    make_ready(place.url)
    command = [sys.executable, "-m", "ebid_tui", "admin", "migrate", "--database", place.url]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).resolve().parents[3]), os.environ.get("PYTHONPATH", "")])}
    told = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert schema.REVISION in told.stdout
