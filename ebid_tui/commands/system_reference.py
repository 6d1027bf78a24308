"""`ebid-tui system reference`: every key of a system's file, as Markdown."""

from __future__ import annotations

import argparse

from ebid_tui.domain.profile.reference import reference
from ebid_tui.messages import t
from ebid_tui.process.output import exit_code_after_output, say


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    actions.add_parser("reference", help=t("system.reference"))


def main(_options: argparse.Namespace) -> int:
    say(reference().rstrip("\n"))
    return exit_code_after_output(0, told=True)
