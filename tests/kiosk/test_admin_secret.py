"""The administrator's secret: hashed, private, and slower with each wrong attempt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ebid_tui.kiosk.admin_secret import LONGEST_WAIT, SHORTEST, AdminSecret, set_secret
from tests.kiosk.stand import keep_secret

WORD = b"correct horse"


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def made(directory: Path) -> tuple[AdminSecret, Time, Path]:
    clock = Time()
    file = directory / "conf" / "secret"
    keep_secret(file, WORD)
    return AdminSecret(file, directory / "state" / "attempts", clock), clock, file


def test_only_the_hash_is_kept_for_its_owner(tmp_path: Path) -> None:
    secret, _, file = made(tmp_path)
    set_secret(file, WORD)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().startswith("$argon2id$")
    assert WORD.decode() not in file.read_text()
    assert [p.name for p in file.parent.iterdir()] == ["secret"]
    assert secret.check(WORD)
    assert not secret.check(WORD + b" ")


def test_wrong_attempts_get_slower_over_processes(tmp_path: Path) -> None:
    secret, clock, file = made(tmp_path)
    waits = []
    for _ in range(12):
        assert not secret.check(b"wrong wrong")
        secret = AdminSecret(file, tmp_path / "state" / "attempts", clock)  # the next visitor's process
        waits.append(secret.wait())
        assert not secret.check(WORD), "too early"
        assert secret.wait() == waits[-1], "an early attempt neither counts nor helps"
        clock.now += waits[-1]
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == LONGEST_WAIT
    assert secret.check(WORD)
    assert secret.wait() == 0


def test_a_clock_set_back_locks_nobody_out(tmp_path: Path) -> None:
    secret, clock, _ = made(tmp_path)
    assert not secret.check(b"wrong wrong")
    clock.now -= 1e6
    assert secret.wait() == 1


@pytest.mark.parametrize("text", ["", "x", "5", "a b", "-1 nan nan", "3 nan", "3 inf"])
def test_a_broken_count_is_slow(tmp_path: Path, text: str) -> None:
    secret, _, _ = made(tmp_path)
    (tmp_path / "state").mkdir(exist_ok=True)
    (tmp_path / "state" / "attempts").write_text(text)
    assert secret.wait() == LONGEST_WAIT
    assert not secret.check(WORD)


def test_files_that_others_could_touch_do_not_count(tmp_path: Path) -> None:
    secret, _, file = made(tmp_path)
    for mode in (0o640, 0o604, 0o620, 0o666):
        file.chmod(mode)
        assert not secret.known(), oct(mode)
        assert not secret.check(WORD), oct(mode)
    file.chmod(0o600)
    assert secret.check(WORD)
    os.rename(file, tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert not secret.known()


@pytest.mark.parametrize("content", ["", "\n", "$argon2id$broken", "plain text"])
def test_a_broken_hash_opens_nothing(tmp_path: Path, content: str) -> None:
    secret, _, file = made(tmp_path)
    file.write_text(content)
    assert not secret.check(WORD)
    assert not secret.check(content.encode())


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=str(SHORTEST)):
        set_secret(tmp_path / "s", b"1234567")
    assert not (tmp_path / "s").exists()
