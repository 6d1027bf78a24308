"""scripts/install.sh with stand-ins for apt, sudo, dpkg, gcc and Python: who may not install is told what is missing, and the line."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import long, wait_until

ROOT = Path(__file__).resolve().parent.parent
TOOLS = "awk cat cp dirname env grep mkdir mktemp rm sed sh sha256sum sleep tail touch true".split()
HEADERS = {"libc6-dev": "/usr/include/stdlib.h", "libpcsclite-dev": "/usr/include/PCSC/winscard.h"}
LIBRARIES = [package for package, header in HEADERS.items() if not Path(header).exists()]
"""What this very machine lacks: the script looks for it where it is."""
FONT = "fonts-morisawa-bizud-gothic"

PYTHON = """#!/bin/sh
echo "python $*" >>"$STAND/calls"
case "$*" in
    *ensurepip*) [ -e "$STAND/ensurepip" ] ;;
    *smartcard*) [ -e .venv/smartcard ] ;;
    *get_path*) echo "$STAND/include" ;;
    "-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; touch "$3/pip" ;;
    *"import pip"*) [ -e .venv/pip ] ;;
    "-m pip install "*)
        echo "WARNING: Location 'file:///mirror' is ignored"
        [ ! -e "$STAND/pip-hangs" ] || { touch "$STAND/hanging"; exec sleep 600; }
        [ ! -e "$STAND/pip-says" ] || { cat "$STAND/pip-says"; exit 1; }
        case "$*" in
            *requirements/run.txt*) touch .venv/smartcard ;;
            *--editable*) mkdir -p .venv/lib/python3/site-packages/textual; cp "$0" .venv/bin/ebid-tui ;;
        esac ;;
