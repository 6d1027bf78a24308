"""The process that a PKCS#11 module lives in: prints nowhere, leaves nothing behind, keeps no PIN."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.card.plastic import pin
from tests.card.softhsm import PIN, Rogue, SoftHsm, Start, process_of, verified
from tests.patience import long, wait_until
from tests.traces import memory


@pytest.mark.usefixtures("token")
async def test_what_a_module_prints_goes_nowhere(start: Start, rogue: Rogue, capfd: pytest.CaptureFixture[str]) -> None:
    rogue.order("C_GetSlotList print", "C_Login print", "C_Sign print")
    session = await start(rogue.path).open()
    await session.verify(pin(PIN))
    assert await session.sign(b"x")
    assert "ROGUE" not in "".join(capfd.readouterr())


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize("action", ["fork", "forkcall"])
async def test_a_module_that_forks_answers_once_and_leaves_nothing_behind(start: Start, rogue: Rogue, action: str) -> None:
    rogue.order(f"C_GetSlotList {action}", f"C_Login {action}", f"C_Sign {action}")
    worker = start(rogue.path)
    session = await worker.open()
    held = process_of(worker)._process
    assert held is not None
    await session.verify(pin(PIN))
    for message in (b"one", b"two"):
        assert verified(session.certificate, message, await session.sign(message))
    await session.close()
    wait_until(lambda: not _group(held.pid))


def _group(leader: int) -> list[str]:
    """The living processes of a group, by their numbers."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            state, _, group = (place / "stat").read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue  # it ended meanwhile
        if group == str(leader) and state != "Z":
            found.append(place.name)
    return found


@pytest.mark.usefixtures("token")
def test_the_modules_process_ends_with_the_program(rogue: Rogue, hsm: SoftHsm) -> None:
    code = (
        "import asyncio, os, signal, sys\n"
        "from ebid_tui.card.worker import CardWorker\n"
        "from ebid_tui.card.pkcs11.modules import Tokens\n"
        "async def main():\n"
        "    worker = CardWorker(tokens=Tokens([sys.argv[1]])); worker.start()\n"
        "    await worker.open()\n"
        "    print(worker._tokens.modules()[0]._process.pid, flush=True)\n"
        "    open(os.environ['ROGUE'], 'w').write('C_GetTokenInfo hang\\n')\n"
        "    asyncio.get_running_loop().call_later(0.3, os.kill, os.getpid(), signal.SIGKILL)\n"
        "    await worker.inspect()\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, rogue.path], capture_output=True, text=True, timeout=long(), cwd=Path(__file__).parents[3]
    )
    number = int(done.stdout.strip())
    wait_until(lambda: not _group(number))


@pytest.mark.usefixtures("token")
async def test_the_child_has_no_terminal_no_core_and_no_pin_in_its_command_line(start: Start) -> None:
    worker = start()
    session = await worker.open()
    await session.verify(pin(PIN))
    held = process_of(worker)._process
    assert held is not None
    root = Path(f"/proc/{held.pid}")
    assert os.getsid(held.pid) == held.pid
    assert PIN not in (root / "cmdline").read_bytes()
    if os.access(root / "environ", os.R_OK):
        assert PIN not in (root / "environ").read_bytes()
    limits = (root / "limits").read_text().splitlines()
    assert next(line for line in limits if line.startswith("Max core file size")).split()[4:6] == ["0", "0"]
    if not memory.missing():
        assert [os.readlink(root / "fd" / number) for number in "012"] == ["/dev/null"] * 3


@pytest.mark.skipif(bool(memory.missing()), reason=memory.missing() or "-")
@pytest.mark.usefixtures("token")
async def test_the_modules_process_keeps_no_copy_of_the_pin(start: Start) -> None:
    worker = start()
    session = await worker.open()
    await session.verify(pin(PIN))
    assert await session.sign(b"x")
    held = process_of(worker)._process
    assert held is not None
    assert copies_in(held.pid, PIN) == 0
    assert copies_in(held.pid, b"SoftHSM") > 0, "nothing was looked at"


def copies_in(number: int, text: bytes) -> int:
    """How often this stands in a process's memory."""
    found = 0
    for line in Path(f"/proc/{number}/maps").read_text().splitlines():
        place, rights = line.split()[:2]
        begin, end = (int(edge, 16) for edge in place.split("-"))
        if "r" not in rights or "[v" in line:
            continue
        try:
            with Path(f"/proc/{number}/mem").open("rb", buffering=0) as file:
                file.seek(begin)
                found += file.read(end - begin).count(text)
        except OSError:
            continue  # not readable after all
    return found
