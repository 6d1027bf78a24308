"""Files that are no PKCS#11 module, and modules beside them that are."""

from __future__ import annotations

from pathlib import Path

import pytest

from ebid_tui.card.worker import CardWorker
from ebid_tui.errors import (
    ModuleFailed,
    NoReader,
)
from tests.card import softhsm
from tests.card.plastic import CertificateAuthority, pin
from tests.card.softhsm import PIN, SoftHsm, Start, Stored


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
