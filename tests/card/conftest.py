"""What the card tests share: a CA, a virtual reader with a card thread over it, a private `pcscd`."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.card.pcsc import PcscBackend
from ebid_tui.card.worker import CardWorker
from ebid_tui.demo.virtual_reader import VirtualReader
from tests.card.pcscd import PrivatePcscd, missing
from tests.card.plastic import CertificateAuthority


@pytest.fixture(scope="session")
def ca() -> CertificateAuthority:
    return CertificateAuthority()


@pytest.fixture
def reader() -> VirtualReader:
    return VirtualReader("virtual reader")


@pytest.fixture
def worker(reader: VirtualReader) -> Iterator[CardWorker]:
    """The card thread over the virtual reader."""
    worker = CardWorker(reader)
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
    worker = CardWorker(PcscBackend())
    worker.start()
    yield worker
    worker.stop()
