"""`ebid-tui system show FILE_OR_ID`: what a file says, with what it extends, or a page that becomes of it; again after each change."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path

from ebid_tui.domain.profile.extending import whole
from ebid_tui.domain.profile.systems import PACKAGED, Profile, available, load
from ebid_tui.domain.profile.toml import toml
from ebid_tui.domain.text.cleaning import visible
from ebid_tui.errors import ProfileError
from ebid_tui.messages import t
from ebid_tui.process.output import exit_code_after_output, say

Preview = Callable[[Profile, str, tuple[int, int]], str]
"""One page of a system, as text of so many columns and rows."""

SCREENS = ("menu", "search", "form", "review", "mail", "print")
SMALLEST, LARGEST = (80, 24), (400, 400)


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    show = actions.add_parser("show", help=t("system.show"))
    show.add_argument("system", metavar="FILE_OR_ID", help=t("system.show_system"))
    what = show.add_mutually_exclusive_group()
    what.add_argument("--full", action="store_true", help=t("system.show_full"))
    what.add_argument("--screen", choices=SCREENS, help=t("system.show_screen"))
    show.add_argument("--size", metavar="80x24", type=size, default=(80, 24), help=t("system.show_size"))
    show.add_argument("--watch", action="store_true", help=t("system.show_watch"))


def size(said: str) -> tuple[int, int]:
    """Columns and rows. Raises ArgumentTypeError."""
    found = re.fullmatch(r"([0-9]{1,3})x([0-9]{1,3})", said)
    numbers = (int(found[1]), int(found[2])) if found else (0, 0)
    if not all(low <= n <= high for n, low, high in zip(numbers, SMALLEST, LARGEST, strict=True)):
        raise argparse.ArgumentTypeError(t("system.wrong_size"))
    return numbers


def main(options: argparse.Namespace, preview: Preview) -> int:
    """Raises ProfileError."""
    file = file_of(options.system, options.directories)

    def text() -> str:
        if options.screen:
            return preview(load(file, options.directories), options.screen, options.size)
        if options.watch:
            load(file, options.directories)  # what is wrong with it is what a watch is for
        said = whole(file, (*options.directories, PACKAGED)).table
        return toml(said) if options.full else file.read_text("utf-8-sig")

    if options.watch:
        from ebid_tui.commands.system_watch import watch

        try:
            watch(file, options.directories, text)
        except KeyboardInterrupt:  # which is how a watch ends
            return exit_code_after_output(0, told=True)
    say(text())
    return exit_code_after_output(0, told=True)


def file_of(said: str, directories: list[Path]) -> Path:
    """The file that is meant by a path or an id. Raises ProfileError, which names the systems that there are."""
    if "/" in said or said.endswith(".toml"):
        return Path(said)
    known = available(*directories)
    if said not in known:
        raise ProfileError(visible(f"{said}.toml"), "id", t("system.no_such", systems=" ".join(known)))
    return known[said]
