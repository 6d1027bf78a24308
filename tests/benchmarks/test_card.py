"""The card's side, through a real `pcscd` and a virtual reader: our work against OpenSC's tool on the same card.

Ours is the work in a program that is running already: find the card, certificate, tries, PIN, two signatures (sign-in and
statement), log out. Theirs is what the goal names: `pkcs11-tool --sign`, then `--read-object`, two processes, one signature.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.conftest import Measured
from tests.card.pcscd import CardProcess, PrivatePcscd, missing
from tests.card.test_tools import MODULE

ROUNDS = 9
ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.pcscd,
    pytest.mark.skipif(bool(missing()), reason=missing() or "-"),
    pytest.mark.skipif(shutil.which("pkcs11-tool") is None or MODULE is None, reason="opensc is not installed"),
]


@pytest.fixture
def pcscd(short_dir: Path) -> Iterator[PrivatePcscd]:
    with PrivatePcscd(short_dir) as daemon:
        yield daemon


@pytest.fixture
def card(pcscd: PrivatePcscd, tmp_path: Path) -> Iterator[CardProcess]:
    """The demo's first card (RSA-2048), in the first reader."""
    with CardProcess(pcscd.ports[0], demo=tmp_path) as process:
        process.insert("ise-new")
        yield process


def test_the_card_part_against_pkcs11_tool(pcscd: PrivatePcscd, card: CardProcess, tmp_path: Path, measured: Measured) -> None:
    message, out = tmp_path / "message", tmp_path / "out"
    message.write_bytes(b"x" * 2500)
    sign = ["--login", "--pin", "123456", "--sign", "--id", "01", "--mechanism", "SHA256-RSA-PKCS"]
    tools = (
        [*sign, "--input-file", str(message), "--output-file", str(out)],
        ["--read-object", "--type", "cert", "--id", "01", "--output-file", str(out)],
    )

    def theirs() -> tuple[float, int]:
        counted, begun = card.count(), time.perf_counter()
        for options in tools:
            command = ["pkcs11-tool", "--module", str(MODULE), *options]
            subprocess.run(command, env=pcscd.env, capture_output=True, timeout=30, check=True)
        taken = (time.perf_counter() - begun) * 1000, card.count() - counted
        # It leaves the card unlocked, which would cost us two APDUs to undo.
        subprocess.run(["opensc-tool", "--reset"], env=pcscd.env, capture_output=True, timeout=30, check=True)
        return taken

    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.card_work"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=pcscd.env,
        cwd=ROOT,
        text=True,
        bufsize=1,
    ) as program:
        assert program.stdin
        assert program.stdout

        def ours() -> tuple[float, int]:
            program.stdin.write("again\n")
            milliseconds, apdus = program.stdout.readline().split()
            return float(milliseconds), int(apdus)

        assert program.stdout.readline() == "ready\n"
        ours(), theirs()  # everything is loaded once before it counts
        rounds = [(ours(), theirs()) for _ in range(ROUNDS)]
        program.stdin.close()
        program.wait(10)

    our_ms, their_ms = (statistics.median(pair[side][0] for pair in rounds) for side in (0, 1))
    our_apdus, their_apdus = (max(pair[side][1] for pair in rounds) for side in (0, 1))
    measured("card: ours, APDUs", our_apdus, "<= 10")
    measured("card: pkcs11-tool, APDUs", their_apdus, "")
    measured("card: ours, ms", f"{our_ms:.1f}", "")
    measured("card: pkcs11-tool, ms", f"{their_ms:.1f}", "")
    measured("card: ratio of time", f"{our_ms / their_ms:.2f}", "<= 0.5")
    assert our_apdus <= 10
    assert our_ms <= 0.5 * their_ms
