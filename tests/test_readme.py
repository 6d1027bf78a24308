"""The README's example runs as it stands there, and its numbers are the demo's."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

from ebid_tui.__main__ import _parser
from ebid_tui.demo.cards import DEFAULT_SYSTEM, PIN
from ebid_tui.demo.packaged import DEMO_CARDS, VENDORS
from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.messages import AREAS
from ebid_tui.plain.run import COMPLETED, INTERRUPTED, NOT_COMPLETED, UNEXPECTED
from ebid_tui.server.admin.command_line import parser as admin
from ebid_tui.server.cli import parser as serve
from ebid_tui.server.settings import ServerSettings
from ebid_tui.settings import Settings
from tests.patience import long

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ENGLISH, JAPANESE = README.split("\n# 日本語\n")


def block(kind: str) -> str:
    """The README's only block of code of a kind."""
    (found,) = re.findall(rf"```{kind}\n(.*?)```", README, re.DOTALL)
    return str(found)


def test_the_script_holds_a_receipt(tmp_path: Path) -> None:
    (file := tmp_path / "script").write_text(block("text"), encoding="utf-8")
    program, *arguments = shlex.split(block("sh").replace("FILE", str(file)))
    assert program == ".venv/bin/ebid-tui"
    ran = subprocess.run(
        [sys.executable, "-m", "ebid_tui", *arguments], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert ran.returncode == COMPLETED, ran.stdout + ran.stderr
    last = ran.stdout.splitlines()[-1]
    assert re.fullmatch(r"receipt: \S+", last)


@pytest.mark.parametrize("part", [ENGLISH, JAPANESE], ids=["english", "japanese"])
def test_pin_passwords_and_cards_are_the_demos(part: str) -> None:
    assert f"`{PIN}`" in part
    rows = [row.split("|") for row in part.splitlines() if re.search(r"\| `\d{10}` \|", row)]
    told = {re.findall(r"`(.+?)`", "|".join(row))[0]: "|".join(row) for row in rows}
    vendors = {vendor.number: vendor for vendor in VENDORS if vendor.system == DEFAULT_SYSTEM}
    assert told.keys() == vendors.keys()
    for number, vendor in vendors.items():
        row = told[number]
        assert f"`{vendor.password}`" in row
        assert vendor.trade_name in row
        assert ("初期" in row or "initial" in row) == (vendor.password_state == "initial")
        cards = {name for name, card in DEMO_CARDS.items() if card.vendor == number and card.tries_left}
        assert set(re.findall(r"`([a-z-]+)`", row)) == cards


def test_no_page_and_no_sentence_promises_an_end_of_the_demos_cards() -> None:
    """They move along with the day. What a program printed on one day, in a block of code, may stay."""
    pages = {path.name: re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL) for path in (ROOT / "docs").glob("*.md")}
    pages |= {"README.md": re.sub(r"```.*?```", "", README, flags=re.DOTALL)}
    pages |= {area: "\n".join(import_module(f"ebid_tui.messages.{area}").TEXTS.values()) for area in AREAS}
    ends = {card.not_after for card in DEMO_CARDS.values()}
    promised = [rf"{end.year}(/0?|-0?|年0?){end.month}(/0?|-0?|月0?){end.day}\b" for end in ends]
    assert len(pages) > 20
    assert re.search("|".join(promised), "2028年2月29日 2028/02/29")
    assert {name for name, text in pages.items() if re.search("|".join(promised), text)} == set()


def test_what_it_names_exists() -> None:
    for path in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / path).is_file(), path
    for system in re.findall(r"--system ([a-z]+)|\(`([a-z]+)`, `([a-z]+)`\)", README):
        for name in filter(None, system):
            assert profile_of(name).id == name
    for card in ("ise-new", "ise-second", "ise-current", "ise-soon", "ise-next", "stranger", "mynumber", "blocked", "other-ca"):
        assert f"`{card}`" in ENGLISH
        assert card in DEMO_CARDS


def test_exit_codes_are_those_of_line_mode() -> None:
    table = ENGLISH.partition("| exit code | means |")[2].partition("\n\n")[0]
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == [
        COMPLETED,
        NOT_COMPLETED,
        UNEXPECTED,
        INTERRUPTED,
    ]


def test_the_pictures_are_pictures() -> None:
    for name in ("form", "review"):
        header = (ROOT / "docs" / "screens" / f"{name}.png").read_bytes()[:24]
        assert header.startswith(b"\x89PNG")
        width, height = struct.unpack(">II", header[16:24])
        assert width > height > 400


def options(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Of a command and the commands below it, but for help and what is not told."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from options(command)
        elif action.option_strings and action.dest != "help" and action.help != argparse.SUPPRESS:
            yield action


OPTIONS = sorted({(action.option_strings[-1], action.dest) for parser in (_parser(), serve(), admin()) for action in options(parser)})


def test_every_option_stands_on_a_page() -> None:
    pages = "".join(path.read_text("utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")))
    assert [option for option, _ in OPTIONS if not re.search(re.escape(option) + r"(?![\w-])", pages)] == []


def test_every_option_is_read() -> None:
    """By a command, as `options.name`; or it is a setting."""
    source = "".join(path.read_text("utf-8") for path in (ROOT / "ebid_tui").rglob("*.py"))
    read = {
        *re.findall(r"\b(?:options|arguments|given)\.(\w+)", source),
        *Settings.__struct_fields__,
        *(field.name for field in fields(ServerSettings)),
    }
    assert [option for option, name in OPTIONS if name not in read] == []


def test_no_secret_can_be_given_by_option_or_variable() -> None:
    for command in ([], ["demo"], ["plain"]):
        told = subprocess.run(
            [sys.executable, "-m", "ebid_tui", *command, "--help"],
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "200"},
            capture_output=True,
            encoding="utf-8",
            timeout=long(),
            check=True,
        ).stdout
        assert not re.search(r"--(pin|password)", told)
