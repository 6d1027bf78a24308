"""`ebid-tui system …`: for whoever writes a municipality's file. Needs no server, no card and no settings."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ebid_tui.commands import system_check, system_new, system_reference, system_show
from ebid_tui.messages import t

ACTIONS = (system_new, system_check, system_show, system_reference)


def main(arguments: Sequence[str], walk: system_check.Walk, preview: system_show.Preview) -> int:
    """The exit code. `walk` and `preview` are given, because only the command line may start a server.

    Raises ProfileError.
    """
    parser = argparse.ArgumentParser(prog="ebid-tui system", description=t("system.description"))
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for action in ACTIONS:
        action.add(actions)
    for command in actions.choices.values():
        where: dict[str, Any] = {"metavar": "DIR", "type": Path, "action": "append", "default": [], "dest": "directories"}
        command.add_argument("--systems-directory", help=t("main.systems_directory"), **where)
        command.add_argument("--language", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    run: Mapping[str, Callable[[argparse.Namespace], int]] = {
        "check": lambda options: system_check.main(options, walk),
        "new": system_new.main,
        "reference": system_reference.main,
        "show": lambda options: system_show.main(options, preview),
    }
    return run[options.action](options)
