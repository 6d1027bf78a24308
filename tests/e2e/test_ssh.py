"""The user's own reader over SSH: `pcscd` and card on this side, the program on the far side of a real `sshd`, as docs/ssh.md says."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebid_tui.demo.cards import Wallet
from tests.card.pcscd import CardProcess, PrivatePcscd
from tests.card.pcscd import missing as no_pcscd
from tests.e2e.office import Office, script
from tests.e2e.program import COMMAND, ROOT, unhurried
from tests.e2e.sshd import PrivateSshd
from tests.e2e.sshd import missing as no_sshd
from tests.e2e.test_pcscd import WHOLE, openssl_accepts

LACKING = no_pcscd() or no_sshd()
pytestmark = [pytest.mark.pcscd, pytest.mark.skipif(bool(LACKING), reason=LACKING or "-")]

PLACES = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")


class Journey:
    """Two sides of an SSH connection: the office's reader is here, the program there."""

    def __init__(self, office: Office, sshd: PrivateSshd) -> None:
        self.office, self.sshd = office, sshd
        self.far = office.directory / "far.comm"
        self.environment = {"LANG": "C.UTF-8"} | {name: os.environ[name] for name in PLACES if name in os.environ}

    def run(self, *arguments: str, forward: bool = True, named: bool = True) -> subprocess.CompletedProcess[str]:
        """`forward`: bring the socket along; `named`: tell the program of it."""
        environment = self.environment | ({"PCSCLITE_CSOCK_NAME": str(self.far)} if named else {})
        bring = [(self.far, self.office.pcscd.socket_path)] if forward else []
        return self.sshd.run(*COMMAND, *arguments, env=environment, forward=bring)

    def doctor(self, *, forward: bool = True, named: bool = True) -> dict[str, tuple[str, str]]:
        """Status and reason of each check."""
        said = unhurried(lambda: self.run("doctor", "--json", forward=forward, named=named).stdout)
        return {check["id"]: (check["status"], check["reason"]) for check in json.loads(said)["checks"]}

    def leave_nothing(self) -> None:
        """What a user does with a socket that a connection left behind."""
        self.far.unlink(missing_ok=True)


@pytest.fixture
def journey(short_dir: Path, wallet: Wallet) -> Iterator[Journey]:
    with (
        PrivatePcscd(short_dir) as pcscd,
        CardProcess(pcscd.ports[0], demo=wallet) as cards,
        PrivateSshd(short_dir / "ssh") as sshd,
    ):
        office = Office(short_dir, wallet, pcscd, cards)
        office.insert("ise-new")
        yield Journey(office, sshd)


def test_the_far_side_sees_the_card_that_is_in_the_reader_here(journey: Journey) -> None:
    ran = journey.run("card", "--json")
    assert ran.returncode == 0, ran.stderr
    first, second = json.loads(ran.stdout)
    assert first["card"]["certificates"][0]["serial"] == "683"
    assert second["card"] is None


def test_a_whole_registration_on_the_far_side_with_the_card_here(journey: Journey) -> None:
    office = journey.office
    office.open()
    ran = journey.run(*script(office, WHOLE))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    receipt = ran.stdout.splitlines()[-1].removeprefix("receipt: ")
    signed, der = office.evidence(receipt)
    assert json.loads(_payload(signed["payload"]))["card"]["serial"] == "683"
    openssl_accepts(office, signed, der)
    assert office.cards.tries_left() == 3


def test_doctor_says_whose_reader_it_is(journey: Journey) -> None:
    found = journey.doctor()
    assert found["ssh.reader"] == ("ok", "own")
    assert found["ssh.socket"] == ("ok", "ok")
    assert found["pcsc.service"] == ("ok", "forwarded")
    assert found["pcsc.version"] == ("ok", "ok")
    assert found["reader.present"] == ("ok", "ok")
    assert found["card.kind"] == ("ok", "ok")
    assert found["card.tries"] == ("ok", "ok")
    journey.leave_nothing()
    assert journey.doctor(named=False)["ssh.reader"] == ("warning", "far")


def test_doctor_tells_a_service_that_does_not_run_here_from_one_that_was_not_brought_along(journey: Journey) -> None:
    found = journey.doctor(forward=False)
    assert found["pcsc.service"] == ("failure", "missing_forwarded")
    assert found["ssh.socket"] == ("warning", "missing")
    journey.office.pcscd.stop()
    assert journey.doctor()["pcsc.service"] == ("failure", "closed_forwarded")


def test_a_stale_socket_is_told_and_the_remedy_helps(journey: Journey) -> None:
    assert journey.run("card").returncode == 0
    assert journey.far.exists()
    assert journey.doctor(forward=False)["pcsc.service"] == ("failure", "stale_forwarded")
    blocked = journey.run("card")
    assert blocked.returncode == 255  # ssh itself: ExitOnForwardFailure
    journey.sshd.start("StreamLocalBindUnlink yes")
    assert journey.run("card").returncode == 0
    assert journey.run("card").returncode == 0
    journey.sshd.start()
    journey.leave_nothing()
    assert journey.run("card").returncode == 0


def test_a_socket_that_others_may_use_is_told(journey: Journey) -> None:
    journey.sshd.start("StreamLocalBindMask 0000")
    assert journey.doctor()["ssh.socket"] == ("warning", "open")


def test_the_document_names_what_was_tried() -> None:
    told = (ROOT / "docs" / "ssh.md").read_text(encoding="utf-8")
    for word in ("StreamLocalBindUnlink yes", "PCSCLITE_CSOCK_NAME", "ExitOnForwardFailure yes", "closed_forwarded", "stale_forwarded"):
        assert word in told


def _payload(text: str) -> bytes:
    import base64

    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
