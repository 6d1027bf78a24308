"""`ebid-tui system new`: some questions, and a municipality's file and a sample of its roster are there.

A plain dialogue of lines: for a terminal, over SSH, from a pipe, or from a file of answers. Nothing is written before the last answer.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from ebid_tui.commands.system_questions import QUESTIONS, Answers, FileQuestion, wanted
from ebid_tui.domain.profile.examining import examined
from ebid_tui.domain.profile.new_file import Base, base_of, file_text, roster_text
from ebid_tui.domain.profile.systems import load
from ebid_tui.errors import ProfileError
from ebid_tui.messages import t
from ebid_tui.process.output import exit_code_after_output, say

BACK = ":back"
REFUSED, STOPPED = 1, 130


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    new = actions.add_parser("new", help=t("system.new"))
    new.add_argument("--from", dest="base", metavar="ID", default="core", help=t("system.new_from"))
    new.add_argument("--answers", metavar="FILE", type=Path, help=t("system.new_answers"))
    new.add_argument("--into", metavar="DIR", type=Path, default=Path(), help=t("system.new_into"))
    new.add_argument("--force", action="store_true", help=t("system.new_force"))


def main(options: argparse.Namespace) -> int:
    """Raises ProfileError where the base is none."""
    base = base_of(options.base, options.directories)
    try:
        answers = _from_file(options.answers, base) if options.answers else _asked(base)
    except (EOFError, KeyboardInterrupt):
        print(t("system.new_stopped"), file=sys.stderr)
        return STOPPED
    if answers is None:
        return REFUSED
    return _write(options, base, answers)


def _from_file(file: Path, base: Base) -> Answers | None:
    """The answers of a TOML file, by the questions' names; None after saying what is wrong with them."""
    try:
        given = tomllib.loads(file.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        print(t("system.new_no_answers", file=file, reason=error), file=sys.stderr)
        return None
    faults = [t("system.new_unknown_answer", name=name) for name in given if name not in {q.name for q in QUESTIONS}]
    answers: Answers = {}
    for question in QUESTIONS:
        if wanted(question, answers):
            said = given.get(question.name, question.preset(base))
            text = "、".join(map(str, said)) if isinstance(said, list) else _as_text(said)
            fault = question.fault(text)
            faults += [f"{question.name}: {fault}"] if fault else []
            answers[question.name] = "" if fault else question.settled(text)
    for fault in faults:
        print(fault, file=sys.stderr)
    return None if faults else answers


def _as_text(said: object) -> str:
    return {True: "y", False: "n"}[said] if isinstance(said, bool) else str(said).strip()


def _asked(base: Base) -> Answers:
    """Ask one question after the other; a wrong answer is told at once and asked again. Raises EOFError."""
    say(t("system.new_lead", back=BACK))
    answers: Answers = {}
    asked: list[FileQuestion] = []
    while True:
        left = [q for q in QUESTIONS if q not in asked and wanted(q, answers)]
        if not left:
            return answers
        question = left[0]
        answer = _ask(question, base, len(asked) + 1, len(asked) + len(left))
        if answer is None:
            if asked:
                answers.pop(asked.pop().name, None)
            continue
        answers[question.name] = answer
        asked.append(question)


def _ask(question: FileQuestion, base: Base, number: int, of: int) -> str | None:
    """One answer that the question takes; None to go back."""
    preset = question.preset(base)
    say(t("system.new_question", number=number, of=of, text=t(f"system.ask_{question.name}")))
    for at, (_, words) in enumerate(question.choices, start=1):
        say(f"  {at} {t(f'system.choice_{words}')}")
    while True:
        typed = input(f"［{preset}］ > " if preset else "> ").strip()
        if typed == BACK:
            return None
        text = typed or preset
        fault = question.fault(text)
        if fault is None:
            return question.settled(text)
        say(t("system.new_wrong", fault=fault))


def _write(options: argparse.Namespace, base: Base, answers: Mapping[str, str]) -> int:
    file, roster = (options.into / f"{answers['id']}{end}" for end in (".toml", "-roster.csv"))
    there = [path for path in (file, roster) if path.exists()]
    if there and not options.force:
        print(t("system.new_exists", files="、".join(map(str, there))), file=sys.stderr)
        return REFUSED
    try:
        text, sample = _tried(answers["id"], file_text(base, answers), (options.into, *options.directories))
        _put(file, text)
        _put(roster, sample)
    except OSError as error:
        print(t("system.new_unwritten", file=error.filename, reason=error.strerror), file=sys.stderr)
        return REFUSED
    directory = options.into if options.into.parts else Path(".")
    say(t("system.new_done", file=file, roster=roster))
    say(t("system.new_next", file=file, roster=roster, id=answers["id"], directory=directory))
    return exit_code_after_output(0, told=True)


def _tried(system: str, text: str, directories: Sequence[Path]) -> tuple[str, str]:
    """The file and its sample roster, after it was loaded: better no file than one that does not load.

    Raises ProfileError where what was answered does not go together.
    """
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / f"{system}.toml"
        file.write_text(text, "utf-8")
        faults = examined(file, directories).faults
        if faults:
            raise ProfileError(file.name, faults[0].key, faults[0].message)
        return text, roster_text(load(file, directories))


def _put(file: Path, text: str) -> None:
    """In one step: whole or not at all."""
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, file)
