"""A print server of a test's own: Debian's `cupsd` with a private socket and directories, without the system's daemon.

    with PrivateCups() as cups:
        cups.server              # the socket's path, for CUPS_SERVER or the setting cups_server
        cups.say("desk", "media-empty-error")   # what that printer reports instead of printing
        cups.say("desk", "")                    # it prints
        cups.printed("desk")                    # the pages that came out

Its printers are raw queues on a backend of our own, which reports what it is told, as a real printer's does.
"""

from __future__ import annotations

import getpass
import grp
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

from tests.patience import long, wait_until

CUPSD = shutil.which("cupsd") or "/usr/sbin/cupsd"
DAEMONS = Path("/usr/lib/cups/daemon")

BACKEND = """#!/bin/sh
# arguments: job user title copies options [file]; the device is backend:DIRECTORY
[ $# = 0 ] && exit 0
place="${DEVICE_URI#desk:}"
last=""
echo "STATE: none" >&2
trap 'echo "STATE: none" >&2; exit 0' TERM
while :; do
    now=$(cat "$place/says" 2>/dev/null)
    if [ "$now" != "$last" ]; then
        [ -n "$last" ] && echo "STATE: -$last" >&2
        [ -n "$now" ] && [ "$now" != fail ] && echo "STATE: +$now" >&2
        last="$now"
    fi
    [ "$now" = fail ] && exit 1
    [ -z "$now" ] && break
    sleep 0.05
done
cat ${6:+"$6"} >"$place/$1.part" && mv "$place/$1.part" "$place/$1.pdf"
"""

FILES = """
FileDevice Yes
SystemGroup {system}
User {user}
Group {group}
ServerRoot {place}/root
RequestRoot {place}/spool
CacheDir {place}/cache
StateDir {place}/state
ServerBin {place}/bin
DataDir /usr/share/cups
TempDir {place}/spool/tmp
AccessLog {place}/log/access
ErrorLog {place}/log/error
PageLog {place}/log/page
Printcap
Sandboxing relaxed
"""

DAEMON = """
Listen {place}/s
LogLevel info
Browsing No
WebInterface No
DefaultAuthType Basic
ErrorPolicy abort-job
<Location />
Order allow,deny
Allow all
</Location>
<Policy default>
<Limit Create-Job Print-Job Print-URI Validate-Job>
Order deny,allow
</Limit>
<Limit Cancel-Job>
AuthType Default
Require user @OWNER @SYSTEM
Order deny,allow
</Limit>
<Limit All>
Order deny,allow
</Limit>
</Policy>
"""

QUEUE = """<{kind} {name}>
Info {info}
Location {location}
DeviceURI desk:{place}/out/{name}
State {state}
StateMessage {state}
Accepting {accepting}
ErrorPolicy abort-job
</{kind}>
"""

PRINTERS = {
    "desk": ("DefaultPrinter", "事務室のプリンター", "2階", "Idle", "Yes"),
    "paused": ("Printer", "paused", "", "Stopped", "Yes"),
    "full": ("Printer", "full", "", "Idle", "No"),
}
"""Name → kind, description, place, state, whether it accepts jobs."""


def missing() -> str:
    """What the machine lacks for these tests; empty if nothing."""
    return "" if Path(CUPSD).exists() and DAEMONS.is_dir() else "cups is not installed"


def names_in(place: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in place.iterdir())


class PrivateCups:
    """The daemon, until the block ends."""

    def __init__(self, printers: dict[str, tuple[str, str, str, str, str]] = PRINTERS) -> None:
        # A socket's path must be short, and the daemon drops its rights: not below pytest's own directory.
        self.place = Path(tempfile.mkdtemp(prefix="ebid-cups-"))
        self.server = str(self.place / "s")
        self._printers = printers
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        place = self.place
        place.chmod(0o755)
        for name in ("root/ppd", "spool/tmp", "cache", "state/certs", "bin/backend", "log", *(f"out/{name}" for name in self._printers)):
            (place / name).mkdir(parents=True)
        (place / "bin/daemon").symlink_to(DAEMONS)
        backend = place / "bin/backend/desk"
        backend.write_text(BACKEND)
        backend.chmod(0o700)
        root = os.getuid() == 0
        user = "lp" if root else getpass.getuser()
        group = "lp" if root else grp.getgrgid(os.getgid()).gr_name
        system = "root" if group != "root" else "daemon"
        (place / "files.conf").write_text(FILES.format(place=place, user=user, group=group, system=system))
        (place / "cupsd.conf").write_text(DAEMON.format(place=place))
        queues = (
            QUEUE.format(place=place, name=name, kind=kind, info=info, location=where, state=state, accepting=accepting)
            for name, (kind, info, where, state, accepting) in self._printers.items()
        )
        queues_file = place / "root/printers.conf"
        queues_file.write_text("".join(queues))
        command = [CUPSD, "-f", "-c", str(place / "cupsd.conf"), "-s", str(place / "files.conf")]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(self._answers)
        except TimeoutError:
            self.__exit__()
            raise
        return self

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.place / "log/error").read_text()
        return Path(self.server).is_socket()

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            self.hang(False)
            self._process.terminate()
            try:
                self._process.wait(long())
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for name in self._printers:
            self.say(name, "")  # a backend that still waits for its printer ends
        time.sleep(0.06)
        shutil.rmtree(self.place, ignore_errors=True)

    def say(self, printer: str, reason: str) -> None:
        """What the printer reports instead of printing; empty: it prints; `fail`: it gives up."""
        new = self.place / "out" / printer / "says.new"
        new.write_text(reason)
        new.replace(new.with_name("says"))

    def printed(self, printer: str) -> list[bytes]:
        """The pages that came out, in order."""
        return [path.read_bytes() for path in sorted((self.place / "out" / printer).glob("*.pdf"), key=lambda p: int(p.stem))]

    def settled(self, printer: str) -> list[bytes]:
        """The same when nothing waits any more, as it may where a test before has not."""
        self.say(printer, "")
        wait_until(lambda: f"{printer}-" not in self.command("lpstat", "-o", printer), "a page does not come out")
        wait_until(lambda: "Alerts: none" in self.command("lpstat", "-l", "-p", printer), "it still has something to report")
        return self.printed(printer)

    def hang(self, hanging: bool) -> None:
        """Stop the daemon where it stands, or let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if hanging else signal.SIGCONT)

    def command(self, *arguments: str, given: bytes = b"") -> str:
        """What one of CUPS's own programs says."""
        environment = {**os.environ, "CUPS_SERVER": self.server, "LC_ALL": "C.UTF-8"}
        ran = subprocess.run(arguments, input=given, env=environment, capture_output=True, timeout=long(), check=False)
        return (ran.stdout + ran.stderr).decode()
