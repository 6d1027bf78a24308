"""A PKCS#11 module that crashes, hangs, prints, forks or answers nonsense: the program goes on, and says which module it was."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ebid_tui.card.pkcs11.module_process import ModuleProcess
from ebid_tui.card.worker import CardWorker
from ebid_tui.errors import (
    CardBlocked,
    CardError,
    CardGarbled,
    CardRemoved,
    CardReset,
    ModuleFailed,
    NoReader,
    PinPadCancelled,
    PinUnusable,
    WrongPin,
)
from tests.card import softhsm
from tests.card.plastic import CertificateAuthority, pin
from tests.card.softhsm import PIN, Rogue, SoftHsm, Start, Stored, verified
from tests.patience import long, scaled, wait_until
from tests.traces import memory

IN_OPEN = ("C_Initialize", "C_GetInfo", "C_GetSlotList", "C_GetSlotInfo", "C_GetTokenInfo", "C_OpenSession", "C_FindObjectsInit")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, ca: CertificateAuthority) -> SoftHsm:
    prepared = SoftHsm(tmp_path_factory.mktemp("prepared"))
    prepared.token("ise", Stored(ca.slot("p256")))
    return prepared


@pytest.fixture
def token(hsm: SoftHsm, prepared: SoftHsm) -> None:
    """A token with one key, each test its own."""
    shutil.copytree(prepared.directory / "tokens", hsm.directory / "tokens", dirs_exist_ok=True)


def logins(rogue: Rogue) -> int:
    """How often a PIN reached the module."""
    return sum(line.startswith("login") for line in rogue.calls)


def process_of(worker: CardWorker) -> ModuleProcess:
    assert worker._tokens is not None
    return worker._tokens.modules()[0]


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(
    ("call", "action"),
    [*((call, "crash") for call in IN_OPEN), ("C_GetInfo", "exit"), ("C_GetSlotList", "abort"), ("C_OpenSession", "forkdie")],
)
async def test_a_crash_while_opening_names_the_module_and_the_next_try_works(start: Start, rogue: Rogue, call: str, action: str) -> None:
    worker = start(rogue.path)
    rogue.order(f"{call} {action}")
    with pytest.raises(ModuleFailed) as failed:
        await worker.open()
    assert "librogue.so" in failed.value.title
    rogue.order()
    session = await worker.open()
    await session.verify(pin(PIN))
    assert verified(session.certificate, b"x", await session.sign(b"x"))
    assert logins(rogue) == 1


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize("call", ["C_Initialize", "C_GetSlotList", "C_OpenSession"])
async def test_a_hang_while_opening_is_ended(start: Start, rogue: Rogue, call: str) -> None:
    rogue.order(f"{call} hang")
    worker = start(rogue.path, seconds=1.0)
    begun = time.monotonic()
    with pytest.raises(ModuleFailed) as failed:
        await worker.open()
    assert failed.value.code == "E-MODULE-HUNG"
    assert "librogue.so" in failed.value.title
    assert time.monotonic() - begun < scaled(5)
    rogue.order()
    process_of(worker)._seconds = 20.0
    assert (await worker.open()).alive


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(("action", "seconds"), [("crash", 20.0), ("hang", 1.0)])
async def test_a_pin_in_hand_is_never_sent_again_by_itself(start: Start, rogue: Rogue, action: str, seconds: float) -> None:
    worker = start(rogue.path)
    session = await worker.open()
    process_of(worker)._seconds = seconds
    rogue.order(f"C_Login {action}")
    typed = pin(PIN)
    with pytest.raises(ModuleFailed) as failed:
        await session.verify(typed)
    assert failed.value.code == "E-MODULE-PIN"
    assert len(typed) == 0
    assert logins(rogue) == 1
    rogue.order()
    process_of(worker)._seconds = 20.0
    assert await session.tries_left() is None
    with pytest.raises(CardReset):
        await session.sign(b"x")
    assert logins(rogue) == 1
    await session.verify(pin(PIN))
    assert verified(session.certificate, b"x", await session.sign(b"x"))
    assert logins(rogue) == 2


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize("action", ["crash", "hang", "exit"])
@pytest.mark.parametrize("call", ["C_SignInit", "C_Sign"])
async def test_a_crash_or_hang_while_signing(start: Start, rogue: Rogue, call: str, action: str) -> None:
    worker = start(rogue.path)
    session = await worker.open()
    await session.verify(pin(PIN))
    process_of(worker)._seconds = 1.0
    rogue.order(f"{call} {action}")
    with pytest.raises(ModuleFailed) as failed:
        await session.sign(b"x")
    assert failed.value.code == ("E-MODULE-HUNG" if action == "hang" else "E-MODULE-CRASHED")
    rogue.order()
    process_of(worker)._seconds = 20.0
    with pytest.raises(CardReset):
        await session.sign(b"x")
    await session.verify(pin(PIN))
    assert verified(session.certificate, b"x", await session.sign(b"x"))


@pytest.mark.usefixtures("token")
async def test_the_caller_is_told_of_the_module_when_its_own_time_is_up(start: Start, rogue: Rogue) -> None:
    worker = start(rogue.path)
    await (await worker.open()).close()
    worker._deadline = scaled(2.0)
    rogue.order("C_OpenSession hang")
    with pytest.raises(ModuleFailed) as failed:
        await worker.open()
    assert failed.value.code == "E-MODULE-HUNG"
    worker.stop()
    wait_until(lambda: not process_of(worker).running)


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
@pytest.mark.parametrize(
    ("code", "error", "told"),
    [
        ("a0", WrongPin, "E-WRONG-PIN"),
        ("a1", PinUnusable, "E-PIN-UNUSABLE"),
        ("a2", PinUnusable, "E-PIN-UNUSABLE"),
        ("a3", CardError, "E-PIN-EXPIRED"),
        ("a4", CardBlocked, "R-07"),
        ("102", CardError, "E-PIN-NOT-SET"),
        ("32", CardRemoved, "E-CARD-REMOVED-PIN"),
        ("e0", CardRemoved, "E-CARD-REMOVED-PIN"),
        ("30", CardGarbled, "E-CARD-GARBLED"),
        ("b3", CardReset, "E-CARD-RESET"),
        ("50", PinPadCancelled, "E-PIN-PAD-CANCELLED"),
        ("5", ModuleFailed, "E-MODULE"),
        ("54", ModuleFailed, "E-MODULE"),
        ("80000123", ModuleFailed, "E-MODULE"),
        ("deadbeefdeadbeef", ModuleFailed, "E-MODULE"),
    ],
)
async def test_what_a_login_can_answer(start: Start, rogue: Rogue, code: str, error: type[CardError], told: str) -> None:
    session = await start(rogue.path).open()
    rogue.order(f"C_Login {code}")
    typed = pin(PIN)
    with pytest.raises(error) as refused:
        await session.verify(typed)
    assert type(refused.value) is error
    assert refused.value.code == told
    assert refused.value.title
    assert refused.value.remedy
    assert len(typed) == 0
    assert logins(rogue) == 1
    assert session.alive is (error is not CardRemoved)


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(
    ("code", "error"),
    [("101", CardReset), ("b3", CardReset), ("b0", CardReset), ("32", CardRemoved), ("30", CardGarbled), ("80000001", ModuleFailed)],
)
@pytest.mark.parametrize("call", ["C_SignInit", "C_Sign"])
async def test_what_a_signature_can_answer(start: Start, rogue: Rogue, call: str, code: str, error: type[CardError]) -> None:
    session = await start(rogue.path).open()
    await session.verify(pin(PIN))
    rogue.order(f"{call} {code}")
    with pytest.raises(error):
        await session.sign(b"x")
    rogue.order()
    if error is CardRemoved:
        assert not session.alive
    else:
        await session.verify(pin(PIN))
        assert verified(session.certificate, b"x", await session.sign(b"x"))


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(("flags", "hint", "tries"), [("10000", "low", None), ("30000", "final", 1), ("70000", "locked", 0)])
async def test_tries_as_flags(start: Start, rogue: Rogue, flags: str, hint: str, tries: int | None) -> None:
    session = await start(rogue.path).open()
    rogue.order(f"C_GetTokenInfo flags={flags}")
    assert await session.tries_hint() == hint
    assert await session.tries_left() == tries
    with pytest.raises((WrongPin, CardBlocked)) as wrong:
        await session.verify(pin(b"wrong-one"))
    if tries == 0:
        assert isinstance(wrong.value, CardBlocked)
    else:
        assert isinstance(wrong.value, WrongPin)
        assert wrong.value.tries_left == tries


@pytest.mark.usefixtures("token")
async def test_a_pin_pad_gets_no_pin_from_us(start: Start, rogue: Rogue) -> None:
    rogue.order("C_GetTokenInfo flags=100")
    session = await start(rogue.path).open()
    assert session.pin_pad
    rogue.order("C_GetTokenInfo flags=100", "C_Login 50")
    with pytest.raises(PinPadCancelled):
        await session.verify_on_pin_pad()
    assert "login user=1 NULL" in rogue.calls


@pytest.mark.usefixtures("hsm")
async def test_a_token_that_does_not_hash_gets_a_digest(hsm: SoftHsm, start: Start, rogue: Rogue, ca: CertificateAuthority) -> None:
    hsm.token("rsa", Stored(ca.slot("rsa2048")))
    rogue.order("C_GetMechanismList nomech=40")
    session = await start(rogue.path).open()
    await session.verify(pin(PIN))
    assert verified(session.certificate, b"x", await session.sign(b"x"))
    assert session._mechanism == "RSA_PKCS"  # type: ignore[attr-defined]


async def test_keys_that_want_the_pin_before_each_signature(hsm: SoftHsm, start: Start, rogue: Rogue, ca: CertificateAuthority) -> None:
    hsm.token("ise", Stored(ca.slot("p256")), always=True)
    session = await start(rogue.path).open()
    await session.verify(pin(PIN))
    assert session.pin_before_each_signature
    assert verified(session.certificate, b"x", await session.sign(b"x"))
    await session.verify(pin(PIN))
    assert verified(session.certificate, b"y", await session.sign(b"y"))
    with pytest.raises(CardReset):
        await session.sign(b"z")
    # CKU_USER once, then CKU_CONTEXT_SPECIFIC before each signature.
    assert [line for line in rogue.calls if line.startswith("login")] == [f"login user={user} length=11" for user in (1, 2, 2)]
    with pytest.raises(WrongPin):
        await session.verify(pin(b"wrong-one"))
    await session.verify(pin(PIN))
    assert verified(session.certificate, b"z", await session.sign(b"z"))


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda file: None, "E-MODULE-MISSING"),
        (lambda file: file.mkdir(), "E-MODULE-MISSING"),
        (lambda file: file.write_text("no library"), "E-MODULE-LOAD"),
        (lambda file: file.write_bytes(b""), "E-MODULE-LOAD"),
        (lambda file: file.write_bytes(b"\x7fELF\x01\x01" + bytes(12) + b"\x03\x00" + bytes(100)), "E-MODULE-LOAD"),
        (lambda file: file.write_bytes(Path(softhsm.module()).read_bytes()[:5000]), "E-MODULE-CRASHED"),
        (lambda file: file.symlink_to("/lib/x86_64-linux-gnu/libc.so.6"), "E-MODULE-LOAD"),
    ],
    ids=["missing", "directory", "text", "empty", "other architecture", "cut off", "no module"],
)
async def test_a_file_that_is_no_module_is_told(tmp_path: Path, start: Start, make: object, code: str) -> None:
    file = tmp_path / "libcard.so"
    make(file)  # type: ignore[operator]
    worker = start(str(file))
    with pytest.raises(ModuleFailed) as failed:
        await worker.open()
    assert failed.value.code in (code, "E-MODULE-LOAD")  # what is cut off may crash the loader
    assert "libcard.so" in failed.value.title
    assert failed.value.remedy


@pytest.mark.usefixtures("token")
async def test_a_broken_module_does_not_hide_a_good_one(start: Start) -> None:
    session = await start("/nowhere/libcard.so", softhsm.module()).open()
    await session.verify(pin(PIN))


async def test_modules_of_the_authorities_table_that_are_missing_are_passed_over(
    start: Start, hsm: SoftHsm, ca: CertificateAuthority
) -> None:
    from ebid_tui.card.pkcs11.modules import Tokens
    from ebid_tui.domain.issuers import Issuer, IssuerTable

    def table(*modules: str) -> IssuerTable:
        return IssuerTable(issuers=(Issuer(id="a", name="A", kind="core", words=("x",), modules=modules),))

    hsm.token("ise", Stored(ca.slot("p256")))
    for modules, found in (("/nowhere/libcard.so",), False), (("/nowhere/libcard.so", softhsm.module()), True):
        tokens = Tokens((), lambda modules=modules: table(*modules))  # type: ignore[misc]
        worker = CardWorker(tokens=tokens)
        worker.start()
        try:
            assert len(tokens.modules()) == found
            if found:
                assert (await worker.open()).alive
            else:
                with pytest.raises(NoReader):
                    await worker.open()
        finally:
            worker.stop()


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


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(
    ("order", "seconds", "code"),
    [
        ("C_SetPIN crash", 20.0, "E-PIN-CHANGE-UNSURE"),
        ("C_SetPIN hang", 1.0, "E-PIN-CHANGE-UNSURE"),
        ("C_SetPIN 30", 20.0, "E-PIN-CHANGE-UNSURE"),
        ("C_SetPIN 32", 20.0, "E-PIN-CHANGE-UNSURE"),
        ("C_SetPIN 54", 20.0, "E-PIN-FIXED"),
    ],
)
async def test_a_change_of_pin_that_nobody_heard_the_end_of_says_so(
    start: Start, rogue: Rogue, order: str, seconds: float, code: str
) -> None:
    worker = start(rogue.path)
    session = await worker.open()
    process_of(worker)._seconds = seconds
    rogue.order(order)
    old, new = pin(PIN), pin(b"another-1")
    with pytest.raises(CardError) as failed:
        await session.change_pin(old, new)
    assert failed.value.code == code
    assert failed.value.title
    assert not len(old) + len(new)
