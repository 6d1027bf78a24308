"""Whether a certificate was to be accepted at its time, from what was kept with the receipt and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import pytest
from cryptography import x509 as made

from ebid_tui.server.evidence.path_check import PathCheck
from ebid_tui.server.store.audit_chain import sha256
from ebid_tui.server.store.proofs import KeptVerdict
from tests.clock import NOW
from tests.server.pki.papers import DAY, about, certificate, key, listed, revoked, usage, word

MINE, SUBS = key(), key()
MAY = (made.BasicConstraints(True, None), usage("key_cert_sign", "crl_sign"))
ROOT = certificate("ROOT", MINE, "ROOT", MINE, *MAY)
SUB = certificate("SUB", SUBS, "ROOT", MINE, *MAY)
CARD = certificate("CARD", key(), "SUB", SUBS, usage("digital_signature"), serial=7)
STRANGER = certificate("ROOT", SUBS, "ROOT", SUBS, *MAY)
OF_ROOT, OF_SUB, REVOKED, NO_AUTHORITY = (
    listed("ROOT", MINE),
    listed("SUB", SUBS),
    listed("SUB", SUBS, revoked(7)),
    listed("ROOT", MINE, revoked(SUB.serial_number)),
)
GOOD = word(SUBS, SUB, about(CARD, SUB))
DERS = [ROOT.dump(), SUB.dump(), CARD.dump()]
PLAIN = KeptVerdict(path=tuple(map(sha256, DERS)), crls=(), ocsp=(), revocation="unchecked")


@pytest.fixture
def blobs() -> dict[str, bytes]:
    ders = (*DERS, STRANGER.dump(), OF_ROOT, OF_SUB, REVOKED, NO_AUTHORITY, GOOD, b"\x30\x00")
    return {sha256(der): der for der in ders}


@pytest.fixture
def paths(blobs: dict[str, bytes]) -> Iterator[PathCheck]:
    found = PathCheck(blobs.get, None)
    yield found
    found.close()


def kept(
    path: list[bytes] | None = None, crls: tuple[bytes, ...] = (), ocsp: tuple[bytes, ...] = (), revocation: str = "good"
) -> KeptVerdict:
    names = PLAIN.path if path is None else tuple(map(sha256, path))
    return KeptVerdict(path=names, crls=tuple(map(sha256, crls)), ocsp=tuple(map(sha256, ocsp)), revocation=revocation)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("verdict", "why"),
    [
        (PLAIN, None),
        (msgspec.structs.replace(PLAIN, revocation="unavailable", crls=(sha256(REVOKED),)), None),
        (kept(crls=(OF_ROOT, OF_SUB)), None),
        (kept(crls=(OF_ROOT, OF_SUB), ocsp=(GOOD,)), None),
        (kept(), "undetermined"),
        (kept(crls=(OF_ROOT,)), "undetermined"),
        (kept(crls=(OF_ROOT, REVOKED)), "revoked"),
        (kept(crls=(NO_AUTHORITY, OF_SUB)), "revoked"),
        (kept(crls=(b"\x30\x00",)), "broken"),
        (kept(crls=(OF_ROOT, OF_SUB), ocsp=(b"\x30\x00",)), "broken"),
        (kept([b"\x30\x00", SUB.dump(), CARD.dump()]), "broken"),
        (kept([ROOT.dump(), CARD.dump()]), "broken"),
        (kept([STRANGER.dump(), SUB.dump(), CARD.dump()]), "broken"),
        (kept([CARD.dump()]), "other"),
        (kept([]), "other"),
        (kept([*DERS[:2], ROOT.dump()]), "other"),
        (kept([ROOT.dump(), b"away", CARD.dump()]), "missing"),
        (kept(crls=(OF_ROOT, b"away")), "missing"),
        (kept(crls=(OF_ROOT,), ocsp=(b"away",)), "missing"),
    ],
)
def test_what_was_kept_decides(paths: PathCheck, verdict: KeptVerdict, why: str | None) -> None:
    assert paths.fault(verdict, CARD.dump(), NOW) == why
    assert paths.used == (set() if why == "other" else {*verdict.path[:-1], *verdict.crls, *verdict.ocsp})


@pytest.mark.parametrize(("at", "why"), [(NOW + DAY + timedelta(minutes=2), "broken"), (NOW - 2 * DAY, "broken"), (NOW, None)])
def test_at_the_time_of_the_receipt(paths: PathCheck, at: datetime, why: str | None) -> None:
    assert paths.fault(PLAIN, CARD.dump(), at) == why


def test_only_the_authorities_that_are_named_if_any_are(blobs: dict[str, bytes]) -> None:
    for trusted, why in (([ROOT.dump(), STRANGER.dump()], None), ([SUB.dump()], "untrusted"), ([], "untrusted")):
        paths = PathCheck(blobs.get, trusted)
        assert paths.fault(PLAIN, CARD.dump(), NOW) == why
        assert paths.used == set(PLAIN.path[:-1])
        paths.close()


def test_what_is_not_what_its_name_says_is_missing(blobs: dict[str, bytes], paths: PathCheck) -> None:
    blobs[PLAIN.path[0]] = STRANGER.dump()
    assert paths.fault(PLAIN, CARD.dump(), NOW) == "missing"
