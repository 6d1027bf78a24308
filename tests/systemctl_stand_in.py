"""What `systemctl` does to our units, without systemd: `systemctl_stand_in.py DIRECTORY start|stop|… UNIT…`.

Units are read from DIRECTORY/units, where the running ones' process ids and logs are kept as well. A timer that is enabled runs
its service once.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path


def main(directory: str, command: str, *names: str) -> None:
    units = Path(directory) / "units"
    for name in (n for n in names if not n.startswith("--") and not n.startswith("nginx")):
        if command in ("stop", "restart"):
            stop(units / f"{name}.pid")
        if command in ("start", "restart") or (command == "enable" and "--now" in names):
            start(units, name.replace(".timer", ".service"))
        if command == "reload":
            os.kill(int((units / f"{name}.pid").read_text()), signal.SIGHUP)


def start(units: Path, name: str) -> None:
    instance = re.sub(r".*@(\w+)\..*", r"\1", name)
    unit = (units / name.replace(f"@{instance}.", "@.")).read_text("utf-8").replace("%i", instance).replace("%%", "%")
    said = dict(line.split("=", 1) for line in unit.splitlines() if "=" in line and not line.startswith("#"))
    lines = Path(said["EnvironmentFile"]).read_text("utf-8").splitlines()
    environment = dict(line.split("=", 1) for line in lines)
    argv: list[str] = []
    for word in shlex.split(said["ExecStart"]):
        argv += environment[word[1:]].split() if word.startswith("$") else [word]
    with (units / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=os.environ | environment, start_new_session=True
        )
    if said.get("Type") == "oneshot":
        if process.wait():
            sys.exit(1)
    else:
        (units / f"{name}.pid").write_text(str(process.pid))


def stop(file: Path) -> None:
    pid = int(file.read_text())
    os.kill(pid, signal.SIGTERM)
    for _ in range(400):
        if not Path(f"/proc/{pid}").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text():
            file.unlink()
            return
        time.sleep(0.05)
    sys.exit(f"{file.stem} does not stop")


if __name__ == "__main__":
    main(*sys.argv[1:])
