"""`ebid-tui system check`: every fault at once with its place, the warnings, the walk; whatever a file holds."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from ebid_tui.__main__ import main
from ebid_tui.commands.system_check import as_json
from ebid_tui.domain.profile import systems
from ebid_tui.domain.profile.examining import LARGEST, Examined, examined
from ebid_tui.domain.profile.reasons import ENGLISH, key_of
from ebid_tui.domain.profile.structure import type_faults
from ebid_tui.domain.profile.suspicions import suspicions
from ebid_tui.domain.profile.systems import Profile, available, load
from ebid_tui.errors import ProfileError
from ebid_tui.language import speaking
from ebid_tui.messages import t
from tests.domain.profile.test_places import paths
from tests.e2e.variations import MINATO, REFUSED, WORKING, Raw, changed, written

BAD = """id = "bad"
extends = "core"
name = "港町"
title = 3
agencys = [{ id = "a", name = "x" }]
trusted = ["nobody"]

[contact]
nam = "x"

[menu]
agency_asked = "after-pin"
"""
ONE = """extends = "ise"
id = "one"
without = ["agencies.ise"]
agencies = [{ id = "port", name = "港町" }]

[hours]
open = "9:00"
closed_days = ["2026-13-01"]

[rules]
expiry_warning_days = "60"
propagation = true
"""


def checked(directory: Path, name: str, text: str) -> Examined:
    file = directory / f"{name}.toml"
    file.write_text(text, "utf-8")
    return examined(file)


def test_all_faults_are_told_at_once_with_their_places(tmp_path: Path) -> None:
    found = checked(tmp_path, "bad", BAD)
    assert found.profile is None
    told = {(fault.key, fault.id): fault for fault in found.faults}
    unknown = told["agencys", "unknown_key"]
    assert (unknown.file, unknown.line, unknown.column, unknown.meant) == ("bad.toml", 5, 1, "agencies")
    assert (told["title", "wrong_type"].line, told["title", "wrong_type"].found) == (4, "3")
    assert told["contact.nam", "unknown_key"].meant == "name"
    asked = told["menu.agency_asked", "not_allowed"]
    assert (asked.line, asked.allowed, asked.meant) == (12, "before_pin after_pin", "after_pin")
    missing = told["helpdesk", "missing_key"]
    assert (missing.file, missing.line) == ("bad.toml", 0)
    assert [fault.line for fault in found.faults if fault.file == "bad.toml"] == sorted(
        fault.line for fault in found.faults if fault.file == "bad.toml"
    )


def test_contradictions_are_told_beside_wrong_types(tmp_path: Path) -> None:
    found = checked(tmp_path, "one", ONE)
    assert [(fault.line, fault.key, fault.id) for fault in found.faults] == [
        (7, "hours.open", "not_a_time"),
        (8, "hours.closed_days", "not_a_day"),
        (11, "rules.expiry_warning_days", "wrong_type"),
    ]
    assert found.faults[0].found == '"9:00"'


@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_speaks_both_languages(language: str, tmp_path: Path) -> None:
    with speaking(language):
        faults = checked(tmp_path, "one", ONE).faults
    told = {"ja": "は時刻（HH:MM）ではありません。", "en": "is not HH:MM"}[language]
    assert told in faults[0].message


@pytest.mark.parametrize("name", REFUSED)
def test_every_reason_of_the_loader_is_known_in_both_languages(name: str, tmp_path: Path) -> None:
    change, key, reason = REFUSED[name]
    found = checked(tmp_path, "town", changed("town", change))
    fault = next(fault for fault in found.faults if fault.key == key)
    assert fault.id in ENGLISH
    with pytest.raises(ProfileError) as refused:
        load(tmp_path / "town.toml")
    assert key_of(refused.value.reason), refused.value.reason
    with speaking("en"):
        assert any(reason in one.message for one in checked(tmp_path, "town", changed("town", change)).faults)


def _reasons(file: Path) -> Iterator[str]:
    """What a module yields and raises as a reason, with X for what it names."""

    def text(node: ast.expr) -> str:
        match node:
            case ast.Constant(value=str(value)):
                return value
            case ast.JoinedStr(values=values):
                return "".join(text(value) for value in values)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return text(left) + text(right)
            case ast.IfExp(orelse=orelse):
                return text(orelse)
        return "X"

    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        match node:
            case ast.Yield(value=ast.Tuple(elts=[_, reason])):
                yield text(reason)
            case ast.Call(func=ast.Name(id="ProfileError"), args=[_, _, reason]):
                yield text(reason)


def test_every_reason_in_the_code_has_its_sentence() -> None:
    package = Path(systems.__file__).parent
    said = {reason for file in [*package.glob("*.py"), package.parent / "roster.py"] for reason in _reasons(file)}
    assert len(said) > 80
    assert {reason for reason in said if " " in reason and key_of(reason) is None} == set()


def test_reasons_are_the_same_in_english() -> None:
    with speaking("en"):
        for key, english in ENGLISH.items():
            filled = {name: f"<{name}>" for name in "abc"}
            assert str(t(f"reason.{key}", **filled)) == english.format_map(filled)


@pytest.mark.parametrize("change", WORKING, ids=lambda change: change.__name__)
def test_what_the_loader_takes_has_no_faults(change: Any, tmp_path: Path) -> None:
    found = checked(tmp_path, "town", changed("town", change))
    assert found.faults == []
    assert found.profile is not None


def suspected(raw: Raw, directory: Path) -> dict[str, str]:
    (directory / "town.toml").write_text(written(raw), "utf-8")
    profile = load(directory / "town.toml")
    return {one.id: one.key for one in suspicions(profile, raw, date(2027, 3, 1))}


@pytest.mark.parametrize("system", available())
def test_the_packaged_systems_are_not_suspected(system: str) -> None:
    assert examined(available()[system]).warnings == []


def _raw(**more: Any) -> Raw:
    import tomllib

    return tomllib.loads(MINATO.read_text("utf-8")) | {"id": "town"} | more


def _label(raw: Raw) -> None:
    raw["search"]["fields"][0]["label"] = "とても長い項目の名前をここに書きます"


def _same(raw: Raw) -> None:
    for field in raw["field_sets"]["section"][:2]:
        field["label"] = "同じ"


@pytest.mark.parametrize(
    ("change", "warning", "key"),
    [
        (
            lambda raw: raw["menu"].update(items=[i for i in raw["menu"]["items"] if i["id"] != "registration"]),
            "NO-REGISTRATION",
            "menu.items",
        ),
        (lambda raw: raw["menu"].update(entries=raw["menu"]["entries"][:1]), "PASSWORD-HIDDEN", "menu.entries"),
        (lambda raw: raw["search"]["fields"][0].update(note="(99文字以内)"), "NOTE-LIMIT", "search.fields.user_id.note"),
        (_label, "NAME-LONG", "search.fields.user_id.label"),
        (_same, "SAME-NAME", ""),
        (lambda raw: raw["categories"][0].update(realm="suply"), "REALMS-ALIKE", ""),
        (lambda raw: raw["hours"].update(open="09:00", close="09:20"), "HOURS-SHORT", "hours.close"),
        (lambda raw: raw["hours"].update(closed_days=["2025-12-29"]), "DAY-PAST", "hours.closed_days"),
        (lambda raw: raw["contact"].update(phone="財務課へ"), "NO-PHONE", "contact.phone"),
        (lambda raw: raw["contact"].update(mail="財務課"), "NO-MAIL", "contact.mail"),
        (lambda raw: raw["helpdesk"].update(phone="0570-03-2505"), "OTHER-MUNICIPALITY", "helpdesk.phone"),
        (lambda raw: raw["search"].update(lead="伊勢市から通知された番号です。"), "OTHER-MUNICIPALITY", "search.lead"),
    ],
)
def test_what_is_surely_wrong_is_warned_of(change: Any, warning: str, key: str, tmp_path: Path) -> None:
    raw = _raw()
    change(raw)
    found = suspected(raw, tmp_path)
    assert f"W-{warning}" in found
    assert not key or found[f"W-{warning}"] == key


def test_the_command_says_it_in_lines_and_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.toml").write_text(ONE, "utf-8")
    assert main(["system", "check", "--no-walk", str(tmp_path / "one.toml"), str(MINATO)]) == 1
    told = capsys.readouterr().out
    assert f"{tmp_path / 'one.toml'}:7:1: hours.open: " in told
    assert t("system.ok", file=MINATO) in told
    assert told.splitlines()[-1] == t("system.bad", n=1)
    assert main(["system", "check", "--no-walk", "--json", str(tmp_path / "one.toml"), str(MINATO)]) == 1
    read = json.loads(capsys.readouterr().out)
    assert [(file["ok"], len(file["faults"]), file["warnings"]) for file in read["files"]] == [(False, 3, []), (True, 0, [])]
    assert set(read["files"][0]["faults"][0]) == {"file", "line", "column", "key", "id", "message", "found", "allowed", "meant"}


def test_warnings_are_faults_where_one_is_strict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.toml").write_text(ONE.replace('"9:00"', '"09:00"').replace("2026-13-01", "12-29").replace('"60"', "60"), "utf-8")
    assert main(["system", "check", "--no-walk", str(tmp_path / "one.toml")]) == 0
    assert "W-PROPAGATION-ALONE" in capsys.readouterr().out
    assert main(["system", "check", "--no-walk", "--strict", str(tmp_path / "one.toml")]) == 1


def test_a_good_file_is_walked_through(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["system", "check", str(available()["ise"])]) == 0
    told = capsys.readouterr().out
    assert t("system.walked", visits=5) in told


def test_what_is_no_file_of_a_system(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "directory.toml").mkdir()
    (tmp_path / "binary.toml").write_bytes(bytes(range(256)))
    (tmp_path / "nul.toml").write_bytes(b"\x00" * 100)
    (tmp_path / "latin.toml").write_bytes("id = 'é'".encode("latin-1"))
    (tmp_path / "utf16.toml").write_text("id = 'x'", encoding="utf-16")
    (tmp_path / "empty.toml").touch()
    (tmp_path / "deep.toml").write_text("x = " + "[" * 5000)
    (tmp_path / "long.toml").write_text("x = " + "9" * 5000)
    (tmp_path / "date.toml").write_text("x = 2026-99-99")
    (tmp_path / "huge.toml").write_bytes(b"#" * (LARGEST + 1))
    (tmp_path / "cycle.toml").write_text('extends = "cycle"\n')
    (tmp_path / "path.toml").write_text('extends = "../../etc/passwd"\n')
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "loop.toml").symlink_to(tmp_path / "loop.toml")
    files = [*sorted(tmp_path.iterdir()), tmp_path / "none.toml", Path("/dev/zero"), tmp_path / ("x" * 300), tmp_path / "a\x00b"]
    for file in files:
        assert main(["system", "check", str(file)]) == 1, file
        told = capsys.readouterr()
        assert "Traceback" not in told.err + told.out
        assert len(told.out.splitlines()[0].split(": ", 2)) == 3, told.out


def test_a_mistake_of_toml_is_told_with_its_line(tmp_path: Path) -> None:
    (fault,) = checked(tmp_path, "x", 'id = "x"\nname = 港町\n').faults
    assert (fault.line, fault.found) == (2, '"name = 港町"')


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_value_of_another_type_is_refused_with_its_line_or_works(tmp_path: Path, data: st.DataObject) -> None:
    """A hundred bad files: anywhere in a good one stands something else."""
    raw = _raw()
    path = data.draw(st.sampled_from(sorted(paths(raw), key=str)))
    inside: Any = raw
    for step in path[:-1]:
        inside = inside[step]
    wrong = [1, -(10**18), 1.5, True, "", "x", "\u202e", [], ["x"], {}, {"id": 3}, [[]], "9" * 1000]
    inside[path[-1]] = data.draw(st.sampled_from(wrong).filter(lambda value: value != inside[path[-1]]))
    text = written(raw)
    found = checked(tmp_path, "town", text)
    try:
        load(tmp_path / "town.toml")
    except ProfileError:
        assert found.faults
        assert all(fault.file == "town.toml" for fault in found.faults)
        assert all(fault.line for fault in found.faults if fault.id != "missing_key"), found.faults
        assert as_json([found])
    else:
        assert found.faults == []


@given(data=st.data())
def test_type_faults_are_those_of_the_loader(data: st.DataObject) -> None:
    """Told of a table if and only if msgspec does not take it."""
    raw = _raw()
    for _ in range(data.draw(st.integers(0, 2))):
        path = data.draw(st.sampled_from(sorted(paths(raw), key=str)))
        inside: Any = raw
        for step in path[:-1]:
            inside = inside[step]
        inside[path[-1]] = data.draw(st.sampled_from([1, True, "x", [], {}, ["x"], [1], {"a": "b"}]))
    try:
        msgspec.convert(raw, Profile)
    except msgspec.ValidationError:
        assert list(type_faults(raw, Profile))
    else:
        assert list(type_faults(raw, Profile)) == []
