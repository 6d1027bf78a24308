"""What the card tests share: a CA, a virtual reader with a card thread over it, a private `pcscd`."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ebid_tui.card.pcsc.readers import PcscBackend
from ebid_tui.card.pkcs11.modules import Tokens
from ebid_tui.card.transport import Backend
from ebid_tui.card.worker import CardWorker
from ebid_tui.demo.virtual_reader import VirtualReader
from tests.card import softhsm
from tests.card.pcscd import PrivatePcscd, missing
from tests.card.plastic import CertificateAuthority
from tests.card.softhsm import Rogue, SoftHsm, Start
from tests.clock import NOW


@pytest.fixture(scope="session")
def ca() -> CertificateAuthority:
    return CertificateAuthority(now=NOW)


@pytest.fixture
def reader() -> VirtualReader:
    return VirtualReader("virtual reader")


@pytest.fixture
def worker(reader: VirtualReader) -> Iterator[CardWorker]:
    """The card thread over the virtual reader."""
    worker = CardWorker(reader, clock=lambda: NOW)
    worker.start()
    yield worker
    worker.stop()


@pytest.fixture(scope="session")
def pcscd_socket() -> Iterator[Path]:
    """One socket path for this process's life: libpcsclite reads the variable once."""
    directory = Path(tempfile.mkdtemp(prefix="ebid-pcscd-"))
    yield directory / "pcscd.comm"
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def pcscd(tmp_path: Path, pcscd_socket: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivatePcscd]:
    """A fresh private daemon that this process and, by `pcscd.env`, others find."""
    if lacking := missing():
        pytest.skip(lacking)
    monkeypatch.setitem(os.environ, "PCSCLITE_CSOCK_NAME", str(pcscd_socket))
    with PrivatePcscd(tmp_path, pcscd_socket) as daemon:
        yield daemon


@pytest.fixture
def pcsc_worker(pcscd: PrivatePcscd) -> Iterator[CardWorker]:
    """The card thread over the private daemon's readers."""
    worker = CardWorker(PcscBackend(), clock=lambda: NOW)
    worker.start()
    yield worker
    worker.stop()


@pytest.fixture
def hsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    """A directory of SoftHSM tokens that modules started by this process find."""
    if not softhsm.module():
        pytest.skip("softhsm2 is not installed")
    hsm = SoftHsm(tmp_path)
    monkeypatch.setitem(os.environ, "SOFTHSM2_CONF", str(hsm.config))
    return hsm


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts card threads over PKCS#11 modules; `backends` come before them."""
    started: list[CardWorker] = []

    def begin(*modules: str, backends: Sequence[Backend] = (), deadline: float = 30.0, **more: Any) -> CardWorker:
        worker = CardWorker(*backends, tokens=Tokens(modules or (softhsm.module(),), **more), deadline=deadline, clock=lambda: NOW)
        worker.start()
        started.append(worker)
        return worker

    yield begin
    for worker in started:
        worker.stop()


@pytest.fixture(scope="session")
def rogue_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("gcc"):
        pytest.skip("gcc is not installed")
    return softhsm.build_rogue(tmp_path_factory.mktemp("rogue"))


@pytest.fixture
def rogue(hsm: SoftHsm, rogue_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rogue:
    """SoftHSM behind a module that misbehaves as ordered."""
    return Rogue(rogue_library, tmp_path, monkeypatch)
