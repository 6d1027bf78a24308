"""`ebid-tui system show FILE_OR_ID`: what a file says, with what it extends."""

from __future__ import annotations

import argparse
from pathlib import Path

from ebid_tui.domain.profile.extending import whole
from ebid_tui.domain.profile.systems import PACKAGED, available
from ebid_tui.domain.profile.toml import toml
from ebid_tui.domain.text.cleaning import visible
from ebid_tui.errors import ProfileError
from ebid_tui.messages import t
from ebid_tui.process.output import exit_code_after_output, say


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    show = actions.add_parser("show", help=t("system.show"))
    show.add_argument("system", metavar="FILE_OR_ID", help=t("system.show_system"))
    show.add_argument("--full", action="store_true", help=t("system.show_full"))


def main(options: argparse.Namespace) -> int:
    """Raises ProfileError."""
    file = file_of(options.system, options.directories)
    say(toml(whole(file, (*options.directories, PACKAGED)).table) if options.full else file.read_text("utf-8-sig"))
    return exit_code_after_output(0, told=True)


def file_of(said: str, directories: list[Path]) -> Path:
    """The file that is meant by a path or an id. Raises ProfileError, which names the systems that there are."""
    if "/" in said or said.endswith(".toml"):
        return Path(said)
    known = available(*directories)
    if said not in known:
        raise ProfileError(visible(f"{said}.toml"), "id", t("system.no_such", systems=" ".join(known)))
    return known[said]
