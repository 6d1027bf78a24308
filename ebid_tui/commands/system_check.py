"""`ebid-tui system check FILE…`: every fault at once, every warning, and a walk through every flow.

Exit codes: 0 all files are right, 1 some have faults (with `--strict` warnings, too).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import msgspec

from ebid_tui.domain.profile.examining import Examined, Remark, examined
from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.profile.walked import DeadEnd, Walked
from ebid_tui.language import joined
from ebid_tui.messages import t
from ebid_tui.process.output import exit_code_after_output, say

Walk = Callable[[Profile, Sequence[Path]], Walked | None]
"""Goes through the flows of a system that lies in one of these directories; None where the server's packages are not installed."""

NAMES = 8
"""So many agencies and categories are named in a summary."""


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = actions.add_parser("check", help=t("system.check"))
    check.add_argument("files", metavar="FILE", nargs="+", type=Path, help=t("system.check_files"))
    check.add_argument("--json", action="store_true", help=t("system.check_json"))
    check.add_argument("--strict", action="store_true", help=t("system.check_strict"))
    check.add_argument("--no-walk", action="store_true", help=t("system.check_no_walk"))


def main(options: argparse.Namespace, walk: Walk) -> int:
    reports = [examined(file, options.directories) for file in options.files]
    walked: dict[Path, Walked | None] = {}
    for report in reports:
        if report.profile is not None and not options.no_walk:
            walked[report.file] = found = walk(report.profile, (report.file.parent, *options.directories))
            report.faults += [_wall(report, end) for end in found.dead_ends] if found is not None else []
    bad = [report for report in reports if report.faults or (options.strict and report.warnings)]
    if options.json:
        say(as_json(reports))
    else:
        for report in reports:
            say("\n".join(lines(report, walked.get(report.file), tried=report.file in walked)))
        if bad:
            say(t("system.bad", n=len(bad)))
    return exit_code_after_output(1 if bad else 0, told=True)


def _wall(report: Examined, end: DeadEnd) -> Remark:
    message = t("system.walk_wall", agency=end.agency, category=end.category, state=end.state, step=end.step)
    return Remark(report.file.name, "-", "dead_end", message, found=end.said)


def lines(report: Examined, walked: Walked | None, *, tried: bool) -> list[str]:
    """What is said of one file, in lines."""
    said = []
    for remark in report.faults:
        said.append(t("system.fault", place=_place(report.file, remark), key=remark.key, message=remark.message))
        said += [t("system.stands", found=remark.found)] if remark.found else []
        said += [t("system.allowed", allowed=remark.allowed)] if remark.allowed else []
    for remark in report.warnings:
        said.append(t("system.warning", place=_place(report.file, remark), id=remark.id, key=remark.key, message=remark.message))
        said += [t("system.stands", found=remark.found)] if remark.found else []
    if report.profile is not None and not report.faults:
        said += [t("system.ok", file=report.file), _summary(report.profile)]
        if walked is not None:
            said.append(t("system.walked", visits=walked.visits))
            said += [t("system.walk_left", left=joined("、", walked.left[:NAMES]))] if walked.left else []
        elif tried:
            said.append(t("system.walk_no_server"))
    return said


def _place(file: Path, remark: Remark) -> str:
    name = str(file) if remark.file == file.name else remark.file
    return f"{name}:{remark.line}:{remark.column}" if remark.line else name


def _summary(profile: Profile) -> str:
    fields = len(profile.search.fields) + sum(len(profile.every_field(block.id)) for block in profile.blocks)
    return t(
        "system.summary",
        name=profile.name,
        title=profile.title,
        agency_title=profile.agency_title,
        agencies=_named([agency.name for agency in profile.agencies]),
        category_title=profile.category_title,
        categories=_named([category.name for category in profile.categories]),
        fields=fields,
    )


def _named(names: list[str]) -> str:
    told = "、".join(names[:NAMES]) + ("…" if len(names) > NAMES else "")
    return f"{len(names)}: {told}"


def as_json(reports: Sequence[Examined]) -> str:
    """`{"files": [{"file", "ok", "faults": [...], "warnings": [...]}]}`; a remark has `file`, `line`, `column`, `key`, `id`, `message`,
    `found`, `allowed` and `meant`."""
    told = [
        {
            "file": str(report.file),
            "ok": not report.faults,
            "faults": [asdict(remark) for remark in report.faults],
            "warnings": [asdict(remark) for remark in report.warnings],
        }
        for report in reports
    ]
    return msgspec.json.encode({"files": told}).decode("utf-8")
