"""R-33: a locked password is reset on application, which makes it an initial one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ebid_tui.__main__ import main
from ebid_tui.domain.fields import FieldPolicy, problem
from ebid_tui.domain.profile.systems import available, profile_of
from ebid_tui.server.decisions.passwords import Passwords
from ebid_tui.server.decisions.resetting import LOOK_ALIKES, new_initial_password
from ebid_tui.server.settings import PasswordCost
from ebid_tui.server.store import accounts, schema
from tests.server.vendors import Office, office

NUMBER = "1000000001"


@pytest.fixture
def place(tmp_path: Path, database_kind: str) -> Office:
    made = office(tmp_path)
    with made.database() as connection:
        accounts.add_account(connection, accounts.Account("ise", NUMBER, None, "old-hash", "active", 0, None))
        for _ in range(5):
            locked = accounts.count_wrong(connection, "ise", NUMBER, 5)
        assert locked.state == "locked"
    return made


def reset(place: Office, number: str = NUMBER, application: str = "R8-15") -> int:
    return main(["admin", "reset-password", "--database", place.url, "--system", "ise", "--number", number, "--application", application])


def test_r33_a_reset_ends_the_lock_and_makes_it_an_initial_password(place: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert reset(place) == 0
    told = capsys.readouterr().out.splitlines()
    with place.database() as connection:
        account = accounts.account(connection, "ise", NUMBER)
    assert (account.state, account.wrong, account.changed_on) == ("initial", 0, None)
    checker = Passwords(PasswordCost())
    assert checker.is_right(account.password_hash, told[-1])
    checker.stop()


def test_r33_the_application_is_written_down_and_the_password_is_not(place: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert reset(place) == 0
    initial = capsys.readouterr().out.splitlines()[-1]
    assert ("password_reset", "application:R8-15", NUMBER) in place.rows(schema.audit, "event", "actor", "subject")
    assert initial not in repr(place.rows(schema.audit)) + repr(place.rows(schema.accounts))


def test_an_unknown_number_is_told_and_nothing_is_written(place: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert reset(place, "9999999999") == 1
    assert "E-NO-ACCOUNT" in capsys.readouterr().err
    assert place.rows(schema.audit) == []


def test_an_application_number_is_required(place: Office) -> None:
    with pytest.raises(SystemExit) as ended:
        reset(place, application=" ")
    assert ended.value.code == 2


@pytest.mark.parametrize("system", sorted(available()))
def test_the_initial_password_fits_the_systems_own_field(system: str) -> None:
    profile = profile_of(system)
    field = next((f for f in profile.search.fields if f.secret), None)
    if field is None:
        with pytest.raises(Exception, match="E-NO-ACCOUNT"):
            new_initial_password(profile)
        return
    made = {new_initial_password(profile) for _ in range(50)}
    assert len(made) == 50
    for password in made:
        assert problem(field, password, FieldPolicy(), {}) is None
        assert not set(password) & LOOK_ALIKES