esac
"""
DPKG = r"""#!/bin/sh
shift 3
for package; do ! grep -qx "$package" "$STAND/installed" || echo "installed $package"; done
"""
APT = """#!/bin/sh
echo "apt-get $*" >>"$STAND/calls"
[ "$1" = install ] || exit 0
[ ! -e "$STAND/apt-says" ] || { cat "$STAND/apt-says"; exit 100; }
for word; do echo "$word" >>"$STAND/installed"; done
touch "$STAND/ensurepip" "$STAND/include/Python.h"
"""
SUDO_THAT_ASKS = '#!/bin/sh\necho "sudo: a password is required" >&2\nexit 1\n'
SUDO_THAT_DOES = '#!/bin/sh\n[ "$1" != -n ] || shift\nexec "$@"\n'


class Machine:
    """A checkout, and a PATH with nothing but stand-ins and a few tools."""

    def __init__(self, place: Path) -> None:
        self.checkout, self.stand, self.bin = place / "checkout", place / "stand", place / "bin"
        for made in (
            self.checkout / "scripts",
            self.checkout / "requirements",
            self.checkout / "ebid_tui",
            self.stand / "include",
            self.bin,
        ):
            made.mkdir(parents=True)
        for script in ("install.sh", "utf8.sh"):
            shutil.copy(ROOT / "scripts" / script, self.checkout / "scripts")
        for name in ("pyproject.toml", "requirements/run.in", "requirements/run.txt", "requirements/dev.txt"):
            (self.checkout / name).write_text("pyscard==1 \\\n    --hash=sha256:0\nother==1 \\\n    --hash=sha256:0\n")
        for tool in TOOLS:
            (self.bin / tool).symlink_to(str(shutil.which(tool)))
        self.program("python3", PYTHON)
        self.program("dpkg-query", DPKG)
        self.program("apt-get", APT)
        self.program("gcc", "#!/bin/sh\n")
        self.be("1000")
        (self.stand / "ensurepip").touch()
        (self.stand / "include/Python.h").touch()
        (self.stand / "installed").write_text(f"{FONT}\n")

    def program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def be(self, number: str) -> None:
        self.program("id", f'#!/bin/sh\n[ "$1" = -un ] && echo somebody || echo {number}\n')

    def lack(self, *names: str) -> None:
        for name in names:
            (self.bin / name if (self.bin / name).exists() else self.stand / name).unlink()

    def install(self, purpose: str = "demo") -> tuple[int, str]:
        """The exit code and all that was said."""
        running = self.start(purpose)
        said, _ = running.communicate(timeout=long())
        assert not re.search("Traceback|No module named|is ignored|not found", said), said
        return running.returncode, said

    def start(self, purpose: str = "demo") -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(self.bin / "sh"), "scripts/install.sh", purpose],
            cwd=self.checkout,
            env={"PATH": str(self.bin), "STAND": str(self.stand), "TMPDIR": str(self.stand)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            process_group=0,
        )

    def calls(self, words: str) -> list[str]:
        calls = self.stand / "calls"
        return [line for line in calls.read_text().splitlines() if words in line] if calls.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def the_line(said: str) -> list[str]:
    """The packages of the one line for an administrator."""
    (line,) = re.findall("^apt-get install --no-install-recommends (.*)$", said, re.MULTILINE)
    return str(line).split()


def test_the_second_time_it_says_nothing_and_installs_nothing(machine: Machine) -> None:
    if LIBRARIES:
        (machine.bin / "apt-get").unlink()
    assert machine.install()[0] == 0
    made = machine.calls("-m pip install")
    assert made
    again = machine.install()
    assert again[0] == 0
    assert LIBRARIES or again[1] == ""
    assert machine.calls("-m pip install") == made


@pytest.mark.parametrize("sudo", ["", SUDO_THAT_ASKS])
@pytest.mark.parametrize("purpose", ["demo", "test"])
def test_without_venv_nobody_can_go_on(machine: Machine, purpose: str, sudo: str) -> None:
    machine.lack("ensurepip", "gcc")
    if sudo:
        machine.program("sudo", sudo)
    for _ in range(2):
        code, said = machine.install(purpose)
        assert code == 1
        assert {"python3-venv", "gcc"} <= set(the_line(said))
        assert "openssh-server" not in said
        assert len(said.splitlines()) == 2
        assert f"make {purpose} cannot go on" in said
    assert machine.calls("apt-get") == machine.calls("-m venv") == []


def test_the_demo_goes_on_without_a_compiler(machine: Machine) -> None:
    machine.lack("gcc")
    for _ in range(2):
        code, said = machine.install()
        assert code == 0
        assert the_line(said) == ["gcc", *LIBRARIES]
        assert "without real card readers" in said
    assert len(machine.calls("without-pyscard.txt")) == 1
    assert "pyscard" not in (machine.checkout / ".venv/without-pyscard.txt").read_text()
    machine.program("gcc", "#!/bin/sh\n")
    if not LIBRARIES:
        assert machine.install() == (0, "install: Python packages of requirements/run.txt\n")


def test_the_tests_do_not(machine: Machine) -> None:
    machine.lack("gcc")
    for _ in range(2):
        code, said = machine.install("test")
        assert code == 1
        assert "gcc" in the_line(said)
        assert "make test cannot go on" in said


@pytest.mark.skipif(bool(LIBRARIES), reason=f"not installed here: {' '.join(LIBRARIES)}")
def test_programs_for_the_tests_are_told_and_done_without(machine: Machine) -> None:
    for _ in range(2):
        code, said = machine.install("test")
        assert code == 0
        assert {"pcscd", "postgresql", "cups"} <= set(the_line(said))
        assert not {"openssh-server", "gcc", FONT} & set(the_line(said))
        assert "the tests that need them are skipped" in said


@pytest.mark.parametrize("way", ["root", "sudo"])
def test_who_may_installs_exactly_what_is_missing(machine: Machine, way: str) -> None:
    machine.lack("ensurepip")
    (machine.stand / "installed").write_text("")
    machine.be("0") if way == "root" else machine.program("sudo", SUDO_THAT_DOES)
    code, said = machine.install()
    (called,) = machine.calls("apt-get install")
    assert [word for word in called.split() if re.fullmatch("[a-z0-9-]+", word) and word[0] != "-"][2:] == [
        FONT,
        "python3-venv",
        *LIBRARIES,
    ]
    assert code == 0
    assert LIBRARIES or "administrator" not in said


def test_apt_that_fails_is_told_with_its_last_words(machine: Machine) -> None:
    machine.lack("ensurepip")
    machine.be("0")
    (machine.stand / "apt-says").write_text("E: Unable to fetch some archives\n")
    code, said = machine.install()
    assert code == 1
    assert "E: Unable to fetch" in said
    assert the_line(said) == ["python3-venv", *LIBRARIES]


@pytest.mark.parametrize("left", ["bin/python", "pip"])
def test_a_half_made_environment_is_made_afresh(machine: Machine, left: str) -> None:
    (half := machine.checkout / ".venv" / left).parent.mkdir(parents=True)
    half.write_text(PYTHON)
    half.chmod(0o755)
    (machine.checkout / ".venv/old").touch()
    assert machine.install()[0] == 0
    assert len(machine.calls("-m venv")) == 1
    assert not (machine.checkout / ".venv/old").exists()


def test_one_that_was_broken_off_while_installing_too(machine: Machine) -> None:
    (machine.stand / "pip-says").write_text("ERROR: something odd\n")
    code, said = machine.install()
    assert code == 1
    assert "ERROR: something odd" in said
    machine.lack("pip-says")
    assert machine.install()[0] == 0
    assert len(machine.calls("-m venv")) == 2


@pytest.mark.parametrize("lost", ["bin/ebid-tui", "lib/python3/site-packages/textual", ".packages"])
def test_one_that_something_is_gone_from_is_made_afresh(machine: Machine, lost: str) -> None:
    assert machine.install()[0] == 0
    gone = machine.checkout / ".venv" / lost
    gone.rename(machine.stand / "gone")
    code, said = machine.install()
    assert code == 0
    assert "cannot open" not in said
    assert len(machine.calls("-m venv")) == 2
    assert gone.exists()


@pytest.fixture
def interruptible() -> Iterator[None]:
    """What is started obeys SIGINT also when the tests were started in the background, where shells have it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_breaks_it_off_finds_nothing_of_it(machine: Machine, number: int) -> None:
    (machine.stand / "pip-hangs").touch()
    running = machine.start()
    wait_until((machine.stand / "hanging").exists)
    assert list(machine.stand.glob("tmp.*"))
    os.killpg(running.pid, number)
    running.communicate(timeout=long())
    assert running.returncode == 128 + number
    assert not list(machine.stand.glob("tmp.*"))


@pytest.mark.parametrize(
    "words", ["Temporary failure in name resolution", "[Errno 101] Network is unreachable", "Connection refused", "timed out"]
)
def test_no_network_is_one_sentence(machine: Machine, words: str) -> None:
    (machine.stand / "pip-says").write_text(f"WARNING: Retrying ... {words}\nERROR: No matching distribution found for other==1\n")
    code, said = machine.install()
    assert code == 1
    assert "cannot be reached: no network" in said.splitlines()[-1]
    assert "Retrying" not in said
    assert "No matching" not in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_checkout_that_cannot_be_written(machine: Machine) -> None:
    machine.checkout.chmod(0o555)
    try:
        code, said = machine.install()
    finally:
        machine.checkout.chmod(0o755)
    assert code == 1
    assert said.endswith(f"somebody may not write in {machine.checkout} or in its .venv\n")


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_finds_nothing() -> None:
    subprocess.run(["shellcheck", *sorted(map(str, (ROOT / "scripts").glob("*.sh")))], check=True)
