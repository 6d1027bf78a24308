"""The card's side, through a real `pcscd` and a virtual reader: identify, PIN, certificate, one signature, against the tools.

Every side does the same work on the same card in the same `pcscd`, in turn. The tools are asked in each way they know, and
the best of each counts, for APDUs and for time apart:

- `yubico-piv-tool`: in one process (`verify-pin`, `read-certificate`, `test-signature`), or in two (`--sign`, `read-certificate`)
- `pkcs11-tool`: two processes, `--sign` and `--read-object`

Time is taken at the card, from the arrival of the first APDU to the last answer: a process's start-up, its libraries and its
connection to `pcscd` come before the first APDU and do not count, neither for the tools (of two processes the two spans are
added up) nor for us (the program is running, as it is when a person puts a card in). What the tools do not do and we do counts
for us all the same: My Number's SELECT before anything else, the tries left before the PIN, a second certificate if there is one,
and checking the signature. Logging out is told apart, as the tools leave the card unlocked.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.benchmarks.conftest import Measured
from tests.card.pcscd import CardProcess, PrivatePcscd, missing
from tests.card.test_tools import MODULE
from tests.wallets import of_today

ROUNDS = 15
ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("pkcs11-tool", "opensc-tool", "yubico-piv-tool")

pytestmark = [
    pytest.mark.pcscd,
    pytest.mark.skipif(bool(missing()), reason=missing() or "-"),
    pytest.mark.skipif(
        any(shutil.which(tool) is None for tool in TOOLS) or MODULE is None, reason=f"not all installed: {', '.join(TOOLS)}"
    ),
]


@pytest.fixture
def pcscd(short_dir: Path) -> Iterator[PrivatePcscd]:
    with PrivatePcscd(short_dir) as daemon:
        yield daemon


@pytest.fixture
def card(pcscd: PrivatePcscd, tmp_path: Path) -> Iterator[CardProcess]:
    """The demo's first card (RSA-2048), in the first reader."""
    with CardProcess(pcscd.ports[0], demo=of_today(tmp_path)) as process:
        process.insert("ise-new")
        yield process


class Tools:
    """The same work by others: each way a list of processes."""

    def __init__(self, daemon: PrivatePcscd, card: CardProcess, directory: Path) -> None:
        self._daemon, self._card = daemon, card
        message, certificate, out = (str(directory / name) for name in ("message", "certificate", "out"))
        Path(message).write_bytes(b"x" * 2500)
        yubico = ("yubico-piv-tool", "--reader", "Virtual", "--slot", "9a", "--algorithm", "RSA2048", "--hash", "SHA256")
        pin = ("--action", "verify-pin", "--pin", "123456")
        read = ("--action", "read-certificate")
        module = ("pkcs11-tool", "--module", str(MODULE))
        self.ways: dict[str, tuple[tuple[str, ...], ...]] = {
            "yubico-piv-tool, one process": (
                (*yubico, *pin, *read, "--action", "test-signature", "--input", certificate, "--output", out),
            ),
            "yubico-piv-tool, two processes": (
                (*yubico, *pin, "--sign", "--input", message, "--output", out),
                (*yubico, *read, "--output", out),
            ),
            "pkcs11-tool": (
                (
                    *module,
                    "--login",
                    "--pin",
                    "123456",
                    "--sign",
                    "--id",
                    "01",
                    "--mechanism",
                    "SHA256-RSA-PKCS",
                    "--input-file",
                    message,
                    "--output-file",
                    out,
                ),
                (*module, "--read-object", "--type", "cert", "--id", "01", "--output-file", out),
            ),
        }
        self._run((*yubico, *read, "--output", certificate))

    def _run(self, command: Sequence[str]) -> None:
        subprocess.run(command, env=self._daemon.env, capture_output=True, timeout=30, check=True)

    def work(self, way: str) -> tuple[int, float]:
        """APDUs and milliseconds of work, without start-up."""
        counted, span = self._card.count(), 0.0
        for command in self.ways[way]:
            self._card.span()
            self._run(command)
            span += self._card.span()
        apdus = self._card.count() - counted
        self._run(("opensc-tool", "--reset"))  # a card left unlocked would cost whoever comes next
        return apdus, span


class Ours:
    """Our program, running already."""

    def __init__(self, daemon: PrivatePcscd, card: CardProcess) -> None:
        self._card = card
        command = [sys.executable, "-m", "tests.benchmarks.card_work"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(command, env=daemon.env, cwd=ROOT, text=True, bufsize=1, **pipes)  # type: ignore[call-overload]
        assert self._read() == "ready"

    def _read(self) -> str:
        return str(self._process.stdout.readline()).strip()

    def _say(self, line: str) -> None:
        self._process.stdin.write(line + "\n")

    def work(self, signatures: int = 1) -> tuple[int, float, int, float]:
        """APDUs and milliseconds at the card up to the last signature, APDUs with logging out, milliseconds as the program sees it."""
        counted = self._card.count()
        self._card.span()
        self._say(str(signatures))
        milliseconds, told = self._read().split()
        span, apdus = self._card.span(), self._card.count() - counted
        assert apdus == int(told)
        self._say("")
        whole = int(self._read())
        assert whole == self._card.count() - counted
        return apdus, span, whole, float(milliseconds)

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


def test_identify_pin_certificate_and_signature_against_the_tools(
    pcscd: PrivatePcscd, card: CardProcess, tmp_path: Path, measured: Measured
) -> None:
    ours, tools = Ours(pcscd, card), Tools(pcscd, card, tmp_path)
    try:
        ours.work()
        for way in tools.ways:
            tools.work(way)  # everything is loaded once before it counts
        rounds = [(ours.work(), {way: tools.work(way) for way in tools.ways}) for _ in range(ROUNDS)]
        flow = ours.work(signatures=2)
    finally:
        ours.close()

    our_apdus, our_whole = (max(our[part] for our, _ in rounds) for part in (0, 2))
    our_span, our_ms = (statistics.median(our[part] for our, _ in rounds) for part in (1, 3))
    their_apdus = {way: min(their[way][0] for _, their in rounds) for way in tools.ways}
    their_span = {way: statistics.median(their[way][1] for _, their in rounds) for way in tools.ways}
    fewest, quickest = min(8, *their_apdus.values()), min(their_span.values())  # 8: yubico-piv-tool without reading a certificate
    measured("card: ours, APDUs", our_apdus, f"<= {fewest}", our_apdus <= fewest)
    measured("card: ours with logging out, APDUs", our_whole, f"<= {min(their_apdus.values())}", our_whole <= min(their_apdus.values()))
    measured("card: ours, a whole registration (two signatures, log out), APDUs", flow[2], "<= 10", flow[2] <= 10)
    measured("card: ours, ms at the card", f"{our_span:.2f}")
    measured("card: ours, ms as the program waits", f"{our_ms:.2f}")
    for way in tools.ways:
        measured(f"card: {way}, APDUs", their_apdus[way])
        measured(f"card: {way}, ms at the card", f"{their_span[way]:.2f}")
    measured("card: ratio of time to the quickest", f"{our_span / quickest:.2f}", "<= 1.0", our_span <= quickest)
