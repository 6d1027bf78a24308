"""An input method is switched off and on as fields want it, only through what the terminal offers, and put back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.terminal.conversion import NOBODY, Conversion


class UimFep:
    """Its two files: takes what is written at once, as the real one does between two keys."""

    def __init__(self, directory: Path, mode: int) -> None:
        self.get, self.set = directory / "getmode", directory / "setmode"
        os.mkfifo(self.set)
        self._pipe = os.open(self.set, os.O_RDONLY | os.O_NONBLOCK)
        self._kept = os.open(self.set, os.O_WRONLY)
        self.turn(mode)
        self.wished: list[int] = []

    def turn(self, mode: int) -> None:
        self.get.write_text(f"{mode}\n")

    def take(self) -> list[int]:
        """What was wished since the last time; the last one is the mode now."""
        try:
            came = [int(word) for word in os.read(self._pipe, 4096).split()]
        except BlockingIOError:
            came = []
        for mode in came[-1:]:
            self.turn(mode)
        return came

    def close(self) -> None:
        os.close(self._pipe)
        os.close(self._kept)


@pytest.fixture
def fep(tmp_path: Path) -> Iterator[UimFep]:
    made = UimFep(tmp_path, 2)
    yield made
    made.close()


def conversion(fep: UimFep, sent: list[str] | None = None) -> Conversion:
    environment = {"UIM_FEP_GETMODE": str(fep.get), "UIM_FEP_SETMODE": str(fep.set)}
    return Conversion((lambda _: None) if sent is None else sent.append, environment)


def test_uim_fep_is_switched_by_its_file_once_a_place_and_put_back(fep: UimFep) -> None:
    sent: list[str] = []
    way = conversion(fep, sent)
    assert [way.on] == [True]
    assert way.readable
    assert not way.must_be_told, "it goes off by itself"
    way.want("pin", False)
    assert fep.take() == [0]
    assert [way.on] == [False]
    fep.turn(3)  # by hand
    way.want("pin", False)
    assert fep.take() == [], "whoever switches it there has it so"
    way.want("phone", False)
    assert fep.take() == [0]
    way.want("name", True)
    assert fep.take() == [3], "the mode that converted last"
    way.want("address", True)
    way.want("help", None)
    assert fep.take() == []
    way.put_back()
    assert fep.take() == [2], "as it was before the program"
    way.want("address", True)
    assert fep.take() == [], "and begins anew behind an interruption"
    assert sent == [], "nothing is written to the terminal"


def test_uim_fep_that_has_gone_or_has_no_mode_is_nothing_to_wait_for(fep: UimFep, tmp_path: Path) -> None:
    way = conversion(fep)
    fep.get.write_text("x")
    assert [way.on] == [None]
    assert [way.must_be_told] == [True]
    fep.get.unlink()
    assert [way.on] == [None]
    os.close(fep._kept)
    os.close(fep._pipe)
    way.want("pin", False)  # nobody reads the pipe
    way.put_back()
    (tmp_path / "file").write_text("kept")
    Conversion(lambda _: None, {"UIM_FEP_SETMODE": str(tmp_path / "file")}).want("pin", False)
    assert (tmp_path / "file").read_text() == "kept", "what is no pipe is not written to"
    fep._pipe, fep._kept = os.pipe()


@pytest.mark.parametrize("kind", [32, 77])
def test_a_terminal_that_says_that_it_knows_them_gets_the_sequences(kind: int) -> None:
    sent: list[str] = []
    way = Conversion(sent.append, {})
    way.want("menu", False)
    assert sent == []
    assert [way.must_be_told] == [True]
    way.answered(kind)
    assert [way.must_be_told] == [False]
    way.want("menu", False)
    way.want("name", True)
    way.put_back()
    way.put_back()
    assert sent == ["\x1b[<s", "\x1b[<0t", "\x1b[<1t", "\x1b[<r"]


@pytest.mark.parametrize("kind", [0, 1, 41, 65, 67, 83, 84])
def test_no_other_terminal_gets_them(kind: int) -> None:
    """xterm takes `CSI < t` for its titles; 65 is VTE's kind as well as RLogin's."""
    sent: list[str] = []
    way = Conversion(sent.append, {})
    way.answered(kind)
    way.want("pin", False)
    way.put_back()
    assert sent == []
    assert [way.must_be_told] == [True]
    assert [way.on] == [None]


def test_where_there_is_no_terminal_nothing_happens() -> None:
    NOBODY.want("pin", False)
    NOBODY.put_back()
    assert NOBODY.on is None
    assert not NOBODY.readable
