"""Lines that can be wiped: the same lines however they arrive, and nothing left of what was taken."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebid_tui.plain.line_bytes import CHUNK, LineBuffer, answers_in


def read_in_pieces(pieces: list[bytes], *, pastes: bool = False) -> tuple[list[bytes], LineBuffer]:
    """What comes out when it arrives piece by piece, and what it came out of."""
    lines, taken = LineBuffer(pastes=pastes), []
    for piece in pieces:
        read, write = os.pipe()
        os.write(write, piece)
        os.close(write)
        while lines.read(read):
            pass
        os.close(read)
        while lines.whole():
            taken.append(bytes(lines.take()))
    while len(lines):
        taken.append(bytes(lines.take()))
    return taken, lines


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_the_lines_do_not_depend_on_how_they_arrive(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    ends = whole.split(b"\n")
    expected = [line.rstrip(b"\r") for line in (ends if ends[-1] else ends[:-1])]
    assert read_in_pieces(pieces)[0] == expected


def test_nothing_is_left_of_what_was_taken() -> None:
    taken, lines = read_in_pieces([b"first\nsecond-secret\r\nthi", b"rd\n"])
    assert taken == [b"first", b"second-secret", b"third"]
    assert not any(lines._buffer)


@pytest.mark.parametrize("size", [CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK])
def test_a_line_may_be_longer_than_what_is_read_at_once(size: int) -> None:
    taken, lines = read_in_pieces([b"x" * size + b"\ny\n"])
    assert [len(line) for line in taken] == [size, 1]
    assert not any(lines._buffer)


def test_what_nobody_took_is_forgotten() -> None:
    read, write = os.pipe()
    os.write(write, b"one\ntwo")
    os.close(write)
    lines = LineBuffer()
    lines.read(read)
    os.close(read)
    buffer = lines._buffer
    lines.wipe()
    assert not any(buffer)
    assert len(lines) == 0


def test_the_lines_of_a_file_of_answers(tmp_path: Path) -> None:
    (file := tmp_path / "answers").write_bytes("\ufeffpin : 12 34 \r\n\n  # note: x\nname:伊勢:市\nempty:\nno colon".encode())
    with file.open("rb", buffering=0) as source:
        found = [(line.number, line.name, bytes(line.value).decode(), line.colon) for line in answers_in(source.fileno())]
    assert found == [(1, "pin", "12 34", True), (4, "name", "伊勢:市", True), (5, "empty", "", True), (6, "no colon", "", False)]


def test_its_values_are_not_shown(tmp_path: Path) -> None:
    (file := tmp_path / "answers").write_bytes(b"pin: 739145\n")
    with file.open("rb", buffering=0) as source:
        assert "739145" not in repr(list(answers_in(source.fileno())))
