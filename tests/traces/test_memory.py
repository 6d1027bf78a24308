"""The search itself: it finds a copy in every form, whole or in part, in a process that is closed to its own user."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.traces import memory
from tests.traces.place import random_pin

pytestmark = pytest.mark.skipif(bool(memory.missing()), reason=memory.missing() or "-")

HOLD = """
import base64, ctypes, sys
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
typed = [sys.stdin.buffer.raw.read(1) for _ in range(int(sys.argv[1]))]
held = MAKE
print("held", flush=True)
sys.stdin.buffer.raw.read(1)
"""

COPIES = {
    "bytes, str": ("b''.join(typed)", "''.join(map(chr, map(ord, typed)))", "bytearray(b''.join(typed[:6]))", "b''.join(typed[-7:])"),
    "UTF-16": ("'\\u3042'.join(['', ''.join(chr(ord(c)) for c in typed)])",),
    "UTF-32": ("''.join(chr(ord(c)) for c in typed) + '\\U0001f600'",),
    "hex": ("' '.join('%02X' % ord(c) for c in typed)",),
    "base64": ("base64.b64encode(b'a' + b''.join(typed))",),
    "list of characters": ("[(chr(ord(c)) + ' ')[0] for c in typed]",),
    "list of numbers": ("[ord(c) for c in typed]",),
}


def _found(secret: str, make: str) -> set[str]:
    command = [sys.executable, "-S", "-c", HOLD.replace("MAKE", make), str(len(secret))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(secret.encode())
        process.stdin.flush()
        assert process.stdout.readline() == b"held\n"
        found = memory.scan(process.pid, secret)
        process.stdin.write(b"!")
    return {one.form for one in found}


@pytest.mark.parametrize(("form", "make"), [(form, make) for form, makes in COPIES.items() for make in makes])
def test_every_form_is_found(form: str, make: str) -> None:
    assert form in _found(random_pin(), make)


def test_separate_keys_are_no_copy() -> None:
    assert _found(random_pin(), "len(typed) and typed.clear()") == set()
